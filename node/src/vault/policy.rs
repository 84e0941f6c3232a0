//! Whether a new password is good enough. Pure; says all reasons at once.
//!
//! After NIST SP 800-63B-4: length, no words an attacker tries first, no rules about character classes, no expiry.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Least characters of a password that stands alone (NIST SP 800-63B-4).
pub const PASSWORD_CHARS_MIN: usize = 15;

/// Least characters of a password that goes with a second factor; NIST asks for 8.
pub const PASSWORD_CHARS_MIN_WITH_FACTOR: usize = 12;

/// Longest password, bytes after normalisation: bounds the work, far above the 64 characters NIST wants allowed.
pub const PASSWORD_BYTES_MAX: usize = 1024;

/// What must remain guessable only by trial once known words are taken out, as a power of ten.
const REMAINDER_DIGITS_MIN: f64 = 8.0;

/// A word shorter than this is not taken out: it would riddle every password.
const TOKEN_CHARS_MIN: usize = 3;

/// What everybody tries first, beside the words of the company.
const COMMON: [&str; 16] = [
    "password",
    "passwort",
    "qwertyuiop",
    "qwerty",
    "admin",
    "welcome",
    "letmein",
    "artel",
    "пароль",
    "йцукенгшщзх",
    "йцукен",
    "артель",
    "админ",
    "привет",
    "abc",
    "iloveyou",
];

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFlaw {
    /// Fewer characters than asked for.
    #[error("{chars} characters, at least {least} are needed")]
    TooShort {
        /// Characters after normalisation.
        chars: usize,
        /// How many are needed.
        least: usize,
    },
    /// Longer than [`PASSWORD_BYTES_MAX`].
    #[error("too long")]
    TooLong,
    /// Without the names of the company and the person, and without common words, too little is left.
    #[error("names, common words and runs of keys make up most of it")]
    Guessable,
}

/// Whether a password goes with a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// The password stands alone.
    Alone,
    /// A second factor is needed too.
    WithFactor,
}

/// Checks a new password against the policy. `names` are names of the company and the person, login, mail address:
/// anything a colleague would try; they are split at everything that is neither letter nor digit.
///
/// # Errors
/// All flaws, never an empty list.
pub fn check_password(typed: &str, names: &[&str], strength: Strength) -> Result<(), Vec<PasswordFlaw>> {
    let normal: Zeroizing<String> = Zeroizing::new(typed.nfkc().collect());
    if PASSWORD_BYTES_MAX < normal.len() {
        return Err(vec![PasswordFlaw::TooLong]);
    }
    let mut flaws = Vec::new();
    let chars = normal.chars().count();
    let least = match strength {
        Strength::Alone => PASSWORD_CHARS_MIN,
        Strength::WithFactor => PASSWORD_CHARS_MIN_WITH_FACTOR,
    };
    if chars < least {
        flaws.push(PasswordFlaw::TooShort { chars, least });
    }
    if trial_digits(&without_words(&normal, names)) < REMAINDER_DIGITS_MIN {
        flaws.push(PasswordFlaw::Guessable);
    }
    match flaws.is_empty() {
        true => Ok(()),
        false => Err(flaws),
    }
}

/// The password in lower case with every known word cut out, longest first.
fn without_words(normal: &str, names: &[&str]) -> Zeroizing<String> {
    let mut words: Vec<String> = names
        .iter()
        .flat_map(|it| {
            it.nfkc()
                .collect::<String>()
                .to_lowercase()
                .split(|c: char| !c.is_alphanumeric())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .filter(|it| TOKEN_CHARS_MIN <= it.chars().count())
        .chain(COMMON.map(str::to_owned))
        .collect();
    words.sort_by_key(|it| std::cmp::Reverse(it.len()));
    let mut rest = Zeroizing::new(normal.to_lowercase());
    for word in words {
        // A separator takes its place, so that what stood around it does not join into another word.
        rest = Zeroizing::new(rest.replace(&word, " "));
    }
    rest
}

/// How many digits the number of trials has, by a plain count: letters and other signs by the size of their alphabet,
/// digits as digits, separators and anything that repeats or continues the character before as next to nothing.
fn trial_digits(rest: &str) -> f64 {
    let mut before = None;
    let mut digits = 0.0;
    for sign in rest.chars() {
        let runs_on = before.is_some_and(|it: char| u32::from(it).abs_diff(u32::from(sign)) <= 1);
        before = Some(sign);
        digits += match sign {
            _ if runs_on => 0.2,
            _ if sign.is_whitespace() || "-_.,:;/\\|+*#@!?'\"()[]{}<>=&%$^~`".contains(sign) => 0.2,
            _ if sign.is_numeric() => 1.0,
            _ => 1.4,
        };
    }
    digits
}
