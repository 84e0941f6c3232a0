//! The one picture that moves at a time: its frames are taken when they are due, as long as somebody looks.

use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::time::Duration;

use egui::{ColorImage, Context, TextureHandle, TextureOptions};

/// Frames that wait to be shown.
const AHEAD: usize = 2;
/// How long after the last look it moves on, seconds.
const LOOKED: f64 = 0.4;
/// How soon a frame that is late is looked for again.
const LATE: Duration = Duration::from_millis(30);

/// One of the pictures that make a movement.
pub(crate) struct Frame {
    pub(crate) image: ColorImage,
    /// How long it is seen.
    pub(crate) stays: Duration,
}

/// What moves: the attachment, and the longest side of its frames, pixels.
pub(crate) type What = (String, u32);

struct Motion {
    what: What,
    frames: Receiver<Frame>,
    texture: Option<TextureHandle>,
    /// When the next frame is due, by the time of the window.
    due: f64,
    /// When it was last looked at, by the same.
    looked: f64,
    ended: bool,
}

/// What moves now, if anything does.
#[derive(Default)]
pub(crate) struct Player(Option<Motion>);

impl Player {
    /// Says that somebody looks at this now. Where it does not move yet: what takes its frames.
    pub(crate) fn look(&mut self, ctx: &Context, what: What) -> Option<SyncSender<Frame>> {
        let now = ctx.input(|it| it.time);
        if let Some(motion) = self.0.as_mut().filter(|it| it.what == what) {
            motion.looked = now;
            motion.step(ctx, now);
            return None;
        }
        let (sender, frames) = sync_channel(AHEAD);
        self.0 = Some(Motion { what, frames, texture: None, due: now, looked: now, ended: false });
        ctx.request_repaint_after(LATE);
        Some(sender)
    }

    /// Lets go of what nobody looks at any more. Once a frame.
    pub(crate) fn rest(&mut self, ctx: &Context) {
        let now = ctx.input(|it| it.time);
        self.0.take_if(|it| it.looked + LOOKED < now);
    }

    /// The frame of this that is seen now.
    pub(crate) fn texture(&self, id: &str, side: u32) -> Option<&TextureHandle> {
        let motion = self.0.as_ref().filter(|it| it.what.0 == id && it.what.1 == side)?;
        motion.texture.as_ref()
    }
}

impl Motion {
    fn step(&mut self, ctx: &Context, now: f64) {
        if self.ended {
            return;
        }
        if now < self.due {
            return ctx.request_repaint_after(Duration::from_secs_f64(self.due - now));
        }
        match self.frames.try_recv() {
            Ok(frame) => {
                match &mut self.texture {
                    Some(texture) => texture.set(frame.image, TextureOptions::LINEAR),
                    none => *none = Some(ctx.load_texture("motion", frame.image, TextureOptions::LINEAR)),
                }
                self.due = now + frame.stays.as_secs_f64();
                ctx.request_repaint();
            }
            Err(TryRecvError::Empty) => ctx.request_repaint_after(LATE),
            Err(TryRecvError::Disconnected) => self.ended = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A window at this time, seconds, in which somebody looks.
    fn look(ctx: &Context, player: &mut Player, time: f64, id: &str) -> Option<SyncSender<Frame>> {
        let mut sender = None;
        let input = egui::RawInput { time: Some(time), ..egui::RawInput::default() };
        let mut output = ctx.run_ui(input, |ui| {
            player.rest(ui.ctx());
            sender = sender.take().or(player.look(ui.ctx(), (id.into(), 8)));
        });
        output.textures_delta.clear();
        sender
    }

    #[test]
    fn frames_are_taken_when_they_are_due_and_only_while_somebody_looks() {
        let (ctx, mut player) = (Context::default(), Player::default());
        let frame = |side: usize| Frame {
            image: ColorImage::filled([side, side], egui::Color32::RED),
            stays: Duration::from_millis(100),
        };
        let sender = look(&ctx, &mut player, 0.0, "a").expect("it begins");
        assert!(sender.try_send(frame(1)).is_ok() && sender.try_send(frame(2)).is_ok());
        // No more than these wait.
        assert!(sender.try_send(frame(3)).is_err());
        let seen = |player: &Player| player.texture("a", 8).map(|it| it.size()[0]);
        let mut sides = Vec::new();
        for time in [0.01, 0.05, 0.12, 0.15, 0.3] {
            assert!(look(&ctx, &mut player, time, "a").is_none());
            sides.push(seen(&player));
        }
        assert_eq!(sides, [Some(1), Some(1), Some(2), Some(2), Some(2)]);
        assert!(player.texture("a", 9).is_none() && player.texture("b", 8).is_none());
        // Who comes back after a while begins anew, and what sent the frames hears that nobody takes them.
        let again = look(&ctx, &mut player, 5.0, "a");
        assert!(again.is_some() && sender.try_send(frame(3)).is_err() && seen(&player).is_none());
        assert!(matches!(sender.try_send(frame(3)), Err(std::sync::mpsc::TrySendError::Disconnected(_))));
        // One moves at a time.
        assert!(look(&ctx, &mut player, 5.1, "b").is_some());
        assert!(again.is_some_and(|it| it.try_send(frame(3)).is_err()));
    }
}
