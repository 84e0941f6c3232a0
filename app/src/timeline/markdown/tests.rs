//! Tests of reading markdown.

use super::*;

fn blocks(text: &str) -> Vec<Block> {
    let name = |email: &str| (email == "kim@x.example").then(|| "Ольга Ким".to_owned());
    let t = Tokens::dark();
    read(text, &Reading { t: &t, me: "kim@x.example", name: &name })
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
    assert_eq!(marks, [Mark::Code, Mark::Link("https://x.example/a".into()), Mark::Mention { own: true }]);
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
