//! From an empty home to a running node: founding, joining, opening.

use std::convert::Infallible;
use std::time::Duration;

use artel_node::cli::serve;
use artel_node::client::{Error, ErrorKind, Joining, Request, Result, Update};
use artel_node::home::Layout;
use artel_node::ipc::Server;
use artel_node::node::{JoinRequest, Node, Start, found_with, join, may_found, new_phrase};
use artel_node::text::Lang;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, oneshot};

use super::{Command, Event, Health, Out, Running, Stage, office, watch};

/// How long a newcomer waits at the door before trying again: a working day.
const AT_THE_DOOR: Duration = Duration::from_secs(8 * 60 * 60);

/// Serves the window until it ends.
pub(super) async fn run(home: Layout, demo: Option<Lang>, mut commands: mpsc::Receiver<Command>, out: Out) {
    out.tell(Event::Home(home.root().to_owned()));
    let mut next = demo.map(Command::Demo);
    if next.is_none() {
        out.stage(first_stage(&home));
    }
    loop {
        let Some(command) = (match next.take() {
            Some(command) => Some(command),
            None => commands.recv().await,
        }) else {
            return;
        };
        let begun = match command {
            Command::Quit => return,
            Command::Unlock { password } => unlock(&home, password, &out).await,
            Command::Found { .. } => found_and_open(&home, command, &mut commands, &out).await,
            Command::Join { .. } => join_and_open(&home, command, &mut commands, &out).await,
            Command::Demo(lang) => office::open(lang, &out).await.map(Some),
            _ => continue,
        };
        match begun {
            Ok(Some(running)) => {
                let quit = watch::serve(&running, &mut commands, &out).await;
                if let Err(error) = running.stop().await {
                    out.failed(error);
                }
                if quit {
                    return;
                }
                out.stage(first_stage(&home));
            }
            Ok(None) => out.stage(first_stage(&home)),
            Err(error) => {
                out.stage(first_stage(&home));
                out.failed(error);
            }
        }
    }
}

fn first_stage(home: &Layout) -> Stage {
    match home.probe() {
        Ok(Some(_)) => Stage::Locked,
        _ => Stage::Welcome,
    }
}

async fn unlock(home: &Layout, password: String, out: &Out) -> Result<Option<Running>> {
    out.stage(Stage::Opening);
    let start =
        Start { layout: home.clone(), password: password.into(), listen: None, online: true, peers: Vec::new() };
    let (told, updates) = oneshot::channel();
    let starting = Node::start_telling(start, |updates| drop(told.send(updates)));
    let node = tokio::select! {
        started = starting => started?,
        never = tell_progress(updates, out) => match never {},
    };
    out.tell(Event::Store(Health::default()));
    // Commands on the same home are answered by this process from now on.
    match Server::bind_held(home) {
        Ok(server) => {
            let (tracker, cancel) = node.tracker();
            serve::serve(server, node.client(), tracker, cancel.clone());
        }
        Err(error) => tracing::warn!(%error, "commands on this home are not answered"),
    }
    Ok(Some(Running::Home(Box::new(node))))
}

/// Tells how far the reading of a long journal is, as long as it is asked to.
async fn tell_progress(updates: oneshot::Receiver<broadcast::Receiver<Update>>, out: &Out) -> Infallible {
    if let Ok(mut updates) = updates.await {
        loop {
            match updates.recv().await {
                Ok(Update::Store { state, percent }) => out.tell(Event::Store(Health { state, percent })),
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break,
            }
        }
    }
    std::future::pending().await
}

async fn found_and_open(
    home: &Layout,
    command: Command,
    commands: &mut mpsc::Receiver<Command>,
    out: &Out,
) -> Result<Option<Running>> {
    let Command::Found { founding, password, teams, channels } = command else { return Ok(None) };
    may_found(home, password.clone(), &founding)?;
    // Nothing is founded before the words are on paper: a window that is closed here has nothing to lose.
    let phrase = new_phrase();
    out.stage(Stage::Phrase(phrase.clone()));
    loop {
        match commands.recv().await {
            Some(Command::PhraseKept) => break,
            Some(Command::GiveUp | Command::Quit) | None => return Ok(None),
            Some(_) => {}
        }
    }
    out.stage(Stage::Founding);
    found_with(home.clone(), password.clone(), founding, &phrase).await?;
    let running = unlock(home, password, out).await?;
    if let Some(running) = &running {
        let client = running.client();
        for name in teams {
            client.request(Request::TeamCreate { name }).await?;
        }
        for (team, name) in channels {
            let (private, shared_history) = (false, true);
            client.request(Request::ChannelCreate { name, team, private, shared_history }).await?;
        }
    }
    Ok(running)
}

async fn join_and_open(
    home: &Layout,
    command: Command,
    commands: &mut mpsc::Receiver<Command>,
    out: &Out,
) -> Result<Option<Running>> {
    let Command::Join { code, at, password, device } = command else { return Ok(None) };
    let (progress, mut steps) = mpsc::channel(16);
    let searching = Joining { words: String::new(), device: String::new(), state: "searching".into() };
    out.stage(Stage::Joining(searching));
    let request = JoinRequest { code, at, device_name: device, mail_code: None, timeout: AT_THE_DOOR };
    let joining = join(home.clone(), password.clone(), request, progress);
    tokio::pin!(joining);
    loop {
        tokio::select! {
            joined = &mut joining => {
                joined?;
                return unlock(home, password, out).await;
            }
            Some(step) = steps.recv() => out.stage(Stage::Joining(step)),
            command = commands.recv() => match command {
                Some(Command::GiveUp) => return Ok(None),
                Some(Command::Quit) | None => return Err(Error::from(ErrorKind::NoContact)),
                Some(_) => {}
            },
        }
    }
}
