//! Mail addresses as they stand in certificates: one spelling each, and nothing that looks like another address.

use std::fmt;

use thiserror::Error;

use crate::id::{OrgId, short_hash};
use crate::limits;

/// Why a text is not accepted as a mail address.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadEmail {
    /// Longer than [`limits::EMAIL_BYTES_MAX`], or the part before @ is longer than 64 bytes (RFC 5321 §4.5.3.1).
    #[error("the mail address is too long")]
    Length,
    /// Not name@domain.
    #[error("not a mail address")]
    Form,
    /// Not in lower case, so that one address could be written in two ways.
    #[error("the mail address is not in lower case")]
    Case,
    /// The domain is not in its ASCII form (IDNA: `xn--…`).
    #[error("the domain is not in its ASCII form")]
    Domain,
    /// The part before @ has letters of several scripts, or of a script that is not known here.
    #[error("the mail address mixes scripts")]
    Script,
    /// The domain is not one of the organisation's.
    #[error("the domain is not one of the organisation's")]
    Foreign,
}

/// A mail address in its one accepted spelling: lower case, ASCII domain, letters of one script before the @.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// Accepts an address that is in the accepted spelling already, as in a certificate.
    ///
    /// # Errors
    /// [`BadEmail`].
    pub fn parse(text: &str) -> Result<Self, BadEmail> {
        if text.len() > limits::EMAIL_BYTES_MAX {
            return Err(BadEmail::Length);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(BadEmail::Form)?;
        if text.to_lowercase() != text {
            return Err(BadEmail::Case);
        }
        check_local(local)?;
        check_domain(domain)?;
        Ok(Self(text.to_owned()))
    }

    /// Accepts an address as a person types it: blanks around it and upper case are put right.
    ///
    /// # Errors
    /// [`BadEmail`].
    pub fn typed(text: &str) -> Result<Self, BadEmail> {
        Self::parse(&text.trim().to_lowercase())
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the @.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// Whether the policy allows the domain; an empty list allows all. Sub-domains must be listed themselves.
    ///
    /// # Errors
    /// [`BadEmail::Foreign`].
    pub fn check_policy<T: AsRef<str>>(&self, domains: &[T]) -> Result<(), BadEmail> {
        let allowed = domains.is_empty() || domains.iter().any(|it| it.as_ref() == self.domain());
        if allowed { Ok(()) } else { Err(BadEmail::Foreign) }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address is personal data: logs show only its domain.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Email(..@{})", self.domain())
    }
}

/// What acts carry in place of an address: recognisable to who knows it, and only within one organisation.
pub fn email_tag(org: &OrgId, email: &Email) -> [u8; 16] {
    short_hash(&[b"artel/email/1", &org.0, email.0.as_bytes()])
}

fn check_local(local: &str) -> Result<(), BadEmail> {
    if local.len() > 64 {
        return Err(BadEmail::Length);
    }
    if local.split('.').any(str::is_empty) {
        return Err(BadEmail::Form);
    }
    let mut script = None;
    for character in local.chars() {
        if matches!(character, '0'..='9' | '.') || (character.is_ascii() && "!#$%&'*+-/=?^_`{|}~".contains(character)) {
            continue;
        }
        if character.is_ascii() && !character.is_ascii_alphabetic() {
            return Err(BadEmail::Form);
        }
        let found = Script::of(character).ok_or(BadEmail::Script)?;
        if script.replace(found).is_some_and(|before| before != found) {
            return Err(BadEmail::Script);
        }
    }
    Ok(())
}

fn check_domain(domain: &str) -> Result<(), BadEmail> {
    if domain.len() > 253 {
        return Err(BadEmail::Length);
    }
    if domain.split('.').all(is_label) { Ok(()) } else { Err(BadEmail::Domain) }
}

/// A label of RFC 5890: letters, digits and hyphens; hyphens third and fourth only behind `xn`.
fn is_label(label: &str) -> bool {
    let known = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let bounded = (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-');
    let reserved = label.bytes().skip(2).take(2).eq(*b"--");
    known && bounded && (!reserved || (label.starts_with("xn--") && label.len() > 4))
}

/// Scripts in which mail names are written; letters of any other are refused rather than misjudged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Hebrew,
    Arabic,
    Georgian,
    EastAsian,
}

impl Script {
    fn of(letter: char) -> Option<Self> {
        if !letter.is_alphabetic() {
            return None;
        }
        Some(match u32::from(letter) {
            0x41..=0x7a | 0xc0..=0x24f | 0x1e00..=0x1eff => Self::Latin,
            0x370..=0x3ff | 0x1f00..=0x1fff => Self::Greek,
            0x400..=0x52f => Self::Cyrillic,
            0x531..=0x587 => Self::Armenian,
            0x5d0..=0x5ea => Self::Hebrew,
            0x620..=0x64a => Self::Arabic,
            0x10d0..=0x10ff => Self::Georgian,
            0x3040..=0x30ff | 0x3400..=0x9fff | 0xac00..=0xd7a3 => Self::EastAsian,
            _ => return None,
        })
    }
}
