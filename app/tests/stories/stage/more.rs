//! More that hands and eyes do: counting, the keyboard, looking for what has no name or no room.

use std::time::{Duration, Instant};

use artel_node::cli::wire;
use artel_node::client::{Reply, Request};
use artel_node::home::Layout;
use artel_node::ipc::Client;
use egui::accesskit::{Action, Role};
use egui::{Event, Key, Modifiers, PointerButton, ViewportCommand, ViewportEvent, ViewportId};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use super::{PATIENCE, Stage};
use artel_app::shell::Shell;

impl Stage {
    /// What a person did since the last time this was asked: a click, a key, files let fall, a text typed with the Enter that
    /// ends it is one action each. Pointing is none.
    pub(crate) fn count(&mut self) -> u32 {
        std::mem::take(&mut self.actions)
    }

    /// Types where the keyboard is.
    pub(crate) fn type_here(&mut self, text: &str) {
        self.actions += 1;
        self.harness.event(Event::Text(text.to_owned()));
        self.harness.run_steps(3);
    }

    /// Closes the window as its frame does; what the desktop is told then.
    pub(crate) fn ask_to_close(&mut self) -> Vec<ViewportCommand> {
        let root = self.harness.input_mut().viewports.entry(ViewportId::ROOT).or_default();
        root.events.push(ViewportEvent::Close);
        self.harness.step();
        self.commands()
    }

    fn commands(&self) -> Vec<ViewportCommand> {
        let root = self.harness.output().viewport_output.get(&ViewportId::ROOT);
        root.map(|it| it.commands.clone()).unwrap_or_default()
    }

    /// Waits until the desktop is told this.
    #[track_caller]
    pub(crate) fn desktop_is_told(&mut self, command: &ViewportCommand) {
        let begun = Instant::now();
        while !self.commands().contains(command) {
            assert!(begun.elapsed() < PATIENCE, "the desktop is not told {command:?}");
            std::thread::sleep(Duration::from_millis(20));
            self.harness.step();
        }
    }

    /// What the node behind the window answers when it is asked as a command asks it.
    #[track_caller]
    pub(crate) fn ask_node(&self, request: &Request) -> Reply {
        let layout = Layout::new(self.home.path().join("home"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut node = Client::connect(&layout).await.expect("a node that listens");
            let mut answer = node.request(&wire::request_frame(request).expect("short")).await.expect("asked");
            let frame = answer.next().await.expect("read").expect("an answer");
            wire::read_response(&frame).expect("it is done")
        })
    }

    /// What the clipboard holds of a picture from now on.
    pub(crate) fn clipboard_holds(&mut self, picture: fn() -> Option<egui::ColorImage>) {
        self.harness.state_mut().read_clipboard_with(picture);
    }

    /// How often pictures were given to the window so far: all but its letters.
    pub(crate) fn pictures_given(&self) -> usize {
        self.textures.given()
    }

    /// What of the window's own words stands under a key.
    pub(crate) fn word(&self, key: &str) -> String {
        let words = match self.lang {
            "ru" => include_str!("../../../src/words/ru.ftl"),
            _ => include_str!("../../../src/words/en.ftl"),
        };
        let line = words.lines().find_map(|it| it.strip_prefix(key)?.strip_prefix(" = "));
        line.unwrap_or_else(|| panic!("no word {key}")).to_owned()
    }

    /// What the demo office of this window's language says.
    pub(crate) fn of_office<'t>(&self, ru: &'t str, en: &'t str) -> &'t str {
        if self.lang == "ru" { ru } else { en }
    }

    /// The same with a name in it.
    pub(crate) fn word_with(&self, key: &str, name: &str) -> String {
        self.word(key).replace("{ $name }", name)
    }

    /// Paints the screen into a folder, if pictures are wanted; the name tells language, colours and width too.
    pub(crate) fn paint(&mut self, screen: &str) {
        if let Some(folder) = crate::paint::folder() {
            self.rest(Duration::from_millis(150));
            std::fs::create_dir_all(&folder).expect("a folder");
            let width = self.harness.ctx.content_rect().width();
            let name = format!("{screen}-{}-{}-{width}.png", self.lang, self.theme).replace([' ', ',', '\''], "_");
            self.textures.paint(&self.harness.ctx, self.harness.output(), &folder.join(name));
        }
    }

    /// The colour behind everything.
    pub(crate) fn surface(&self) -> egui::Color32 {
        self.harness.ctx.global_style().visuals.panel_fill
    }

    /// Waits until something in this window or its node is so.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, mut there: impl FnMut(&Self) -> bool) {
        let begun = std::time::Instant::now();
        while !there(self) {
            assert!(begun.elapsed() < Duration::from_secs(60), "{what} did not come");
            self.rest(Duration::from_millis(50));
        }
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

    /// Whether something with these words in its name is on the screen now.
    pub(crate) fn has_part(&self, part: &str) -> bool {
        let mut nodes = self.harness.root().children_recursive();
        nodes.any(|it| it.accesskit_node().label().is_some_and(|it| it.contains(part)))
    }

    /// How many things on the screen have these words in their name.
    pub(crate) fn count_of_part(&self, part: &str) -> usize {
        let nodes = self.harness.root().children_recursive();
        nodes
            .filter(|it| {
                it.accesskit_node().label().or_else(|| it.accesskit_node().value()).is_some_and(|it| it.contains(part))
            })
            .count()
    }

    /// The 24 words on the screen.
    #[track_caller]
    pub(crate) fn phrase(&mut self) -> Vec<String> {
        self.label(|it| it.trim().starts_with("24 "));
        let nodes = self.harness.root().children_recursive();
        let labels = nodes.filter_map(|it| it.accesskit_node().label().or_else(|| it.accesskit_node().value()));
        let numbered = |it: String| {
            let (number, word) = it.trim().split_once(' ')?;
            Some((number.parse::<usize>().ok()?, word.to_owned()))
        };
        let words: std::collections::BTreeMap<usize, String> = labels.filter_map(numbered).collect();
        assert_eq!(words.keys().copied().collect::<Vec<_>>(), (1..=24).collect::<Vec<_>>());
        words.into_values().collect()
    }

    /// The fields in which words of the phrase are asked back, with which word each is.
    #[track_caller]
    pub(crate) fn asked_words(&mut self) -> Vec<(String, usize)> {
        let (heading, asked) = (self.word("phrase-ask"), self.word_with("phrase-word", ""));
        self.see(&heading);
        let number = |it: &str| it.strip_prefix(&asked)?.parse::<usize>().ok();
        let nodes = self.harness.root().children_recursive();
        let labels = nodes.filter_map(|it| it.accesskit_node().label().or_else(|| it.accesskit_node().value()));
        let fields: std::collections::BTreeMap<usize, String> =
            labels.filter_map(|it| Some((number(&it)?, it))).collect();
        fields.into_iter().map(|(number, field)| (field, number)).collect()
    }

    /// Writes the words of the root down and types those that are asked back.
    #[track_caller]
    pub(crate) fn keep_phrase(&mut self) {
        let words = self.phrase();
        let [kept, on, found] = ["phrase-done", "go-on", "found-do"].map(|it| self.word(it));
        self.invoke(&kept);
        self.invoke(&on);
        for (field, number) in self.asked_words() {
            self.write(&field, &words[number - 1]);
        }
        self.invoke(&found);
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
        let has = |it: &Harness<'static, Shell>| it.query_all_by_label(name).any(|it| it.accesskit_node().is_focused());
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

    /// What a click on something puts into the clipboard.
    #[track_caller]
    pub(crate) fn copied_by(&mut self, name: &str) -> String {
        self.pressed(name);
        self.clipboard()
    }

    /// What a button opens outside of the window.
    #[track_caller]
    pub(crate) fn opened_by(&mut self, name: &str) -> String {
        self.pressed(name);
        let mut opened = None;
        for _ in 0..4 {
            self.harness.step();
            opened = self.harness.output().platform_output.commands.iter().rev().find_map(|it| match it {
                egui::OutputCommand::OpenUrl(it) => Some(it.url.clone()),
                _ => None,
            });
            if opened.is_some() {
                break;
            }
        }
        opened.unwrap_or_default()
    }

    /// Presses something without letting a frame go by.
    #[track_caller]
    fn pressed(&mut self, name: &str) {
        self.see(name);
        let pos = self.harness.query_all_by_label(name).last().expect("seen").rect().center();
        let events = &mut self.harness.input_mut().events;
        events.push(Event::PointerMoved(pos));
        for pressed in [true, false] {
            events.push(Event::PointerButton {
                pos,
                button: PointerButton::Primary,
                pressed,
                modifiers: Modifiers::NONE,
            });
        }
    }
}
