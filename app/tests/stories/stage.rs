//! A window without a display, and hands that use it by names.

mod more;

use std::time::{Duration, Instant};

use artel_app::options::Options;
use artel_app::shell::Shell;
use artel_node::home::Layout;
use clap::Parser;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use crate::paint::Textures;

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

fn clickable(it: Role) -> bool {
    matches!(it, Role::Button | Role::CheckBox | Role::RadioButton | Role::Link | Role::ListBoxOption | Role::ComboBox)
}

/// A home whose window is closed.
pub(crate) struct Closed {
    home: tempfile::TempDir,
    lang: &'static str,
    theme: &'static str,
}

impl Closed {
    /// Opens its window in the colours that were chosen in it; the desktop is light.
    pub(crate) fn open_as_left(self) -> Stage {
        Stage::open_in(self.home, self.lang, "", &[])
    }

    /// Opens its window.
    pub(crate) fn open_again(self) -> Stage {
        Stage::open_in(self.home, self.lang, self.theme, &[])
    }
}

/// The window.
pub(crate) struct Stage {
    harness: Harness<'static, Shell>,
    home: tempfile::TempDir,
    lang: &'static str,
    theme: &'static str,
    textures: Textures,
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

    /// In front of an empty home or in the demo office, in chosen colours.
    pub(crate) fn coloured(lang: &'static str, theme: &'static str, more: &[&str]) -> Self {
        Self::open_in(tempfile::tempdir().expect("a directory"), lang, theme, more)
    }

    fn open(home: tempfile::TempDir, lang: &'static str, more: &[&str]) -> Self {
        Self::open_in(home, lang, "dark", more)
    }

    fn open_in(home: tempfile::TempDir, lang: &'static str, theme: &'static str, more: &[&str]) -> Self {
        let words = ["artel", "--lang", lang, "--own-dialogs", "--theme", theme];
        // Without colours those of the settings.
        let words = if theme.is_empty() { &words[..4] } else { &words[..] };
        let options = Options::parse_from(words.iter().chain(more));
        let layout = Layout::new(home.path().join("home"));
        let textures = Textures::default();
        let builder = Harness::builder().with_size(egui::vec2(1_280.0, 800.0)).with_max_steps(64);
        // The harness sets a theme of its own once the window is made.
        let look = if theme == "dark" { egui::Theme::Dark } else { egui::Theme::Light };
        let builder = builder.with_theme(look).renderer(textures.clone());
        let harness = builder.build_eframe(|cc| Shell::new(&cc.egui_ctx, layout, options));
        Self { harness, home, lang, theme, textures, actions: 0 }
    }

    /// Fills in what an organisation is founded with, and goes on. In English.
    #[track_caller]
    pub(crate) fn fill_founding(&mut self) {
        self.click("Found an organisation");
        for (field, text) in [
            ("Name of the organisation", "Mill"),
            ("Your name", "Anna"),
            ("Your e-mail", "anna@mill.example"),
            ("A password for this device", PASSWORD),
            ("The same password again", PASSWORD),
        ] {
            self.write(field, text);
        }
        self.click("Found");
    }

    /// In front of an organisation that Anna has just founded. In English.
    pub(crate) fn founded(more: &[&str]) -> Self {
        let mut stage = Self::open(tempfile::tempdir().expect("a directory"), "en", more);
        stage.fill_founding();
        stage.keep_phrase();
        stage.see("general");
        stage
    }

    /// A home of another organisation beside this one, as far as a window that does not hold it can see.
    pub(crate) fn beside(&self, name: &str) {
        let home = Layout::new(self.home.path().join("homes").join(name));
        std::fs::create_dir_all(home.root()).expect("a directory");
        std::fs::write(home.layout(), "artel home 1").expect("a file");
    }

    /// Two windows of one organisation in this process: Anna, who founded it, and Boris, who joined. In English.
    pub(crate) fn pair(more: &[&str]) -> (Self, Self) {
        let mut anna = Self::founded(more);
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
        for window in [&mut anna, &mut boris] {
            window.see_part("1 colleague");
        }
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
        self.actions += 1;
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

    /// Closes the window; its home stays.
    pub(crate) fn closed(self) -> Closed {
        let Self { harness, home, lang, theme, .. } = self;
        harness.into_state().close();
        Closed { home, lang, theme }
    }

    /// Closes the window and opens it anew.
    pub(crate) fn again(self) -> Self {
        self.closed().open_again()
    }

    /// Waits until `there` is so.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, what: &str, there: impl Fn(&Harness<'static, Shell>) -> bool) {
        self.wait(what, there);
    }

    /// What is there for one frame only does not count: whoever waits goes on to use it.
    #[track_caller]
    fn wait(&mut self, what: &str, there: impl Fn(&Harness<'static, Shell>) -> bool) {
        let begun = Instant::now();
        loop {
            if there(&self.harness) {
                self.harness.run_steps(2);
                if there(&self.harness) {
                    return;
                }
            }
            if PATIENCE < begun.elapsed() {
                let nodes = self.harness.root().children_recursive();
                let names = nodes.filter_map(|it| it.accesskit_node().label().or_else(|| it.accesskit_node().value()));
                let names: Vec<String> = names.collect();
                panic!("{what} did not come; on the screen: {names:#?}");
            }
            std::thread::sleep(Duration::from_millis(20));
            self.harness.step();
        }
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
        // The name may go on changing: what is found is pressed at once.
        let has = |it: &egui_kittest::Node<'_>| {
            let it = it.accesskit_node();
            clickable(it.role()) && it.label().is_some_and(|it| it.contains(part))
        };
        self.wait(part, |it| it.root().children_recursive().any(|it| has(&it)));
        let at = self.harness.root().children_recursive().find(has).map(|it| it.rect().center());
        self.press_at(at.expect("seen"), PointerButton::Primary);
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
        self.clipboard()
    }

    fn clipboard(&mut self) -> String {
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
        self.actions -= 1;
    }

    /// Types where the keyboard is, and Enter.
    pub(crate) fn enter_here(&mut self, text: &str) {
        self.type_here(text);
        self.press(Key::Enter);
        self.actions -= 1;
    }

    /// Draws with the pointer from one point to another over others.
    pub(crate) fn draw(&mut self, way: &[Pos2]) {
        let button = |pos, pressed| Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        let (Some(first), Some(last)) = (way.first(), way.last()) else { return };
        self.event(Event::PointerMoved(*first));
        self.event(button(*first, true));
        for at in way {
            self.event(Event::PointerMoved(*at));
        }
        self.event(button(*last, false));
        self.actions += 1;
    }

    /// Where something of this name begins: its left edge, in the middle of its height.
    #[track_caller]
    pub(crate) fn left_of(&mut self, name: &str) -> Pos2 {
        self.see(name);
        self.harness.query_all_by_label(name).next().expect("seen").rect().left_center()
    }

    /// Lets a time pass that nobody waits for: the clock of the window is put forward, seconds.
    pub(crate) fn later(&mut self, seconds: f64) {
        let now = self.harness.ctx.input(|it| it.time);
        self.harness.input_mut().time = Some(now + seconds);
        self.harness.step();
        self.harness.input_mut().time = None;
        self.harness.run_steps(2);
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
}
