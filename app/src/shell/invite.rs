//! Invitations that come into the window and leave it: as a link, as a file.

use std::io::{Read, Write};
use std::path::Path;

use artel_node::node::Invitation;
use egui::Context;

use super::Shell;
use crate::action::Action;
use crate::bridge::Stage;
use crate::chooser::Wanted;
use crate::desk::Gate;
use crate::links;
use crate::model::Notice;

/// Longest file that is read as an invitation, bytes.
const FILE_BYTES_MAX: u64 = 16 * 1024;

pub(super) fn carry_out(shell: &mut Shell, ctx: &Context, action: Action) {
    match action {
        Action::ChooseInvitation => shell.choose(Wanted::Invitation, "invitation-open"),
        Action::ChooseInvitationTarget(name) => shell.choose(Wanted::InvitationTarget(name), "invite-save-file"),
        Action::OpenInvitation(path) => open(shell, &path),
        Action::SaveInvitation(path) => save(shell, ctx, &path),
        _ => {}
    }
}

/// Reads a file and fills the form with what it says.
pub(super) fn open(shell: &mut Shell, path: &Path) {
    if shell.model.stage != Stage::Welcome {
        return;
    }
    let mut text = String::new();
    let read = std::fs::File::open(path).and_then(|it| it.take(FILE_BYTES_MAX).read_to_string(&mut text));
    if let Err(error) = read {
        tracing::debug!(%error, "an invitation");
    }
    match links::invitation(&text) {
        Some(invitation) => fill(shell, invitation),
        None => {
            shell.desk.forms.gate = Gate::Join;
            shell.desk.forms.no_invitation = true;
        }
    }
}

/// Everything that an invitation says is in the form; the password is left.
pub(super) fn fill(shell: &mut Shell, invitation: Invitation) {
    let forms = &mut shell.desk.forms;
    forms.take(invitation);
    forms.gate = Gate::Join;
    shell.model.refused = None;
    shell.desk.focus_first = true;
}

/// Writes the invitation that is shown; a file that exists is left alone.
pub(super) fn save(shell: &mut Shell, ctx: &Context, path: &Path) {
    let Some(invite) = &shell.model.invite else { return };
    let text = format!("{}\n\n{}\n", shell.words.t("invite-file-text"), invite.link);
    let options = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    let notice = match options.and_then(|mut it| it.write_all(text.as_bytes())) {
        Ok(()) => {
            shell.desk.forms.ask_path = false;
            Notice::Saved(path.display().to_string())
        }
        Err(error) => {
            tracing::debug!(%error, "an invitation");
            Notice::With("file-not-written", path.display().to_string())
        }
    };
    shell.desk.noticed = ctx.input(|it| it.time);
    shell.model.tell(notice);
}
