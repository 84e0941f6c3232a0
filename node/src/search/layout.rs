//! A query typed in the wrong keyboard layout: `ghbdtn` is привет, `руддщ` is hello.

/// Keys of the Latin and of the Russian layout, key by key.
const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`{}:<>~";
const RUSSIAN: &str = "йцукенгшщзхъфывапролджэячсмитьбюёхъжбюё";

/// `query` as the same keys give it in the other layout; `None` if there is nothing to change.
///
/// A query with a Latin letter is read as Russian (its Russian letters stay), one with Russian letters only as Latin.
/// The quotation mark and the asterisk stay, they are operators.
pub(super) fn switched(query: &str) -> Option<String> {
    let lower = query.to_lowercase();
    let (from, to) = match lower.contains(|c: char| c.is_ascii_lowercase()) {
        true => (LATIN, RUSSIAN),
        false => (RUSSIAN, LATIN),
    };
    let other: String = lower.chars().map(|c| mapped(c, from, to)).collect();
    (other != lower).then_some(other)
}

fn mapped(c: char, from: &str, to: &str) -> char {
    from.chars().zip(to.chars()).find(|(key, _)| *key == c).map_or(c, |(_, other)| other)
}
