//! Founding an organisation in an empty home.

use artel_crdt::Ctx;
use artel_crdt::cert::Email;
use artel_crdt::id::DeviceId;
use artel_crdt::replica::{self, Command, Input};
use artel_crdt::words::RootSeed;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::client::{Error, ErrorKind, Result};
use crate::clock::Clock;
use crate::home::{Home, Layout, write_atomic};
use crate::node::{Client, Founding};
use crate::vault::{Cost, Credentials, Vault};

use super::open::{self, MEMBERSHIP, Membership, home_error, identity, vault_error};
use super::{Driver, OsEntropy};

/// Creates home, vault and organisation. Returns the 24 words of the recovery phrase: they are nowhere else.
///
/// # Errors
/// [`ErrorKind::HomeTaken`], [`ErrorKind::WeakPassword`], [`ErrorKind::ForeignDomain`], [`ErrorKind::BadText`].
pub async fn found(layout: Layout, password: impl Into<Credentials>, founding: Founding) -> Result<String> {
    let phrase = RootSeed::random(&mut OsEntropy).reveal().join(" ");
    found_with(layout, password, founding, &phrase).await?;
    Ok(phrase)
}

/// The same with a phrase that was shown before, [`crate::node::new_phrase`].
///
/// # Errors
/// Those of [`found`]; [`ErrorKind::WrongPhrase`].
pub async fn found_with(
    layout: Layout,
    password: impl Into<Credentials>,
    founding: Founding,
    phrase: &str,
) -> Result<()> {
    let (password, phrase) = (password.into(), phrase.to_owned());
    let prepared = tokio::task::spawn_blocking(move || {
        prepare(&layout, &password, &founding, &phrase).map(|it| (it, layout, password))
    });
    let prepared = prepared.await.map_err(|_| Error::new(ErrorKind::Internal, "founding failed"))??;
    let (packets, layout, password) = prepared;
    let mut driver = offline(layout, &password).await?;
    for packet in packets {
        driver.offer(DeviceId([0; 16]), packet);
    }
    driver.drive(Input::Command { id: 0, command: Box::new(Command::Begin) });
    driver.close().await
}

/// Refuses what [`found`] would refuse of what people type, and writes nothing.
///
/// # Errors
/// [`ErrorKind::HomeTaken`], [`ErrorKind::WeakPassword`], [`ErrorKind::BadText`], [`ErrorKind::ForeignDomain`].
pub fn may_found(layout: &Layout, password: impl Into<Credentials>, founding: &Founding) -> Result<()> {
    let (email, _) = address(founding)?;
    check_home(layout, &password.into(), &[&founding.name, &founding.person, email.as_str()])
}

/// The founder's address and its domain.
fn address(founding: &Founding) -> Result<(Email, String)> {
    let email = Email::typed(&founding.email).map_err(|_| Error::new(ErrorKind::BadText, founding.email.clone()))?;
    let domain = founding.domain.trim().trim_start_matches('@').to_lowercase();
    email.check_policy(&[&domain]).map_err(|_| Error::new(ErrorKind::ForeignDomain, founding.email.clone()))?;
    Ok((email, domain))
}

/// A driver without network on an existing home; for what has to be written before the first start.
pub(crate) async fn offline(layout: Layout, password: &Credentials) -> Result<Driver> {
    let start =
        crate::node::Start { layout, password: password.clone(), listen: None, online: false, peers: Vec::new() };
    let (client, _queue) = Client::new();
    Driver::open(start, Clock::from_env(), &client, &TaskTracker::new(), &CancellationToken::new()).await
}

/// Whether a home can be made here with this password.
fn check_home(layout: &Layout, password: &Credentials, names: &[&str]) -> Result<()> {
    if layout.probe().map_err(|it| home_error(&it))?.is_some() {
        return Err(Error::new(ErrorKind::HomeTaken, layout.root().display().to_string()));
    }
    if let Err(flaws) = password.check(names) {
        let flaws: Vec<String> = flaws.iter().map(|it| format!("{it:?}")).collect();
        return Err(Error::new(ErrorKind::WeakPassword, flaws.join(", ")));
    }
    Ok(())
}

/// Creates the home and its vault.
pub(crate) fn create_home(layout: &Layout, password: &Credentials, names: &[&str]) -> Result<(Home, Vault)> {
    check_home(layout, password, names)?;
    let home = Home::open(layout.clone()).map_err(|it| home_error(&it))?;
    let vault = password.create(&layout.vault(), Cost::from_env());
    Ok((home, vault.map_err(|it| vault_error(&it))?))
}

fn prepare(layout: &Layout, password: &Credentials, founding: &Founding, phrase: &str) -> Result<Vec<Vec<u8>>> {
    let (email, domain) = address(founding)?;
    let seed = super::administer::root_seed(phrase)?;
    let (home, mut vault) = create_home(layout, password, &[&founding.name, &founding.person, email.as_str()])?;
    if let Some(file) = &founding.phrase_file {
        let written = write_atomic(file, format!("{phrase}\n").as_bytes());
        written.map_err(|it| Error::new(ErrorKind::File, format!("{}: {it}", file.display())))?;
    }
    let facts = replica::Founding {
        name: founding.name.clone(),
        person: founding.person.clone(),
        email,
        domains: vec![domain],
        device_name: device_name(),
    };
    let now = Clock::from_env().now();
    let identity = identity(&vault)?;
    let founded = replica::found(&mut Ctx { now, rng: &mut OsEntropy }, &seed.signing_key(), &identity, &facts);
    let founded = founded.map_err(super::requests::refusal)?;
    let membership = Membership { org: founded.org, name: founding.name.clone() };
    vault.put_secret(MEMBERSHIP, &membership.encode()).map_err(|it| vault_error(&it))?;
    drop(open::open_store(&home, &vault)?);
    home.close().map_err(|it| home_error(&it))?;
    Ok(founded.packets.iter().map(artel_crdt::run::Packet::encode).collect())
}

/// What this device calls itself where the person says nothing.
pub(crate) fn device_name() -> String {
    format!("{} desktop", std::env::consts::OS)
}
