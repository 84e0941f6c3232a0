//! A window without a display, and hands that use it by names.

use std::time::{Duration, Instant};

use artel_app::options::Options;
use artel_app::shell::Shell;
use artel_node::home::Layout;
use clap::Parser;
use egui::accesskit::{Action, Role};
use egui::{Event, Key, Modifiers, PointerButton, Pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

/// The password of every home here.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// What does not come in this time does not come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A file that falls on the window.
#[derive(Debug)]
struct Dropped(std::path::PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|it| it.to_string())
    }
}

/// The window.
pub(crate) struct Stage {
    harness: Harness<'static, Shell>,
    home: tempfile::TempDir,
    lang: &'static str,
    /// Clicks, texts and keys since the last [`Stage::count`].
    actions: u32,
}

impl Stage {
    /// In front of an empty home.
    pub(crate) fn empty(lang: &'static str) -> Self {
        Self::open(tempfile::tempdir().expect("a directory"), lang, &[])
    }

    /// In the demo office.
    pub(crate) fn office(lang: &'static str) -> Self {
        Self::open(tempfile::tempdir().expect("a directory"), lang, &["--demo"])
    }

    fn open(home: tempfile::TempDir, lang: &'static str, more: &[&str]) -> Self {
        let words = ["artel", "--lang", lang, "--theme", "dark", "--own-dialogs"];
        let options = Options::parse_from(words.iter().chain(more));
        let layout = Layout::new(home.path().join("home"));
        let builder = Harness::builder().with_size(egui::vec2(1_280.0, 800.0)).with_max_steps(64);
        let harness = builder.build_eframe(|cc| Shell::new(&cc.egui_ctx, layout, options));
        Self { harness, home, lang, actions: 0 }
    }

    /// Two windows of one organisation in this process: Anna, who founded it, and Boris, who joined. In English.
    pub(crate) fn pair(more: &[&str]) -> (Self, Self) {
        let mut anna = Self::open(tempfile::tempdir().expect("a directory"), "en", more);
        anna.click("Found an organisation");
        for (field, text) in [
            ("Name of the organisation", "Mill"),
            ("Your name", "Anna"),
            ("Your e-mail", "anna@mill.example"),
            ("A password for this device", PASSWORD),
            ("The same password again", PASSWORD),
        ] {
            anna.write(field, text);
        }
        anna.click("Found");
        anna.click("I have written them down");
        anna.click("Continue");
        anna.see("general");
        anna.click("Mill, menu");
        anna.click("Invite");
        anna.write("Name", "Boris");
        anna.write("E-mail", "boris@mill.example");
        anna.click("Let in without my approval");
        anna.click("Make a code");
        anna.see("Code for the newcomer");
        let code = anna.label(|it| it.len() > 30 && !it.contains(' ') && it.contains('-'));
        anna.press(Key::Escape);
        let address = anna.address();
        let mut boris = Self::empty("en");
        boris.enter(&code, &address);
        boris.see("general");
        anna.see_part("1 colleague");
        (anna, boris)
    }

    /// Enters an organisation with a code.
    pub(crate) fn enter(&mut self, code: &str, address: &str) {
        self.click("I have a code");
        self.write("Code", code);
        self.write("A password for this device", PASSWORD);
        self.write("The same password again", PASSWORD);
        self.write("Address of a colleague, if the network finds nobody", address);
        self.click("Join");
    }

    /// Where the node behind the window listens, for another on this computer.
    pub(crate) fn address(&mut self) -> String {
        self.click("Mill, menu");
        self.click("Diagnostics");
        let text = self.label(|it| it.split(", ").all(|it| it.parse::<std::net::SocketAddr>().is_ok()));
        let address: std::net::SocketAddr = text.split(", ").next().expect("one").parse().expect("an address");
        self.press(Key::Escape);
        format!("127.0.0.1:{}", address.port())
    }

    /// The first label that fits.
    #[track_caller]
    pub(crate) fn label(&mut self, fits: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let nodes = self.harness.root().children_recursive();
            let names = nodes.filter_map(|it| it.accesskit_node().label().or_else(|| it.accesskit_node().value()));
            let names: Vec<String> = names.collect();
            if let Some(found) = names.iter().find(|it| fits(it)) {
                self.harness.run_steps(2);
                return found.clone();
            }
            assert!(begun.elapsed() < PATIENCE, "such a label did not come; on the screen: {names:#?}");
            std::thread::sleep(Duration::from_millis(20));
            self.harness.step();
        }
    }

    /// Waits until something with these words in its name is on the screen.
    #[track_caller]
    pub(crate) fn see_part(&mut self, part: &str) {
        self.label(|it| it.contains(part));
    }

    /// Waits until nothing of this name is on the screen.
    #[track_caller]
    pub(crate) fn gone(&mut self, name: &str) {
        self.wait_for(&format!("the end of {name}"), |it| it.query_all_by_label(name).next().is_none());
    }

    /// Lets files fall on the window.
    pub(crate) fn drop_files(&mut self, paths: &[&std::path::Path]) {
        for path in paths {
            self.harness.input_mut().dropped_files.push(std::sync::Arc::new(Dropped(path.to_path_buf())));
        }
        self.harness.run_steps(3);
    }

    /// Gives the window an event.
    pub(crate) fn event(&mut self, event: egui::Event) {
        self.harness.event(event);
        self.harness.run_steps(3);
    }

    /// Whether the window is in front.
    pub(crate) fn focus(&mut self, on: bool) {
        self.harness.input_mut().focused = on;
        self.harness.run_steps(2);
    }

    /// Lets the window go on for a while.
    pub(crate) fn rest(&mut self, time: Duration) {
        let begun = Instant::now();
        while begun.elapsed() < time {
            std::thread::sleep(Duration::from_millis(20));
            self.harness.step();
        }
    }

    /// Closes the window.
    pub(crate) fn leave(self) {
        self.harness.into_state().close();
    }

    /// Clicks with the other button.
    #[track_caller]
    pub(crate) fn right_click(&mut self, name: &str) {
        self.see(name);
        let at = self.harness.query_all_by_label(name).next().expect("seen").rect().center();
        self.press_at(at, PointerButton::Secondary);
    }

    /// Closes the window and opens it anew.
    pub(crate) fn again(self) -> Self {
        let Self { harness, home, lang, .. } = self;
        let mut shell = harness.into_state();
        shell.close();
        drop(shell);
        Self::open(home, lang, &[])
    }

    /// Waits until `there` is so.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, what: &str, there: impl Fn(&Harness<'static, Shell>) -> bool) {
        self.wait(what, there);
    }

    #[track_caller]
    fn wait(&mut self, what: &str, there: impl Fn(&Harness<'static, Shell>) -> bool) {
        let begun = Instant::now();
        while !there(&self.harness) {
            if PATIENCE < begun.elapsed() {
                let nodes = self.harness.root().children_recursive();
                let names = nodes.filter_map(|it| it.accesskit_node().label().or_else(|| it.accesskit_node().value()));
                let names: Vec<String> = names.collect();
                panic!("{what} did not come; on the screen: {names:#?}");
            }
            std::thread::sleep(Duration::from_millis(20));
            self.harness.step();
        }
        self.harness.run_steps(2);
    }

    /// Waits until something of this name is on the screen.
    #[track_caller]
    pub(crate) fn see(&mut self, name: &str) {
        self.wait(name, |it| it.query_all_by_label(name).next().is_some());
    }

    /// Clicks the last of this name that can be clicked: what lies above is later.
    #[track_caller]
    pub(crate) fn click(&mut self, name: &str) {
        self.see(name);
        let clickable = |it: Role| {
            matches!(it, Role::Button | Role::CheckBox | Role::RadioButton | Role::Link | Role::ListBoxOption)
        };
        let at = {
            let mut nodes = self.harness.query_all_by_label(name);
            let node = nodes.rfind(|it| clickable(it.accesskit_node().role()));
            node.unwrap_or_else(|| panic!("{name} is no button")).rect().center()
        };
        self.press_at(at, PointerButton::Primary);
    }

    /// Moves the pointer somewhere, presses and lets go, all in one frame: what came meanwhile moves nothing away from under it.
    fn press_at(&mut self, pos: Pos2, button: PointerButton) {
        let events = &mut self.harness.input_mut().events;
        events.push(Event::PointerMoved(pos));
        for pressed in [true, false] {
            events.push(Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE });
        }
        self.actions += 1;
        self.harness.run_steps(3);
    }

    /// Moves the pointer over something.
    #[track_caller]
    pub(crate) fn hover(&mut self, name: &str) {
        self.see(name);
        let at = self.harness.query_all_by_label(name).next().expect("seen").rect().center();
        self.harness.hover_at(at);
        self.harness.run_steps(3);
    }

    #[track_caller]
    fn field(&mut self, name: &str) {
        let field = |it: Role| matches!(it, Role::TextInput | Role::MultilineTextInput | Role::PasswordInput);
        self.wait(name, |it| it.query_all_by_label(name).any(|it| field(it.accesskit_node().role())));
        {
            let mut nodes = self.harness.query_all_by_label(name);
            nodes.find(|it| field(it.accesskit_node().role())).expect("a field").focus();
        }
        self.harness.run_steps(2);
    }

    /// Types into a field.
    #[track_caller]
    pub(crate) fn write(&mut self, name: &str, text: &str) {
        self.field(name);
        self.actions += 1;
        self.harness.event(egui::Event::Text(text.to_owned()));
        self.harness.run_steps(2);
    }

    /// Gives a field the keyboard.
    #[track_caller]
    pub(crate) fn focus_field(&mut self, name: &str) {
        self.field(name);
    }

    /// Types in the place of what a field holds.
    #[track_caller]
    pub(crate) fn replace(&mut self, name: &str, text: &str) {
        self.field(name);
        self.press_with(Modifiers::COMMAND, Key::A);
        self.event(egui::Event::Text(text.to_owned()));
    }

    /// What a field holds.
    #[track_caller]
    pub(crate) fn value(&mut self, name: &str) -> String {
        self.field(name);
        let mut nodes = self.harness.query_all_by_label(name);
        nodes.find_map(|it| it.value()).unwrap_or_default()
    }

    /// Clicks the first of which the name has these words.
    #[track_caller]
    pub(crate) fn click_part(&mut self, part: &str) {
        let name = self.label(|it| it.contains(part));
        self.click(&name);
    }

    /// Waits until something outside the window is so.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, what: &str, there: impl Fn() -> bool) {
        self.wait(what, |_| there());
    }

    /// Types at the end of a field.
    #[track_caller]
    pub(crate) fn add(&mut self, name: &str, text: &str) {
        self.field(name);
        self.harness.key_press_modifiers(Modifiers::COMMAND, Key::End);
        self.harness.run_steps(2);
        self.harness.event(egui::Event::Text(text.to_owned()));
        self.harness.run_steps(2);
    }

    /// Waits until a field holds this text.
    #[track_caller]
    pub(crate) fn reads(&mut self, name: &str, text: &str) {
        let holds = |it: &Harness<'static, Shell>| {
            let mut nodes = it.query_all_by_label(name);
            nodes.any(|it| it.accesskit_node().value().as_deref() == Some(text))
        };
        let shown = || format!("{text:?} in {name}");
        self.wait(&shown(), holds);
    }

    /// Takes everything out of a field.
    #[track_caller]
    pub(crate) fn empty_field(&mut self, name: &str) {
        self.field(name);
        self.press_with(Modifiers::COMMAND, Key::A);
        self.press(Key::Backspace);
    }

    /// Waits until nothing of this name is on the screen.
    #[track_caller]
    pub(crate) fn miss(&mut self, name: &str) {
        self.wait(name, |it| it.query_all_by_label(name).next().is_none());
    }

    /// Waits until a name begins so.
    #[track_caller]
    pub(crate) fn see_begin(&mut self, begin: &str) {
        let begins = |it: &Harness<'static, Shell>| {
            let mut nodes = it.root().children_recursive();
            nodes.any(|it| {
                let node = it.accesskit_node();
                node.label().or_else(|| node.value()).is_some_and(|it| it.starts_with(begin))
            })
        };
        self.wait(begin, begins);
    }

    /// Takes the keyboard from every field.
    pub(crate) fn unfocus(&mut self) {
        self.harness.ctx.memory_mut(|it| {
            if let Some(id) = it.focused() {
                it.surrender_focus(id);
            }
        });
        self.harness.run_steps(2);
    }

    /// What an event puts into the clipboard.
    pub(crate) fn copied(&mut self, event: egui::Event) -> String {
        self.harness.event(event);
        let mut copied = None;
        for _ in 0..4 {
            self.harness.step();
            copied = self.harness.output().platform_output.commands.iter().rev().find_map(|it| match it {
                egui::OutputCommand::CopyText(text) => Some(text.clone()),
                _ => None,
            });
            if copied.is_some() {
                break;
            }
        }
        copied.unwrap_or_default()
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
            self.harness.step();
        }
    }

    /// Types into the composer and sends with Enter.
    #[track_caller]
    pub(crate) fn say(&mut self, composer: &str, text: &str) {
        self.write(composer, text);
        self.press(Key::Enter);
    }

    /// Presses a key.
    pub(crate) fn press(&mut self, key: Key) {
        self.press_with(Modifiers::NONE, key);
    }

    /// Presses a key with others.
    pub(crate) fn press_with(&mut self, modifiers: Modifiers, key: Key) {
        self.actions += 1;
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(3);
    }

    /// What a person did since the last time this was asked: a click, a text typed, a key pressed is one action each.
    pub(crate) fn count(&mut self) -> u32 {
        std::mem::take(&mut self.actions)
    }

    /// Types where the keyboard is.
    pub(crate) fn type_here(&mut self, text: &str) {
        self.actions += 1;
        self.harness.event(Event::Text(text.to_owned()));
        self.harness.run_steps(3);
    }

    /// What of the window's own words stands under a key.
    pub(crate) fn word(&self, key: &str) -> String {
        let words = match self.lang {
            "ru" => include_str!("../../src/words/ru.ftl"),
            _ => include_str!("../../src/words/en.ftl"),
        };
        let line = words.lines().find_map(|it| it.strip_prefix(key)?.strip_prefix(" = "));
        line.unwrap_or_else(|| panic!("no word {key}")).to_owned()
    }

    /// The same with a name in it.
    pub(crate) fn word_with(&self, key: &str, name: &str) -> String {
        self.word(key).replace("{ $name }", name)
    }

    /// Another size of the window, points.
    pub(crate) fn size(&mut self, width: f32, height: f32) {
        self.harness.set_size(egui::vec2(width, height));
        self.harness.run_steps(3);
    }

    /// Presses something as a screen reader does, wherever it lies.
    #[track_caller]
    pub(crate) fn invoke(&mut self, name: &str) {
        let can = |it: &egui_kittest::Node<'_>| it.accesskit_node().data().supports_action(Action::Click);
        self.wait(name, |it| it.query_all_by_label(name).any(|it| can(&it)));
        {
            let mut nodes = self.harness.query_all_by_label(name);
            nodes.rfind(can).expect("seen").click_accesskit();
        }
        self.harness.run_steps(4);
    }

    /// The same with the first of which the name has these words.
    #[track_caller]
    pub(crate) fn invoke_part(&mut self, part: &str) {
        let name = self.label(|it| it.contains(part));
        self.invoke(&name);
    }

    /// Chooses one of the tools over a message. The row is pointed at until they are there: it may have moved meanwhile.
    #[track_caller]
    pub(crate) fn tool(&mut self, row: &str, tool: &str) {
        let begun = Instant::now();
        loop {
            self.hover(row);
            if self.harness.query_all_by_label(tool).next().is_some() {
                return self.click(tool);
            }
            assert!(begun.elapsed() < PATIENCE, "{tool} over {row} did not come");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The name of what has the keyboard.
    pub(crate) fn focused(&self) -> Option<String> {
        let node = self.harness.root().children_recursive().find(|it| it.accesskit_node().is_focused())?;
        node.accesskit_node().label().or_else(|| node.accesskit_node().value())
    }

    /// Goes on with Tab until what has this name has the keyboard.
    #[track_caller]
    pub(crate) fn tab_to(&mut self, name: &str) {
        self.tab(name, Modifiers::NONE);
    }

    /// Goes back with Shift+Tab until what has this name has the keyboard.
    #[track_caller]
    pub(crate) fn tab_back_to(&mut self, name: &str) {
        self.tab(name, Modifiers::SHIFT);
    }

    #[track_caller]
    fn tab(&mut self, name: &str, modifiers: Modifiers) {
        self.see(name);
        let mut passed = Vec::new();
        for _ in 0..80 {
            if self.focused().as_deref() == Some(name) {
                return;
            }
            self.press_with(modifiers, Key::Tab);
            passed.push(self.focused());
        }
        panic!("Tab does not lead to {name}, but to {passed:#?}");
    }

    /// Waits until what has this name has the keyboard.
    #[track_caller]
    pub(crate) fn has_keyboard(&mut self, name: &str) {
        let has = |it: &Harness<'static, Shell>| {
            it.query_all_by_label(name).any(|it| it.accesskit_node().is_focused())
        };
        self.wait(&format!("the keyboard at {name}"), has);
    }

    /// What can be pressed or takes the keyboard, but has no name or no role.
    pub(crate) fn nameless(&self) -> Vec<String> {
        let mut found = Vec::new();
        for node in self.harness.root().children_recursive() {
            let node = node.accesskit_node();
            let acts = [Action::Click, Action::Focus].into_iter().any(|it| node.data().supports_action(it));
            let plain = matches!(node.role(), Role::Unknown | Role::GenericContainer | Role::Window);
            let named = node.label().is_some_and(|it| !it.trim().is_empty())
                || matches!(node.role(), Role::Label) && node.value().is_some_and(|it| !it.trim().is_empty());
            // What a scroll bar is is said by its role.
            let plain = plain && node.role() != Role::ScrollBar;
            let named = named || node.role() == Role::ScrollBar;
            if acts && (plain || !named) {
                found.push(format!("{:?} {:?} at {:?}", node.role(), node.label(), node.bounding_box()));
            }
        }
        found
    }

    /// What can be pressed but lies outside of the window, where nothing scrolls it into sight.
    pub(crate) fn beyond(&self) -> Vec<String> {
        let window = self.harness.ctx.content_rect();
        let mut found = Vec::new();
        for node in self.harness.root().children_recursive() {
            let it = node.accesskit_node();
            if !it.data().supports_action(Action::Click) || it.bounding_box().is_none() {
                continue;
            }
            let rect = node.rect();
            let out = rect.bottom() <= window.top() || window.bottom() <= rect.top() || window.right() <= rect.left();
            let mut above = it.parent();
            let mut scrolls = false;
            while let Some(parent) = above {
                scrolls |= parent.children().any(|it| it.role() == Role::ScrollBar);
                above = parent.parent();
            }
            if out && !scrolls {
                found.push(format!("{:?} {:?} at {rect:?} is out of the window", it.role(), it.label()));
            }
        }
        found
    }

    /// Texts that are cut off at a side, and texts that lie on each other.
    pub(crate) fn crowded(&self) -> Vec<String> {
        let mut seen = crate::painted::Painted::default();
        for clipped in &self.harness.output().shapes {
            seen.take(&clipped.shape, clipped.clip_rect, self.harness.ctx.content_rect());
        }
        seen.bad
    }
}
