//! What a home knows of those who cheat and of those who are gone is known after a start too.

use std::path::Path;

use artel_crdt::authority::{Act, Caps, RemovePerson, Role, TeamDefaults};
use artel_crdt::cert::{Email, MailProof};
use artel_crdt::entry::{Entry, Kind, Signed};
use artel_crdt::id::{EntryId, Inc, PersonId};
use artel_crdt::invite::InviteSecret;
use artel_crdt::replica::{Admit, Command};
use artel_crdt::run::{Packet, Run};
use artel_crdt::seal::{Cut, CutPosition, SealingKey};
use artel_crdt::sync::LogRange;
use artel_crdt::time::Hlc;

use super::*;
use crate::client::{Alarm, Reply, Request};
use crate::driver::forget::tests::{PASSWORD, ask, office, settle};
use crate::driver::found::offline;
use crate::driver::serve::served;

/// Another device, of which this test has the key.
struct Colleague {
    key: ed25519_dalek::SigningKey,
    device: DeviceId,
    person: PersonId,
}

fn command(driver: &mut Driver, command: Command) {
    driver.drive(Input::Command { id: u64::MAX, command: Box::new(command) });
}

fn hire(driver: &mut Driver, name: &str, seed: u8) -> Colleague {
    let (secret, key) = (InviteSecret::random(&mut OsEntropy), ed25519_dalek::SigningKey::from_bytes(&[seed; 32]));
    let invite = secret.id();
    let email = Email::parse(&format!("{name}@romashka.example")).unwrap();
    let name = name.to_owned();
    let role = Role::Member;
    command(
        driver,
        Command::Invite {
            secret,
            email,
            name: name.clone(),
            role,
            team: None,
            auto_admit: true,
            life: artel_crdt::limits::INVITE_LIFE,
        },
    );
    let seal_key = *SealingKey::draw(&mut OsEntropy).public().as_bytes();
    let device_key = key.verifying_key().to_bytes();
    let admit = Admit { invite, device_key, seal_key, device_name: name, mail_proof: MailProof::None };
    command(driver, Command::Admit(Box::new(admit)));
    let device = DeviceId::of_key(&device_key);
    let person = driver.replica.authority().state().person_of(&device).expect("admitted");
    Colleague { key, device, person }
}

impl Colleague {
    /// Gives the driver one entry as a link to this device would.
    fn writes(
        &self,
        driver: &mut Driver,
        space: SpaceId,
        (inc, before): (u8, Option<&Signed>),
        (kind, body): (Kind, Vec<u8>),
    ) -> Signed {
        let organisation = space == driver.replica.organisation_space();
        let entry = Entry {
            device: self.device,
            space,
            inc: Inc([inc; 8]),
            seq: before.map_or(0, |it| it.entry.seq + 1),
            prev: before.map(|it| it.id),
            seen: if organisation { driver.replica.authority().heads() } else { Vec::new() },
            hlc: Hlc { ms: driver.now().0, ctr: 0 },
            kind,
            epoch: None,
            body,
            blobs: Vec::new(),
        };
        let signed = entry.sign(&driver.org(), &self.key);
        let packet = Packet::of(Run::own(signed.clone())).encode();
        let packet = run::check_run(driver.replica.keys(), &packet).unwrap();
        driver.drive(Input::Packet { source: Source::Peer(self.device), packet: Box::new(packet) });
        signed
    }
}

fn act(team: u8) -> (Kind, Vec<u8>) {
    let act = Act::TeamDefaults(TeamDefaults { team: SpaceId([team; 16]), channels: Vec::new() });
    (Kind::Act, act.encode())
}

/// An entry that says nothing and can be counted.
fn link() -> (Kind, Vec<u8>) {
    (Kind::Merge, Vec::new())
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let place = to.join(entry.file_name());
        match entry.file_type().unwrap() {
            it if it.is_dir() => copy(&entry.path(), &place),
            it if it.is_file() => drop(std::fs::copy(entry.path(), &place).unwrap()),
            _ => {}
        }
    }
}

/// The same home after a power cut and after an orderly stop.
async fn reopened(driver: Driver, dir: &Path) -> [Driver; 2] {
    let (home, left) = (Layout::new(dir.join("anna")), Layout::new(dir.join("left")));
    copy(home.root(), left.root());
    driver.close().await.unwrap();
    let open = async |layout| offline(layout, &PASSWORD.into()).await.unwrap();
    [open(left).await, open(home).await]
}

fn create(name: &str, private: bool) -> Request {
    Request::ChannelCreate { name: name.into(), team: None, private, shared_history: false }
}

async fn channel(driver: &mut Driver, private: bool) -> SpaceId {
    match ask(driver, create("касса", private)).await {
        Ok(Reply::Channel(channel)) => channel.id.parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn abuse_8_who_contradicted_himself_is_frozen_after_a_start_too_and_the_proof_is_served() {
    let (mut driver, dir) = office().await;
    let (boris, vera) = (hire(&mut driver, "boris", 1), hire(&mut driver, "vera", 2));
    let organisation = driver.replica.organisation_space();
    let one = boris.writes(&mut driver, organisation, (7, None), act(1));
    boris.writes(&mut driver, organisation, (7, Some(&one)), act(1));
    assert!(driver.replica.authority().state().is_active(&boris.device));
    let other = boris.writes(&mut driver, organisation, (7, None), act(2));
    assert!(!driver.replica.authority().state().is_active(&boris.device));
    // In a channel nobody is frozen; that there were two branches stays known.
    let channel = channel(&mut driver, false).await;
    vera.writes(&mut driver, channel, (8, None), link());
    vera.writes(&mut driver, channel, (8, None), (Kind::Unknown(90), vec![1]));
    let hash = driver.replica.authority().state().hash();
    settle(&mut driver).await;
    let (held, entries) = (driver.replica.heads_digest(&organisation), driver.stored_entries(organisation));
    for again in reopened(driver, dir.path()).await {
        let state = again.replica.authority().state();
        assert!(!state.is_active(&boris.device) && state.is_active(&vera.device));
        assert_eq!(state.hash(), hash);
        assert_eq!(again.replica.heads_digest(&organisation), held);
        assert_eq!(again.stored_entries(organisation), entries, "the other branch is no part of the log");
        for (device, space) in [(boris.device, organisation), (vera.device, channel)] {
            let named = |it: &Alarm| it.device == Some(device.to_string()) && it.space == Some(space.to_string());
            assert!(again.alarms.iter().any(|it| it.kind == "fork" && named(it)), "{:?}", again.alarms);
        }
        // Who asks for the log is given both branches.
        let wanted = LogRange { log: one.entry.log(), first: 0, last: 1 };
        let ids: Vec<EntryId> = served(&again, organisation, wanted).iter().map(|it| it.id).collect();
        assert!(ids.contains(&one.id) && ids.contains(&other.id) && ids.len() == 3, "{ids:?}");
        // And so is a newcomer.
        let given = again.authority_packets();
        let holds = |id: EntryId| {
            given.iter().any(|it| run::check_run(again.replica.keys(), it).unwrap().run.entries()[0].id == id)
        };
        assert!(holds(one.id) && holds(other.id));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_between_a_removal_and_its_cut_is_held_after_a_start_too() {
    let (mut driver, dir) = office().await;
    let (boris, vera) = (hire(&mut driver, "boris", 1), hire(&mut driver, "vera", 2));
    command(&mut driver, Command::SetRole { person: vera.person, role: Role::Admin, caps: Caps(0) });
    let space = channel(&mut driver, true).await;
    command(&mut driver, Command::RosterMember { space, person: boris.person, member: true });
    let before = boris.writes(&mut driver, space, (7, None), link());
    // Vera, who knows nothing of the place, dismisses him: somebody else will have to write the cut.
    let organisation = driver.replica.organisation_space();
    let removal = Act::RemovePerson(RemovePerson { person: boris.person, cut: Vec::new(), archive_to: None });
    let removal = vera.writes(&mut driver, organisation, (8, None), (Kind::Act, removal.encode()));
    assert!(!driver.replica.authority().state().is_active(&boris.device));
    let after = boris.writes(&mut driver, space, (7, Some(&before)), link());
    boris.writes(&mut driver, space, (9, None), link());
    settle(&mut driver).await;
    for mut again in reopened(driver, dir.path()).await {
        let cuts = |driver: &Driver| {
            let entries = driver.stored_entries(space).into_iter().filter(|it| it.entry.kind == Kind::Cut);
            entries.map(|it| Cut::decode(&it.entry.body).unwrap()).collect::<Vec<_>>()
        };
        assert!(again.stored_entries(space).iter().any(|it| it.id == after.id));
        assert!(cuts(&again).is_empty(), "not before its time");
        again.offset_ms = 2 * 60 * 1_000;
        again.drive(Input::Tick);
        settle(&mut again).await;
        let end = CutPosition { log: before.entry.log(), seq: 0, id: before.id };
        assert_eq!(cuts(&again), [Cut { removal: removal.id, ends: vec![end], strict: false }]);
    }
}
