//! Founding an organisation, inviting, joining.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;

use super::args::{FoundArgs, InviteArgs, JoinArgs};
use super::output::{Output, Situation, clean};
use super::session::Session;
use super::stop::{self, Outcome};
use super::{Context, password};
use crate::client::{Error, ErrorKind, Joining, Reply, Request, Result};
use crate::node::{self, Founding, JoinRequest};
use crate::text::{Door, Lang};

/// How many words of the phrase are asked back.
const ASKED_BACK: usize = 3;

/// Letters that tell two words of the list apart.
const LETTERS: usize = 4;

/// States of joining that may wait to be shown.
const STATES_MAX: usize = 16;

pub(super) async fn found(context: &mut Context, args: FoundArgs) -> Outcome {
    // Asked before anything is made: without a paper or a file the root would be lost at once.
    if args.phrase_file.is_none() && !io::stdin().is_terminal() {
        return Err(Error::new(ErrorKind::Usage, "--phrase-file").into());
    }
    let phrase_file = args.phrase_file.map(std::path::absolute).transpose().map_err(stop::file)?;
    let password = password::new(context, &[&args.name, &args.person, &args.email, &args.domain])?;
    let founding = Founding {
        name: args.name.clone(),
        person: args.person,
        email: args.email.clone(),
        domain: args.domain,
        phrase_file: phrase_file.clone(),
    };
    let phrase = node::found(context.layout.clone(), password, founding).await?;
    let lang = context.output.lang();
    let file = phrase_file.as_deref().map(Path::display).map(|it| it.to_string());
    match &file {
        Some(file) => Output::talk(&lang.door(&Door::PhraseInFile { file })),
        None => {
            show_phrase(lang, &phrase);
            ask_back(lang, &phrase, &chosen(phrase.split_whitespace().count())?, io::stdin().lock())?;
        }
    }
    let sentence = lang.door(&Door::Founded { name: &args.name });
    Ok(context.output.fact(&json!({ "name": args.name, "email": args.email, "phrase_file": file }), &sentence)?)
}

/// The words of a phrase file.
fn phrase_in(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).map_err(stop::file)
}

pub(super) async fn recover(context: &mut Context, phrase_file: &Path, email: Option<String>) -> Outcome {
    let phrase = phrase_in(phrase_file)?;
    super::ask(context, Request::Recover { phrase, email }).await
}

/// The new words are on the disk before the old ones stop counting.
pub(super) async fn rotate_root(context: &mut Context, phrase_file: &Path, new_file: &Path) -> Outcome {
    let phrase = phrase_in(phrase_file)?;
    let new_file = std::path::absolute(new_file).map_err(stop::file)?;
    if new_file.exists() {
        return Err(Error::new(ErrorKind::File, new_file.display().to_string()).into());
    }
    let new_phrase = node::new_phrase();
    crate::home::write_atomic(&new_file, format!("{new_phrase}\n").as_bytes()).map_err(stop::file)?;
    super::ask(context, Request::RotateRoot { phrase, new_phrase }).await?;
    Output::talk(&context.output.lang().door(&Door::PhraseInFile { file: &new_file.display().to_string() }));
    Ok(())
}

/// Four words a line, numbered as on the paper.
fn show_phrase(lang: Lang, phrase: &str) {
    Output::talk(&lang.door(&Door::PhraseFollows));
    let words: Vec<String> =
        phrase.split_whitespace().enumerate().map(|(at, word)| format!("{:>2} {word:<10}", at + 1)).collect();
    for line in words.chunks(4) {
        Output::talk(line.join("  ").trim_end());
    }
}

/// Different places in a phrase, counted from 0, by chance.
fn chosen(words: usize) -> Result<Vec<usize>> {
    let mut places = Vec::new();
    while places.len() < ASKED_BACK.min(words) {
        let mut chance = [0; 4];
        getrandom::fill(&mut chance).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
        let place = usize::try_from(u32::from_be_bytes(chance)).unwrap_or(0) % words;
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places.sort_unstable();
    Ok(places)
}

/// Asks until every word is right; the first letters are enough.
pub(super) fn ask_back(lang: Lang, phrase: &str, places: &[usize], mut from: impl BufRead) -> Result<()> {
    let begins = |word: &str| word.chars().take(LETTERS).collect::<String>().to_lowercase();
    for &place in places {
        let expected = phrase.split_whitespace().nth(place).unwrap_or_default();
        loop {
            write!(io::stderr(), "{}", lang.door(&Door::AskWord { at: place + 1 })).ok();
            let mut typed = String::new();
            if from.read_line(&mut typed).map_err(stop::file)? == 0 {
                return Err(ErrorKind::WrongPhrase.into());
            }
            let typed = typed.trim();
            if begins(typed) == begins(expected) {
                break;
            }
            Output::talk(&lang.door(&Door::OtherWord));
        }
    }
    Output::talk(&lang.door(&Door::PhraseConfirmed));
    Ok(())
}

pub(super) async fn invite(context: &mut Context, args: InviteArgs) -> Outcome {
    let email = args.flags.email.clone().unwrap_or_default();
    let mut session = Session::open(context).await?;
    let each = |reply: Reply| {
        if let (Reply::Invite(invite), false) = (&reply, context.output.json()) {
            let expires = super::moment::local(&invite.expires);
            Output::talk(&clean(&context.output.lang().door(&Door::Invited { email: &email, expires: &expires })));
        }
        Ok(context.output.reply(&reply, Situation::default())?)
    };
    let printed = session.ask(&args.request(), each).await;
    session.close_after(printed).await
}

pub(super) async fn join(context: &mut Context, args: JoinArgs) -> Outcome {
    let password = password::new(context, &[])?;
    let (progress, mut states) = mpsc::channel(STATES_MAX);
    let request = JoinRequest {
        code: args.code,
        at: args.at,
        device_name: args.name.or_else(name_of_this_computer).unwrap_or_else(|| "artel".to_owned()),
        mail_code: args.mail_code,
        timeout: Duration::from_secs(args.timeout),
    };
    let mut shown = None;
    let joining = node::join(context.layout.clone(), password, request, progress);
    tokio::pin!(joining);
    let last = loop {
        tokio::select! {
            biased;
            Some(state) = states.recv() => show_state(context, &mut shown, state)?,
            last = &mut joining => break last,
        }
    };
    while let Ok(state) = states.try_recv() {
        show_state(context, &mut shown, state)?;
    }
    show_state(context, &mut shown, last?)
}

/// Prints a state unless it was the last one printed.
fn show_state(context: &mut Context, shown: &mut Option<Joining>, state: Joining) -> Outcome {
    if shown.as_ref() == Some(&state) {
        return Ok(());
    }
    let lang = context.output.lang();
    let sentence = match state.state.as_str() {
        "searching" => lang.door(&Door::JoinSearching),
        "waiting" => lang.door(&Door::JoinCompare { words: &state.words }),
        "admitted" => lang.door(&Door::JoinAdmitted),
        "refused" => lang.door(&Door::JoinRefused),
        newer => newer.to_owned(),
    };
    context.output.fact(&state, &sentence)?;
    *shown = Some(state);
    Ok(())
}

/// What the system calls this computer: Windows and some shells say it in the environment, Linux in a file.
fn name_of_this_computer() -> Option<String> {
    let set = |name| std::env::var(name).ok();
    let file = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = set("COMPUTERNAME").or_else(|| set("HOSTNAME")).or_else(file)?;
    Some(name.trim().to_owned()).filter(|it| !it.is_empty())
}
