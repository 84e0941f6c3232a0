//! Lists of messages: what can be done with one of them is what can be done where it stands.

use egui::Key;

use crate::stage::Stage;

const GENERAL: &str = "Message to general";
const ROW: &str = "general, Anna: The oven is hot";

/// Anna, who has pinned and saved a message and looks at another channel.
fn kept() -> Stage {
    let mut anna = Stage::founded(&[]);
    anna.say(GENERAL, "The oven is hot");
    for deed in ["Pin", "Save for yourself"] {
        anna.tool("Anna: The oven is hot", "More");
        anna.click(deed);
    }
    anna.see("Saved for you");
    anna
}

#[test]
fn a_pinned_message_has_the_menu_of_its_row() {
    let mut anna = kept();
    anna.click("Pinned");
    anna.right_click(ROW);
    anna.paint("pinned-menu");
    // It answers where it stands.
    anna.click("Quote");
    anna.see_part("> The oven is hot");
    anna.empty_field(GENERAL);
    anna.click("Pinned");
    anna.right_click(ROW);
    anna.paint("unpin");
    anna.click("Unpin");
    anna.paint("unpinned");
    anna.see_part("Nothing is pinned here");
}

#[test]
fn a_saved_message_has_the_menu_of_its_row_by_mouse_and_by_keys() {
    let mut anna = kept();
    anna.click("New channel");
    anna.write("Name", "flour");
    anna.click("Create");
    anna.see("Message to flour");
    anna.click("Mill, menu");
    anna.click("Saved");
    anna.right_click(ROW);
    anna.paint("saved-menu");
    // A thread is shown in the channel of the message.
    anna.click("Reply in thread");
    anna.see(GENERAL);
    anna.say("Reply in the thread", "I see");
    anna.see("Anna: I see");
    anna.click("Mill, menu");
    anna.click("Saved");
    anna.tab_to(ROW);
    anna.press_with(egui::Modifiers::SHIFT, Key::F10);
    anna.click("Copy link");
    anna.see("Copied");
    anna.click("Take off the saved list");
    anna.gone(ROW);
}
