//! Tests of the table of shortcuts.

use super::*;
use crate::words::Words;
use artel_node::text::Lang;

fn press(key: Key, physical: Key, modifiers: Modifiers) -> Vec<Does> {
    let ctx = Context::default();
    let event = Event::Key { key, physical_key: Some(physical), pressed: true, repeat: false, modifiers };
    ctx.input_mut(|it| it.events.push(event));
    super::read(&ctx, |_| true)
}

#[test]
fn no_two_shortcuts_are_pressed_alike_and_all_are_told_in_both_languages() {
    let mut seen = std::collections::BTreeSet::new();
    for one in &ALL {
        assert!(seen.insert(one.shown()), "{} twice", one.shown());
        for lang in [Lang::Ru, Lang::En] {
            assert_ne!(Words::new(lang).t(one.about), one.about, "{}", one.about);
        }
    }
}

#[test]
fn each_is_read_as_it_is_held_and_by_its_place_on_a_russian_keyboard() {
    assert_eq!(press(Key::K, Key::K, CTRL), [Does::Switch]);
    assert_eq!(press(Key::K, Key::K, CTRL_SHIFT), [Does::Directs]);
    assert_eq!(press(Key::I, Key::I, CTRL_SHIFT), [Does::About]);
    assert_eq!(press(Key::I, Key::I, CTRL), [Does::Italic]);
    assert_eq!(press(Key::ArrowUp, Key::ArrowUp, ALT_SHIFT), [Does::UnreadAbove]);
    assert_eq!(press(Key::Period, Key::Slash, CTRL), [Does::List], "a dot stands there on a Russian keyboard");
    assert_eq!(press(Key::K, Key::K, Modifiers::NONE), []);
    assert_eq!(press(Key::Escape, Key::Escape, Modifiers::NONE), []);
}
