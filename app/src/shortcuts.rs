//! The shortcuts: one table, of which keys are read and the list of them is drawn. Letters, digits, arrows and function keys
//! only, found by their place where the layout writes something else on them.

use egui::{Context, Event, Key, Modifiers};

/// What a shortcut does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    Switch,
    Directs,
    Find,
    Search,
    Inbox,
    Above,
    Below,
    UnreadAbove,
    UnreadBelow,
    ReadAll,
    Bold,
    Italic,
    Attach,
    About,
    Region,
    Settings,
    Lock,
    List,
    /// Read where it holds: in the composer, on a row, in a picture.
    Elsewhere,
}

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shortcut {
    pub(crate) does: Does,
    modifiers: Modifiers,
    keys: &'static [Key],
    /// How it is shown where it is read elsewhere.
    shown: &'static str,
    /// A key of the texts.
    pub(crate) about: &'static str,
}

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };
const ALT: Modifiers = Modifiers::ALT;
const ALT_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::ALT };

const fn pressed(does: Does, modifiers: Modifiers, keys: &'static [Key], about: &'static str) -> Shortcut {
    Shortcut { does, modifiers, keys, shown: "", about }
}

const fn told(shown: &'static str, about: &'static str) -> Shortcut {
    Shortcut { does: Does::Elsewhere, modifiers: Modifiers::NONE, keys: &[], shown, about }
}

/// All of them, as they are listed.
pub(crate) const ALL: [Shortcut; 30] = [
    pressed(Does::Switch, CTRL, &[Key::K], "key-palette"),
    pressed(Does::Directs, CTRL_SHIFT, &[Key::K], "key-directs"),
    pressed(Does::Find, CTRL, &[Key::F], "key-find"),
    pressed(Does::Search, CTRL_SHIFT, &[Key::F], "search-messages"),
    pressed(Does::Inbox, CTRL_SHIFT, &[Key::M], "key-inbox"),
    pressed(Does::Above, ALT, &[Key::ArrowUp], "key-above"),
    pressed(Does::Below, ALT, &[Key::ArrowDown], "key-below"),
    pressed(Does::UnreadAbove, ALT_SHIFT, &[Key::ArrowUp], "key-unread-above"),
    pressed(Does::UnreadBelow, ALT_SHIFT, &[Key::ArrowDown], "key-unread-below"),
    pressed(Does::ReadAll, Modifiers::SHIFT, &[Key::Escape], "read-all"),
    pressed(Does::About, CTRL_SHIFT, &[Key::I], "channel-settings"),
    told("↑", "key-edit"),
    told("Shift ↑", "key-reply"),
    told("Enter", "do-send"),
    told("Shift Enter", "key-line"),
    pressed(Does::Bold, CTRL, &[Key::B], "key-bold"),
    pressed(Does::Italic, CTRL, &[Key::I], "key-italic"),
    pressed(Does::Attach, CTRL, &[Key::U], "attach"),
    pressed(Does::Region, Modifiers::NONE, &[Key::F6], "key-region"),
    told("T R E Q F P S U C Del", "key-row"),
    told("Shift ↑ / Shift ↓", "key-mark"),
    told("PgUp / PgDn", "key-page"),
    told("End", "jump-newest"),
    told("← →", "key-pictures"),
    told("Ctrl + / Ctrl - / Ctrl 0", "key-zoom"),
    pressed(Does::Settings, CTRL_SHIFT, &[Key::A], "settings"),
    pressed(Does::Lock, CTRL_SHIFT, &[Key::L], "lock"),
    told("Ctrl Q", "key-quit"),
    pressed(Does::List, CTRL, &[Key::Slash], "keyboard"),
    told("Esc", "key-back"),
];

impl Shortcut {
    /// Its keys, a space between them.
    pub(crate) fn shown(&self) -> String {
        let held = [(self.modifiers.command, "Ctrl"), (self.modifiers.alt, "Alt"), (self.modifiers.shift, "Shift")];
        let held = held.into_iter().filter(|it| it.0).map(|it| it.1);
        let keys = self.keys.iter().map(|it| match it {
            Key::Slash => "/",
            Key::Escape => "Esc",
            Key::ArrowUp => "↑",
            Key::ArrowDown => "↓",
            other => other.symbol_or_name(),
        });
        match self.does {
            Does::Elsewhere => self.shown.to_owned(),
            _ => held.chain(keys).collect::<Vec<_>>().join(" "),
        }
    }

    /// How often it was pressed since the last frame; its keys are taken away.
    fn take(&self, ctx: &Context) -> usize {
        ctx.input_mut(|input| {
            let before = input.events.len();
            input.events.retain(|event| match event {
                // The place counts where the layout writes something else there, as a dot on that of the slash.
                Event::Key { key, physical_key, pressed: true, modifiers, .. } => {
                    let here = self.keys.contains(key) || physical_key.is_some_and(|it| self.keys.contains(&it));
                    !(here && modifiers.matches_exact(self.modifiers))
                }
                _ => true,
            });
            before - input.events.len()
        })
    }
}

/// What was pressed of these since the last frame, in the order of the table.
pub(crate) fn read(ctx: &Context, holds: impl Fn(Does) -> bool) -> Vec<Does> {
    let read = ALL.iter().filter(|it| it.does != Does::Elsewhere && holds(it.does));
    read.flat_map(|it| std::iter::repeat_n(it.does, it.take(ctx))).collect()
}

#[cfg(test)]
mod tests;
