//! The new device's side.

use std::fmt;
use std::mem;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use snow::HandshakeState;

use super::messages::{self, About, Admission, Greeting, Introduction, Refusal, Verdict};
use super::pipe::Pipe;
use super::{BadEnrol, Side, ack_text, handshake, hash_of, read, remote_static, write};
use crate::Entropy;
use crate::cert::{self, CAP_ENROL, Chain, Claims, Unverified};
use crate::cose;
use crate::id::{DeviceId, OrgFp, OrgId};
use crate::invite::InviteSecret;
use crate::noise;
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::words::{self, COMPARED};

/// A difference between two clocks that is worth a word to the person.
const CLOCK_WARN: Duration = Duration::from_secs(10 * 60);

/// Who wants in; all of it stays the caller's.
#[derive(Clone, Copy, Debug)]
pub struct Applicant<'a> {
    /// Of which organisation the code is.
    pub org_fp: &'a OrgFp,
    /// The secret of the code, of both halves if there are two.
    pub secret: &'a InviteSecret,
    /// The new device's signing key; new for every enrolment.
    pub device_key: &'a SigningKey,
    /// The new device's sealing key.
    pub seal_secret: &'a Secret<32>,
    /// What the device says of itself.
    pub about: &'a About,
}

/// The new device's machine.
pub struct Newcomer {
    org_fp: OrgFp,
    secret: InviteSecret,
    device_key: SigningKey,
    seal_key: [u8; 32],
    about: About,
    /// Another device of a person who is in: only his own devices let it in.
    own: bool,
    state: State,
}

enum State {
    /// The first message is out.
    Greeting(Box<HandshakeState>),
    /// The introduction is out; a person decides.
    Verdict(Box<Pipe>, Box<Introduced>),
    Over,
}

/// The admitting device as it proved itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduced {
    /// The organisation; its id begins with what the code says.
    pub org: OrgId,
    /// Who admits.
    pub admitter: Claims,
    /// The words to compare; the admitting side must show the same.
    pub words: [&'static str; COMPARED],
    /// The admitting side's clock, by which it judges.
    pub clock: Timestamp,
}

impl Introduced {
    /// Whether our clock is so far off that the person should look at it. It refuses nothing: a new computer may have
    /// an empty battery.
    pub fn clock_is_off(&self, now: Timestamp) -> bool {
        self.clock.since(now).max(now.since(self.clock)) > CLOCK_WARN
    }
}

/// What a frame led to.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Part of a longer message; nothing to do.
    Partial,
    /// The admitting device is genuine: send `reply` and show the words.
    Introduced {
        /// The frame to send.
        reply: Vec<u8>,
        /// Who answered, and the words.
        to: Box<Introduced>,
    },
    /// A person will decide. The stream may be closed; later a new [`Newcomer`] with the same device key asks again.
    Wait,
    /// No; the enrolment is over.
    Refused(Refusal),
    /// Nobody there can admit, says somebody unproved; try another member.
    TurnedAway(Refusal),
    /// Yes: store everything durably, *then* send `acknowledgement`.
    Admitted {
        /// What to start with.
        admission: Box<Admission>,
        /// The certificate's claims, checked.
        claims: Box<Claims>,
        /// The frame to send when all is stored; without it the admitting side revokes the device after 10 minutes.
        acknowledgement: Vec<u8>,
    },
}

impl Newcomer {
    /// Begins; returns the machine and the first frame of the stream.
    ///
    /// # Errors
    /// [`BadEnrol::Form`] if the device says nothing or too much of itself.
    pub fn start(applicant: &Applicant<'_>, rng: &mut dyn Entropy) -> Result<(Self, Vec<u8>), BadEnrol> {
        applicant.about.check()?;
        let (invite, psk) = (applicant.secret.id(), applicant.secret.psk());
        let mut state = handshake(Side::Newcomer, (applicant.org_fp, &invite), (applicant.seal_secret, &psk), rng)?;
        let frame = messages::encode_opening(&invite, &write(&mut state, &[])?);
        let newcomer = Self {
            org_fp: *applicant.org_fp,
            secret: applicant.secret.clone(),
            device_key: applicant.device_key.clone(),
            seal_key: noise::x25519_public(applicant.seal_secret),
            about: applicant.about.clone(),
            own: false,
            state: State::Greeting(Box::new(state)),
        };
        Ok((newcomer, frame))
    }

    /// As [`Self::start`], with a code that one of the person's own devices has made. Whoever answers needs no right to
    /// enrol, but can only make the device one more of his own.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_own_device(applicant: &Applicant<'_>, rng: &mut dyn Entropy) -> Result<(Self, Vec<u8>), BadEnrol> {
        let (newcomer, frame) = Self::start(applicant, rng)?;
        Ok((Self { own: true, ..newcomer }, frame))
    }

    /// Takes the next frame of the stream.
    ///
    /// # Errors
    /// [`BadEnrol`]; the machine is over then.
    pub fn receive(&mut self, frame: &[u8]) -> Result<Step, BadEnrol> {
        match mem::replace(&mut self.state, State::Over) {
            State::Greeting(state) => match messages::decode_turn_away(frame) {
                Some(why) => Ok(Step::TurnedAway(why)),
                None => self.greeted(*state, frame),
            },
            State::Verdict(pipe, with) => self.heard(pipe, with, frame),
            State::Over => Err(BadEnrol::Order),
        }
    }

    fn greeted(&mut self, mut state: HandshakeState, frame: &[u8]) -> Result<Step, BadEnrol> {
        let first_hash = hash_of(&state)?;
        let greeting = Greeting::open(&self.secret.psk(), &first_hash, &read(&mut state, frame)?)?;
        let Chain { org, holder } = cert::check_chain(&greeting.bundle, greeting.now)?;
        if org.fp() != self.org_fp {
            return Err(BadEnrol::Organisation);
        }
        if holder.seal_key != remote_static(&state)? {
            return Err(BadEnrol::Impostor);
        }
        if !self.own && holder.caps & CAP_ENROL == 0 {
            return Err(BadEnrol::Right);
        }
        let device_key = self.device_key.verifying_key().to_bytes();
        let introduction = Introduction { device_key, about: self.about.clone() };
        let keys = (&self.device_key, &self.secret.signing_key());
        let payload = introduction.sign(keys, &hash_of(&state)?, &self.seal_key);
        let reply = write(&mut state, &payload)?;
        let words = words::compared(&hash_of(&state)?);
        let to = Box::new(Introduced { org, admitter: holder, words, clock: greeting.now });
        self.state = State::Verdict(Box::new(Pipe::new(state)?), to.clone());
        Ok(Step::Introduced { reply, to })
    }

    fn heard(&mut self, mut pipe: Box<Pipe>, with: Box<Introduced>, frame: &[u8]) -> Result<Step, BadEnrol> {
        let Some(message) = pipe.receive(frame)? else {
            self.state = State::Verdict(pipe, with);
            return Ok(Step::Partial);
        };
        match Verdict::decode(&message)? {
            Verdict::Wait => {
                self.state = State::Verdict(pipe, with);
                Ok(Step::Wait)
            }
            Verdict::Refused(why) => Ok(Step::Refused(why)),
            Verdict::Admitted(admission) => {
                let claims = self.check_admission(&admission, &with)?;
                let device = claims.device();
                let signature = cose::sign(&self.device_key, &ack_text(&claims.id, &device));
                let acknowledgement = pipe.send(&signature)?.pop().ok_or(BadEnrol::Order)?;
                Ok(Step::Admitted { admission, claims: Box::new(claims), acknowledgement })
            }
        }
    }

    /// The certificate is ours, of this organisation, and its issuer, who may be another than who answers, may issue.
    fn check_admission(&self, admission: &Admission, with: &Introduced) -> Result<Claims, BadEnrol> {
        let own = admission.bundle.certificates.first().ok_or(BadEnrol::Certificate)?;
        let issued = Unverified::parse(own).map_err(|_| BadEnrol::Certificate)?.claims.validity.issued;
        let Chain { org, holder } = cert::check_chain(&admission.bundle, with.clock.max(issued))?;
        if org != with.org {
            return Err(BadEnrol::Organisation);
        }
        let device = DeviceId::of_key(self.device_key.verifying_key().as_bytes());
        if holder.device() != device || holder.seal_key != self.seal_key {
            return Err(BadEnrol::Certificate);
        }
        let (person, email) = (with.admitter.person, &with.admitter.email);
        if self.own && (holder.person != person || holder.email != *email) {
            return Err(BadEnrol::Right);
        }
        Ok(holder)
    }
}

impl fmt::Debug for Newcomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            State::Greeting(_) => "Newcomer(waiting for the greeting)",
            State::Verdict(..) => "Newcomer(waiting for the verdict)",
            State::Over => "Newcomer(over)",
        })
    }
}
