//! Replies as people read them.

use super::Situation;
use super::table::{Table, clean};
use crate::cli::moment;
use crate::client::{Alarm, Message, Reply, Status};
use crate::text::{Door, Label, Lang, Say};

/// Characters shown of an id that is only to be recognised, or of which a beginning is enough.
const ID_CHARS: usize = 12;

/// What stands before the text of a message.
const INDENT: &str = "    ";

pub(super) fn reply(lang: Lang, reply: &Reply, situation: Situation) -> String {
    match reply {
        Reply::Done | Reply::Pong { .. } => line(lang.say(&Say::Done)),
        Reply::Sent(it) => line(lang.say(&match (situation.running, it.connected) {
            (false, _) => Say::SentNoNode,
            (true, 0) => Say::SentQueued,
            (true, devices) => Say::SentTo { devices },
        })),
        Reply::Invite(it) => {
            let mut text = line(lang.door(&Door::HowToJoin { code: &it.code }));
            if let Some(half) = &it.mail_code {
                text += &line(lang.door(&Door::MailHalf));
                text += &line(half.clone());
            }
            text
        }
        Reply::Invites(them) => table(lang, them, |it| {
            [
                short(&it.id),
                it.email.clone(),
                it.name.clone(),
                named(lang, &it.role),
                named(lang, &it.state),
                moment::local(&it.expires),
            ]
        }),
        Reply::Pending(them) => {
            table(lang, them, |it| [short(&it.id), it.email.clone(), it.device.clone(), it.words.clone()])
        }
        Reply::Teams(them) => table(lang, them, |it| {
            let people = |label, them: &[String]| match them.is_empty() {
                true => String::new(),
                false => format!("{}: {}", lang.label(label), them.join(", ")),
            };
            [it.name.clone(), people(Label::Leads, &it.leads), people(Label::Members, &it.members)]
        }),
        Reply::Channels(them) => table(lang, them, |it| channel(lang, it)),
        Reply::Channel(it) => table(lang, std::slice::from_ref(it), |it| channel(lang, it)),
        Reply::Persons(them) => {
            table(lang, them, |it| [it.name.clone(), it.email.clone(), named(lang, &it.role), online(lang, it.online)])
        }
        Reply::Devices(them) => table(lang, them, |it| {
            let presence = if it.own { lang.label(Label::ThisDevice).to_owned() } else { online(lang, it.online) };
            [short(&it.id), it.person.clone(), named(lang, &it.state), presence]
        }),
        Reply::Messages(them) => them.iter().map(|it| message(lang, it, situation)).collect(),
        Reply::Unread(them) => table(lang, them, |it| {
            let mentions = match it.mentions {
                0 => String::new(),
                some => format!("{}: {some}", lang.label(Label::Mentions)),
            };
            [it.channel.clone(), format!("{}: {}", lang.label(Label::Unread), it.unread), mentions]
        }),
        Reply::Drafts(them) => table(lang, them, |it| [it.channel.clone(), it.text.clone()]),
        Reply::Later(them) => table(lang, them, |it| [short(&it.id), it.channel.clone(), it.text.clone()]),
        Reply::About(it) => message(lang, &it.message, situation),
        Reply::Inbox(it) => it.calls.iter().chain(&it.threads).map(|it| message(lang, it, situation)).collect(),
        Reply::Status(it) => status(lang, it),
        Reply::Doctor(them) => table(lang, them, |it| finding(lang, it)),
        Reply::Config(them) => table(lang, them, |it| [it.key.clone(), it.value.clone(), named(lang, &it.origin)]),
        Reply::Transfer(it) => line(lang.say(&Say::Transfer(it))),
        Reply::Transfers(them) => {
            table(lang, them, |it| [it.transfer.clone(), named(lang, &it.direction), lang.say(&Say::Transfer(it))])
        }
        Reply::FileStorage(it) => line(lang.say(&Say::FileStorage(it))),
        Reply::Audit(them) => table(lang, them, |it| audited(lang, it)),
        Reply::Readers(them) => table(lang, them, |it| reader(lang, it)),
        Reply::Bytes(them) => line(lang.size(u64::try_from(them.len()).unwrap_or(u64::MAX))),
        Reply::Written { bytes } => line(lang.size(*bytes)),
    }
}

fn audited(lang: Lang, it: &crate::client::Audited) -> [String; 5] {
    let outcome = if it.why.is_empty() { named(lang, &it.outcome) } else { it.why.clone() };
    [moment::local(&it.at), it.who.clone(), it.what.clone(), it.about.clone(), outcome]
}

fn finding(lang: Lang, it: &crate::client::Finding) -> [String; 3] {
    let detail = lang.fact(&it.fact).unwrap_or_else(|| it.detail.clone());
    [named(lang, &it.level), it.check.clone(), detail]
}

fn reader(lang: Lang, it: &crate::client::Reader) -> [String; 3] {
    let read = if it.read { Label::HasRead } else { Label::HasNotRead };
    [it.name.clone(), it.email.clone(), lang.label(read).to_owned()]
}

fn line(text: String) -> String {
    text + "\n"
}

fn table<T, const N: usize>(lang: Lang, them: &[T], cells: impl Fn(&T) -> [String; N]) -> String {
    if them.is_empty() {
        return line(lang.say(&Say::Nothing));
    }
    let mut table = Table::default();
    them.iter().for_each(|it| table.row(cells(it)));
    table.text()
}

/// A stable name of the replies in the language of the reader; as it is if a newer node sent it.
fn named(lang: Lang, name: &str) -> String {
    Label::of_name(name).map_or_else(|| name.to_owned(), |it| lang.label(it).to_owned())
}

fn short(id: &str) -> String {
    id.chars().take(ID_CHARS).collect()
}

fn online(lang: Lang, online: bool) -> String {
    lang.label(if online { Label::Online } else { Label::Offline }).to_owned()
}

fn channel(lang: Lang, it: &crate::client::Channel) -> [String; 4] {
    let name = match &it.team {
        Some(team) => format!("{team}/{}", it.name),
        None => it.name.clone(),
    };
    let mut members = format!("{}: {}", lang.label(Label::Members), it.members);
    if !it.archive.is_empty() {
        members = format!("{members}, {}: {}", lang.label(Label::Archive), it.archive.join(", "));
    }
    [name, named(lang, &it.kind), members, it.topic.clone().unwrap_or_default()]
}

/// When, who, the state and the id on one line, the text below it.
fn message(lang: Lang, it: &Message, situation: Situation) -> String {
    let mut notes = Vec::new();
    match it.state.as_str() {
        "queued" => notes.push(lang.say(&Say::Queued)),
        "held" => notes.push(lang.say(&Say::Held { devices: it.held })),
        "read" => notes.push(lang.say(&Say::Read { people: it.read })),
        "vouched" => notes.push(lang.say(&Say::Vouched)),
        _ => {}
    }
    for (holds, note) in [(it.edited, Say::Edited), (it.pinned, Say::Pinned), (it.ahead, Say::Ahead)] {
        if holds {
            notes.push(lang.say(&note));
        }
    }
    if let Some(root) = it.thread.as_deref().filter(|root| *root != it.id) {
        notes.push(lang.say(&Say::InThread { id: &short(root) }));
    }
    if situation.mixed {
        notes.push(it.name.clone());
    }
    // Whole: this is what `edit`, `react` and `--reply-to` take.
    notes.push(it.id.clone());
    let text = match it.state.as_str() {
        "retracted" => lang.say(&Say::Retracted),
        "hidden" => lang.say(&Say::Hidden),
        "forgotten" => lang.say(&Say::Forgotten),
        "newer" => lang.say(&Say::NeedsNewer),
        _ => it.text.clone(),
    };
    let mut shown = format!("{}  {}  {}\n", moment::local(&it.sent), clean(&it.author), clean(&notes.join(" · ")));
    for text in text.lines() {
        shown += format!("{INDENT}{}", clean(text)).trim_end();
        shown += "\n";
    }
    for file in &it.files {
        shown += &format!("{INDENT}{}\n", clean(&lang.say(&Say::Attached(file))));
    }
    if !it.reactions.is_empty() {
        let reactions: Vec<String> = it.reactions.iter().map(|(emoji, who)| format!("{emoji} {}", who.len())).collect();
        shown += &format!("{INDENT}{}\n", clean(&reactions.join("  ")));
    }
    shown
}

fn status(lang: Lang, it: &Status) -> String {
    let mut table = Table::default();
    let devices = u32::try_from(it.peers.len()).unwrap_or(u32::MAX);
    let entries = it.spaces.iter().fold(0_u64, |sum, it| sum.saturating_add(it.entries));
    let mut row = |label, value: String| table.row([lang.label(label), &value]);
    row(Label::Organisation, format!("{}  {}", it.name, short(&it.organisation)));
    row(Label::You, format!("{}  {}", it.email, short(&it.person)));
    row(Label::Device, short(&it.device));
    row(Label::Listening, it.listening.join(", "));
    row(Label::Colleagues, lang.say(&Say::Connected { devices }));
    for peer in &it.peers {
        row(Label::Online, format!("{}  {}  {}  {} ms", peer.name, peer.address, peer.via, peer.rtt_ms));
    }
    row(Label::Spaces, format!("{}, {}", it.spaces.len(), lang.say(&Say::Entries { entries })));
    row(Label::Queue, lang.say(&Say::NotYetHeld { entries: it.queued }));
    let mut store = format!("{}, {}", named(lang, &it.store.state), lang.size(it.store.bytes));
    if !it.store.lost.is_empty() {
        store += &format!(", {}", lang.say(&Say::Lost { entries: it.store.lost.len() }));
    }
    row(Label::Store, store);
    row(Label::Clock, format!("{}  {:+} ms", moment::local(&it.clock.now), it.clock.offset_ms));
    for rung in &it.discovery {
        row(Label::Discovery, format!("{}: {}", rung.name, rung.state));
    }
    for (cause, count) in &it.refused {
        row(Label::Refused, format!("{cause}: {count}"));
    }
    for alarm in &it.alarms {
        row(Label::Alarms, alarm_line(alarm));
    }
    table.text()
}

fn alarm_line(it: &Alarm) -> String {
    let concerned = [&it.person, &it.device, &it.space].into_iter().flatten().map(|it| short(it));
    std::iter::once(it.kind.clone()).chain(concerned).collect::<Vec<_>>().join("  ")
}
