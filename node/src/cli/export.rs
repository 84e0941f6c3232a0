//! Commands that write or read a file of the caller's choice.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::Context;
use super::args::{CertCommand, DebugCommand};
use super::session::Session;
use super::stop::{self, Outcome};
use crate::client::{Error, ErrorKind, Reply, Request, Result};
use crate::home::write_atomic;
use crate::text::Say;

pub(super) async fn backup(context: &mut Context, file: &Path) -> Outcome {
    let file = absolute(file)?;
    // The node may run in another directory, and a request is text.
    let name = file.to_str().ok_or_else(|| Error::new(ErrorKind::File, file.display().to_string()))?.to_owned();
    let mut session = Session::open(context).await?;
    let mut size = 0;
    let each = |reply| {
        if let Reply::Written { bytes } = reply {
            size = bytes;
        }
        Ok(())
    };
    let written = session.ask(&Request::Backup { file: name }, each).await;
    session.close_after(written).await?;
    told(context, &file, size)
}

pub(super) async fn restore(context: &mut Context, file: &Path) -> Outcome {
    crate::node::restore(context.layout.clone(), absolute(file)?).await?;
    context.say(&Say::Restored);
    Ok(())
}

pub(super) async fn cert(context: &mut Context, command: CertCommand) -> Outcome {
    match command {
        CertCommand::Export { file } => export(context, Request::CertExport, &file).await,
        CertCommand::Renew => super::ask(context, Request::CertRenew).await,
    }
}

pub(super) async fn debug(
    context: &mut Context,
    DebugCommand::Segment { channel, export: file }: DebugCommand,
) -> Outcome {
    export(context, Request::Segment { channel }, &file).await
}

/// Writes the bytes of an answer; the file appears whole or not at all.
async fn export(context: &mut Context, request: Request, file: &Path) -> Outcome {
    let file = absolute(file)?;
    let mut session = Session::open(context).await?;
    let mut all = Vec::new();
    let each = |reply| {
        if let Reply::Bytes(bytes) = reply {
            all.extend_from_slice(&bytes);
        }
        Ok(())
    };
    let received = session.ask(&request, each).await;
    session.close_after(received).await?;
    write_atomic(&file, &all).map_err(stop::file)?;
    told(context, &file, u64::try_from(all.len()).unwrap_or(u64::MAX))
}

fn told(context: &mut Context, file: &Path, bytes: u64) -> Outcome {
    let lang = context.output.lang();
    let name = file.display().to_string();
    let sentence = lang.say(&Say::Written { file: &name, size: &lang.size(bytes) });
    Ok(context.output.fact(&json!({ "file": name, "bytes": bytes }), &sentence)?)
}

fn absolute(file: &Path) -> Result<PathBuf> {
    std::path::absolute(file).map_err(stop::file)
}
