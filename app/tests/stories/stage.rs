//! A window without a display, and hands that use it by names.

use std::time::{Duration, Instant};

use artel_app::options::Options;
use artel_app::shell::Shell;
use artel_node::home::Layout;
use clap::Parser;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

/// The password of every home here.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// What does not come in this time does not come.
const PATIENCE: Duration = Duration::from_secs(60);

/// The window.
pub(crate) struct Stage {
    harness: Harness<'static, Shell>,
    home: tempfile::TempDir,
    lang: &'static str,
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
        let words = ["artel", "--lang", lang, "--theme", "dark"];
        let options = Options::parse_from(words.iter().chain(more));
        let layout = Layout::new(home.path().join("home"));
        let builder = Harness::builder().with_size(egui::vec2(1_280.0, 800.0)).with_max_steps(64);
        let harness = builder.build_eframe(|cc| Shell::new(&cc.egui_ctx, layout, options));
        Self { harness, home, lang }
    }

    /// Closes the window and opens it anew.
    pub(crate) fn again(self) -> Self {
        let Self { harness, home, lang } = self;
        let mut shell = harness.into_state();
        shell.close();
        drop(shell);
        Self::open(home, lang, &[])
    }

    /// Waits until `there` is so.
    #[track_caller]
    fn wait(&mut self, what: &str, there: impl Fn(&Harness<'static, Shell>) -> bool) {
        let begun = Instant::now();
        while !there(&self.harness) {
            if PATIENCE < begun.elapsed() {
                let names = self.harness.root().children_recursive().filter_map(|it| it.accesskit_node().label());
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
        let clickable = |it: Role| matches!(it, Role::Button | Role::CheckBox | Role::RadioButton | Role::Link);
        {
            let mut nodes = self.harness.query_all_by_label(name);
            let node = nodes.rfind(|it| clickable(it.accesskit_node().role()));
            node.unwrap_or_else(|| panic!("{name} is no button")).click();
        }
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
        self.harness.event(egui::Event::Text(text.to_owned()));
        self.harness.run_steps(2);
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
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(3);
    }
}
