//! Tests of rows as they are drawn, in the list that holds them: what one reads stays where it is.

use artel_node::client::{Attachment, Replies as Under};
use artel_node::text::Lang;
use egui_kittest::Harness;

use super::*;
use crate::pictures::{Bad, Key};
use crate::timeline::list::List;

/// How far what one reads may move, points.
const STILL: f32 = 1.0;

/// A window that is nothing but a conversation.
struct Pane {
    list: List,
    messages: Vec<Message>,
    model: Model,
    t: Tokens,
    w: Words,
    cache: Cache,
    actions: Vec<Action>,
    at: AtRow,
    /// Where the text of each row begins that was drawn last.
    texts: BTreeMap<String, f32>,
}

/// Rows that note where their text is.
struct Noting<'n, 'a>(&'n mut MessageRows<'a>, &'n mut BTreeMap<String, f32>);

impl Rows for Noting<'_, '_> {
    fn count(&self) -> usize {
        self.0.count()
    }
    fn id(&self, at: usize) -> &str {
        self.0.id(at)
    }
    fn find(&self, id: &str) -> Option<usize> {
        self.0.find(id)
    }
    fn to_end(&self) -> bool {
        self.0.to_end()
    }
    fn height(&mut self, ui: &Ui, at: usize) -> f32 {
        self.0.height(ui, at)
    }
    fn lead(&mut self, ui: &Ui, at: usize) -> f32 {
        self.0.lead(ui, at)
    }
    fn paint(&mut self, ui: &mut Ui, at: usize, rect: Rect) {
        // From the laid out row itself: what the list believes of it proves nothing.
        let text = self.0.lay(ui, at, rect.width()).and_then(|it| {
            let lines = it.lines.first().map(|it| it.outer.top());
            lines.or(it.files.first().map(Rect::top))
        });
        self.1.insert(self.0.id(at).to_owned(), rect.top() + text.expect("something to read"));
        self.0.paint(ui, at, rect);
    }
}

/// What people write: a line, several, code, a list, a quote, a picture, a file; with reactions and replies.
fn message(number: usize) -> Message {
    let texts = [
        "Приёмка в 11:00, нужны двое.",
        "A longer text that takes two lines or three where the window is narrow, because somebody had much to say about it.",
        "```rust\nfn main() {\n    println!(\"still\");\n}\n```",
        "One:\n- two\n- three\n\n> and a quote",
        "",
        "👍 and **bold**",
    ];
    let (author, email) = [("Анна", "anna@x.example"), ("Boris", "boris@x.example")][number / 3 % 2];
    let file = |name: &str, media: &str, size: Option<(u32, u32)>| Attachment {
        id: format!("file {number}"),
        name: name.into(),
        size: 40_000,
        media: media.into(),
        width: size.map(|it| it.0),
        height: size.map(|it| it.1),
        state: "here".into(),
        thumbnail: false,
    };
    let files = match number % 6 {
        4 => vec![file("photo.png", "image/png", Some((900, 300 + 50 * (number as u32 % 7))))],
        1 if number % 4 == 1 => vec![file("plan.pdf", "application/pdf", None)],
        _ => Vec::new(),
    };
    let reactions =
        if number.is_multiple_of(5) { [("👍".to_owned(), vec![email.to_owned()])].into() } else { BTreeMap::new() };
    // Two minutes apart, from noon on: days begin among them.
    let sent = time::macros::datetime!(2026-11-02 12:00 UTC) + time::Duration::minutes(2 * number as i64);
    Message {
        id: format!("message {number:05}"),
        author: author.into(),
        email: email.into(),
        sent: sent.format(&time::format_description::well_known::Rfc3339).expect("a time"),
        text: texts[number % 6].into(),
        replies: (number % 11 == 3).then(|| Under { count: 2, people: vec![email.into()], ..Under::default() }),
        files,
        reactions,
        ..Message::default()
    }
}

fn draw(ui: &mut Ui, pane: &mut Pane) {
    let (messages, replies) = MessageRows::conversation(&pane.messages);
    let places = messages.iter().enumerate().map(|(at, it)| (it.id.as_str(), at)).collect();
    let mut rows = MessageRows {
        messages,
        places,
        replies,
        model: &pane.model,
        t: &pane.t,
        w: &pane.w,
        cache: &mut pane.cache,
        actions: &mut pane.actions,
        new_from: None,
        flash: None,
        to_end: true,
        today: time::macros::date!(2026 - 11 - 23),
        thread: false,
        selected: None,
        span: None,
        hovered: None,
        focused: None,
        at: &mut pane.at,
        here: false,
    };
    pane.texts.clear();
    pane.list.show(ui, &mut Noting(&mut rows, &mut pane.texts));
}

fn pane(messages: std::ops::Range<usize>) -> Harness<'static, Pane> {
    let t = Tokens::dark();
    let pane = Pane {
        list: List::default(),
        messages: messages.map(message).collect(),
        model: Model::default(),
        t: Tokens::dark(),
        w: Words::new(Lang::Ru),
        cache: Cache::default(),
        actions: Vec::new(),
        at: AtRow::default(),
        texts: BTreeMap::new(),
    };
    let mut ready = false;
    let app = move |ui: &mut Ui, pane: &mut Pane| match ready {
        true => draw(ui, pane),
        false => {
            fonts::install(ui.ctx());
            crate::theme::apply(ui.ctx(), &t);
            ready = true;
        }
    };
    let mut harness = Harness::builder().with_size(vec2(900.0, 640.0)).build_ui_state(app, pane);
    harness.run_steps(3);
    harness
}

/// Every row that was on the screen and still is has its text where it was.
#[track_caller]
fn all_still(harness: &Harness<'_, Pane>, before: &BTreeMap<String, f32>, what: &str) {
    let now = &harness.state().texts;
    let both: Vec<_> = before.iter().filter_map(|(id, was)| Some((id, was, now.get(id)?))).collect();
    assert!(3 <= both.len(), "{what}: {} rows of {} are left on the screen", both.len(), before.len());
    for (id, was, is) in both {
        assert!((was - is).abs() <= STILL, "{what}: the text of {id} went from {was} to {is}");
    }
}

/// The first row on the screen has its text where it was.
#[track_caller]
fn anchor_still(harness: &Harness<'_, Pane>, before: &BTreeMap<String, f32>, what: &str) {
    let anchor = before.keys().next().expect("a row");
    let is = harness.state().texts.get(anchor).unwrap_or_else(|| panic!("{what}: {anchor} is gone"));
    assert!((before[anchor] - is).abs() <= STILL, "{what}: the text of {anchor} went from {} to {is}", before[anchor]);
}

/// 500 rows above and below come in parts, while pictures come, or turn out to be none.
fn arrivals(harness: &mut Harness<'_, Pane>, (first, last): (usize, usize)) {
    for part in 0..10 {
        let before = harness.state().texts.clone();
        let pane = harness.state_mut();
        let above = first - 50 * (part + 1);
        pane.messages.splice(0..0, (above..above + 50).map(message));
        let below = last + 50 * part;
        pane.messages.extend((below..below + 50).map(message));
        harness.run_steps(2);
        all_still(harness, &before, &format!("part {part}"));
        let ctx = harness.ctx.clone();
        let pane = harness.state_mut();
        let asked: Vec<Key> = pane
            .actions
            .drain(..)
            .filter_map(|it| if let Action::Picture(it) = it { Some(it) } else { None })
            .collect();
        for (number, key) in asked.into_iter().enumerate() {
            let image = egui::ColorImage::filled([800, 267], egui::Color32::RED);
            pane.model.pictures.take(&ctx, key, if number % 3 == 2 { Err(Bad::Broken) } else { Ok(image) });
        }
        harness.run_steps(2);
        all_still(harness, &before, &format!("pictures of part {part}"));
    }
    assert!(harness.state().messages.len() >= 1_000);
}

#[test]
fn what_one_reads_stays_while_real_rows_and_pictures_come_and_the_window_and_its_letters_change() {
    let mut harness = pane(600..800);
    harness.state_mut().list.jump("message 00700");
    harness.run_steps(3);
    assert!(harness.state().actions.iter().any(|it| matches!(it, Action::Picture(_))), "no picture is in sight");
    arrivals(&mut harness, (600, 800));
    for (width, height) in [(520.0, 640.0), (1_300.0, 900.0), (800.0, 500.0), (900.0, 640.0)] {
        let before = harness.state().texts.clone();
        harness.set_size(vec2(width, height));
        harness.run_steps(3);
        anchor_still(&harness, &before, &format!("a window of {width}×{height}"));
    }
    for zoom in [1.25, 0.8, 1.6, 1.0] {
        let before = harness.state().texts.clone();
        harness.ctx.set_zoom_factor(zoom);
        harness.run_steps(3);
        anchor_still(&harness, &before, &format!("letters × {zoom}"));
    }
    // Another font: wider and higher letters in every row.
    let before = harness.state().texts.clone();
    let mut fonts = harness.ctx.fonts(|it| it.definitions().clone());
    fonts.families.insert(egui::FontFamily::Proportional, vec!["mono".into(), "emoji".into()]);
    harness.ctx.set_fonts(fonts);
    harness.run_steps(3);
    anchor_still(&harness, &before, "another font");
}

#[test]
fn what_one_reads_stays_when_what_came_takes_the_line_and_the_head_above_it_away() {
    let mut harness = pane(601..800);
    harness.state_mut().list.jump("message 00601");
    harness.run_steps(3);
    assert!(harness.state().texts.contains_key("message 00601"));
    let before = harness.state().texts.clone();
    harness.state_mut().messages.splice(0..0, (101..601).map(message));
    harness.run_steps(2);
    all_still(&harness, &before, "older rows above the very first");
}
