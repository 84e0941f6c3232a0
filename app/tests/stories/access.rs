//! Every screen and every dialog in the smallest window and in both languages: everything that can be pressed has a name and a
//! role, and no text is cut off or lies on another.

use egui::{Key, Modifiers};

use crate::stage::{PASSWORD, Stage};

/// What is wrong on the screens seen so far.
#[derive(Default)]
struct Walk(Vec<String>);

impl Walk {
    fn look(&mut self, stage: &mut Stage, screen: &str) {
        stage.paint(screen);
        let names = stage.nameless().into_iter().map(|it| format!("{screen}: no name or role: {it}"));
        self.0.extend(names);
        self.0.extend(stage.beyond().into_iter().map(|it| format!("{screen}: {it}")));
        self.0.extend(stage.crowded().into_iter().map(|it| format!("{screen}: {it}")));
    }

    /// Presses, looks, goes back.
    fn peek(&mut self, stage: &mut Stage, button: &str, screen: &str) {
        stage.invoke(button);
        self.look(stage, screen);
        stage.press(Key::Escape);
    }

    #[track_caller]
    fn end(self) {
        assert!(self.0.is_empty(), "{} findings:\n{}", self.0.len(), self.0.join("\n"));
    }
}

/// What is said in the warehouse.
fn row(stage: &Stage) -> &'static str {
    let (ru, en) = ("Михаил Орлов: Приёмка в 11:00, нужны двое.", "Michael Orr: Delivery at 11:00, two people needed.");
    stage.of_office(ru, en)
}

fn company(stage: &Stage) -> &'static str {
    stage.of_office("ООО Ромашка", "Daisy Ltd")
}

fn warehouse(stage: &Stage) -> &'static str {
    stage.of_office("склад", "warehouse")
}

/// Colours and sizes of the window in which the screens are walked over: more of them when pictures are wanted.
fn ways() -> impl Iterator<Item = &'static (&'static str, [f32; 2])> {
    let all =
        &[("dark", [800.0, 500.0]), ("light", [800.0, 500.0]), ("dark", [1_440.0, 900.0]), ("light", [1_440.0, 900.0])];
    let most = if crate::paint::folder().is_some() { all.len() } else { 1 };
    all[..most].iter().filter(move |(theme, size)| most == 1 || crate::paint::wanted(theme, size[0]))
}

/// Opens the menu of the organisation and chooses from it.
fn chosen(stage: &mut Stage, organisation: &str, key: &str) {
    let (menu, item) = (stage.word_with("menu-of", organisation), stage.word(key));
    stage.invoke(&menu);
    stage.invoke(&item);
}

/// Opens the menu of a message and chooses from it.
fn of_message(stage: &mut Stage, row: &str, key: &str) {
    let (more, item) = (stage.word("more"), stage.word(key));
    stage.tool(row, &more);
    stage.invoke(&item);
}

fn gate(lang: &'static str, theme: &'static str, [width, height]: [f32; 2]) {
    let mut walk = Walk::default();
    let mut stage = Stage::coloured(lang, theme, &[]);
    stage.size(width, height);
    let word = |stage: &Stage, key: &str| stage.word(key);
    let welcome = word(&stage, "welcome");
    stage.see(&welcome);
    walk.look(&mut stage, "welcome");
    let (join, back) = (word(&stage, "welcome-join"), word(&stage, "back"));
    stage.invoke(&join);
    walk.look(&mut stage, "join");
    stage.invoke(&back);
    let found = word(&stage, "welcome-found");
    stage.invoke(&found);
    walk.look(&mut stage, "found");
    for (key, text) in [
        ("organisation-name", "Mill"),
        ("your-name", "Anna"),
        ("your-email", "anna@mill.example"),
        ("your-password", PASSWORD),
        ("your-password-again", PASSWORD),
    ] {
        let field = word(&stage, key);
        stage.write(&field, text);
    }
    walk.look(&mut stage, "found, filled in");
    let [found, kept, on, first, again] =
        ["found-do", "phrase-done", "go-on", "first-channel", "phrase-again"].map(|key| word(&stage, key));
    stage.invoke(&found);
    stage.see(&kept);
    walk.look(&mut stage, "phrase");
    stage.invoke(&kept);
    stage.invoke(&on);
    stage.see(&again);
    walk.look(&mut stage, "words asked back");
    stage.invoke(&again);
    stage.see(&kept);
    stage.invoke(&kept);
    stage.keep_phrase();
    stage.see(&first);
    walk.look(&mut stage, "empty organisation");
    for (key, screen) in [("saved-list", "nothing saved"), ("later-list", "nothing later"), ("people", "nobody else")] {
        chosen(&mut stage, "Mill", key);
        walk.look(&mut stage, screen);
    }
    chosen(&mut stage, "Mill", "home-new");
    walk.look(&mut stage, "another organisation");
    stage.press(Key::Escape);
    chosen(&mut stage, "Mill", "lock");
    let unlock = word(&stage, "unlock");
    stage.see(&unlock);
    walk.look(&mut stage, "lock");
    let mut stage = stage.again();
    stage.size(width, height);
    stage.see(&unlock);
    let field = word(&stage, "unlock-how");
    stage.write(&field, "not the password");
    stage.invoke(&unlock);
    stage.rest(std::time::Duration::from_millis(300));
    stage.see(&unlock);
    walk.look(&mut stage, "wrong password");
    walk.end();
}

fn conversation(walk: &mut Walk, stage: &mut Stage, [width, height]: [f32; 2]) {
    let (row, warehouse) = (row(stage), warehouse(stage));
    let accounting = stage.of_office("бухгалтерия", "accounting");
    stage.see_part(accounting);
    walk.look(stage, "conversation");
    stage.invoke_part(warehouse);
    stage.see(row);
    stage.hover(row);
    walk.look(stage, "tools of a message");
    let more = stage.word("more");
    stage.tool(row, &more);
    walk.look(stage, "menu of a message");
    // A desktop with large letters leaves less room: then it scrolls.
    stage.size(width, 320.0);
    stage.rest(std::time::Duration::from_millis(100));
    walk.0.extend(stage.beyond().into_iter().map(|it| format!("menu in a low window: {it}")));
    stage.press(Key::Escape);
    stage.size(width, height);
    let react = stage.word("do-react");
    stage.tool(row, &react);
    walk.look(stage, "emoji");
    stage.press(Key::Escape);
    for (key, screen) in [
        ("details", "details"),
        ("do-forward", "forward"),
        ("do-retract", "delete somebody's message"),
        ("do-select", "selected"),
    ] {
        of_message(stage, row, key);
        stage.rest(std::time::Duration::from_millis(100));
        walk.look(stage, screen);
        stage.press(Key::Escape);
    }
    of_message(stage, row, "do-pin");
    of_message(stage, row, "do-save");
    let saved = stage.word("saved-said");
    stage.see(&saved);
    walk.look(stage, "notice");
    let [pins, date, members, settings] =
        ["pins", "jump-date", "channel-members", "channel-settings"].map(|it| stage.word(it));
    walk.peek(stage, &pins, "pinned");
    walk.peek(stage, &date, "calendar");
    stage.right_click(warehouse);
    walk.look(stage, "menu of a place");
    stage.invoke(&members);
    walk.look(stage, "members");
    stage.press(Key::Escape);
    stage.right_click(warehouse);
    walk.peek(stage, &settings, "settings of a place");
    of_message(stage, row, "do-reply");
    stage.rest(std::time::Duration::from_millis(100));
    walk.look(stage, "thread");
    stage.press(Key::Escape);
    stage.press_with(Modifiers::COMMAND, Key::F);
    let find = stage.word("find-hint");
    let typed = stage.of_office("при", "del");
    stage.write(&find, typed);
    stage.rest(std::time::Duration::from_millis(200));
    walk.look(stage, "search in a place");
    stage.press(Key::Escape);
    if 1_000.0 < width {
        beside(walk, stage);
    }
    composing(walk, stage);
}

/// A thread beside its channel, where there is room for both.
fn beside(walk: &mut Walk, stage: &mut Stage) {
    let general = stage.of_office("общий", "general");
    stage.invoke_part(general);
    let replies = stage.label(|it| it.starts_with("2 ") && (it.contains("ответ") || it.contains("repl")));
    stage.invoke(&replies);
    stage.rest(std::time::Duration::from_millis(400));
    walk.look(stage, "thread beside");
    stage.press(Key::Escape);
    stage.invoke_part(warehouse(stage));
    stage.see(row(stage));
}

fn composing(walk: &mut Walk, stage: &mut Stage) {
    let field = stage.word_with("message-hint", warehouse(stage));
    let typed = stage.of_office("Спросим @мих", "Let us ask @mich");
    stage.write(&field, typed);
    walk.look(stage, "suggestions");
    stage.press(Key::Escape);
    let (later, mention) = (stage.word("do-later"), stage.word("mention"));
    walk.peek(stage, &later, "send later");
    walk.peek(stage, &mention, "whom to call");
    stage.empty_field(&field);
    // With a space after it nothing is suggested any more.
    stage.say(&field, "/help ");
    walk.look(stage, "help");
    stage.press(Key::Escape);
    let attach = stage.word("attach");
    walk.peek(stage, &attach, "attach");
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("Список поставщиков и договоров за весь прошлый год, окончательный.csv");
    std::fs::write(&path, "a;b").expect("written");
    stage.drop_files(&[&path]);
    walk.look(stage, "attached");
    let send = stage.word("do-send");
    stage.invoke(&send);
    let card = stage.label(|it| it.ends_with("окончательный.csv") && it != path.to_str().unwrap_or_default());
    stage.rest(std::time::Duration::from_millis(100));
    walk.look(stage, if card.is_empty() { "nothing" } else { "file" });
    pictures(walk, stage, dir.path());
}

/// A picture among messages, the viewer, and where it is saved.
fn pictures(walk: &mut Walk, stage: &mut Stage, dir: &std::path::Path) {
    let path = dir.join("Стеллажи.png");
    crate::files::picture(&path, 640, 400);
    stage.drop_files(&[&path]);
    walk.look(stage, "picture attached");
    let send = stage.word("do-send");
    stage.invoke(&send);
    let [picture, more] = ["picture-of", "file-more"].map(|it| stage.word_with(it, "Стеллажи.png"));
    stage.see(&picture);
    walk.look(stage, "picture");
    stage.invoke(&more);
    walk.look(stage, "menu of a file");
    let save = stage.word("save-as");
    stage.invoke(&save);
    walk.look(stage, "save as");
    stage.press(Key::Escape);
    stage.invoke(&picture);
    let viewer = stage.word("viewer");
    stage.see(&viewer);
    stage.rest(std::time::Duration::from_millis(300));
    walk.look(stage, "viewer");
    stage.press(Key::Escape);
}

fn pages(walk: &mut Walk, stage: &mut Stage) {
    let organisation = company(stage);
    let menu = stage.word_with("menu-of", organisation);
    stage.invoke(&menu);
    walk.look(stage, "menu of the organisation");
    stage.press(Key::Escape);
    for key in
        ["people", "channels-all", "inbox", "saved-list", "later-list", "invite", "new-team", "tour", "diagnostics"]
    {
        chosen(stage, organisation, key);
        stage.rest(std::time::Duration::from_millis(150));
        walk.look(stage, key);
        stage.press(Key::Escape);
    }
    let new = stage.word("new-channel");
    walk.peek(stage, &new, "new channel");
    chosen(stage, organisation, "invite");
    let [name, mail, make, code] =
        ["invite-name", "invite-email", "invite-make", "invite-code"].map(|it| stage.word(it));
    stage.write(&name, "Глеб");
    let address = stage.of_office("gleb@romashka.example", "gleb@daisy.example");
    stage.write(&mail, address);
    stage.invoke(&make);
    stage.see(&code);
    walk.look(stage, "code of an invitation");
    stage.press(Key::Escape);
    chosen(stage, organisation, "people");
    let card = stage.word_with("person-card", stage.of_office("Михаил Орлов", "Michael Orr"));
    walk.peek(stage, &card, "card of a person");
    stage.press(Key::Escape);
    let visitor = stage.of_office("Анна Соколова (", "Anna Falk (");
    let mood = stage.label(|it| it.starts_with(visitor) && it.contains(": "));
    walk.peek(stage, &mood, "what is now");
    stage.press_with(Modifiers::COMMAND, Key::K);
    walk.look(stage, "switcher");
    let hint = stage.word("palette-hint");
    stage.write(&hint, warehouse(stage));
    walk.look(stage, "switcher, typed");
    stage.press(Key::Escape);
    stage.press_with(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    let what = stage.word("search-what");
    let (typed, found) =
        (stage.of_office("приёмка", "delivery"), stage.of_office("склад, Михаил Орлов", "warehouse, Michael Orr"));
    stage.write(&what, typed);
    stage.see_begin(found);
    walk.look(stage, "search");
    stage.press(Key::Escape);
}

fn settings(walk: &mut Walk, stage: &mut Stage) {
    chosen(stage, company(stage), "settings");
    for key in ["my-profile", "look", "attention", "keyboard", "storage", "devices", "about-title"] {
        let part = stage.word(key);
        stage.invoke(&part);
        stage.rest(std::time::Duration::from_millis(100));
        walk.look(stage, &format!("settings, {key}"));
    }
    let devices = stage.word("devices");
    stage.invoke(&devices);
    let link = stage.word("device-link");
    walk.peek(stage, &link, "link a computer");
}

fn office(lang: &'static str, theme: &'static str, size: [f32; 2]) {
    let mut walk = Walk::default();
    let mut stage = Stage::coloured(lang, theme, &["--demo"]);
    stage.size(size[0], size[1]);
    conversation(&mut walk, &mut stage, size);
    pages(&mut walk, &mut stage);
    settings(&mut walk, &mut stage);
    walk.end();
}

#[test]
fn everything_before_the_messenger_has_a_name_and_room_in_russian() {
    ways().for_each(|(theme, size)| gate("ru", theme, *size));
}

#[test]
fn everything_before_the_messenger_has_a_name_and_room_in_english() {
    ways().for_each(|(theme, size)| gate("en", theme, *size));
}

#[test]
fn everything_in_the_messenger_has_a_name_and_room_in_russian() {
    ways().for_each(|(theme, size)| office("ru", theme, *size));
}

#[test]
fn everything_in_the_messenger_has_a_name_and_room_in_english() {
    ways().for_each(|(theme, size)| office("en", theme, *size));
}

#[test]
fn who_waits_at_the_door_and_whom_they_wait_for_have_names_and_room() {
    let mut walk = Walk::default();
    let (mut anna, _boris) = Stage::pair(&[]);
    let address = anna.address();
    anna.click("Mill, menu");
    anna.click("Invite");
    anna.write("Name", "Clara");
    anna.write("E-mail", "clara@mill.example");
    anna.click("Make a code");
    anna.see("Code for the newcomer");
    let code = anna.label(|it| it.len() > 30 && !it.contains(' ') && it.contains('-'));
    anna.press(Key::Escape);
    let mut clara = Stage::empty("en");
    clara.enter(&code, &address);
    clara.see_part("Ask your administrator");
    clara.size(800.0, 500.0);
    walk.look(&mut clara, "five words of who joins");
    anna.size(800.0, 500.0);
    anna.invoke("Mill, menu");
    let waiting = anna.label(|it| it.contains("door: 1"));
    anna.invoke(&waiting);
    anna.see("Let in");
    walk.look(&mut anna, "who waits at the door");
    walk.end();
}

#[test]
fn a_computer_that_is_disconnected_has_names_and_room() {
    let mut walk = Walk::default();
    let (mut anna, _boris) = Stage::pair(&[]);
    let address = anna.address();
    anna.size(800.0, 500.0);
    for it in ["Mill, menu", "Settings", "Computers", "Link another computer"] {
        anna.invoke(it);
    }
    let code = anna.label(|it| it.len() > 30 && !it.contains(' ') && it.contains('-'));
    walk.look(&mut anna, "code for a computer");
    let mut second = Stage::empty("en");
    second.enter(&code, &address);
    second.see_part("Ask your administrator");
    anna.see("The words are the same, link it");
    walk.look(&mut anna, "five words of a computer");
    anna.invoke("The words are the same, link it");
    second.see("general");
    anna.press(Key::Escape);
    anna.invoke("Mill, menu");
    anna.invoke("Settings");
    anna.invoke("Computers");
    anna.see_part("Disconnect: Computer ");
    walk.look(&mut anna, "computers");
    anna.invoke_part("Disconnect: Computer ");
    walk.look(&mut anna, "disconnect a computer");
    walk.end();
}
