//! The command line `artel-node`: its tree of commands, whose doc comments are the manual, and how they are carried out.
//!
//! A command turns its words into [`Request`]s, asks them of a [`session::Session`], and shows the replies through
//! [`output::Output`]. Names and fields are stable: scripts are written against them.

pub mod args;
mod door;
mod export;
mod file;
mod letter;
pub mod manual;
pub mod moment;
pub mod output;
mod password;
mod run;
pub mod serve;
pub mod session;
mod signal;
mod stop;
pub mod wire;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::client::{Error, ErrorKind, Reply, Request, Result};
use crate::home::Layout;
use crate::text::{Lang, Say};
use args::{Cli, Command, ConfigCommand, DeviceCommand, Global, OrgCommand};
use output::{Output, Situation};
use session::Session;
use stop::{Outcome, Stop};

/// Environment variable that chooses what the log tells, in the words of `tracing_subscriber::EnvFilter`.
pub const LOG_VARIABLE: &str = "ARTEL_LOG";

/// What is logged when [`LOG_VARIABLE`] is not set. Identify warns of every push that a newer one overtakes.
const LOG_DEFAULT: &str = "warn,libp2p_identify=error";

/// What a command has in hand.
#[derive(Debug)]
struct Context {
    layout: Layout,
    password_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
    output: Output,
}

/// The program: reads its arguments, does what they say, and tells the exit code.
pub fn main() -> ExitCode {
    let lang = Lang::from_env();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return help_or_usage(lang, &error),
    };
    start_log();
    match run_to_end(lang, cli) {
        Ok(()) | Err(Stop::PipeClosed) => ExitCode::SUCCESS,
        Err(Stop::Code(code)) => ExitCode::from(code),
        Err(Stop::Failed(error)) => {
            Output::talk(&output::clean(&lang.error(&error)));
            ExitCode::from(error.kind.exit_code())
        }
    }
}

fn run_to_end(lang: Lang, cli: Cli) -> Outcome {
    let output = Output::new(lang, cli.global.json, Box::new(io::stdout()));
    let mut context = Context::new(cli.global, output)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
    runtime.block_on(carry_out(&mut context, cli.command))
}

/// Help and the version go to standard output and are success; everything else clap says is a usage error.
fn help_or_usage(lang: Lang, error: &clap::Error) -> ExitCode {
    if error.use_stderr() && lang == Lang::Ru {
        // clap speaks English only; what is wrong and where help is should be readable all the same.
        Output::talk(&lang.error(&ErrorKind::Usage.into()));
    }
    // Nobody reading on is no failure.
    error.print().ok();
    match error.use_stderr() {
        true => ExitCode::from(ErrorKind::Usage.exit_code()),
        false => ExitCode::SUCCESS,
    }
}

fn start_log() {
    let filter = std::env::var(LOG_VARIABLE).ok().filter(|it| !it.is_empty());
    let filter = tracing_subscriber::EnvFilter::new(filter.as_deref().unwrap_or(LOG_DEFAULT));
    // Fails only when a log was started before, which then stays.
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(false).try_init().ok();
}

impl Context {
    fn new(global: Global, output: Output) -> Result<Self> {
        let layout = match global.home {
            Some(home) => Layout::new(std::path::absolute(home).map_err(stop::file)?),
            None => Layout::from_env().map_err(stop::home)?,
        };
        Ok(Self { layout, password_file: global.password_file, key_file: global.key_file, output })
    }

    fn say(&self, what: &Say<'_>) {
        Output::talk(&output::clean(&self.output.lang().say(what)));
    }
}

async fn carry_out(context: &mut Context, command: Command) -> Outcome {
    match command {
        Command::Org(OrgCommand::Create(args)) => door::found(context, args).await,
        Command::Org(OrgCommand::Recover { phrase_file, email }) => door::recover(context, &phrase_file, email).await,
        Command::Org(OrgCommand::RotateRoot { phrase_file, new_phrase_file }) => {
            door::rotate_root(context, &phrase_file, &new_phrase_file).await
        }
        Command::Invite(args) => door::invite(context, args).await,
        Command::Join(args) => door::join(context, args).await,
        Command::Pending => ask_running(context, Request::Pending, Among::One).await,
        Command::Approve(it) => ask_running(context, Request::Approve { id: it.id }, Among::One).await,
        Command::Refuse(it) => ask_running(context, Request::Refuse { id: it.id }, Among::One).await,
        Command::Run(args) => run::run(context, args).await,
        Command::Team(command) => ask(context, command.request()).await,
        Command::Channel(command) => ask(context, command.request()).await,
        Command::Send(args) => letter::send(context, args).await,
        Command::File(command) => file::file(context, command).await,
        Command::Edit(args) => letter::edit(context, args).await,
        Command::Retract(it) => ask(context, Request::Retract { id: it.id }).await,
        Command::React(it) => ask(context, Request::React { id: it.id, emoji: it.emoji, remove: it.remove }).await,
        Command::Pin(it) => ask(context, Request::Pin { id: it.id, remove: it.remove }).await,
        Command::Read(args) => ask(context, args.request()?).await,
        Command::Tail(args) => tail(context, args.request()).await,
        Command::Unread => ask(context, Request::Unread).await,
        Command::Search(it) => {
            ask_among(context, Request::Search { query: it.query, limit: it.limit }, Among::Several).await
        }
        Command::Mark(args) => ask(context, args.request()?).await,
        Command::Person(command) => ask(context, command.request()).await,
        Command::Device(command @ DeviceCommand::Link { .. }) => {
            ask_running(context, command.request(), Among::One).await
        }
        Command::Device(command) => ask(context, command.request()).await,
        Command::Role(it) => {
            ask(context, Request::Role { email: it.email, role: it.role, archivist: it.archivist }).await
        }
        Command::Policy(command) => ask(context, command.request()).await,
        Command::Audit => ask(context, Request::Audit).await,
        Command::Archive(command) => ask(context, command.request()).await,
        Command::Status => ask(context, Request::Status).await,
        Command::Doctor => doctor(context).await,
        Command::Backup(args) => export::backup(context, &args.file).await,
        Command::Restore(args) => export::restore(context, &args.file).await,
        Command::Cert(command) => export::cert(context, command).await,
        Command::Password(args) => password::change(context, args).await,
        Command::Lock => lock(context).await,
        Command::Unlock => unlock(context).await,
        Command::Config(ConfigCommand::Show) => ask(context, Request::ConfigShow).await,
        Command::Debug(command) => export::debug(context, command).await,
        Command::Demo(args) => run::demo(context, args).await,
    }
}

/// Whether the messages of an answer come from one history.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Among {
    One,
    Several,
}

/// Asks and prints the answer.
async fn ask(context: &mut Context, request: Request) -> Outcome {
    ask_among(context, request, Among::One).await
}

async fn ask_among(context: &mut Context, request: Request, among: Among) -> Outcome {
    let session = Session::open(context).await?;
    print_answer(context, session, request, among).await
}

async fn print_answer(context: &mut Context, mut session: Session, request: Request, among: Among) -> Outcome {
    let situation = Situation { running: session.is_running(), mixed: among == Among::Several };
    let printed = session.ask(&request, |reply| Ok(context.output.reply(&reply, situation)?)).await;
    session.close_after(printed).await
}

/// What only a running node knows: who waits at its door, and what arrives.
async fn ask_running(context: &mut Context, request: Request, among: Among) -> Outcome {
    let session = running(context).await?;
    print_answer(context, session, request, among).await
}

/// The node that runs on the home.
async fn running(context: &Context) -> std::result::Result<Session, Stop> {
    if context.layout.probe().map_err(stop::home)?.is_none() {
        return Err(ErrorKind::NoHome.into());
    }
    Ok(Session::connect(&context.layout).await?.ok_or(ErrorKind::NotRunning)?)
}

async fn tail(context: &mut Context, request: Request) -> Outcome {
    let among = match &request {
        Request::Tail { channel: None, .. } => Among::Several,
        _ => Among::One,
    };
    ask_running(context, request, among).await
}

async fn doctor(context: &mut Context) -> Outcome {
    let mut session = Session::open(context).await?;
    let mut sound = true;
    let each = |reply: Reply| {
        if let Reply::Doctor(findings) = &reply {
            sound &= findings.iter().all(|it| it.level != "error");
        }
        Ok(context.output.reply(&reply, Situation::default())?)
    };
    let printed = session.ask(&Request::Doctor, each).await;
    session.close_after(printed).await?;
    match sound {
        true => Ok(()),
        false => Err(Stop::Code(1)),
    }
}

async fn lock(context: &mut Context) -> Outcome {
    let Some(mut session) = Session::connect(&context.layout).await? else {
        context.say(&Say::SealedAlready);
        return Ok(());
    };
    session.ask(&Request::Lock, |_| Ok(())).await?;
    context.say(&Say::Locked);
    Ok(())
}

async fn unlock(context: &mut Context) -> Outcome {
    let mut session = running(context).await?;
    let (password, key_file) = (password::typed(context)?, password::key_file(context)?);
    session.ask(&Request::Unlock { password: password.to_string(), key_file }, |_| Ok(())).await?;
    context.say(&Say::Unlocked);
    Ok(())
}

#[cfg(test)]
mod tests;
