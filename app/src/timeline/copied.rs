//! What is copied out of the window: code is copied as it was written, though its indents are laid out so that they do not break.

use egui::{Context, FullOutput, OutputCommand, Plugin};

/// The space that does not break: code is indented with it on the screen.
pub(crate) const FIRM: char = '\u{A0}';

/// Text with plain spaces at the beginning of its lines.
pub(crate) fn plain(text: &str) -> String {
    let mut indent = true;
    let plain = |it: char| {
        indent = it == '\n' || indent && matches!(it, FIRM | ' ');
        if indent && it == FIRM { ' ' } else { it }
    };
    text.chars().map(plain).collect()
}

/// Sees every text on its way to the clipboard.
pub(crate) struct Copied;

impl Plugin for Copied {
    fn debug_name(&self) -> &'static str {
        "copied"
    }

    fn output_hook(&mut self, _: &Context, output: &mut FullOutput) {
        for command in &mut output.platform_output.commands {
            if let OutputCommand::CopyText(text) = command
                && text.contains(FIRM)
            {
                *text = plain(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indents_are_plain_and_what_does_not_break_inside_a_line_stays() {
        let ctx = Context::default();
        ctx.add_plugin(Copied);
        let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
            ui.copy_text("if a:\n\u{A0}\u{A0} b = 1\u{A0}000\n\u{A0}".to_owned());
        });
        output.textures_delta.clear();
        let copied =
            |it: &OutputCommand| matches!(it, OutputCommand::CopyText(it) if it == "if a:\n   b = 1\u{A0}000\n ");
        assert!(output.platform_output.commands.iter().any(copied), "{:?}", output.platform_output.commands);
    }
}
