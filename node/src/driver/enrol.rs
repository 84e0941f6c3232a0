//! Admitting people: candidates who know a code wait here for a person's decision, or are admitted by themselves.

mod attend;

use std::collections::BTreeMap;
use std::time::Duration;

use artel_crdt::authority::{InviteState, State};
use artel_crdt::cert::{Bundle, MailProof};
use artel_crdt::enrol::{Admission, Candidate, DECISION_WAIT, Desk, Place, Refusal, Terms, Verdict};
use artel_crdt::id::{DeviceId, InviteId, OrgId, PersonId};
use artel_crdt::invite::InviteSecret;
use artel_crdt::replica::{Admit, Command, NewDevice};
use artel_crdt::run::Packet;
use artel_crdt::secret::Secret;
use artel_crdt::time::Timestamp;
use artel_net::{Framed, LinkId, PeerKey};
use tokio::sync::{mpsc, oneshot};

use crate::client::{self, Error, ErrorKind, Reply, Update};

use super::requests::{Then, Waiting};
use super::resolve::the_one;
use super::{Driver, Job, OsEntropy, answer};

/// A candidate: which key by which invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    invite: InviteId,
    device: DeviceId,
}

/// How long a code for another device of one's own is good.
const LINK_LIFE: Duration = Duration::from_secs(15 * 60);
/// Such codes that may be open at once.
const LINKS_MAX: usize = 8;

/// A code for another device of somebody who is in. Only here and in memory: whoever would steal it from the disk or the
/// authority finds nothing.
struct OwnCode {
    person: PersonId,
    secret: InviteSecret,
    expires: Timestamp,
    approve: bool,
    used: Option<DeviceId>,
}

/// What tasks at enrol streams tell the loop.
pub(crate) enum Event {
    /// Somebody has knocked with an invitation.
    Knock { invite: InviteId, door: oneshot::Sender<Answer> },
    /// A handshake failed.
    Failed(InviteId),
    /// Somebody has proved that he knows the code.
    Candidate { candidate: Box<Candidate>, verdicts: mpsc::Sender<Verdict> },
    /// The Enrol act of a candidate is durable.
    Durable { key: Key },
}

/// What a knock is answered with.
pub(crate) enum Answer {
    /// Come in.
    Door(Box<OwnedDoor>),
    /// Another device can: go on there.
    Elsewhere(PeerKey),
    /// No.
    No(Refusal),
}

/// A [door](artel_crdt::enrol::Door) with everything owned, for a task.
pub(crate) struct OwnedDoor {
    org: OrgId,
    invite_key: [u8; 32],
    psk: Secret<32>,
    seal_secret: Secret<32>,
    bundle: Bundle,
    now: Timestamp,
}

/// Who waits, and where to answer.
#[derive(Default)]
pub(crate) struct Reception {
    desk: Desk,
    verdicts: BTreeMap<Key, mpsc::Sender<Verdict>>,
    own: BTreeMap<InviteId, OwnCode>,
}

impl Reception {
    fn terms(&self, state: &State, invite: &InviteId) -> Option<Terms> {
        match self.own.get(invite) {
            Some(OwnCode { used: Some(by), .. }) => Some(Terms::Redeemed { by: *by }),
            Some(own) => Some(Terms::Open { expires: own.expires }),
            None => terms(state, invite),
        }
    }
}

fn terms(state: &State, invite: &InviteId) -> Option<Terms> {
    let invitation = state.invites.get(invite)?;
    Some(match invitation.state {
        InviteState::Open => Terms::Open { expires: Timestamp(invitation.act.expires) },
        InviteState::Cancelled => Terms::Cancelled,
        InviteState::Used(entry) => {
            let by = state.devices.iter().find(|(_, it)| it.enrolled == entry).map(|(id, _)| *id);
            Terms::Redeemed { by: by.unwrap_or(DeviceId([0; 16])) }
        }
    })
}

/// Whether a person looks at the words before a device is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Approve {
    /// Who has the code is let in.
    ByCode,
    /// Somebody compares and says yes.
    ByHand,
}

/// The name under which the status counts a refusal at the door.
fn refused_as(why: Refusal) -> &'static str {
    match why {
        Refusal::NobodyCanAdmit => "code_unknown",
        Refusal::Expired => "code_expired",
        Refusal::Used => "code_used",
        Refusal::Cancelled => "code_cancelled",
        Refusal::Burned => "code_burned",
        Refusal::Declined => "enrolment_declined",
        Refusal::Busy => "enrolment_busy",
        Refusal::Other(_) => "enrolment_refused",
    }
}

impl Driver {
    /// Somebody has opened an enrol stream.
    pub(crate) fn receive_enrol(&mut self, peer: PeerKey, link: LinkId, stream: Framed) {
        let (Some(net), events) = (self.net.clone(), self.events()) else { return };
        tracing::debug!(?peer, "somebody knocks");
        self.tracker.spawn(async move {
            net.keep(link, DECISION_WAIT).await.ok();
            if let Err(error) = attend::attend(&net, stream, &events).await {
                tracing::info!(error, "an enrolment ended");
            }
        });
    }

    /// Handles what a task at an enrol stream tells.
    pub(crate) fn enrol_event(&mut self, event: Event) {
        match event {
            Event::Knock { invite, door } => {
                let answer = self.open_door(invite);
                if let Answer::No(why) = &answer {
                    self.count(refused_as(*why));
                }
                door.send(answer).ok();
            }
            Event::Failed(invite) => {
                self.count("enrolment_failed");
                if self.desk.desk.failed(invite) && self.desk.own.remove(&invite).is_none() {
                    self.drive(artel_crdt::replica::Input::Command {
                        id: 0,
                        command: Box::new(Command::CancelInvite(invite)),
                    });
                }
            }
            Event::Candidate { candidate, verdicts } => self.candidate(*candidate, verdicts),
            Event::Durable { key } => self.deliver(key),
        }
    }

    fn open_door(&mut self, invite: InviteId) -> Answer {
        let state = self.replica.authority().state();
        let Some(terms) = self.desk.terms(state, &invite) else {
            return Answer::No(Refusal::NobodyCanAdmit);
        };
        if let Some(own) = self.desk.own.get(&invite) {
            let keys = (own.secret.public_key(), own.secret.psk());
            return self.own_door(invite, terms, keys);
        }
        let me = self.replica.device();
        let boxes = state.invites.get(&invite).map(|it| (it.act.inv_pk, it.act.psk_boxes.clone()));
        let own = boxes.as_ref().and_then(|(_, boxes)| boxes.iter().find(|it| it.device == me));
        let may = self.replica.person().is_some_and(|it| state.may_enrol(&it).is_ok());
        let (Some((invite_key, _)), Some(own), true) = (&boxes, own, may) else {
            let holders = boxes.iter().flat_map(|(_, it)| it).map(|it| it.device);
            let linked = holders.into_iter().find_map(|it| self.links.get(&it)).map(|it| it.key);
            return linked.map_or(Answer::No(Refusal::NobodyCanAdmit), Answer::Elsewhere);
        };
        let Some(vault) = &self.vault else { return Answer::No(Refusal::NobodyCanAdmit) };
        let (Ok(seal_secret), Ok(all)) = (vault.sealing_key(), vault.sealing_keys()) else {
            return Answer::No(Refusal::NobodyCanAdmit);
        };
        // The invitation may be older than the key.
        let Some(psk) = all.iter().find_map(|it| own.open(it, &self.org(), &invite)) else {
            return Answer::No(Refusal::NobodyCanAdmit);
        };
        let invite_key = *invite_key;
        self.door(invite, terms, (invite_key, psk), seal_secret)
    }

    fn door(
        &mut self,
        invite: InviteId,
        terms: Terms,
        (invite_key, psk): ([u8; 32], Secret<32>),
        seal_secret: Secret<32>,
    ) -> Answer {
        let (org, now, bundle) = (self.org(), self.now(), self.bundle(self.replica.device()));
        if let Err(refusal) = self.desk.desk.begin(invite, terms, now) {
            return Answer::No(refusal);
        }
        match bundle {
            Some(bundle) => Answer::Door(Box::new(OwnedDoor { org, invite_key, psk, seal_secret, bundle, now })),
            None => Answer::No(Refusal::NobodyCanAdmit),
        }
    }

    /// The door for another device of somebody who is in.
    fn own_door(&mut self, invite: InviteId, terms: Terms, keys: ([u8; 32], Secret<32>)) -> Answer {
        let seal_secret = self.vault.as_ref().and_then(|it| it.sealing_key().ok());
        match seal_secret {
            Some(seal_secret) => self.door(invite, terms, keys, seal_secret),
            None => Answer::No(Refusal::NobodyCanAdmit),
        }
    }

    /// Makes a code with which this person enters at another device, or somebody whom he may let in. For another one it
    /// is always compared by hand whom it let in: the code goes a longer way.
    pub(crate) fn link_device(&mut self, person: Option<&str>, approve: Approve) -> client::Result<Reply> {
        if self.net.is_none() {
            return Err(ErrorKind::NotRunning.into());
        }
        let me = self.replica.person().ok_or_else(|| Error::from(ErrorKind::NoHome))?;
        let person = person.map(|it| self.person(it)).transpose()?.unwrap_or(me);
        let (state, own) = (self.replica.authority().state(), person == me);
        let allowed = if own { state.may_add_own_device(&me) } else { state.may_add_device_of(&me, &person) };
        // A build whose check is off proves that the others keep the rule.
        if let (Err(denied), false) = (allowed, cfg!(feature = "unchecked")) {
            return Err(Error::new(ErrorKind::NotPermitted, denied.to_string()));
        }
        let now = self.now();
        self.desk.own.retain(|_, it| now < it.expires);
        if self.desk.own.len() >= LINKS_MAX {
            return Err(Error::new(ErrorKind::NotPermitted, format!("{LINKS_MAX} codes are open")));
        }
        let secret = InviteSecret::random(&mut OsEntropy);
        let code = if own { secret.for_device(&self.org()) } else { secret.whole(&self.org()) };
        let (id, expires, approve) = (secret.id(), now.plus(LINK_LIFE), !own || approve == Approve::ByHand);
        self.desk.own.insert(id, OwnCode { person, secret, expires, approve, used: None });
        Ok(Reply::Invite(client::Invite { link: String::new(), ..self.shown_code(code, None, id, expires) }))
    }

    fn candidate(&mut self, candidate: Candidate, verdicts: mpsc::Sender<Verdict>) {
        let key = Key { invite: candidate.invite, device: candidate.device() };
        let now = self.now();
        let state = self.replica.authority().state();
        let auto = match (self.desk.own.get(&key.invite), state.invites.get(&key.invite)) {
            (Some(own), _) => Some(!own.approve),
            (None, invitation) => invitation.map(|it| it.act.auto_admit),
        };
        let (terms, auto) = match (self.desk.terms(state, &key.invite), auto) {
            (Some(terms), Some(auto)) => (terms, auto),
            _ => return drop(verdicts.try_send(Verdict::Refused(Refusal::NobodyCanAdmit))),
        };
        let place = self.desk.desk.knock(&candidate, terms, now);
        let first = match &place {
            Err(refusal) => {
                self.count(refused_as(*refusal));
                Verdict::Refused(*refusal)
            }
            Ok(_) => Verdict::Wait,
        };
        verdicts.try_send(first).ok();
        self.desk.verdicts.insert(key, verdicts);
        match place {
            Ok(Place::Admitted) => self.deliver(key),
            Ok(Place::Approved) => self.admit(key, None),
            Ok(Place::New | Place::Waiting) if auto => self.admit(key, None),
            Ok(Place::New | Place::Waiting) => drop(self.updates.send(Update::Pending)),
            Err(_) => {}
        }
    }

    /// Who waits for a decision.
    pub(crate) fn candidates(&self) -> Vec<client::Candidate> {
        let state = self.replica.authority().state();
        self.desk
            .desk
            .waiting(self.now())
            .into_iter()
            .map(|it| {
                let own = self.desk.own.get(&it.invite).map(|it| it.person);
                let own = own.and_then(|it| state.persons.get(&it)).and_then(|it| it.email);
                let email = own.or_else(|| state.invites.get(&it.invite).and_then(|it| it.email));
                client::Candidate {
                    id: it.device().to_string(),
                    email: email.and_then(|it| self.replica.name(&it.hash)).unwrap_or_default().to_owned(),
                    device: it.about.device_name.clone(),
                    words: it.words.join(" "),
                }
            })
            .collect()
    }

    fn waiting(&self, id: &str) -> client::Result<Key> {
        let waiting = self.desk.desk.waiting(self.now());
        let device = the_one(waiting.iter().map(|it| it.device()), id)?;
        let only = waiting.iter().find(|it| it.device() == device);
        only.map(|it| Key { invite: it.invite, device }).ok_or_else(|| Error::new(ErrorKind::NotFound, id))
    }

    /// A person said yes.
    pub(crate) fn approve(&mut self, id: &str, to: &mpsc::Sender<client::Result<Reply>>) -> client::Result<()> {
        let key = self.waiting(id)?;
        self.admit(key, Some(to.clone()));
        Ok(())
    }

    /// A person said no.
    pub(crate) fn refuse_candidate(&mut self, id: &str) -> client::Result<Reply> {
        let key = self.waiting(id)?;
        self.desk.desk.decline(key.invite, key.device);
        if let Some(verdicts) = self.desk.verdicts.remove(&key) {
            verdicts.try_send(Verdict::Refused(Refusal::Declined)).ok();
        }
        Ok(Reply::Done)
    }

    fn admit(&mut self, key: Key, to: Option<mpsc::Sender<client::Result<Reply>>>) {
        let Some(candidate) = self.desk.desk.approve(key.invite, key.device) else {
            if let Some(to) = to {
                answer(&to, Err(ErrorKind::NotFound.into()));
            }
            return;
        };
        let (device_key, seal_key) = (candidate.device_key, candidate.seal_key);
        let device_name = candidate.about.device_name;
        let command = match self.desk.own.get(&key.invite).map(|it| it.person) {
            Some(person) => Command::AddDevice(Box::new(NewDevice { person, device_key, seal_key, device_name })),
            None => {
                let (invite, mail_proof) = (key.invite, MailProof::None);
                Command::Admit(Box::new(Admit { invite, device_key, seal_key, device_name, mail_proof }))
            }
        };
        let to = to.unwrap_or_else(|| mpsc::channel(1).0);
        self.command(command, Waiting { answer: to, then: Then::Admitted(key), next: None });
    }

    /// The act is written; the newcomer hears of it when it is durable.
    pub(crate) fn admitted_now(&mut self, key: &Key, device: DeviceId) {
        if let Some(own) = self.desk.own.get_mut(&key.invite) {
            own.used = Some(device);
        }
        let (done, mut durable) = mpsc::channel(1);
        let (key, events) = (*key, self.events());
        self.tracker.spawn(async move {
            if let Some(Ok(_)) = durable.recv().await {
                events.send(super::Event::Enrol(Event::Durable { key })).await.ok();
            }
        });
        // Behind the batch that is being made of this very command.
        self.after_commit.push(Job { replies: vec![(done, Ok(Reply::Done))], ..Job::default() });
    }

    fn deliver(&mut self, key: Key) {
        let Some(bundle) = self.bundle(key.device) else { return };
        let addresses = self.listening.iter().map(ToString::to_string).collect();
        let admission = Admission { bundle, packets: self.authority_packets(), grants: Vec::new(), addresses };
        if let Some(verdicts) = self.desk.verdicts.remove(&key) {
            verdicts.try_send(Verdict::Admitted(Box::new(admission))).ok();
        }
        self.updates.send(Update::Pending).ok();
    }

    /// Everything of the organisation space with its blobs, oldest first. The other branches too: acts of honest devices may
    /// name either, and a newcomer who lacks one of them could not tell that he has been let in.
    pub(super) fn authority_packets(&self) -> Vec<Vec<u8>> {
        let organisation = self.replica.organisation_space();
        let mut stored = self.stored_packets(organisation);
        stored.extend(self.stored_branches(organisation));
        stored.sort_by_key(|it| it.run.entries().first().map(|it| (it.entry.hlc, it.entry.device, it.entry.seq)));
        stored.iter().map(Packet::encode).collect()
    }
}

/// How long a newcomer waits between two tries.
pub(crate) const RETRY: Duration = Duration::from_secs(2);
