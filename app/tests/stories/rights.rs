//! Nobody sees a button that the authority would refuse him; what is refused all the same is said where it was typed.

use egui::Key;

use crate::stage::Stage;

#[test]
fn a_member_sees_only_what_he_may() {
    let (mut anna, mut boris) = Stage::pair(&[]);
    anna.say("Message to general", "From the owner");
    boris.see("Anna: From the owner");
    boris.say("Message to general", "From a member");
    anna.see("Boris: From a member");
    // Her message he cannot delete, his own he can; she can delete both.
    boris.tool("Anna: From the owner", "More");
    boris.see("Quote");
    boris.gone("Delete for everybody");
    boris.gone("Edit");
    boris.press(Key::Escape);
    boris.tool("Boris: From a member", "More");
    boris.see("Delete for everybody");
    boris.see("Edit");
    boris.press(Key::Escape);
    anna.tool("Boris: From a member", "More");
    anna.see("Delete for everybody");
    anna.gone("Edit");
    anna.press(Key::Escape);
    // The channel is named and put away by her; its topic anybody sets.
    for (stage, may) in [(&mut anna, true), (&mut boris, false)] {
        stage.right_click("general");
        stage.click("Conversation settings");
        stage.see("Topic");
        assert_eq!((stage.has_part("Archive"), stage.has_part("Name")), (may, may));
        stage.press(Key::Escape);
    }
    // Channels, teams and invitations are hers, by the rules as they stand.
    boris.gone("New channel");
    boris.click("Mill, menu");
    boris.see("People");
    boris.gone("Invite");
    boris.gone("New team");
    boris.press(Key::Escape);
    boris.click("Write to somebody");
    boris.click("Card of Anna");
    boris.see("anna@mill.example");
    boris.gone("Remove from the organisation…");
    boris.gone("registrar");
}

#[test]
fn a_role_is_asked_for_once_more_and_the_rights_beside_it_stay() {
    let (mut anna, mut boris) = Stage::pair(&[]);
    anna.click("Mill, menu");
    anna.click("New team");
    anna.write("Name", "Ovens");
    anna.click("Create");
    anna.see("Ovens");
    anna.click("Write to somebody");
    anna.click("Card of Boris");
    anna.click("In the team “Ovens”");
    anna.click("Leads “Ovens”");
    anna.see("Ovens (leads)");
    anna.click("opens archives of those who left");
    anna.see_part("member · opens archives of those who left");
    anna.click("registrar");
    anna.see("Give this role? Boris: registrar");
    anna.paint("role-sure");
    anna.click("No");
    anna.gone("Give this role? Boris: registrar");
    anna.click("registrar");
    anna.click("Yes, give it");
    anna.see_part("registrar · opens archives of those who left");
    anna.see("Ovens (leads)");
    // He may invite from now on, and make a channel in his team.
    boris.see("New channel in Ovens");
    boris.click("Mill, menu");
    boris.see("Invite");
    // Rights are taken as they were given.
    anna.click("opens archives of those who left");
    anna.click("Leads “Ovens”");
    anna.see("Ovens");
    anna.gone("Ovens (leads)");
    boris.gone("New channel in Ovens");
}

#[test]
fn a_channel_that_is_refused_keeps_its_dialog_and_says_why() {
    let mut stage = Stage::founded(&[]);
    stage.click("New channel");
    stage.write("Name", &"long ".repeat(80));
    stage.click("Create");
    stage.see_part("empty or too long");
    stage.paint("channel-refused");
    stage.replace("Name", "short");
    stage.click("Create");
    stage.see("Message to short");
    stage.gone("New channel in short");
    assert!(!stage.has_part("empty or too long"));
}
