//! Words in place of bytes: five to compare over the telephone, twenty-four to keep the organisation's root.
//!
//! Both use the English list of BIP-39 (2048 words, the first four letters tell them apart). There is one list for all
//! languages, because two people who compare must see the same words.

use bip39::{Language, Mnemonic};
use ed25519_dalek::SigningKey;
use thiserror::Error;

use crate::Entropy;
use crate::secret::Secret;

/// Words that two people compare: 55 bits.
pub const COMPARED: usize = 5;

/// Words of a recovery phrase: 256 bits and 8 bits of checksum.
pub const RECOVERY: usize = 24;

/// The words of a handshake: equal on both sides if and only if nobody stands between them.
pub fn compared(handshake_hash: &[u8]) -> [&'static str; COMPARED] {
    let bits = Secret::<8>::derive(handshake_hash, b"artel/sas/1");
    let number = u64::from_be_bytes(*bits.expose()) >> 9;
    let list = Language::English.word_list();
    std::array::from_fn(|at| {
        let index = (number >> (11 * (COMPARED - 1 - at))) & 0x7ff;
        usize::try_from(index).ok().and_then(|it| list.get(it)).copied().unwrap_or("")
    })
}

/// Why words are not a recovery phrase.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadPhrase {
    /// Not [`RECOVERY`] words.
    #[error("{0} words instead of 24")]
    Count(usize),
    /// The word at this place, counted from 1, is not in the list.
    #[error("word {0} is not in the list")]
    Word(usize),
    /// Every word is known but together they are no phrase: two are swapped, or one is mistaken for another.
    #[error("the words do not belong together: one is wrong or two are swapped")]
    Checksum,
}

/// The seed of the organisation's root; shown once as a phrase and kept on no device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootSeed(Secret<32>);

impl RootSeed {
    /// A new root.
    pub fn random(rng: &mut dyn Entropy) -> Self {
        Self(Secret::random(rng))
    }

    /// Reads a phrase in any case, with any blanks, commas or numbers of words between; a word may be cut to its first
    /// four letters.
    ///
    /// # Errors
    /// [`BadPhrase`]. Which of 24 known words is wrong cannot be told from the checksum.
    pub fn from_phrase(text: &str) -> Result<Self, BadPhrase> {
        let separators = |it: char| it.is_whitespace() || it.is_ascii_digit() || matches!(it, ',' | '.' | ';' | ')');
        let words: Vec<&str> = text.split(separators).filter(|it| !it.is_empty()).collect();
        if words.len() != RECOVERY {
            return Err(BadPhrase::Count(words.len()));
        }
        let mut full = zeroize::Zeroizing::new(String::with_capacity(RECOVERY * 9));
        for (at, word) in words.iter().enumerate() {
            full.push_str(find(word).ok_or(BadPhrase::Word(at + 1))?);
            full.push(' ');
        }
        let phrase =
            Mnemonic::parse_in_normalized(Language::English, full.trim_end()).map_err(|_| BadPhrase::Checksum)?;
        let entropy = zeroize::Zeroizing::new(phrase.to_entropy());
        Secret::from_slice(&entropy).map(Self).ok_or(BadPhrase::Checksum)
    }

    /// The 24 words: to be shown once and written down on paper.
    pub fn reveal(&self) -> Vec<&'static str> {
        // Fails only for other lengths than BIP-39 knows; 32 bytes are the longest of them.
        Mnemonic::from_entropy_in(Language::English, self.0.expose())
            .map_or_else(|_| Vec::new(), |it| it.words().collect())
    }

    /// The root key: signs the Genesis, owners, and what repairs an authority.
    pub fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(Secret::<32>::derive(self.0.expose(), b"artel/root/1").expose())
    }
}

/// The word of the list that is meant: itself, or the one that begins with these four letters.
fn find(typed: &str) -> Option<&'static str> {
    let typed = typed.to_lowercase();
    let list = Language::English.word_list();
    let at = list.partition_point(|word| *word < typed.as_str());
    let word = list.get(at).filter(|word| word.starts_with(&typed))?;
    (word.len() == typed.len() || typed.len() >= 4).then_some(*word)
}

#[cfg(test)]
mod tests;
