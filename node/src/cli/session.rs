//! Whom a command asks: the node that runs on the home, or the home opened in this process.

use std::time::Duration;

use tokio::time::Instant;

use super::stop::{self, Outcome};
use super::{Context, password, wire};
use crate::client::{ErrorKind, Reply, Request, Result};
use crate::home::Layout;
use crate::ipc;
use crate::node::{Node, Start};
use crate::text::Say;

/// How long a command waits for another that has the home open: longer than any command without a node takes.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// How often it looks again.
const BUSY_PAUSE: Duration = Duration::from_millis(100);

/// An open way to a node.
pub struct Session {
    link: Link,
}

enum Link {
    /// A node runs on the home: it answers over the local socket.
    Running(ipc::Client),
    /// None runs: this process holds the home, without a network.
    Own(Box<Node>),
}

impl Session {
    /// Connects to the node of the home, or opens the home in this process, for which the password is needed. Waits a
    /// while for another command that has it open.
    pub(super) async fn open(context: &Context) -> Result<Self> {
        let end = Instant::now() + BUSY_WAIT;
        let (mut password, mut waiting) = (None, false);
        loop {
            if let Some(session) = Self::connect(&context.layout).await? {
                return Ok(session);
            }
            if context.layout.probe().map_err(stop::home)?.is_none() {
                return Err(ErrorKind::NoHome.into());
            }
            let known = match &password {
                Some(known) => known,
                None => password.insert(password::existing(context)?),
            };
            let start = Start {
                layout: context.layout.clone(),
                password: known.clone(),
                listen: None,
                online: false,
                peers: Vec::new(),
            };
            match Node::start(start).await {
                Ok(node) => return Ok(Self { link: Link::Own(Box::new(node)) }),
                Err(error) if error.kind == ErrorKind::HomeBusy && Instant::now() < end => {
                    if !std::mem::replace(&mut waiting, true) {
                        context.say(&Say::WaitingForHome);
                    }
                    tokio::time::sleep(BUSY_PAUSE).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Connects to the node that runs on the home; `None` if none does.
    pub(super) async fn connect(layout: &Layout) -> Result<Option<Self>> {
        match ipc::Client::connect(layout).await {
            Ok(client) => Ok(Some(Self { link: Link::Running(client) })),
            Err(ipc::IpcError::NotRunning) => Ok(None),
            Err(error) => Err(stop::socket(error)),
        }
    }

    /// Whether a node runs that others reach.
    pub(super) fn is_running(&self) -> bool {
        matches!(self.link, Link::Running(_))
    }

    /// Asks and hands every part of the answer to `each`, until it ends or `each` has had enough.
    pub(super) async fn ask(&mut self, request: &Request, mut each: impl FnMut(Reply) -> Outcome) -> Outcome {
        match &mut self.link {
            Link::Running(client) => {
                let mut answer = client.request(&wire::request_frame(request)?).await.map_err(stop::socket)?;
                while let Some(frame) = answer.next().await.map_err(stop::socket)? {
                    each(wire::read_response(&frame)?)?;
                }
                Ok(())
            }
            Link::Own(node) if matches!(request, Request::FileSend { .. } | Request::FileGet { .. }) => {
                let mut answers = node.client().stream(request.clone()).await?;
                while let Some(reply) = answers.recv().await {
                    each(reply?)?;
                }
                Ok(())
            }
            Link::Own(node) => each(node.client().request(request.clone()).await?),
        }
    }

    /// Closes what this process opened, so that the home is left in order, also after a failure, which then is passed on.
    pub(super) async fn close_after(self, outcome: Outcome) -> Outcome {
        let closed = match self.link {
            Link::Running(_) => Ok(()),
            Link::Own(node) => node.stop().await,
        };
        outcome.and(closed.map_err(Into::into))
    }
}
