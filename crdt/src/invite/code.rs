//! Codes as people see, type, read aloud and scan them.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::{InviteSecret, xor};
use crate::id::{OrgFp, from_base32, to_base32};
use crate::secret::Secret;

/// Version byte of a code that carries the whole secret.
const WHOLE: u8 = 1;
/// Version byte of a code that needs a mailed one beside it.
const HALF: u8 = 2;
/// Version byte of a mailed code.
const MAILED: u8 = 3;

/// Version byte of a code for another device of a person who is in.
const DEVICE: u8 = 4;

/// Characters of a code: 29 bytes in base32.
const CODE_CHARS: usize = 47;
/// Characters of a mailed code: 19 bytes in base32.
const MAIL_CHARS: usize = 31;

/// Most addresses in a link, and the longest of them in bytes.
const ADDRESSES_MAX: usize = 16;
const ADDRESS_BYTES_MAX: usize = 256;
const LINK_PREFIX: &str = "artel://join/";

/// Why a text is not a code; each reason tells the person something else to do.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadCode {
    /// The character at this place, counted from 1 without blanks and hyphens, occurs in no code.
    #[error("character {0} occurs in no code")]
    Character(usize),
    /// Characters are missing or too many.
    #[error("{found} characters instead of {expected}")]
    Length {
        /// Characters found.
        found: usize,
        /// Characters of such a code.
        expected: usize,
    },
    /// The checksum does not fit: something is mistyped.
    #[error("the code is mistyped")]
    Mistyped,
    /// A code of a newer Artel; the checksum fits.
    #[error("a code of unknown version {0}")]
    Version(u8),
    /// The code from the mail stands where the shown code belongs, or the other way round; the checksum fits.
    #[error("this is the other one of two codes")]
    OtherHalf,
}

/// What the newcomer is shown, told or handed.
#[derive(Clone, PartialEq, Eq)]
pub enum Code {
    /// Version 1: all that is needed.
    Whole {
        /// Of which organisation; the newcomer accepts no other.
        org_fp: OrgFp,
        /// The secret.
        secret: InviteSecret,
    },
    /// Version 2: needs the [`MailCode`] as well.
    Half {
        /// Of which organisation.
        org_fp: OrgFp,
        /// The shown half of the secret.
        shown: Secret<16>,
    },
    /// Version 4: a person's own device lets another one of his in.
    Device {
        /// Of which organisation.
        org_fp: OrgFp,
        /// The secret.
        secret: InviteSecret,
    },
}

/// The half of the secret that is sent to the newcomer's mail address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailCode(pub(super) Secret<16>);

impl Code {
    /// Of which organisation.
    pub fn org_fp(&self) -> OrgFp {
        match self {
            Self::Whole { org_fp, .. } | Self::Half { org_fp, .. } | Self::Device { org_fp, .. } => *org_fp,
        }
    }

    /// Whether it brings another device of a person who is in, and not a person.
    pub fn is_for_device(&self) -> bool {
        matches!(self, Self::Device { .. })
    }

    /// Whether a mailed code is needed beside it.
    pub fn needs_mail(&self) -> bool {
        matches!(self, Self::Half { .. })
    }

    /// The secret; a mailed code beside a whole one is not looked at. `None` if one is needed and missing. That a
    /// mailed code belongs to another invitation shows in the handshake only.
    pub fn secret(&self, mailed: Option<&MailCode>) -> Option<InviteSecret> {
        match self {
            Self::Whole { secret, .. } | Self::Device { secret, .. } => Some(secret.clone()),
            Self::Half { shown, .. } => mailed.map(|it| InviteSecret(xor(shown, &it.0))),
        }
    }
}

impl Code {
    /// The code in upper case, in groups of five: to be shown to the newcomer only.
    pub fn reveal(&self) -> String {
        let (version, secret) = match self {
            Self::Whole { secret, .. } => (WHOLE, secret.0.expose()),
            Self::Half { shown, .. } => (HALF, shown.expose()),
            Self::Device { secret, .. } => (DEVICE, secret.0.expose()),
        };
        write_code(&[&[version], &self.org_fp().0[..], secret])
    }
}

impl MailCode {
    /// The text of the code.
    pub fn reveal(&self) -> String {
        write_code(&[&[MAILED], self.0.expose()])
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({:?}, Secret(..))", self.org_fp())
    }
}

impl FromStr for Code {
    type Err = BadCode;

    /// Reads a code as people write it: any case, blanks, hyphens, look-alikes, also Cyrillic ones.
    fn from_str(text: &str) -> Result<Self, BadCode> {
        let bytes = read_code(text, CODE_CHARS)?;
        let (version, rest) = bytes.split_first().ok_or(BadCode::Mistyped)?;
        let parts = rest.split_at_checked(OrgFp::SIZE);
        let parts = parts.and_then(|(fp, secret)| Some((OrgFp::from_slice(fp)?, Secret::from_slice(secret)?)));
        match (*version, parts) {
            (WHOLE, Some((org_fp, secret))) => Ok(Self::Whole { org_fp, secret: InviteSecret(secret) }),
            (HALF, Some((org_fp, shown))) => Ok(Self::Half { org_fp, shown }),
            (DEVICE, Some((org_fp, secret))) => Ok(Self::Device { org_fp, secret: InviteSecret(secret) }),
            (MAILED, None) => Err(BadCode::OtherHalf),
            (WHOLE | HALF | DEVICE, None) => Err(BadCode::Length { found: count(text), expected: CODE_CHARS }),
            (other, _) => Err(BadCode::Version(other)),
        }
    }
}

impl FromStr for MailCode {
    type Err = BadCode;

    /// Reads a mailed code as people write it.
    fn from_str(text: &str) -> Result<Self, BadCode> {
        let bytes = read_code(text, MAIL_CHARS)?;
        let (version, rest) = bytes.split_first().ok_or(BadCode::Mistyped)?;
        match (*version, Secret::from_slice(rest)) {
            (MAILED, Some(mailed)) => Ok(Self(mailed)),
            (MAILED, None) => Err(BadCode::Length { found: count(text), expected: MAIL_CHARS }),
            (WHOLE | HALF | DEVICE, _) => Err(BadCode::OtherHalf),
            (other, _) => Err(BadCode::Version(other)),
        }
    }
}

/// An invitation with everything filled in: `artel://join/CODE?at=HOST:PORT&at=…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The code.
    pub code: Code,
    /// Where members were reachable when the link was made; at most 16.
    pub addresses: Vec<String>,
}

/// Why a text is not an invitation link.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadLink {
    /// It does not begin with `artel://join/`.
    #[error("not an invitation link")]
    Form,
    /// Its code.
    #[error("{0}")]
    Code(#[from] BadCode),
    /// An address is too long, has a strange character, or there are more than 16.
    #[error("an address in the link cannot be used")]
    Address,
}

impl Link {
    /// The text of the link. Addresses that could not be read back are left out.
    pub fn reveal(&self) -> String {
        let addresses = self.addresses.iter().filter(|it| is_address(it)).take(ADDRESSES_MAX);
        let mut text = format!("{LINK_PREFIX}{}", self.code.reveal());
        for (at, address) in addresses.enumerate() {
            text.push_str(if at == 0 { "?at=" } else { "&at=" });
            text.push_str(address);
        }
        text
    }
}

impl FromStr for Link {
    type Err = BadLink;

    fn from_str(text: &str) -> Result<Self, BadLink> {
        let rest = text.trim().strip_prefix(LINK_PREFIX).ok_or(BadLink::Form)?;
        let (code, query) = rest.split_once('?').unwrap_or((rest, ""));
        let code = code.trim_end_matches('/').parse()?;
        // What a newer Artel adds to the query is passed over.
        let addresses: Vec<String> =
            query.split('&').filter_map(|pair| pair.strip_prefix("at=")).map(str::to_owned).collect();
        if addresses.len() > ADDRESSES_MAX || !addresses.iter().all(|it| is_address(it)) {
            return Err(BadLink::Address);
        }
        Ok(Self { code, addresses })
    }
}

/// Host names, IPv4, `[IPv6%zone]` and multiaddresses: characters that need no escape in a query.
fn is_address(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".:-_[]%/".contains(&byte);
    (1..=ADDRESS_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

fn write_code(parts: &[&[u8]]) -> String {
    let mut bytes = parts.concat();
    bytes.extend(crc16(&bytes).to_be_bytes());
    let digits = to_base32(&bytes).to_ascii_uppercase();
    zeroize::Zeroize::zeroize(&mut bytes);
    let mut text = String::with_capacity(digits.len() + digits.len() / 5);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 5 == 0 {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

/// Characters that count, in order, with Cyrillic look-alikes turned into the Latin letters they were meant as.
fn significant(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|it| !it.is_whitespace() && !is_dash(*it)).map(|it| match it {
        'А' | 'а' => 'a',
        'В' | 'в' => 'b',
        'С' | 'с' => 'c',
        'Е' | 'е' => 'e',
        'К' | 'к' => 'k',
        'М' | 'м' => 'm',
        'Н' | 'н' => 'h',
        'О' | 'о' => '0',
        'Р' | 'р' => 'p',
        'Т' | 'т' => 't',
        'Х' | 'х' => 'x',
        'У' | 'у' => 'y',
        other => other,
    })
}

fn is_dash(character: char) -> bool {
    matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}' | '\u{200b}' | '\u{feff}')
}

fn count(text: &str) -> usize {
    significant(text).count()
}

/// Reads the bytes in front of the checksum. A checksum that fits decides; only if it does not, the number of
/// characters tells whether something is missing or mistyped.
fn read_code(text: &str, expected: usize) -> Result<Vec<u8>, BadCode> {
    let mut digits = String::with_capacity(CODE_CHARS);
    for (at, character) in significant(text).enumerate().take(4 * CODE_CHARS) {
        if from_base32(character.encode_utf8(&mut [0; 4])) == Err(crate::id::BadId::Character) {
            return Err(BadCode::Character(at + 1));
        }
        digits.push(character);
    }
    let checked = from_base32(&digits).ok().and_then(|mut bytes| {
        let sum = bytes.split_off(bytes.len().checked_sub(2)?);
        (sum == crc16(&bytes).to_be_bytes() && !bytes.is_empty()).then_some(bytes)
    });
    match (checked, digits.len()) {
        (Some(bytes), _) => Ok(bytes),
        (None, found) if found == expected => Err(BadCode::Mistyped),
        (None, found) => Err(BadCode::Length { found, expected }),
    }
}

/// CRC-16/IBM-3740 (polynomial 0x1021, start 0xffff): finds every single wrong character and every swap of two
/// neighbours, since both change at most 10 bits in a row.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| match crc & 0x8000 {
            0 => crc << 1,
            _ => (crc << 1) ^ 0x1021,
        })
    })
}

#[cfg(test)]
pub(super) mod tests_support {
    use super::*;

    /// A code whose checksum fits, of any version and length of the secret.
    pub(in crate::invite) fn with_version(version: u8, org: &crate::id::OrgId, secret_bytes: usize) -> String {
        write_code(&[&[version], &org.fp().0, &vec![7; secret_bytes]])
    }

    #[test]
    fn the_check_value_of_the_catalogue() {
        assert_eq!(crc16(b"123456789"), 0x29b1);
    }
}
