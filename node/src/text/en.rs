//! English.

use super::{Door, Label, Lang, Say};
use crate::client::{ErrorKind, Fact, Transfer};
use crate::vault::PasswordFlaw;

/// Units of sizes, each a thousand of the one before.
pub(super) const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];

pub(super) fn cause(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Usage => "The command does not fit",
        ErrorKind::NoHome => "There is no organisation here yet",
        ErrorKind::HomeTaken => "There is an organisation here already",
        ErrorKind::NotFound => "Nothing is known by this name",
        ErrorKind::Ambiguous => "The name fits more than one",
        ErrorKind::NotPermitted => "Your role does not allow this",
        ErrorKind::ForeignDomain => "The mail address is outside the domains of the organisation",
        ErrorKind::WrongPassword => "The password is wrong",
        ErrorKind::NoKeyFile => "This home opens with its key file too",
        ErrorKind::WeakPassword => "The password is too weak",
        ErrorKind::Locked => "Artel is locked",
        ErrorKind::NoPassword => "A password is needed and there is no terminal to ask for it",
        ErrorKind::HomeBusy => "Another process has this home open",
        ErrorKind::NotRunning => "No node is running on this home",
        ErrorKind::NoContact => "Nobody was reached in time",
        ErrorKind::NoKey => "The key of this channel has not come yet",
        ErrorKind::Refused => "The other side refused",
        ErrorKind::CodeMistyped => "The code is mistyped",
        ErrorKind::CodeRefused => "The code is unknown, used, cancelled or of another organisation",
        ErrorKind::CodeExpired => "The code has expired",
        ErrorKind::WrongPhrase => "The recovery phrase is wrong",
        ErrorKind::BadText => "The text or name is empty or too long",
        ErrorKind::StoreFull => "The disk is full, nothing was written",
        ErrorKind::QuotaFull => "Files on this device would take more than they may",
        ErrorKind::Cancelled => "It was cancelled",
        ErrorKind::StoreDamaged => "The store is damaged",
        ErrorKind::NewerHome => "This home was written by a newer Artel; it was not touched",
        ErrorKind::PortInUse => "Another program listens at this port",
        ErrorKind::NoNetwork => "No network interface can be used",
        ErrorKind::File => "A file cannot be read or written",
        ErrorKind::Internal => "Something went wrong inside Artel",
    }
}

pub(super) fn next_step(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Usage => "See --help of the command.",
        ErrorKind::NoHome => "Found one with `org create` or enter one with `join`; check --home.",
        ErrorKind::HomeTaken => "Choose another directory with --home.",
        ErrorKind::NotFound => "Look it up with `channel list`, `person list` or `read`.",
        ErrorKind::Ambiguous => "Write more of it: TEAM/CHANNEL, or the whole id.",
        ErrorKind::NotPermitted => "Ask an administrator of your organisation.",
        ErrorKind::ForeignDomain => "Use the address of the corporate mail.",
        ErrorKind::WrongPassword => {
            "Check the keyboard layout and Caps Lock, and the key file if there is one, and try again."
        }
        ErrorKind::NoKeyFile => "Put in the stick and name the file with --key-file or ARTEL_KEY_FILE.",
        ErrorKind::WeakPassword => "Take a longer one: several unrelated words are best.",
        ErrorKind::Locked => "Open it with `unlock`.",
        ErrorKind::NoPassword => "Give --password-file or set ARTEL_PASSWORD_FILE.",
        ErrorKind::HomeBusy => "Wait a moment or end that process.",
        ErrorKind::NotRunning => "Start it with `artel-node run`.",
        ErrorKind::NoContact => {
            "Check that a colleague's Artel is on in this network, or name one with --at HOST:PORT."
        }
        ErrorKind::NoKey => "It comes by itself when a member of the channel is on.",
        ErrorKind::Refused => "Ask the administrator who invited you.",
        ErrorKind::CodeMistyped => "Copy it once more, whole.",
        ErrorKind::CodeRefused => "Ask the administrator for a new code.",
        ErrorKind::CodeExpired => "Ask the administrator for a new code.",
        ErrorKind::WrongPhrase => "Check the words and their order on your paper.",
        ErrorKind::BadText => "Shorten it, or send it as several messages.",
        ErrorKind::StoreFull => "Free some space on the disk and repeat.",
        ErrorKind::QuotaFull => "Remove some with `file remove`, or allow more with `file storage --quota`.",
        ErrorKind::Cancelled => "Ask again: what has come is kept.",
        ErrorKind::StoreDamaged => "Run `doctor`; what colleagues hold is fetched again.",
        ErrorKind::NewerHome => "Update Artel on this machine.",
        ErrorKind::PortInUse => "Choose another with --listen, or leave it out.",
        ErrorKind::NoNetwork => "Connect to a network and try again.",
        ErrorKind::File => "Check the path and the rights to it.",
        ErrorKind::Internal => "The log says more: set ARTEL_LOG=debug and repeat.",
    }
}

pub(super) fn say(what: &Say<'_>) -> String {
    match *what {
        Say::Done => "Done.".into(),
        Say::Nothing => "Nothing here.".into(),
        Say::SentTo { devices } => format!("Sent: {} of colleagues on now.", count(devices, "device", "devices")),
        Say::SentQueued => "Queued: leaves as soon as a colleague's Artel is on.".into(),
        Say::SentNoNode => "Written down, queued: leaves when Artel is running here (`artel-node run`).".into(),
        Say::Queued => "queued".into(),
        Say::Held { devices } => format!("held: {devices}"),
        Say::Read { people } => format!("read: {people}"),
        Say::Retracted => "(deleted)".into(),
        Say::Hidden => "(hidden: its author had no right to this, or was removed before)".into(),
        Say::Forgotten => "(forgotten: its time is over)".into(),
        Say::Vouched => "vouched for by a colleague".into(),
        Say::NeedsNewer => "(needs a newer Artel)".into(),
        Say::Edited => "edited".into(),
        Say::Pinned => "pinned".into(),
        Say::Ahead => "clock ahead".into(),
        Say::InThread { id } => format!("in thread {id}"),
        Say::TextBack => "Your text:".into(),
        Say::Connected { devices } => format!("{} connected", count(devices, "device", "devices")),
        Say::Entries { entries } => count(entries, "entry", "entries"),
        Say::NotYetHeld { entries } => format!("{} not held elsewhere yet", count(entries, "entry", "entries")),
        Say::Lost { entries } => format!("{} lost", count(entries, "entry", "entries")),
        Say::Locked => "Locked.".into(),
        Say::SealedAlready => "No node is running: everything is sealed already.".into(),
        Say::Unlocked => "Open.".into(),
        Say::Written { file, size } => format!("Written: {file}, {size}."),
        Say::Restored => "Restored. Start it with `artel-node run`: what is missing comes from colleagues.".into(),
        Say::Running { listening } => format!("Running, listening at {listening}. Ctrl+C ends it."),
        Say::Stopping => "Stopping.".into(),
        Say::WaitingForHome => "Another process has this home open; waiting for it.".into(),
        Say::Transfer(it) => transfer(it),
        Say::Attached(it) => {
            let here = if it.state == "here" { ", here" } else { "" };
            format!("file: {}, {}{here}, {}", it.name, Lang::En.size(it.size), it.id)
        }
        Say::FileStorage(it) => {
            let [taken, free] = [it.bytes, it.free].map(|it| Lang::En.size(it));
            match it.quota {
                0 => format!("Files take {taken}, without a limit; {free} are free on the disk."),
                quota => format!("Files take {taken} of {}; {free} are free on the disk.", Lang::En.size(quota)),
            }
        }
    }
}

fn transfer(it: &Transfer) -> String {
    let [done, size, rate] = [it.bytes, it.size, it.rate].map(|it| Lang::En.size(it));
    match (it.state.as_str(), &it.path) {
        ("done", Some(path)) => format!("Saved: {path}"),
        ("waiting", _) => format!("{}: {done} of {size}, waiting for a colleague who has it", it.name),
        ("running", _) => format!("{}: {done} of {size}, {rate}/s", it.name),
        _ => format!("{}: {done} of {size}", it.name),
    }
}

pub(super) fn door(what: &Door<'_>) -> String {
    match *what {
        Door::Founded { name } => {
            format!("{name} is founded. Start it with `artel-node run`, bring people in with `artel-node invite`.")
        }
        Door::PhraseFollows => {
            "These 24 words are the root of your organisation. Write them on paper now and keep it safe: \
             they are shown once, and only they help when all administrators are lost."
                .into()
        }
        Door::PhraseInFile { file } => {
            format!("The 24 words are in {file}. Print them, keep the paper, delete the file.")
        }
        Door::AskWord { at } => format!("Word {at} of your paper: "),
        Door::OtherWord => "That is another word. Look at your paper again.".into(),
        Door::PhraseConfirmed => "Right. Keep the paper safe.".into(),
        Door::Invited { email, expires } => format!("Invitation for {email}, valid until {expires}."),
        Door::MailHalf => "Send this second half by mail, and only by mail:".into(),
        Door::HowToJoin { code } => format!("On the new computer: artel-node join {code}"),
        Door::JoinSearching => "Looking for the office in this network…".into(),
        Door::JoinCompare { words } => {
            format!("Waiting for approval. Both sides must see the same words, compare them by telephone: {words}")
        }
        Door::JoinAdmitted => "Admitted. Start with `artel-node run`.".into(),
        Door::JoinRefused => "Refused.".into(),
        Door::AskPassword => "Password: ".into(),
        Door::AskNewPassword => "New password for this device: ".into(),
        Door::AskPasswordAgain => "Once more: ".into(),
        Door::PasswordsDiffer => "the two are not the same".into(),
        Door::PasswordFlaw(PasswordFlaw::TooShort { chars, least }) => {
            format!("{}, at least {least} are needed", count(chars, "character", "characters"))
        }
        Door::PasswordFlaw(PasswordFlaw::TooLong) => "too long".into(),
        Door::PasswordFlaw(PasswordFlaw::Guessable) => "names, common words and runs of keys make up most of it".into(),
    }
}

pub(super) fn label(label: Label) -> &'static str {
    match label {
        Label::Organisation => "organisation",
        Label::You => "you",
        Label::Device => "device",
        Label::Listening => "listening",
        Label::Colleagues => "colleagues",
        Label::Spaces => "spaces",
        Label::Queue => "queue",
        Label::Store => "store",
        Label::Clock => "clock",
        Label::Discovery => "discovery",
        Label::Refused => "refused",
        Label::Alarms => "alarms",
        Label::Topic => "topic",
        Label::Members => "members",
        Label::Leads => "leads",
        Label::Online => "online",
        Label::Offline => "offline",
        Label::ThisDevice => "this device",
        Label::Unread => "unread",
        Label::Mentions => "mentions",
        Label::Ok => "ok",
        Label::Warning => "warning",
        Label::Problem => "problem",
        Label::Full => "full",
        Label::Rebuilding => "rebuilding",
        Label::Damaged => "damaged",
        Label::Owner => "owner",
        Label::Admin => "administrator",
        Label::Registrar => "registrar",
        Label::Member => "member",
        Label::Guest => "guest",
        Label::Public => "public",
        Label::Private => "private",
        Label::Group => "group",
        Label::Direct => "direct",
        Label::Team => "team",
        Label::Open => "open",
        Label::Used => "used",
        Label::Cancelled => "cancelled",
        Label::Expired => "expired",
        Label::Active => "active",
        Label::Revoked => "revoked",
        Label::Frozen => "frozen",
        Label::Default => "default",
        Label::Environment => "environment",
        Label::Flag => "flag",
        Label::File => "file",
        Label::HasRead => "has read",
        Label::HasNotRead => "has not read",
        Label::Valid => "valid",
        Label::Void => "void",
        Label::Waits => "waits for a newer Artel",
        Label::ByPolicy => "policy",
        Label::Announcement => "announcements",
        Label::Archived => "archived",
        Label::Archive => "company archive",
        Label::Sending => "sending",
        Label::Fetching => "fetching",
        Label::Giving => "giving",
    }
}

pub(super) fn fact(fact: &Fact) -> String {
    match fact {
        Fact::Other => String::new(),
        Fact::Store { journal, full } => {
            let room = if *full { "the disk is full" } else { "room left" };
            format!("journal of {}, {room}", Lang::En.size(*journal))
        }
        Fact::Lost(stretches) => format!("{stretches} stretches of own entries lost by damage"),
        Fact::Listening(at) => format!("listening at [{}]", at.join(", ")),
        Fact::Connected(devices) => format!("{devices} devices connected"),
        Fact::ClockOff(ms) => format!("{ms} ms from the median of the members met"),
        Fact::Administrators(count) => format!("{count} administrators; two are better than one"),
        Fact::Absence { days, who } => {
            format!("last heard of {days} days ago; who can let people in and take them out: {}", who.join(", "))
        }
        Fact::Certificate(days) => {
            format!("{days} days left; it is renewed by itself 60 days before its end")
        }
        Fact::Alarms(count) => format!("{count} alarms"),
    }
}

/// A number with the form of its noun.
pub(super) fn count(number: impl TryInto<u64>, one: &str, many: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    format!("{number} {}", if number == 1 { one } else { many })
}
