//! Another certificate and another sealing key for this device: asked for by a person, or by itself when the time has come.

use std::sync::Arc;

use artel_crdt::cert::Unverified;
use artel_crdt::replica::Command;
use artel_crdt::seal::SealingKey;
use tokio::sync::mpsc;

use crate::client::{self, Error, ErrorKind, Reply};

use super::open::vault_error;
use super::requests::{Then, Waiting};
use super::{Driver, OsEntropy};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
/// How long before its end a certificate is renewed: colleagues who are away for a month still meet the new one in time.
const RENEW_DAYS: u64 = 60;

impl Driver {
    /// Renews. The new key is in the vault before anybody can seal to it; the old ones stay there and go on opening.
    pub(crate) fn renew_certificate(&mut self, to: &mpsc::Sender<client::Result<Reply>>) -> client::Result<()> {
        let me = self.replica.person().ok_or_else(|| Error::from(ErrorKind::NoHome))?;
        // The feature passes over the check here, to prove that the others keep the rule.
        if !cfg!(feature = "unchecked")
            && let Err(denied) = self.replica.authority().state().may_renew(&me)
        {
            return Err(Error::new(ErrorKind::NotPermitted, denied.to_string()));
        }
        let (key, now) = (SealingKey::draw(&mut OsEntropy), self.now());
        let vault = self.vault.as_mut().and_then(Arc::get_mut).ok_or_else(|| Error::from(ErrorKind::Locked))?;
        vault.replace_sealing_key(key.secret(), now.0).map_err(|it| vault_error(&it))?;
        let waiting = Waiting { answer: to.clone(), then: Then::Done, next: None };
        self.command(Command::Renew(Box::new(key)), waiting);
        Ok(())
    }

    /// Renews where less than [`RENEW_DAYS`] are left, at most once a day.
    pub(crate) fn renew_when_due(&mut self) {
        let now = self.now();
        if now.since(self.renewal_tried).as_millis() < u128::from(DAY_MS) {
            return;
        }
        self.renewal_tried = now;
        if self.days_left().is_some_and(|it| it < RENEW_DAYS)
            && let Err(error) = self.renew_certificate(&mpsc::channel(1).0)
        {
            tracing::warn!(%error, "the certificate is about to end and was not renewed");
        }
    }

    /// Whole days until the certificate of this device ends, 0 after its end; `None` if it cannot be read.
    pub(crate) fn days_left(&self) -> Option<u64> {
        let device = self.replica.authority().state().devices.get(&self.replica.device())?;
        let certificate = self.replica.clear_blob(&device.certificate?.hash)?;
        let claims = Unverified::parse(certificate).ok()?.claims;
        Some(claims.validity.expires.0.saturating_sub(self.now().0) / DAY_MS)
    }
}
