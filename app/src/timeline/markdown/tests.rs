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
