//! Files in the window: for the next message, on their way, opened, saved, seen large.

use std::path::PathBuf;
use std::sync::Arc;

use artel_node::client::{Attach, Request};
use egui::{ColorImage, Context};

use super::{Shell, act, invite};
use crate::action::{Action, Dialog};
use crate::bridge::{self, Command, Deed, Purpose};
use crate::chooser::{Chosen, Wanted};
use crate::desk::{Attached, Viewer};
use crate::desktop;
use crate::model::{Happening, Notice};
use crate::pictures::{Key, LARGE_SIDE, Picture};

/// Files of one message.
const FILES_MAX: usize = 15;

pub(super) fn carry_out(shell: &mut Shell, ctx: &Context, action: Action) {
    match action {
        Action::Attach { place, paths } => attach(shell, ctx, &place, paths),
        Action::AttachPicture { place, picture } => attach_picture(shell, ctx, place, &picture),
        Action::Detach { place, at } => {
            let attached = shell.desk.attached.entry(place).or_default();
            if at < attached.len() {
                attached.remove(at);
            }
        }
        Action::ChooseFiles(place) => shell.choose(Wanted::Files(place), "attach"),
        Action::ChooseFace => shell.choose(Wanted::Face, "face-choose"),
        Action::ChooseTarget { id, name } => shell.choose(Wanted::Target(id, name), "save-as"),
        Action::LookAtClipboard(place) => shell.chooser.look_at_clipboard(place),
        Action::File { id, deed } => file(shell, ctx, id, deed),
        Action::View(id) => shell.desk.viewer = id.map(|id| Viewer { id, zoom: 1.0, offset: egui::Vec2::ZERO }),
        Action::Picture(key) if shell.model.pictures.ask(&key) => drop(shell.bridge.send(Command::Picture(key))),
        Action::Play(id, side) => play(shell, ctx, id, side),
        Action::CopyPicture(id) => copy_picture(shell, ctx, id),
        _ => {}
    }
}

/// Sends what is attached, with a text.
pub(super) fn send(shell: &mut Shell, to: String, reply_to: Option<String>, text: String) {
    let place = reply_to.clone().unwrap_or_else(|| to.clone());
    let attached = shell.desk.attached.get(&place).cloned().unwrap_or_default();
    let files = attachments(&attached);
    let words = Some(text.trim().to_owned()).filter(|it| !it.is_empty());
    let request = Request::FileSend { to, people: Vec::new(), files, text: words, reply_to };
    // What is sent is kept until it has gone: the clipboard's picture is a file that would vanish.
    shell.attend.sending.insert(place.clone(), attached);
    shell.desk.attached.remove(&place);
    shell.desk.offered = None;
    act::ask(shell, request, Purpose::Files { place, text });
    shell.model.new_from = None;
    shell.desk.list.show_newest();
    shell.desk.focus_composer = true;
}

/// Files as the node takes them.
pub(super) fn attachments(attached: &[Attached]) -> Vec<Attach> {
    let file = |it: &Attached| Attach { path: it.path.display().to_string(), name: Some(it.name.clone()) };
    attached.iter().map(file).collect()
}

fn attach(shell: &mut Shell, ctx: &Context, place: &str, paths: Vec<PathBuf>) {
    let mut refused = None;
    for path in paths {
        let attached = shell.desk.attached.entry(place.to_owned()).or_default();
        let name = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        match std::fs::metadata(&path) {
            _ if FILES_MAX <= attached.len() => refused = Some("attach-too-many"),
            Ok(found) if found.is_file() => attached.push(Attached { path, name, size: found.len(), made: None }),
            Ok(_) => refused = Some("attach-folder"),
            Err(_) => refused = Some("attach-gone"),
        }
    }
    if let Some(key) = refused {
        notice(shell, ctx, Notice::Warning(key));
    }
    shell.desk.focus_composer = true;
}

/// A picture of the clipboard becomes a file of the home that goes with its message.
fn attach_picture(shell: &mut Shell, ctx: &Context, place: String, picture: &ColorImage) {
    shell.desk.offered = None;
    let made = tempfile::Builder::new().prefix(bridge::MADE).suffix(".png").tempfile_in(&shell.model.home);
    let written = made.map(tempfile::NamedTempFile::into_temp_path).map_err(|it| it.to_string()).and_then(|path| {
        super::picture::write(&path, picture).map_err(|it| it.to_string())?;
        Ok(path)
    });
    match written {
        Ok(path) => {
            let size = std::fs::metadata(&path).map_or(0, |it| it.len());
            let name = format!("{}.png", shell.words.t("clipboard-name"));
            let attached = Attached { path: path.to_path_buf(), name, size, made: Some(Arc::new(path)) };
            shell.desk.attached.entry(place).or_default().push(attached);
        }
        Err(error) => {
            tracing::warn!(%error, "the picture of the clipboard is not kept");
            notice(shell, ctx, Notice::Warning("failed"));
        }
    }
    shell.desk.focus_composer = true;
}

/// Lets a picture move while somebody looks; behind the viewer nothing does.
fn play(shell: &mut Shell, ctx: &Context, id: String, side: u32) {
    let behind = shell.desk.viewer.as_ref().is_some_and(|_| side != LARGE_SIDE);
    let begun = if behind { None } else { shell.model.pictures.player.look(ctx, (id.clone(), side)) };
    if let Some(frames) = begun {
        shell.bridge.send(Command::Play { id, side, frames });
    }
}

fn file(shell: &mut Shell, ctx: &Context, id: String, deed: Deed) {
    if deed == Deed::Open
        && let Some(name) = shell.model.file(&id).map(|it| it.1.name.clone())
        && desktop::runs(&name)
    {
        shell.desk.dialog = Some(Dialog::Risky(id, name));
        return;
    }
    let saved = shell.attend.saved.get(&id).filter(|it| it.is_file()).cloned();
    if let (Some(path), true) = (saved, deed != Deed::Save) {
        return done(shell, ctx, deed, path);
    }
    let out = Some(desktop::downloads().display().to_string());
    act::ask(shell, Request::FileGet { id: id.clone(), out }, Purpose::File { id, deed });
}

fn done(shell: &mut Shell, ctx: &Context, deed: Deed, path: PathBuf) {
    match deed {
        Deed::Save => notice(shell, ctx, Notice::Saved(path.display().to_string())),
        Deed::Open | Deed::OpenSure => {
            shell.chooser.tell(move || failed("file-not-opened", &path, desktop::open(&path)))
        }
        Deed::Show => shell.chooser.tell(move || failed("file-not-shown", &path, desktop::show(&path))),
        Deed::Copy => shell.chooser.tell(move || {
            let copied = desktop::copy(path.clone());
            failed("file-not-copied", &path, copied).or(Some(Notice::Text("copied")))
        }),
    }
}

/// What to tell of a file with which the desktop could not do what was wanted.
fn failed<E: std::fmt::Display>(key: &'static str, path: &std::path::Path, done: Result<(), E>) -> Option<Notice> {
    let error = done.err()?;
    tracing::warn!(%error, key, "a file");
    Some(Notice::With(key, path.display().to_string()))
}

fn copy_picture(shell: &mut Shell, ctx: &Context, id: String) {
    let image = match shell.model.pictures.get(&Key::Large(id)) {
        Some(Picture::Here(texture)) => shell.attend.pixels.get(&texture.id()).cloned(),
        _ => None,
    };
    if let Some(image) = image {
        ctx.copy_image((*image).clone());
        notice(shell, ctx, Notice::Text("copied"));
    }
}

fn notice(shell: &mut Shell, ctx: &Context, notice: Notice) {
    shell.desk.noticed = ctx.input(|it| it.time);
    shell.model.tell(notice);
}

impl Shell {
    pub(super) fn choose(&self, wanted: Wanted, title: &str) {
        self.chooser.choose(wanted, self.words.t(title));
    }

    /// What the system's dialogs gave.
    pub(super) fn take_chosen(&mut self, ctx: &Context) {
        while let Some(chosen) = self.chooser.chosen() {
            match chosen {
                Chosen::Files { place, paths } => attach(self, ctx, &place, paths),
                Chosen::Target { id, path } => {
                    let out = Some(path.display().to_string());
                    act::ask(self, Request::FileGet { id: id.clone(), out }, Purpose::File { id, deed: Deed::Save });
                }
                Chosen::Face(path) => {
                    let request = Request::PictureSet { path: Some(path.display().to_string()) };
                    act::ask(self, request, Purpose::Change("face-set"));
                }
                Chosen::Clipped { place, picture } => self.desk.offered = Some((place, Arc::new(picture))),
                Chosen::Tell(told) => notice(self, ctx, told),
                Chosen::Invitation(path) => invite::open(self, &path),
                Chosen::InvitationTarget(path) => invite::save(self, ctx, &path),
                Chosen::NoDialog(wanted) => self.ask_path(ctx, wanted),
            }
        }
    }

    /// The system has no dialog for it: a path is typed.
    fn ask_path(&mut self, ctx: &Context, wanted: Wanted) {
        let dialog = match wanted {
            Wanted::Files(place) => Dialog::Attach(place),
            Wanted::Target(id, name) => Dialog::SaveAs(id, name),
            Wanted::Face => Dialog::Attach(String::new()),
            Wanted::Invitation | Wanted::InvitationTarget(_) => {
                let forms = &mut self.desk.forms;
                (forms.ask_path, self.desk.focus_first) = (true, true);
                forms.path = match wanted {
                    Wanted::InvitationTarget(name) => desktop::downloads().join(name).display().to_string(),
                    _ => String::new(),
                };
                return ctx.request_repaint();
            }
        };
        self.act(ctx, Action::Dialog(dialog));
    }

    pub(super) fn file_happened(&mut self, ctx: &Context, happening: Happening) {
        match happening {
            Happening::FilesSent { place } => drop(self.attend.sending.remove(&place)),
            // A picture of the clipboard stays until it is sent.
            Happening::ForLater { place } => {
                for file in self.attend.sending.remove(&place).unwrap_or_default() {
                    if let Some(Ok(made)) = file.made.map(Arc::try_unwrap) {
                        made.keep().ok();
                    }
                }
            }
            Happening::FilesReturned { place, text } => {
                let files = self.attend.sending.remove(&place).unwrap_or_default();
                // What vanished meanwhile is told by name and not offered again.
                let kept: Vec<Attached> = files.into_iter().filter(|it| it.path.is_file()).collect();
                self.desk.attached.entry(place.clone()).or_default().extend(kept);
                let thread = self.desk.thread.as_ref() == Some(&place);
                let key = match (&self.desk.open, thread) {
                    (Some(open), true) => crate::drafts::Key::thread(open, &place),
                    _ => crate::drafts::Key::of(&place),
                };
                if self.desk.drafts.get(&key).is_empty() {
                    self.desk.drafts.set(&key, text);
                }
            }
            Happening::File { id, deed, path } => {
                self.attend.saved.insert(id, path.clone());
                done(self, ctx, deed, path);
            }
            Happening::Picture(key, picture) => {
                let large = matches!(key, Key::Large(_));
                let pixels = picture.as_ref().ok().filter(|_| large).map(|it| Arc::new(it.clone()));
                self.model.pictures.take(ctx, key.clone(), picture);
                if let (Some(pixels), Some(Picture::Here(texture))) = (pixels, self.model.pictures.get(&key)) {
                    // One only: the picture that is looked at.
                    self.attend.pixels.clear();
                    self.attend.pixels.insert(texture.id(), pixels);
                }
            }
            _ => {}
        }
    }
}
