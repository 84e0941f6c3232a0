//! Tests of reading markdown.

use super::*;

fn channels() -> Model {
    let channel = |id: &str, name: &str, team: Option<&str>| Channel {
        id: id.into(),
        kind: "public".into(),
        name: name.into(),
        team: team.map(str::to_owned),
        ..Channel::default()
    };
    let mut model = Model::default();
    model.directory.channels = vec![
        channel("1", "общий", None),
        channel("2", "общий сбор", None),
        channel("3", "план", Some("Цех")),
        channel("4", "план", None),
    ];
    model
}

fn marks(text: &str) -> Vec<Mark> {
    blocks(text).remove(0).marks.into_iter().map(|it| it.2).collect()
}

#[test]
fn channels_teams_and_links_to_messages_are_marked() {
    assert_eq!(marks("см. #Общий, там"), [Mark::Place("1".into())]);
    assert_eq!(marks("см. #общий сбор!"), [Mark::Place("2".into())]);
    assert_eq!(marks("#Цех/план и #план"), [Mark::Place("3".into()), Mark::Place("4".into())]);
    assert!(marks("№#общий1 и a#общий, ##план").is_empty());
    assert_eq!(
        marks("@Группа-склада @channel"),
        [Mark::Mention { own: true, email: None }, Mark::Mention { own: true, email: None }]
    );
    let link = "artel://m/0123456789/abcdefghij";
    assert_eq!(marks(&format!("вот {link}.")), [Mark::Link(link.into())]);
    assert!(texts(&format!("вот {link}"))[0].starts_with("вот #общий"));
    assert!(marks("artel://m/../x").is_empty());
}

fn blocks(text: &str) -> Vec<Block> {
    let name = |email: &str| (email == "kim@x.example").then(|| "Ольга Ким".to_owned());
    let team = |word: &str| (word == "Группа-склада").then(|| ("Группа склада".to_owned(), true));
    let model = channels();
    let channel = |text: &str| channel_at(&model, text);
    let place = |id: &str| (id == "0123456789").then(|| "общий".to_owned());
    let t = Tokens::dark();
    let reading = Reading { t: &t, me: "kim@x.example", name: &name, team: &team, channel: &channel, place: &place };
    read(text, &reading)
}

fn texts(text: &str) -> Vec<String> {
    blocks(text).into_iter().map(|it| it.job.text).collect()
}

#[test]
fn marks_are_read_and_left_out() {
    assert_eq!(texts("**смелый** и ~~нет~~"), ["смелый и нет"]);
    assert_eq!(texts("2 * 3 * 4 и snake_case_name"), ["2 * 3 * 4 и snake_case_name"]);
    assert_eq!(texts("*курсив* и **незакрытый"), ["курсив и **незакрытый"]);
}

#[test]
fn lines_become_blocks() {
    let kinds: Vec<Kind> =
        blocks("до\n> цитата\n- один\n2. два\n```rust\nfn x() {}\n```\nпосле").into_iter().map(|it| it.kind).collect();
    let code = Kind::Code { lang: "rust".into() };
    assert_eq!(kinds, [Kind::Para, Kind::Quote, Kind::Item(None), Kind::Item(Some("2.".into())), code, Kind::Para]);
    assert_eq!(texts("```\nне закрыт"), ["не закрыт"]);
}

#[test]
fn code_links_and_mentions_are_marked() {
    let block = blocks("см. `код` и https://x.example/a. @kim@x.example, глянь").remove(0);
    let marks: Vec<Mark> = block.marks.into_iter().map(|it| it.2).collect();
    assert_eq!(
        marks,
        [
            Mark::Code,
            Mark::Link("https://x.example/a".into()),
            Mark::Mention { own: true, email: Some("kim@x.example".into()) }
        ]
    );
    assert!(block.job.text.contains("@Ольга Ким"));
    assert!(blocks("@nobody@x.example").remove(0).marks.is_empty());
}

#[test]
fn hostile_text_is_made_harmless() {
    let tower = format!("z{}", "\u{0301}".repeat(500));
    assert_eq!(harmless(&tower).chars().count(), 1 + MARKS_MAX);
    assert_eq!(harmless("exe.\u{202E}fdp"), "exe.fdp");
    let long = "я".repeat(256 * 1024);
    assert_eq!(harmless(&long).chars().count(), CHARS_MAX + 1);
    for text in ["`", "**", "~~", "@", "```", "> ", "- ", "* ", "*", "_", "1. ", "https://", "\u{FE0F}", "❤\u{FE0F}"]
    {
        blocks(text);
    }
}

/// Rows as they are laid out in each of these widths, points.
fn rows(text: &str, widths: &[f32]) -> Vec<Vec<String>> {
    let ctx = egui::Context::default();
    fonts::install(&ctx);
    let mut found = Vec::new();
    let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
        let lay = |width: &f32| {
            let rows = blocks(text).into_iter().flat_map(|mut block| {
                block.job.wrap.max_width = *width;
                let galley = ui.painter().layout_job(block.job);
                let rows = galley.rows.iter().map(|it| it.row.glyphs.iter().map(|it| it.chr).collect::<String>());
                rows.collect::<Vec<_>>()
            });
            rows.collect()
        };
        found = widths.iter().map(lay).collect();
    });
    output.textures_delta.clear();
    found
}

#[test]
fn a_full_stop_stays_with_the_code_before_it() {
    let widths: Vec<f32> = (60_u8..255).step_by(3).map(f32::from).collect();
    for rows in rows("Надо убрать `drop table` и потом `commit`. И ещё `x`, @kim@x.example!", &widths)
    {
        assert!(!rows.iter().any(|it| it.trim_start().starts_with(['.', ',', '!'])), "{rows:?}");
    }
}

#[test]
fn code_breaks_between_words_and_an_indent_leaves_no_empty_line() {
    let rows = rows("```\nif ready:\n        journal.sync_everything_now(path, mode)\n```", &[250.0]);
    assert_eq!(
        rows.concat().iter().map(|it| it.replace(FIRM, " ")).collect::<Vec<_>>(),
        ["if ready:", "        journal.sync_everything_", "now(path, mode)"]
    );
}

#[test]
fn a_named_link_shows_its_name_and_what_it_hides() {
    assert_eq!(texts("см. [план](https://x.example/a), там"), ["см. план, там"]);
    assert_eq!(marks("см. [план](https://x.example/a)"), [Mark::Link("https://x.example/a".into())]);
    assert_eq!(texts("[bank.example](https://evil.example)"), ["bank.example (https://evil.example)"]);
    assert_eq!(texts("[x](javascript:alert(1))"), ["[x](javascript:alert(1))"]);
    assert!(marks("[x](javascript:alert(1))").is_empty());
    assert_eq!(marks("(см. www.x.example)"), [Mark::Link("https://www.x.example".into())]);
    assert_eq!(texts("(см. www.x.example)"), ["(см. www.x.example)"]);
    // What turns the direction of a text hides no address.
    assert_eq!(texts("[a\u{202E}b](https://x.example)"), ["ab"]);
}

#[test]
fn beginnings_of_links_cost_no_more_than_their_length() {
    let begun = std::time::Instant::now();
    for text in ["[", "[x](", "https://(", "www.", "[x](https://", "mailto:"] {
        blocks(&text.repeat(2_000));
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
}
