//! The words of every command, as they were promised, and the manual that is written from them.

use clap::{CommandFactory, Parser};

use super::*;
use crate::cli::args::{Cli, Command as Words, Letter};
use crate::cli::manual;

#[test]
fn the_tree_is_sound() {
    Cli::command().debug_assert();
}

/// Every line of the promised list, with every option in it.
const LINES: [&str; 105] = [
    "org create --name N --person P --email E --domain D",
    "org create --name N --person P --email E --domain D --phrase-file F",
    "invite --email E --name N",
    "invite --email E --name N --role R --team T --auto-admit --json",
    "invite --email E --name N --mail-code",
    "invite --email E --name N --expires 7",
    "invite list --json",
    "invite cancel ID",
    "join CODE",
    "join CODE --at HOST:1 --name DEVICE --mail-code CODE --json",
    "pending --json",
    "approve ID",
    "refuse ID",
    "run",
    "run --listen 127.0.0.1:0 --json",
    "run --listen [::]:4871",
    "team create NAME",
    "team list",
    "team add TEAM EMAIL --lead",
    "team remove TEAM EMAIL",
    "channel create NAME",
    "channel create NAME --team T",
    "channel create NAME --private",
    "channel create NAME --private --history shared",
    "channel create NAME --private --history join",
    "channel list",
    "channel add CHANNEL EMAIL",
    "channel remove CHANNEL EMAIL",
    "channel members CHANNEL",
    "channel topic CHANNEL TEXT",
    "send CHANNEL TEXT",
    "send CHANNEL -",
    "send @E@D TEXT --reply-to ID",
    "send --to E,E TEXT",
    "send CHANNEL - --lines",
    "file send CHANNEL FILE",
    "file send @E@D FILE TEXT --name NAME --reply-to ID --json",
    "file get ID --json",
    "file get ID --out PATH --timeout 5",
    "file list",
    "file cancel 3",
    "file remove ID.2",
    "file storage",
    "file storage --quota 1000000000",
    "edit ID TEXT",
    "edit ID -",
    "retract ID",
    "react ID 👍",
    "react ID 👍 --remove",
    "pin ID",
    "pin ID --remove",
    "read CHANNEL",
    "read CHANNEL --last 5 --thread ID --json",
    "read --to E,E",
    "tail",
    "tail CHANNEL --since ID",
    "unread --json",
    "search QUERY --json",
    "person list",
    "device list",
    "device link --json",
    "device link --approve",
    "device link --person E --json",
    "mark CHANNEL",
    "status --json",
    "doctor --json",
    "backup FILE",
    "restore FILE",
    "cert export FILE",
    "cert renew",
    "policy set pin leads",
    "lock",
    "password --new-password-file F --new-key-file K",
    "password --without-key-file",
    "unlock",
    "org recover --phrase-file F --email E",
    "org recover --phrase-file F",
    "org rotate-root --phrase-file F --new-phrase-file F",
    "invite --email E --name N --role guest --until 2026-12-31 --spaces A,B",
    "team defaults TEAM CHANNEL CHANNEL",
    "channel create NAME --kind announcement",
    "channel rename CHANNEL NAME",
    "channel move CHANNEL --team T",
    "channel archive CHANNEL --undo",
    "channel moderator CHANNEL EMAIL --remove",
    "channel posters CHANNEL EMAIL",
    "channel leave CHANNEL",
    "channel join CHANNEL",
    "channel retention CHANNEL 30",
    "channel receipts CHANNEL --set off",
    "channel receipts CHANNEL --json",
    "person remove EMAIL --strict",
    "device revoke ID --reason stolen",
    "device freeze ID",
    "device unfreeze ID",
    "role EMAIL admin",
    "policy show --json",
    "policy set archive all",
    "audit --json",
    "archive open EMAIL --reason TEXT",
    "archive list",
    "config show",
    "debug segment CHANNEL --export FILE",
    "demo --keep DIR",
    "--home DIR --password-file FILE --json status",
];

fn parse(line: &str) -> std::result::Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("artel-node").chain(line.split_whitespace()))
}

#[test]
fn every_promised_line_parses() {
    for line in LINES {
        let parsed = parse(line).map_err(|it| it.to_string());
        assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
    }
}

#[test]
fn every_command_has_a_promised_line_and_a_help_page() {
    fn leaves(command: &clap::Command, before: &str, found: &mut Vec<String>) {
        for inner in command.get_subcommands().filter(|it| it.get_name() != "help") {
            let name = format!("{before}{} ", inner.get_name());
            assert!(inner.get_about().is_some(), "{name}has no help");
            if !inner.is_subcommand_required_set() {
                found.push(name.clone());
            }
            leaves(inner, &name, found);
        }
    }
    let mut found = Vec::new();
    leaves(&Cli::command(), "", &mut found);
    assert!(40 < found.len(), "{found:?}");
    for name in found {
        assert!(LINES.iter().any(|it| format!("{it} ").starts_with(&name)), "no line for {name}");
        let error = parse(&format!("{name}--help")).unwrap_err();
        assert_eq!(error.exit_code(), 0, "{name}");
        assert!(error.to_string().contains("Usage: artel-node"), "{name}");
    }
}

#[test]
fn wrong_words_are_usage_errors() {
    let lines = [
        "",
        "shout",
        "invite",
        "invite --email E",
        "invite --email E --name N --expires 0",
        "invite --email E --name N --expires 8",
        "join",
        "join CODE --timeout 0",
        "run --listen nowhere",
        "channel create NAME --history shared",
        "channel create NAME --private --history half",
        "read CHANNEL --to E",
        "read CHANNEL --last 0",
        "react ID",
        "status --colour",
    ];
    for line in lines {
        assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
    }
}

#[track_caller]
fn check_letter(line: &str, expected: Option<(&str, &[&str], &str)>) {
    let Words::Send(args) = parse(&format!("send {line}")).unwrap().command else {
        panic!("not send");
    };
    let people = |them: &[&str]| them.iter().map(|it| (*it).to_owned()).collect();
    let expected = expected.map(|(to, them, text)| Letter { to: to.into(), people: people(them), text: text.into() });
    assert_eq!(args.letter(), expected, "{line}");
}

#[test]
fn the_words_of_send_are_sorted_out() {
    check_letter("общий привет", Some(("общий", &[], "привет")));
    check_letter("общий -", Some(("общий", &[], "-")));
    check_letter("общий -- -5", Some(("общий", &[], "-5")));
    check_letter("--to a@x,b@x привет", Some(("", &["a@x", "b@x"], "привет")));
    check_letter("привет --to a@x", Some(("", &["a@x"], "привет")));
    check_letter("общий --lines", Some(("общий", &[], "-")));
    check_letter("общий - --lines", Some(("общий", &[], "-")));
    check_letter("--to a@x --lines", Some(("", &["a@x"], "-")));
    check_letter("общий", None);
    check_letter("", None);
    check_letter("--to a@x", None);
    check_letter("--to a@x общий привет", None);
    check_letter("общий привет --lines", None);
}

#[test]
fn a_group_to_read_is_named_by_its_people() {
    let Words::Read(args) = parse("read --to a@x,b@x").unwrap().command else {
        panic!("not read");
    };
    assert_eq!(args.place.target().as_deref(), Some("@a@x,b@x"));
}

/// Run with `ARTEL_BLESS=1` to write the page anew.
#[test]
fn the_manual_is_the_help() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/src/cli.md");
    let page = manual::markdown(&Cli::command());
    if std::env::var_os("ARTEL_BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    // A checkout on Windows may have turned the line ends.
    let written = std::fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    assert!(written == page, "docs/src/cli.md differs from the program: run with ARTEL_BLESS=1 and look at the change");
}

#[test]
fn exit_codes_are_as_promised() {
    let expected = [
        (1, vec![ErrorKind::Cancelled, ErrorKind::File, ErrorKind::Internal]),
        (
            2,
            vec![
                ErrorKind::Usage,
                ErrorKind::HomeTaken,
                ErrorKind::WeakPassword,
                ErrorKind::CodeMistyped,
                ErrorKind::WrongPhrase,
                ErrorKind::BadText,
            ],
        ),
        (3, vec![ErrorKind::NoHome, ErrorKind::NotFound, ErrorKind::Ambiguous]),
        (4, vec![ErrorKind::NotPermitted, ErrorKind::ForeignDomain]),
        (5, vec![ErrorKind::WrongPassword, ErrorKind::NoKeyFile, ErrorKind::Locked, ErrorKind::NoPassword]),
        (
            6,
            vec![
                ErrorKind::HomeBusy,
                ErrorKind::NotRunning,
                ErrorKind::NoContact,
                ErrorKind::NoKey,
                ErrorKind::PortInUse,
                ErrorKind::NoNetwork,
            ],
        ),
        (7, vec![ErrorKind::Refused, ErrorKind::CodeRefused, ErrorKind::CodeExpired]),
        (8, vec![ErrorKind::StoreFull, ErrorKind::QuotaFull, ErrorKind::StoreDamaged, ErrorKind::NewerHome]),
    ];
    let of_code = |code| ErrorKind::ALL.into_iter().filter(|it| it.exit_code() == code).collect::<Vec<_>>();
    for (code, kinds) in &expected {
        assert_eq!(&of_code(*code), kinds);
    }
    assert_eq!(expected.iter().map(|(_, them)| them.len()).sum::<usize>(), ErrorKind::ALL.len());
}
