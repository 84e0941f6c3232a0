//! The window of Artel: a messenger drawn from what a node in this process tells.
//!
//! `options` is what can be said on the command line; `shell` is the window; `bridge` runs the node behind it; `model` is
//! what it told; `views` draw it; `action` is what a person did.

mod action;
mod attention;
mod bridge;
mod chooser;
mod commands;
mod crash;
mod desk;
mod desktop;
mod drafts;
mod emoji;
mod fonts;
mod found;
mod homes;
mod icons;
mod instance;
mod links;
mod lookalike;
mod model;
mod notify;
pub mod options;
mod pictures;
mod run;
mod settings;
pub mod shell;
mod shortcuts;
mod text_menu;
mod theme;
mod timeline;
mod tray;
mod views;
mod widgets;
mod words;
mod wrong_layout;

pub use run::main;
