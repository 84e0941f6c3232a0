//! An office to look around in: its colleagues are real nodes in this process, each with a home of its own, connected over
//! the loopback network. They talk when the office opens and answer what the visitor writes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::talk::{Colleague, Script, script};
use super::{Desk, PASSWORD, PATIENCE, desk, hire, scratch, shown};
use crate::client::{self, Error, ErrorKind, Message, Reply, Request, Update};
use crate::home::Layout;
use crate::node::{Client, Founding, found};
use crate::text::Lang;

/// How long a colleague reads before the answer comes.
const READING: Duration = Duration::from_millis(700);
/// Messages of a channel that a colleague looks through for new ones.
const LOOKED_AT: u32 = 8;

/// How far the opening is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// The organisation is founded.
    Founding,
    /// Colleagues come in, this many so far.
    Hiring(usize),
    /// They talk.
    Talking,
}

/// An open office. Close it, so that its homes are removed.
pub struct Office {
    script: &'static Script,
    visitor: Desk,
    colleagues: Vec<Desk>,
    dir: PathBuf,
    cancel: CancellationToken,
    tracker: TaskTracker,
}

impl Office {
    /// Founds the office of a language, lets the colleagues in and waits until they have talked.
    ///
    /// # Errors
    /// [`ErrorKind::NoContact`] if the desks do not find each other; those of founding and joining.
    pub async fn open(lang: Lang, mut progress: impl FnMut(Opening)) -> client::Result<Self> {
        let (script, dir) = (script(lang), scratch()?);
        progress(Opening::Founding);
        let visitor = founded(script, &dir).await?;
        let address = visitor.node.listening().await?.into_iter().next().ok_or(ErrorKind::NoNetwork)?;
        furnish(script, &visitor.client()).await?;
        let mut colleagues = Vec::new();
        for it in &script.colleagues {
            progress(Opening::Hiring(colleagues.len()));
            let layout = Layout::new(dir.join(it.email));
            colleagues.push(hire(&visitor, &layout, (it.name, it.email), address).await?);
            for team in script.teams {
                let (team, email) = (team.to_owned(), it.email.to_owned());
                visitor.client().request(Request::TeamMember { team, email, add: true, lead: false }).await?;
            }
        }
        progress(Opening::Talking);
        let (cancel, tracker) = (CancellationToken::new(), TaskTracker::new());
        let office = Self { script, visitor, colleagues, dir, cancel, tracker };
        office.talk().await?;
        office.listen();
        Ok(office)
    }

    /// The way to the visitor's node.
    pub fn client(&self) -> Client {
        self.visitor.client()
    }

    /// The visitor's home.
    pub fn home(&self) -> Layout {
        Layout::new(self.dir.join("visitor"))
    }

    /// For what runs beside the visitor's node and ends with it.
    pub fn tracker(&self) -> (&TaskTracker, &CancellationToken) {
        self.visitor.node.tracker()
    }

    /// Sends everybody home and removes the homes.
    ///
    /// # Errors
    /// Those of the last writes.
    pub async fn close(self) -> client::Result<()> {
        self.cancel.cancel();
        self.tracker.close();
        self.tracker.wait().await;
        let mut result = Ok(());
        for desk in self.colleagues.into_iter().chain([self.visitor]) {
            result = desk.node.stop().await.and(result);
        }
        std::fs::remove_dir_all(&self.dir).ok();
        result
    }

    async fn talk(&self) -> client::Result<()> {
        for said in &self.script.talk {
            let author = self.colleagues.get(said.who.wrapping_sub(1)).unwrap_or(&self.visitor);
            let id = say(author, said.place, said.text, None).await?;
            shown_to(self.script, &self.visitor, said.place, author, &id).await?;
            for colleague in self.colleagues.iter().filter(|_| said.liked) {
                shown(colleague, said.place, |it| it.id == id).await?;
                colleague
                    .client()
                    .request(Request::React { id: id.clone(), emoji: "🎉".into(), remove: false })
                    .await?;
            }
            for (who, text) in self.script.thread.iter().filter(|_| said.discussed) {
                let Some(author) = self.colleagues.get(who.wrapping_sub(1)) else { continue };
                shown(author, said.place, |it| it.id == id).await?;
                let reply = say(author, said.place, text, Some(id.clone())).await?;
                shown(&self.visitor, said.place, |it| it.id == reply).await?;
            }
        }
        let Some((general, _)) = self.script.channels.first() else { return Ok(()) };
        let topic = Request::Topic { channel: (*general).into(), text: self.script.topic.into() };
        self.client().request(topic).await.map(drop)
    }

    /// Lets every colleague answer the visitor.
    fn listen(&self) {
        let script = self.script;
        for (place, (desk, who)) in self.colleagues.iter().zip(&script.colleagues).enumerate() {
            let answering = Answering { client: desk.client(), script, who, place, said: 0 };
            self.tracker.spawn(self.cancel.clone().run_until_cancelled_owned(answering.run()));
        }
    }
}

async fn founded(script: &Script, dir: &Path) -> client::Result<Desk> {
    let (name, email) = script.visitor;
    let layout = Layout::new(dir.join("visitor"));
    let founding = Founding {
        name: script.company.into(),
        person: name.into(),
        email: email.into(),
        domain: script.domain.into(),
        phrase_file: None,
    };
    found(layout.clone(), PASSWORD, founding).await?;
    desk(layout, name, Vec::new()).await
}

/// Teams and channels.
async fn furnish(script: &Script, client: &Client) -> client::Result<()> {
    for team in script.teams {
        client.request(Request::TeamCreate { name: team.into() }).await?;
    }
    for (name, team) in script.channels {
        let team = team.map(str::to_owned);
        client
            .request(Request::ChannelCreate { name: name.into(), team, private: false, shared_history: true })
            .await?;
    }
    Ok(())
}

/// Sends as soon as the place is known to the author; the id of the message.
async fn say(author: &Desk, place: &str, text: &str, reply_to: Option<String>) -> client::Result<String> {
    let end = Instant::now() + PATIENCE;
    loop {
        let (to, text, reply_to) = (place.to_owned(), text.to_owned(), reply_to.clone());
        match author.client().request(Request::Send { to, people: Vec::new(), text, reply_to }).await {
            Ok(Reply::Sent(sent)) => return Ok(sent.id),
            Ok(_) => return Err(Error::new(ErrorKind::Internal, "not sent")),
            Err(error) if end < Instant::now() => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Waits until a desk shows what was said. A direct message is shown under the other's name.
async fn shown_to(script: &Script, desk: &Desk, place: &str, author: &Desk, id: &str) -> client::Result<()> {
    let direct = script.colleagues.iter().find(|it| place.starts_with('@') && it.name == author.name);
    let place = direct.map_or_else(|| place.to_owned(), |it| format!("@{}", it.email));
    let end = Instant::now() + PATIENCE;
    loop {
        let read = Request::Read { channel: place.clone(), last: 20, thread: None };
        if let Ok(Reply::Messages(messages)) = desk.client().request(read).await
            && messages.iter().any(|it| it.id == id)
        {
            return Ok(());
        }
        if end < Instant::now() {
            return Err(Error::new(ErrorKind::NoContact, desk.name));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A colleague who answers.
struct Answering {
    client: Client,
    script: &'static Script,
    who: &'static Colleague,
    /// Among the colleagues, from 0.
    place: usize,
    /// Answers given.
    said: usize,
}

impl Answering {
    async fn run(mut self) {
        let mut updates = self.client.updates();
        let mut seen: BTreeSet<String> = self.newest().await.into_iter().map(|(it, _)| it.id).collect();
        loop {
            match updates.recv().await {
                Ok(Update::History { .. }) | Err(RecvError::Lagged(_)) => {}
                Ok(_) => continue,
                Err(RecvError::Closed) => return,
            }
            for (message, direct) in self.newest().await {
                let new = seen.insert(message.id.clone());
                if new && message.email == self.script.visitor.1 && !message.text.is_empty() {
                    self.answer(&message, direct).await;
                }
            }
        }
    }

    /// The last messages of every history, and whether it is a direct one.
    async fn newest(&self) -> Vec<(Message, bool)> {
        let mut all = Vec::new();
        let Ok(Reply::Channels(channels)) = self.client.request(Request::ChannelList).await else { return all };
        for channel in channels {
            let read = Request::Read { channel: channel.id, last: LOOKED_AT, thread: None };
            if let Ok(Reply::Messages(messages)) = self.client.request(read).await {
                all.extend(messages.into_iter().map(|it| (it, channel.kind == "direct")));
            }
        }
        all
    }

    /// Answers direct messages always, and what is said in channels when called or when it is this colleague's turn.
    async fn answer(&mut self, message: &Message, direct: bool) {
        let called = message.text.contains(self.who.email);
        let turn = message.text.chars().count() % self.script.colleagues.len() == self.place;
        if !direct && !called && !turn {
            return;
        }
        tokio::time::sleep(READING).await;
        let text = self.who.answers.get(self.said % self.who.answers.len().max(1)).copied().unwrap_or("👍").to_owned();
        self.said += 1;
        let (to, reply_to) = (message.channel.clone(), message.thread.clone());
        // To oneself a direct space has another name than to the other; its id is the same.
        if let Err(error) = self.client.request(Request::Send { to, people: Vec::new(), text, reply_to }).await {
            tracing::warn!(%error, "a colleague cannot answer");
        }
    }
}
