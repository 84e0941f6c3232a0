//! `send` and `edit`: texts from the command line or standard input.

use std::io::{self, BufRead, Read};

use super::args::{EditArgs, SendArgs};
use super::output::{Output, Situation};
use super::session::Session;
use super::stop::{self, Outcome, Stop};
use super::{Context, ask};
use crate::client::{ErrorKind, Request, Result};
use crate::text::Say;

/// Longest text, bytes: what a message holds.
const TEXT_BYTES_MAX: usize = 256 * 1024;

pub(super) async fn send(context: &mut Context, args: SendArgs) -> Outcome {
    let letter = args.letter().ok_or(ErrorKind::Usage)?;
    let request = |text| Request::Send {
        to: letter.to.clone(),
        people: letter.people.clone(),
        text,
        reply_to: args.reply_to.clone(),
    };
    if !args.lines {
        let text = text_of(&letter.text)?;
        let sent = ask(context, request(text.clone())).await;
        return give_back(context, &text, sent);
    }
    let mut session = Session::open(context).await?;
    let outcome = send_lines(context, &mut session, request).await;
    session.close_after(outcome).await
}

pub(super) async fn edit(context: &mut Context, args: EditArgs) -> Outcome {
    let text = text_of(&args.text)?;
    let sent = ask(context, Request::Edit { id: args.id, text: text.clone() }).await;
    give_back(context, &text, sent)
}

/// Every line that is not blank, each acknowledged before the next is read.
async fn send_lines(context: &mut Context, session: &mut Session, request: impl Fn(String) -> Request) -> Outcome {
    let situation = Situation { running: session.is_running(), mixed: false };
    for line in io::stdin().lock().lines() {
        let line = line.map_err(stop::file)?;
        if line.trim().is_empty() {
            continue;
        }
        let each = |reply| Ok(context.output.reply(&reply, situation)?);
        let sent = session.ask(&request(line.clone()), each).await;
        give_back(context, &line, sent)?;
    }
    Ok(())
}

/// The text itself, or what standard input holds, without its last line end.
fn text_of(words: &str) -> Result<String> {
    match words {
        "-" => read_text(io::stdin().lock()),
        words => Ok(words.to_owned()),
    }
}

pub(super) fn read_text(from: impl Read) -> Result<String> {
    // Room for the line end; one byte more shows that it is too long.
    let limit = u64::try_from(TEXT_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(3);
    let mut bytes = Vec::new();
    from.take(limit).read_to_end(&mut bytes).map_err(stop::file)?;
    let text = String::from_utf8(bytes).map_err(|_| ErrorKind::BadText)?;
    let text = text.strip_suffix('\n').map_or(text.as_str(), |it| it.strip_suffix('\r').unwrap_or(it));
    match text.len() <= TEXT_BYTES_MAX {
        true => Ok(text.to_owned()),
        false => Err(ErrorKind::BadText.into()),
    }
}

/// A text that the store could not take is not lost: it goes back to whoever wrote it.
fn give_back(context: &Context, text: &str, outcome: Outcome) -> Outcome {
    if let Err(Stop::Failed(error)) = &outcome
        && matches!(error.kind, ErrorKind::StoreFull | ErrorKind::StoreDamaged)
    {
        context.say(&Say::TextBack);
        Output::talk(text);
    }
    outcome
}
