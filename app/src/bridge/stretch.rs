//! What is shown of a place or a thread: a bounded number of rows around one of them, which move on as one scrolls.

use artel_node::client::{Error, ErrorKind, Message, Reply, Request, Result, RowsOf};
use artel_node::node::Client;

use super::History;

/// The rows that are shown.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) channel: String,
    /// Of this thread.
    pub(super) root: Option<String>,
    /// Shown around this message; the newest end if absent.
    pub(super) around: Option<String>,
    /// How many before it, and how many from it on.
    pub(super) reach: u32,
    pub(super) turn: u64,
}

impl Shown {
    /// Reads the rows as they are now, and why they are not those that were asked for, where they are not.
    pub(super) async fn read(&mut self, client: &Client) -> Result<(History, Option<Error>)> {
        // The end first: whoever sees all of what is read then has seen that much.
        let newest = match self.root {
            None => self.ask(client, None, (1, 0), RowsOf::All).await?.pop().map(|it| it.id),
            Some(_) => None,
        };
        let mut missing = None;
        if let Some(around) = self.around.clone() {
            let (before, after) = (self.reach, self.reach);
            match self.ask(client, Some(around.clone()), (before, after), self.of()).await {
                Ok(rows) => match rows.iter().position(|it| it.id == around) {
                    Some(at) => return Ok((self.history(rows, Some(at), newest), None)),
                    // A reply is no row of the conversation: the next one is.
                    None => {
                        let next = self.ask(client, Some(around), (0, 1), self.of()).await?.pop();
                        self.around = next.map(|it| it.id);
                    }
                },
                Err(error) if error.kind == ErrorKind::NotFound => (self.around, missing) = (None, Some(error)),
                Err(error) => return Err(error),
            }
        }
        let (before, after) = (self.reach, if self.around.is_some() { self.reach } else { 0 });
        let rows = self.ask(client, self.around.clone(), (before, after), self.of()).await?;
        let at = self.around.as_ref().and_then(|it| rows.iter().position(|row| row.id == *it));
        if at.is_none() {
            self.around = None;
        }
        Ok((self.history(rows, at, newest), missing))
    }

    fn of(&self) -> RowsOf {
        self.root.clone().map_or(RowsOf::Conversation, RowsOf::Thread)
    }

    async fn ask(
        &self,
        client: &Client,
        anchor: Option<String>,
        (before, after): (u32, u32),
        of: RowsOf,
    ) -> Result<Vec<Message>> {
        let request = Request::Rows { channel: self.channel.clone(), anchor, before, after, of };
        // A group that is not begun is found nowhere.
        let to_be = self.channel.starts_with('@') && self.channel.contains(',');
        match client.request(request).await {
            Err(error) if to_be && error.kind == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
            Ok(Reply::Messages(messages)) => Ok(messages),
            Ok(_) => Err(Error::new(ErrorKind::Internal, "rows were asked for")),
        }
    }

    fn history(&self, messages: Vec<Message>, at: Option<usize>, newest: Option<String>) -> History {
        let reach = usize::try_from(self.reach).unwrap_or(usize::MAX);
        let before = at.unwrap_or(messages.len());
        History {
            channel: self.channel.clone(),
            root: self.root.clone(),
            from_start: before < reach,
            to_end: at.is_none_or(|at| messages.len() - at < reach),
            around: self.around.clone(),
            reach: self.reach,
            turn: self.turn,
            newest,
            messages,
        }
    }
}
