//! The manual `docs/src/cli.md`, written from the tree of commands, so that it cannot say anything else than `--help`.

use std::fmt::Write;

use clap::builder::StyledStr;
use clap::{Arg, Command};

use crate::client::ErrorKind;

/// The whole manual as Markdown.
pub fn markdown(root: &Command) -> String {
    // Fills in what clap derives by itself, such as usage lines of subcommands.
    let mut root = root.clone();
    root.build();
    let mut page = String::from("# Command line\n\n");
    page += "<!-- Written from the program: `ARTEL_BLESS=1 cargo test -p artel-node manual`. -->\n\n";
    push_about(&mut page, &root);
    page += "## Everywhere\n\n";
    push_arguments(&mut page, root.get_arguments().filter(|it| it.is_global_set()));
    page += "People read Russian or English: ARTEL_LANG=ru or en, without it the language of the system. JSON is never translated.\n\n";
    page += "ARTEL_LOG chooses what the log on standard error tells: error, warn, info, debug, trace.\n\n";
    push_exit_codes(&mut page);
    for command in root.get_subcommands().filter(|it| it.get_name() != "help") {
        push_command(&mut page, command, "artel-node");
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn push_command(page: &mut String, command: &Command, before: &str) {
    let name = format!("{before} {}", command.get_name());
    let alone = command.is_subcommand_required_set();
    let level = if before.contains(' ') { "###" } else { "##" };
    push(page, format_args!("{level} {name}\n\n"));
    push_about(page, command);
    if !alone {
        let usage = command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").lines().map(str::trim_start).collect::<Vec<_>>().join("\n");
        push(page, format_args!("```text\n{usage}\n```\n\n"));
        push_arguments(page, command.get_arguments().filter(|it| !it.is_global_set()));
    }
    for inner in command.get_subcommands().filter(|it| it.get_name() != "help") {
        push_command(page, inner, &name);
    }
}

fn push_about(page: &mut String, command: &Command) {
    let about = command.get_long_about().or_else(|| command.get_about()).map(StyledStr::to_string).unwrap_or_default();
    push(page, format_args!("{}\n\n", stopped(about.trim())));
}

fn push_arguments<'a>(page: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    let before = page.len();
    for argument in arguments.filter(|it| !matches!(it.get_id().as_str(), "help" | "version")) {
        let values = || argument.get_value_names().unwrap_or_default().join(" ");
        let name = match (argument.get_long(), argument.get_action().takes_values()) {
            (Some(long), true) => format!("--{long} {}", values()),
            (Some(long), false) => format!("--{long}"),
            (None, _) => values(),
        };
        let help =
            argument.get_long_help().or_else(|| argument.get_help()).map(StyledStr::to_string).unwrap_or_default();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        push(page, format_args!("- `{name}` {}", stopped(&help)));
        let default: Vec<_> = argument.get_default_values().iter().map(|it| it.to_string_lossy()).collect();
        if argument.get_action().takes_values() && !default.is_empty() {
            push(page, format_args!(" Default: {}.", default.join(", ")));
        }
        let possible: Vec<_> = argument
            .get_possible_values()
            .iter()
            .filter(|_| argument.get_action().takes_values())
            .map(|it| {
                let help = it.get_help().map(StyledStr::to_string).unwrap_or_default();
                format!("`{}`: {}", it.get_name(), stopped(&help))
            })
            .collect();
        if !possible.is_empty() {
            push(page, format_args!(" {}", possible.join(" ")));
        }
        page.push('\n');
    }
    if before < page.len() {
        page.push('\n');
    }
}

/// With the full stop that clap takes off the end of a short text.
fn stopped(text: &str) -> String {
    let stop = if text.ends_with('.') { "" } else { "." };
    format!("{text}{stop}")
}

fn push_exit_codes(page: &mut String) {
    page.push_str("## Exit codes\n\n| code | meaning |\n|---|---|\n| 0 | carried out |\n");
    for code in 1..=8 {
        let causes: Vec<_> = ErrorKind::ALL
            .into_iter()
            .filter(|it| it.exit_code() == code)
            .map(|it| crate::text::Lang::En.cause(it))
            .collect();
        push(page, format_args!("| {code} | {} |\n", causes.join("; ")));
    }
    page.push('\n');
}

fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    page.write_fmt(text).ok();
}
