//! From the command line to a window, or to a sentence that says why there is none.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use artel_node::home::Layout;
use artel_node::text::Lang;
use clap::Parser;
use eframe::egui::ViewportBuilder;

use crate::instance::{self, Bell, Start};
use crate::options::Options;
use crate::settings::{Place, Settings};
use crate::shell::Shell;
use crate::words::Words;
use crate::{bridge, crash};

/// Size of the window at the first start, points.
const SIZE: [f32; 2] = [1_440.0, 900.0];
/// The smallest in which everything can be reached.
const SIZE_MIN: [f32; 2] = [800.0, 500.0];
/// No desktop is larger, points; what a settings file says beyond it is nonsense.
const SIZE_MOST: f32 = 16_384.0;
/// The program's sign, made from `packaging/artel.svg`.
const ICON: &[u8] = include_bytes!("../packaging/artel.png");

/// Why there is no window, by exit code.
#[derive(Clone, Copy)]
enum Why {
    Display = 2,
    OpenGl = 3,
    Other = 4,
    Library = 5,
    Broke = 6,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let options = Options::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("ARTEL_LOG").unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let lang = options.lang.map_or_else(Lang::from_env, Into::into);
    let words = Words::new(lang);
    let home = match options.home.clone().map_or_else(Layout::from_env, |it| Ok(Layout::new(it))) {
        Ok(home) => home,
        Err(error) => return fail(&error.to_string(), Why::Other),
    };
    let bell = match options.demo || options.screenshot.is_some() {
        true => None,
        false => match instance::start(&home, options.link.as_deref()) {
            Start::First(bell) => Some(bell),
            Start::Second => return ExitCode::SUCCESS,
            Start::Alone => None,
        },
    };
    if !has_display() {
        return match options.demo {
            true => tell_demo(lang),
            false => fail(&words.t("no-display"), Why::Display),
        };
    }
    crash::watch(&home);
    match catch_unwind(AssertUnwindSafe(|| open(home, options, bell))) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            tracing::debug!(?error, "no window");
            match error {
                eframe::Error::WinitEventLoop(_) | eframe::Error::Winit(_) => {
                    fail(&words.t("no-display"), Why::Display)
                }
                eframe::Error::Glutin(_) | eframe::Error::NoGlutinConfigs(..) | eframe::Error::OpenGL(_) => {
                    fail(&words.t("no-opengl"), Why::OpenGl)
                }
                other => fail(&other.to_string(), Why::Other),
            }
        }
        Err(_) if !crash::window_was_there() => fail(&words.t("no-library"), Why::Library),
        Err(_) => match crash::report() {
            Some(report) => fail(&words.with("crashed", "name", &report.display().to_string()), Why::Broke),
            None => fail(&words.t("crashed-early"), Why::Broke),
        },
    }
}

/// Whether there is a desktop to open a window on. Elsewhere than on Linux there always is.
fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|it| !it.is_empty());
    !cfg!(target_os = "linux") || ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"].into_iter().any(set)
}

fn open(home: Layout, options: Options, bell: Option<Bell>) -> eframe::Result {
    let aside = Settings::put_aside(&home);
    let native = eframe::NativeOptions {
        viewport: viewport(Settings::read(&home).place.as_ref()),
        renderer: eframe::Renderer::Glow,
        multisampling: 0,
        depth_buffer: 0,
        dithering: false,
        ..eframe::NativeOptions::default()
    };
    let create = |cc: &eframe::CreationContext<'_>| {
        crash::window_is_there();
        Shell::new(&cc.egui_ctx, home.clone(), options).with_visitors(&cc.egui_ctx, &home, bell, aside)
    };
    eframe::run_native("artel", native, Box::new(|cc| Ok(Box::new(create(cc)))))
}

/// The window as it was left, as far as that can be used.
fn viewport(place: Option<&Place>) -> ViewportBuilder {
    let viewport = ViewportBuilder::default().with_title("Artel").with_app_id("artel").with_min_inner_size(SIZE_MIN);
    let viewport = match eframe::icon_data::from_png_bytes(ICON) {
        Ok(icon) => viewport.with_icon(icon),
        Err(_) => viewport,
    };
    let Some(place) = place else { return viewport.with_inner_size(SIZE) };
    let fits = |it: f32, least: f32| if it.is_finite() { it.clamp(least, SIZE_MOST) } else { least };
    let ([width, height], [width_min, height_min]) = (place.size, SIZE_MIN);
    let viewport = viewport.with_inner_size([fits(width, width_min), fits(height, height_min)]);
    let viewport = viewport.with_maximized(place.maximised);
    match place.at.filter(|at| at.iter().all(|it| it.is_finite() && it.abs() < SIZE_MOST)) {
        Some(at) => viewport.with_position(at),
        None => viewport,
    }
}

fn tell_demo(lang: Lang) -> ExitCode {
    match bridge::tell_demo() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(std::io::stderr(), "{}", lang.error(&error)).ok();
            ExitCode::from(error.kind.exit_code())
        }
    }
}

fn fail(text: &str, why: Why) -> ExitCode {
    // A closed standard error is no reason to fail otherwise.
    writeln!(std::io::stderr(), "{text}").ok();
    ExitCode::from(why as u8)
}
