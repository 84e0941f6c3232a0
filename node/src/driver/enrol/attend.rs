//! The task at one enrol stream: it speaks with a newcomer, or carries his bytes to a device that can.

use artel_crdt::enrol::{Admitter, DECISION_WAIT, Door, Heard, INTRODUCTION_WAIT, Verdict, peek_invite, turn_away};
use artel_net::{Framed, Net, PeerKey, Protocol};
use tokio::sync::{mpsc, oneshot};

use super::super::open::Events;
use super::super::{Event as DriverEvent, OsEntropy};
use super::{Answer, Event, OwnedDoor};

/// Attends to one enrol stream until it ends.
pub(super) async fn attend(net: &Net, mut stream: Framed, events: &Events) -> Result<(), &'static str> {
    let first = stream.recv_within(INTRODUCTION_WAIT).await.map_err(|_| "no first message")?.ok_or("hung up")?;
    let invite = peek_invite(&first).map_err(|_| "malformed")?;
    let (door, answered) = oneshot::channel();
    events.send(DriverEvent::Enrol(Event::Knock { invite, door })).await.map_err(|_| "stopped")?;
    match answered.await.map_err(|_| "stopped")? {
        Answer::No(why) => {
            stream.send(&turn_away(why)).await.map_err(|_| "hung up")?;
            stream.finish().await.map_err(|_| "hung up")
        }
        Answer::Elsewhere(peer) => splice(net, peer, first, stream).await,
        Answer::Door(door) => {
            let result = receive(&first, &door, &mut stream, events).await;
            if result.is_err() {
                events.send(DriverEvent::Enrol(Event::Failed(invite))).await.ok();
            }
            let (mut admitter, mut verdicts) = result?;
            speak(&mut admitter, &mut verdicts, &mut stream).await
        }
    }
}

async fn receive(
    first: &[u8],
    door: &OwnedDoor,
    stream: &mut Framed,
    events: &Events,
) -> Result<(Admitter, mpsc::Receiver<Verdict>), &'static str> {
    let borrowed = Door {
        org: &door.org,
        invite_key: &door.invite_key,
        psk: &door.psk,
        seal_secret: &door.seal_secret,
        bundle: &door.bundle,
        now: door.now,
    };
    let (mut admitter, reply) = Admitter::open(first, &borrowed, &mut OsEntropy).map_err(|_| "the handshake failed")?;
    stream.send(&reply).await.map_err(|_| "hung up")?;
    let third = stream.recv_within(INTRODUCTION_WAIT).await.map_err(|_| "no third message")?.ok_or("hung up")?;
    let Heard::Candidate(candidate) = admitter.receive(&third).map_err(|_| "the code is not known there")? else {
        return Err("out of turn");
    };
    let (sender, verdicts) = mpsc::channel(4);
    let event = Event::Candidate { candidate, verdicts: sender };
    events.send(DriverEvent::Enrol(event)).await.map_err(|_| "stopped")?;
    Ok((admitter, verdicts))
}

async fn speak(
    admitter: &mut Admitter,
    verdicts: &mut mpsc::Receiver<Verdict>,
    stream: &mut Framed,
) -> Result<(), &'static str> {
    while let Some(verdict) = verdicts.recv().await {
        for frame in admitter.answer(&verdict).map_err(|_| "too large")? {
            stream.send(&frame).await.map_err(|_| "hung up")?;
        }
        if matches!(verdict, Verdict::Admitted(_)) {
            let heard = stream.recv_within(INTRODUCTION_WAIT).await.map_err(|_| "no acknowledgement")?;
            let heard = heard.ok_or("hung up before the acknowledgement")?;
            admitter.receive(&heard).map_err(|_| "a wrong acknowledgement")?;
            return stream.finish().await.map_err(|_| "hung up");
        }
        if matches!(verdict, Verdict::Refused(_)) {
            return stream.finish().await.map_err(|_| "hung up");
        }
    }
    Ok(())
}

/// Carries the bytes between a newcomer and a device that can admit; nothing of them can be read here.
async fn splice(net: &Net, peer: PeerKey, first: Vec<u8>, stream: Framed) -> Result<(), &'static str> {
    let mut there = net.open_stream(peer, Protocol::Enrol).await.map_err(|_| "the admitting device went away")?;
    there.send(&first).await.map_err(|_| "the admitting device went away")?;
    let (mut from_new, mut to_new) = stream.split();
    let (mut from_old, mut to_old) = there.split();
    let deadline = tokio::time::sleep(DECISION_WAIT);
    tokio::pin!(deadline);
    let mut left = 16usize << 20;
    loop {
        tokio::select! {
            () = &mut deadline => return Ok(()),
            frame = from_new.recv_within(DECISION_WAIT) => match frame {
                Ok(Some(frame)) => {
                    left = left.checked_sub(frame.len()).ok_or("too much")?;
                    to_old.send_all([frame]).await.map_err(|_| "hung up")?;
                }
                _ => return to_old.finish().await.map_err(|_| "hung up"),
            },
            frame = from_old.recv_within(DECISION_WAIT) => match frame {
                Ok(Some(frame)) => {
                    left = left.checked_sub(frame.len()).ok_or("too much")?;
                    to_new.send_all([frame]).await.map_err(|_| "hung up")?;
                }
                _ => return to_new.finish().await.map_err(|_| "hung up"),
            },
        }
    }
}
