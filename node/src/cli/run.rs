//! `run` and `demo`: nodes with a network.

use serde_json::json;

use super::args::{DemoArgs, RunArgs};
use super::serve::serve;
use super::stop::{self, Outcome};
use super::{Context, password, signal};
use crate::client::ErrorKind;
use crate::ipc::Server;
use crate::node::{self, Node, Start};
use crate::text::Say;

pub(super) async fn run(context: &mut Context, args: RunArgs) -> Outcome {
    if context.layout.probe().map_err(stop::home)?.is_none() {
        return Err(ErrorKind::NoHome.into());
    }
    let password = password::existing(context)?;
    let start = Start { layout: context.layout.clone(), password, listen: args.listen, online: true, peers: args.peer };
    let node = Node::start(start).await?;
    let served = serve_until_asked_to_end(context, &node).await;
    context.say(&Say::Stopping);
    let stopped = node.stop().await;
    // What the node says of its own end is more exact than that it ended.
    stopped.map_err(Into::into).and(served)
}

async fn serve_until_asked_to_end(context: &mut Context, node: &Node) -> Outcome {
    let server = Server::bind_held(&context.layout).map_err(stop::socket)?;
    let (tracker, cancel) = node.tracker();
    serve(server, node.client(), tracker, cancel.clone());
    // Whoever waits for the ready line wants to know where; without any network the node runs all the same.
    let listening = node.listening().await.unwrap_or_default();
    let listening: Vec<String> = listening.iter().map(ToString::to_string).collect();
    let facts = node.facts();
    let sentence = context.output.lang().say(&Say::Running { listening: &listening.join(", ") });
    let ready = json!({ "listening": listening, "device": facts.device, "organisation": facts.organisation });
    // A node goes on without anybody who reads what it prints.
    context.output.fact(&ready, &sentence).ok();
    tokio::select! {
        asked = signal::asked_to_end() => Ok(asked.map_err(stop::file)?),
        // The node gave up by itself: its store cannot be written any more.
        () = cancel.cancelled() => Err(ErrorKind::StoreDamaged.into()),
    }
}

pub(super) async fn demo(context: &mut Context, args: DemoArgs) -> Outcome {
    let keep = args.keep.map(std::path::absolute).transpose().map_err(stop::file)?;
    let mut closed = Ok(());
    let told = node::demo(keep, |line| {
        if closed.is_ok() {
            closed = context.output.fact(&json!({ "line": line }), &line);
        }
    });
    told.await?;
    Ok(closed?)
}
