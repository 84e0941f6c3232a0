//! A picture of the window in a file, for `--screenshot`.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use egui::{ColorImage, Context, ViewportCommand};

use super::Shell;
use crate::action::{Action, Dialog, Page};
use crate::bridge::Stage;
use crate::desk::Gate;
use crate::options::Screen;

/// How long a screen stands still before it is pictured: fonts, presence and marks have come by then.
const STILL: Duration = Duration::from_millis(1_500);

/// A picture to be taken.
pub(super) struct Picture {
    file: PathBuf,
    screen: Screen,
    /// When the screen was there.
    since: Option<Instant>,
    asked: bool,
    done: Arc<AtomicBool>,
}

impl Picture {
    pub(super) fn new(file: PathBuf, screen: Screen) -> Self {
        Self { file, screen, since: None, asked: false, done: Arc::default() }
    }
}

impl Shell {
    /// Takes the picture when its screen has come, then ends the program.
    pub(super) fn take_picture(&mut self, ctx: &Context) {
        let Some(picture) = &self.picture else { return };
        if picture.done.load(Ordering::Acquire) {
            ctx.send_viewport_cmd(ViewportCommand::Close);
            return;
        }
        ctx.request_repaint_after(Duration::from_millis(50));
        let gate = matches!(picture.screen, Screen::Welcome | Screen::Found | Screen::Join);
        let there = match self.model.stage {
            Stage::Welcome | Stage::Locked => gate || !self.options.demo,
            Stage::Ready => self.model.history.is_some(),
            _ => false,
        };
        if !there {
            return;
        }
        let (screen, since) = (picture.screen, picture.since);
        match since {
            None => {
                self.turn_to(ctx, screen);
                if let Some(picture) = &mut self.picture {
                    picture.since = Some(Instant::now());
                }
            }
            Some(since) if STILL < since.elapsed() => self.ask_for_picture(ctx),
            Some(_) => {}
        }
    }

    fn ask_for_picture(&mut self, ctx: &Context) {
        let Some(picture) = self.picture.as_mut().filter(|it| !it.asked) else { return };
        picture.asked = true;
        let (file, done, again) = (picture.file.clone(), Arc::clone(&picture.done), ctx.clone());
        ctx.request_screenshot(move |image| {
            if let Err(error) = write(&file, &image) {
                tracing::error!(%error, "the picture is not written");
            }
            done.store(true, Ordering::Release);
            again.request_repaint();
        });
    }

    fn turn_to(&mut self, ctx: &Context, screen: Screen) {
        let action = match screen {
            Screen::Chat | Screen::Welcome => return,
            Screen::Found => return self.desk.forms.gate = Gate::Found,
            Screen::Join => return self.desk.forms.gate = Gate::Join,
            Screen::Thread => {
                let rows = self.model.history.iter().flat_map(|it| &it.messages);
                Action::Thread(rows.clone().find(|it| it.replies.is_some()).map(|it| it.id.clone()))
            }
            Screen::Palette => Action::Dialog(Dialog::Palette),
            Screen::Search => Action::Search(self.words.t("search-example")),
            Screen::People => Action::Page(Page::People),
            Screen::Settings => Action::Page(Page::Settings),
            Screen::Diagnostics => Action::Page(Page::Diagnostics),
            Screen::Inbox => Action::Page(Page::Inbox),
        };
        self.act(ctx, action);
    }
}

pub(super) fn write(file: &Path, image: &ColorImage) -> Result<(), png::EncodingError> {
    let [width, height] = image.size.map(|it| u32::try_from(it).unwrap_or(u32::MAX));
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(file)?), width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let bytes: Vec<u8> = image.pixels.iter().flat_map(|it| it.to_array()).collect();
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&bytes)?;
    writer.finish()
}
