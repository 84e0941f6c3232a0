//! Tests of the list: what one reads stays where it is.

use std::collections::BTreeMap;

use egui_kittest::Harness;

use super::*;

/// Rows with heights of their own; painting notes where each is.
#[derive(Default)]
struct Plain {
    ids: Vec<String>,
    heights: BTreeMap<String, f32>,
    painted: BTreeMap<String, f32>,
    /// There are newer ones.
    open: bool,
}

impl Plain {
    fn push(&mut self, at: usize, from: usize, count: usize) {
        for number in (from..from + count).rev() {
            let id = format!("row {number}");
            self.heights.insert(id.clone(), 20.0 + (number % 7) as f32 * 13.0);
            self.ids.insert(at, id);
        }
    }
}

impl Rows for Plain {
    fn count(&self) -> usize {
        self.ids.len()
    }
    fn id(&self, at: usize) -> &str {
        &self.ids[at]
    }
    fn find(&self, id: &str) -> Option<usize> {
        self.ids.iter().position(|it| it == id)
    }
    fn to_end(&self) -> bool {
        !self.open
    }
    fn height(&mut self, _: &Ui, at: usize) -> f32 {
        self.heights[&self.ids[at]]
    }
    fn paint(&mut self, _: &mut Ui, at: usize, rect: Rect) {
        self.painted.insert(self.ids[at].clone(), rect.top());
    }
}

fn harness() -> Harness<'static, (List, Plain)> {
    let mut rows = Plain::default();
    rows.push(0, 1_000, 300);
    Harness::builder().with_size(vec2(400.0, 300.0)).build_ui_state(
        |ui, (list, rows): &mut (List, Plain)| {
            rows.painted.clear();
            list.show(ui, rows);
        },
        (List::default(), rows),
    )
}

fn top(harness: &Harness<'_, (List, Plain)>, id: &str) -> f32 {
    *harness.state().1.painted.get(id).expect("on the screen")
}

#[test]
fn the_newest_row_is_held_at_the_bottom_while_rows_come() {
    let mut harness = harness();
    harness.run_steps(2);
    assert!(harness.state().1.painted.contains_key("row 1299"));
    let end = harness.state().1.count();
    harness.state_mut().1.push(end, 2_000, 5);
    harness.run_steps(2);
    assert!(harness.state().1.painted.contains_key("row 2004"));
    assert!(harness.state().0.at_newest());
}

#[test]
fn what_one_reads_stays_while_rows_come_above_and_below_and_heights_change() {
    let mut harness = harness();
    harness.state_mut().0.jump("row 1150");
    harness.run_steps(3);
    let before = top(&harness, "row 1150");
    let end = harness.state().1.count();
    harness.state_mut().1.push(end, 5_000, 500);
    harness.state_mut().1.push(0, 0, 500);
    harness.run_steps(2);
    assert!((top(&harness, "row 1150") - before).abs() <= 1.0);
    // The first row on the screen is the one that is held.
    let held = harness.state().0.held.clone().expect("held");
    let at = top(&harness, &held);
    for (number, height) in harness.state_mut().1.heights.values_mut().enumerate() {
        *height += number as f32 % 3.0;
    }
    harness.run_steps(2);
    assert!((top(&harness, &held) - at).abs() <= 1.0);
    // Another size of text: every row is as much higher, and all is drawn at other pixels.
    harness.set_pixels_per_point(1.25);
    harness.state_mut().1.heights.values_mut().for_each(|it| *it = (*it * 1.17).round());
    harness.run_steps(2);
    assert!((top(&harness, &held) - at).abs() <= 1.0);
    harness.set_size(vec2(400.0, 500.0));
    harness.run_steps(2);
    assert!((top(&harness, &held) - at).abs() <= 1.0);
}

#[test]
fn a_jump_waits_for_its_row() {
    let mut harness = harness();
    harness.state_mut().0.jump("row 7");
    harness.run_steps(2);
    assert!(!harness.state().1.painted.contains_key("row 7"));
    harness.state_mut().1.push(0, 0, 100);
    harness.run_steps(2);
    assert!(harness.state().1.painted.contains_key("row 7"));
}

/// A long history of which only a part is held, as the node gives it.
struct Long {
    list: List,
    rows: Plain,
    around: Option<String>,
    reach: u32,
    asked: usize,
}

impl Long {
    const ALL: usize = 2_000;

    fn number(id: &str) -> usize {
        id.strip_prefix("row ").and_then(|it| it.parse().ok()).expect("a row")
    }

    fn read(&mut self, around: Option<String>, reach: u32) {
        let at = around.as_deref().map_or(Self::ALL, Self::number);
        let (from, to) = (at.saturating_sub(reach as usize), (at + reach as usize).min(Self::ALL));
        self.rows.ids.clear();
        self.rows.push(0, from, to - from);
        self.rows.open = to < Self::ALL;
        (self.around, self.reach) = (around, reach);
        self.asked += 1;
    }

    /// The rows that the last frame asked for come.
    fn answer(&mut self, edges: Edges) {
        let from_start = self.rows.ids.first().is_some_and(|it| it == "row 0");
        let around = self.around.clone();
        let read =
            Read { around: around.as_deref(), reach: self.reach, least: 20, from_start, to_end: !self.rows.open };
        if let Some((around, reach)) = self.list.wants(edges, &read) {
            self.read(around, reach);
        }
    }
}

#[test]
fn all_of_a_long_history_is_reached_both_ways_with_a_part_of_it_held_and_nothing_jumps() {
    let mut long = Long { list: List::default(), rows: Plain::default(), around: None, reach: 0, asked: 0 };
    long.read(None, 20);
    let mut harness = Harness::builder().with_size(vec2(400.0, 300.0)).build_ui_state(
        |ui, (long, edges): &mut (Long, Edges)| {
            long.rows.painted.clear();
            *edges = long.list.show(ui, &mut long.rows);
        },
        (long, Edges::default()),
    );
    harness.run_steps(2);
    for (key, goal) in [(Key::PageUp, "row 0"), (Key::PageDown, "row 1999")] {
        let mut pages = 0;
        while !harness.state().0.rows.painted.contains_key(goal) {
            pages += 1;
            assert!(pages < 1_000, "{goal} is not reached, but {:?}", harness.state().0.rows.painted);
            harness.key_press(key);
            harness.step();
            let before = harness.state().0.rows.painted.clone();
            let (long, edges) = harness.state_mut();
            long.answer(*edges);
            assert!(long.rows.ids.len() <= 100, "{} rows are held", long.rows.ids.len());
            harness.step();
            for (id, top) in &harness.state().0.rows.painted {
                let was = before.get(id).copied().unwrap_or(*top);
                assert!((was - top).abs() <= 1.0, "{id} jumped from {was} to {top}");
            }
        }
    }
    // At the newest end nothing more is asked for.
    harness.key_press(Key::End);
    harness.run_steps(2);
    let (long, edges) = harness.state_mut();
    long.answer(*edges);
    let asked = long.asked;
    harness.run_steps(2);
    let (long, edges) = harness.state_mut();
    long.answer(*edges);
    assert!(long.list.at_newest() && long.asked == asked && long.around.is_none());
}

#[test]
fn the_last_of_what_was_read_is_no_end_to_stay_at() {
    let mut harness = harness();
    harness.state_mut().1.open = true;
    harness.run_steps(2);
    assert!(!harness.state().0.at_newest());
    let before = top(&harness, "row 1299");
    let end = harness.state().1.count();
    harness.state_mut().1.push(end, 2_000, 50);
    harness.run_steps(2);
    assert!((top(&harness, "row 1299") - before).abs() <= 1.0);
}
