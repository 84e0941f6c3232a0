//! `file …`: sending and fetching with their progress.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::args::{FileCommand, FileGetArgs, FileSendArgs};
use super::output::{Output, Situation, clean};
use super::session::Session;
use super::stop::{self, Outcome};
use super::{Among, Context, ask, ask_running};
use crate::client::{Attach, Error, ErrorKind, Reply, Request, Result, Transfer};
use crate::text::{Lang, Say};

pub(super) async fn file(context: &mut Context, command: FileCommand) -> Outcome {
    match command {
        FileCommand::Send(args) => send(context, args).await,
        FileCommand::Get(args) => get(context, args).await,
        FileCommand::List => ask_running(context, Request::Transfers, Among::One).await,
        FileCommand::Cancel { transfer } => ask_running(context, Request::FileCancel { transfer }, Among::One).await,
        FileCommand::Remove { id } => ask(context, Request::FileRemove { id }).await,
        FileCommand::Storage { quota } => ask(context, Request::FileStorage { quota }).await,
    }
}

/// A path as the node understands it, which may run in another directory.
fn absolute(path: PathBuf) -> Result<String> {
    let path = std::path::absolute(path).map_err(stop::file)?;
    path.into_os_string().into_string().map_err(|it| Error::new(ErrorKind::File, it.to_string_lossy()))
}

async fn send(context: &mut Context, args: FileSendArgs) -> Outcome {
    let attach = Attach { path: absolute(args.file)?, name: args.name };
    let request = Request::FileSend {
        to: args.channel,
        people: Vec::new(),
        files: vec![attach],
        text: args.text,
        reply_to: args.reply_to,
    };
    follow(context, request, None).await
}

async fn get(context: &mut Context, args: FileGetArgs) -> Outcome {
    let out = absolute(args.out.unwrap_or_else(|| PathBuf::from(".")))?;
    let request = Request::FileGet { id: args.id, out: Some(out) };
    follow(context, request, Some(Duration::from_secs(args.timeout))).await
}

/// Asks and shows how far it is, until the end.
async fn follow(context: &mut Context, request: Request, patience: Option<Duration>) -> Outcome {
    let mut session = Session::open(context).await?;
    let situation = Situation { running: session.is_running(), mixed: false };
    let mut waiting = Patience { patience, since: Instant::now(), bytes: 0 };
    let each = |reply: Reply| {
        if let Reply::Transfer(transfer) = &reply {
            waiting.check(transfer)?;
            let saved = transfer.state == "done" && transfer.direction == "get";
            if !saved && !context.output.json() {
                show(context.output.lang(), transfer);
                return Ok(());
            }
        }
        Ok(context.output.reply(&reply, situation)?)
    };
    let printed = session.ask(&request, each).await;
    session.close_after(printed).await
}

/// How long nothing has come.
struct Patience {
    patience: Option<Duration>,
    since: Instant,
    bytes: u64,
}

impl Patience {
    fn check(&mut self, transfer: &Transfer) -> Result<()> {
        if transfer.fetched > self.bytes {
            (self.bytes, self.since) = (transfer.fetched, Instant::now());
        }
        match self.patience.is_some_and(|it| self.since.elapsed() > it) {
            true => Err(Error::new(ErrorKind::NoContact, transfer.name.clone())),
            false => Ok(()),
        }
    }
}

/// One line on a terminal, written over and over; nothing where nobody looks.
fn show(lang: Lang, transfer: &Transfer) {
    let mut screen = std::io::stderr();
    if !screen.is_terminal() {
        return;
    }
    let line = clean(&lang.say(&Say::Transfer(transfer)));
    let end = if transfer.state == "done" { "\n" } else { "" };
    // Progress that cannot be shown is no failure.
    write!(screen, "\r{line}\u{1b}[K{end}").and_then(|()| screen.flush()).unwrap_or_default();
    if transfer.state == "failed" {
        Output::talk("");
    }
}
