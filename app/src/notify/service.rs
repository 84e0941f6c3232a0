//! The notification service of the session bus.

use std::collections::BTreeMap;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex};

use zbus::blocking::{Connection, Proxy, connection};
use zbus::zvariant::Value;

use super::{Goal, Note};
use crate::bridge::Waker;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// Notifications whose click is still understood.
const REMEMBERED_MAX: usize = 200;

type Goals = Arc<Mutex<BTreeMap<u32, Goal>>>;

/// The service that shows notifications.
pub(super) struct Desktop {
    proxy: Proxy<'static>,
    goals: Goals,
}

impl Desktop {
    /// Finds the service; none where there is no bus.
    pub(super) fn connect(bus: Option<&str>, clicks: SyncSender<Goal>, waker: Waker) -> Option<Self> {
        let connected = match bus {
            Some(address) => connection::Builder::address(address).and_then(connection::Builder::build),
            None => Connection::session(),
        };
        let proxy = connected.and_then(|it| Proxy::new(&it, NAME, PATH, NAME));
        let proxy = proxy.inspect_err(|error| tracing::info!(%error, "no notifications")).ok()?;
        let goals = Goals::default();
        let (heard, known) = (proxy.clone(), Arc::clone(&goals));
        let listening = std::thread::Builder::new().name("clicks".into()).spawn(move || {
            let Ok(signals) = heard.receive_signal("ActionInvoked") else { return };
            for signal in signals {
                let Ok((id, _action)) = signal.body().deserialize::<(u32, String)>() else { continue };
                let goal = known.lock().ok().and_then(|mut it| it.remove(&id));
                let Some(goal) = goal else { continue };
                clicks.try_send(goal).ok();
                waker.wake();
            }
        });
        listening.ok()?;
        Some(Self { proxy, goals })
    }

    /// Shows one; whether that went well.
    pub(super) fn show(&self, note: &Note) -> bool {
        let hints: BTreeMap<&str, Value<'_>> =
            BTreeMap::from([("desktop-entry", Value::from("artel")), ("category", Value::from("im.received"))]);
        let actions = ["default", &note.open, "open", &note.open];
        // The body is markup for many services: what people wrote must not be.
        let body = note.body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let call = ("Artel", 0_u32, "artel", note.title.as_str(), body.as_str(), &actions[..], hints, -1_i32);
        match self.proxy.call::<_, _, u32>("Notify", &call) {
            Ok(id) => {
                if let Ok(mut goals) = self.goals.lock() {
                    goals.insert(id, note.goal.clone());
                    if REMEMBERED_MAX < goals.len() {
                        goals.pop_first();
                    }
                }
                true
            }
            Err(error) => {
                tracing::info!(%error, "a notification is not shown");
                false
            }
        }
    }

    /// Takes back those of a place; whoever closed them already is not asked.
    pub(super) fn withdraw(&self, channel: &str) {
        let Ok(mut goals) = self.goals.lock() else { return };
        let ids: Vec<u32> = goals.iter().filter(|it| it.1.channel == channel).map(|it| *it.0).collect();
        for id in ids {
            goals.remove(&id);
            if let Err(error) = self.proxy.call::<_, _, ()>("CloseNotification", &id) {
                tracing::info!(%error, "a notification is not taken back");
            }
        }
    }
}
