//! The demo office, opened for the window or told in the terminal.

use std::io::Write;

use artel_node::client::Result;
use artel_node::demo::Office;
use artel_node::text::Lang;

use super::{Event, Out, Running, Stage};

/// Opens the office.
pub(super) async fn open(lang: Lang, out: &Out) -> Result<Running> {
    let office = Office::open(lang, |step| out.stage(Stage::Office(step))).await?;
    out.tell(Event::Home(office.home().root().to_owned()));
    Ok(Running::Office(Box::new(office)))
}

/// Plays a conversation of three nodes in the terminal, for a machine without a display.
///
/// # Errors
/// Those of [`artel_node::demo::demo`].
pub(crate) fn tell() -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|it| artel_node::client::Error::new(artel_node::client::ErrorKind::Internal, it.to_string()))?;
    // A closed standard output is nobody's failure.
    runtime.block_on(artel_node::demo::demo(None, |line| drop(writeln!(std::io::stdout(), "{line}"))))
}
