//! The admitting device's side.

use std::fmt;
use std::mem;

use snow::HandshakeState;

use super::messages::{self, About, Greeting, Introduction, Verdict};
use super::pipe::Pipe;
use super::{BadEnrol, Side, ack_text, handshake, hash_of, read, remote_static, write};
use crate::Entropy;
use crate::cert::{Bundle, Unverified};
use crate::cose::{self, BadSignature};
use crate::id::{CertId, DeviceId, InviteId, OrgId};
use crate::invite;
use crate::noise;
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::words::{self, COMPARED};

/// What a device needs to admit by one invitation.
#[derive(Clone, Copy, Debug)]
pub struct Door<'a> {
    /// The organisation.
    pub org: &'a OrgId,
    /// Public key of the invitation, from the authority.
    pub invite_key: &'a [u8; 32],
    /// The invitation's key, from this device's box, see [`crate::invite::PskBox`].
    pub psk: &'a Secret<32>,
    /// This device's sealing key: the one in its certificate.
    pub seal_secret: &'a Secret<32>,
    /// This device's certificate with its chain.
    pub bundle: &'a Bundle,
    /// The present.
    pub now: Timestamp,
}

/// A device that knows the code and waits for a person's decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// By which invitation it comes.
    pub invite: InviteId,
    /// Its Ed25519 key: the approval is of this key.
    pub device_key: [u8; 32],
    /// Its X25519 key, with which it speaks.
    pub seal_key: [u8; 32],
    /// What it says of itself.
    pub about: About,
    /// The words to compare; the new device must show the same.
    pub words: [&'static str; COMPARED],
}

impl Candidate {
    /// The id of the device.
    pub fn device(&self) -> DeviceId {
        DeviceId::of_key(&self.device_key)
    }
}

/// What a frame led to.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// The handshake is complete; answer with [`Admitter::answer`].
    Candidate(Box<Candidate>),
    /// The new device has stored everything; the enrolment is done.
    Acknowledged(CertId),
}

/// The admitting device's machine, one for each stream.
pub struct Admitter {
    invite_key: [u8; 32],
    state: State,
}

enum State {
    /// The greeting is out.
    Introduction(Box<HandshakeState>),
    /// A person decides.
    Decision(Box<Pipe>, [u8; 32]),
    /// The admission is out.
    Acknowledgement(Box<Pipe>, [u8; 32], CertId),
    Over,
}

impl Admitter {
    /// Answers the first frame of a stream; returns the machine and the frame to send.
    ///
    /// # Errors
    /// [`BadEnrol::Form`] for another form, [`BadEnrol::Code`] for another invitation than the door's.
    pub fn open(frame: &[u8], door: &Door<'_>, rng: &mut dyn Entropy) -> Result<(Self, Vec<u8>), BadEnrol> {
        let (invite, message) = messages::decode_opening(frame)?;
        if invite::invite_id(door.invite_key) != invite {
            return Err(BadEnrol::Code);
        }
        let mut state = handshake(Side::Admitter, (&door.org.fp(), &invite), (door.seal_secret, door.psk), rng)?;
        read(&mut state, message)?;
        let greeting = Greeting { bundle: door.bundle.clone(), now: door.now };
        let payload = greeting.seal(door.psk, &hash_of(&state)?, rng)?;
        let reply = write(&mut state, &payload)?;
        let admitter = Self { invite_key: *door.invite_key, state: State::Introduction(Box::new(state)) };
        Ok((admitter, reply))
    }

    /// Takes the next frame of the stream.
    ///
    /// # Errors
    /// [`BadEnrol`]; the machine is over then, and the failure counts as an attempt, see [`super::Desk::failed`].
    pub fn receive(&mut self, frame: &[u8]) -> Result<Heard, BadEnrol> {
        match mem::replace(&mut self.state, State::Over) {
            State::Introduction(state) => self.introduced(*state, frame),
            State::Acknowledgement(pipe, device_key, certificate) => {
                acknowledged(*pipe, &device_key, certificate, frame)
            }
            State::Decision(..) | State::Over => Err(BadEnrol::Order),
        }
    }

    fn introduced(&mut self, mut state: HandshakeState, frame: &[u8]) -> Result<Heard, BadEnrol> {
        let hash = hash_of(&state)?;
        let payload = read(&mut state, frame)?;
        let seal_key = remote_static(&state)?;
        let introduction = Introduction::verify(&payload, &self.invite_key, &hash, &seal_key)?;
        let words = words::compared(&hash_of(&state)?);
        if !noise::is_sealing_key(&seal_key) {
            return Err(BadEnrol::Handshake);
        }
        let Introduction { device_key, about } = introduction;
        self.state = State::Decision(Box::new(Pipe::new(state)?), device_key);
        let invite = invite::invite_id(&self.invite_key);
        Ok(Heard::Candidate(Box::new(Candidate { invite, device_key, seal_key, about, words })))
    }

    /// Answers the candidate; returns the frames to send. After [`Verdict::Wait`] another answer may follow. The Enrol
    /// act must be in the journal before an admission is sent, else a lost stream would let its place be used twice.
    ///
    /// # Errors
    /// [`BadEnrol::Order`] if there is no candidate, [`BadEnrol::Certificate`] if the admission is for another device,
    /// [`BadEnrol::Form`] if it is too large.
    pub fn answer(&mut self, verdict: &Verdict) -> Result<Vec<Vec<u8>>, BadEnrol> {
        let State::Decision(mut pipe, device_key) = mem::replace(&mut self.state, State::Over) else {
            return Err(BadEnrol::Order);
        };
        let certificate = match verdict {
            Verdict::Admitted(admission) => Some(certificate_for(&admission.bundle, &device_key)?),
            Verdict::Wait | Verdict::Refused(_) => None,
        };
        let encoded = verdict.encode();
        // What the newcomer would refuse for its limits must not be sent.
        Verdict::decode(&encoded)?;
        let frames = pipe.send(&encoded)?;
        self.state = match (verdict, certificate) {
            (Verdict::Wait, _) => State::Decision(pipe, device_key),
            (Verdict::Admitted(_), Some(certificate)) => State::Acknowledgement(pipe, device_key, certificate),
            _ => State::Over,
        };
        Ok(frames)
    }
}

fn certificate_for(bundle: &Bundle, device_key: &[u8; 32]) -> Result<CertId, BadEnrol> {
    let certificate = bundle.certificates.first().ok_or(BadEnrol::Certificate)?;
    let claims = Unverified::parse(certificate).map_err(|_| BadEnrol::Certificate)?.claims;
    if claims.device_key == *device_key { Ok(claims.id) } else { Err(BadEnrol::Certificate) }
}

fn acknowledged(mut pipe: Pipe, device_key: &[u8; 32], id: CertId, frame: &[u8]) -> Result<Heard, BadEnrol> {
    let message = pipe.receive(frame)?.ok_or(BadEnrol::Order)?;
    let signature = message.as_slice().try_into().map_err(|_| BadSignature::Signature)?;
    let key = cose::public_key(device_key).ok_or(BadSignature::Signature)?;
    cose::verify_strict(&key, &ack_text(&id, &DeviceId::of_key(device_key)), &signature)?;
    Ok(Heard::Acknowledged(id))
}

#[cfg(test)]
impl Admitter {
    /// A frame with exactly this inside, as a dishonest device would send it.
    pub(super) fn send_raw(&mut self, chunk: &[u8]) -> Vec<u8> {
        match &mut self.state {
            State::Decision(pipe, _) => pipe.seal(chunk).unwrap(),
            _ => Vec::new(),
        }
    }
}

impl fmt::Debug for Admitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            State::Introduction(_) => "Admitter(waiting for the introduction)",
            State::Decision(..) => "Admitter(waiting for the decision)",
            State::Acknowledgement(..) => "Admitter(waiting for the acknowledgement)",
            State::Over => "Admitter(over)",
        })
    }
}
