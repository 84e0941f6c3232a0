//! Addresses in a text: where one ends, which are followed, and whether a text passes for another address than it leads to.

/// Characters of a name, at most.
const NAME_MAX: usize = 400;
/// Characters of an address, at most: so that a text of beginnings is not read to its end at each of them.
const ADDRESS_MAX: usize = 1_000;

/// An address at the beginning of a text: bytes of it, and where it leads.
pub(super) fn bare(rest: &str, before: char) -> Option<(usize, String)> {
    let www = rest.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("www."));
    if (!followed(rest) && !www) || (before.is_alphanumeric() && (www || is_mail(rest))) {
        return None;
    }
    let ends = |it: char| it.is_whitespace() || "<>\"«»“”".contains(it);
    let end = rest.char_indices().take(ADDRESS_MAX).find(|it| ends(it.1)).map_or(rest.len(), |it| it.0);
    let word = rest.get(..end).filter(|it| it.len() <= 4 * ADDRESS_MAX).map(trimmed)?;
    let address = if www { format!("https://{word}") } else { word.to_owned() };
    let whole = leads_somewhere(&address) && (followed(word) || www && 4 < word.len());
    whole.then_some((word.len(), address))
}

/// `[text](address)` at the beginning of a text: bytes of all of it, the text, the address.
pub(super) fn named(rest: &str) -> Option<(usize, &str, &str)> {
    let inside = rest.strip_prefix('[')?;
    let end = inside.char_indices().take(NAME_MAX).find(|it| matches!(it.1, '[' | ']' | '\n'))?.0;
    let (name, behind) = (inside.get(..end)?, inside.get(end..)?.strip_prefix("](")?);
    let mut depth = 0_usize;
    let end =
        behind.char_indices().take(ADDRESS_MAX).take_while(|it| !it.1.is_whitespace()).find_map(
            |(at, it)| match it {
                '(' => {
                    depth += 1;
                    None
                }
                ')' if depth == 0 => Some(at),
                ')' => {
                    depth -= 1;
                    None
                }
                _ => None,
            },
        )?;
    let address = behind.get(..end)?;
    let good = !name.trim().is_empty() && followed(address) && leads_somewhere(address);
    good.then_some((name.len() + address.len() + 4, name.trim(), address))
}

/// Whether a text looks like an address that is not the one it leads to.
pub(super) fn passes_for_another(text: &str, address: &str) -> bool {
    let goal = host(address);
    let mut words = text.split(|it: char| it.is_whitespace() || "<>\"«»“”()".contains(it));
    words.any(|it| looks_like_one(it) && host(it) != goal)
}

/// Only these are followed: nothing that runs, reads a file or opens another program.
fn followed(text: &str) -> bool {
    let begins = |scheme: &str| text.get(..scheme.len()).is_some_and(|it| it.eq_ignore_ascii_case(scheme));
    begins("https://") || begins("http://") || is_mail(text)
}

fn is_mail(text: &str) -> bool {
    text.get(..7).is_some_and(|it| it.eq_ignore_ascii_case("mailto:"))
}

fn leads_somewhere(address: &str) -> bool {
    let host = host(address);
    host.chars().next().is_some_and(char::is_alphanumeric) && (!is_mail(address) || address.contains('@'))
}

fn looks_like_one(word: &str) -> bool {
    let host = host(word);
    let (before, end) = host.rsplit_once('.').unwrap_or_default();
    let letters = 2 <= end.chars().count() && end.chars().all(char::is_alphabetic);
    word.contains("://") || (letters && before.chars().any(char::is_alphanumeric))
}

/// The name of the computer in an address, or of that behind the sign of a mail address.
fn host(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |it| it.1);
    let rest = if is_mail(rest) { rest.get(7..).unwrap_or_default() } else { rest };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().trim_matches(['.', ',', ';', '!', '…']).to_lowercase();
    host.strip_prefix("www.").map_or(host.clone(), str::to_owned)
}

/// Without what belongs to the sentence: a stop at the end, and a bracket that is not opened in the address.
pub(super) fn trimmed(word: &str) -> &str {
    let balance = |open: char, close: char| word.matches(close).count().saturating_sub(word.matches(open).count());
    let (mut round, mut square) = (balance('(', ')'), balance('[', ']'));
    word.trim_end_matches(|last: char| {
        let more = match last {
            ')' => &mut round,
            ']' => &mut square,
            _ => return ".,;:!?'*~…".contains(last),
        };
        let ends = 0 < *more;
        *more = more.saturating_sub(1);
        ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_ends_where_the_sentence_goes_on() {
        let bare = |text: &str| bare(text, ' ').map(|it| it.1);
        assert_eq!(bare("https://x.example/a_(b)) там").as_deref(), Some("https://x.example/a_(b)"));
        assert_eq!(bare("https://x.example/a).").as_deref(), Some("https://x.example/a"));
        assert_eq!(bare("www.x.example, и").as_deref(), Some("https://www.x.example"));
        assert_eq!(bare("mailto:a@x.example!").as_deref(), Some("mailto:a@x.example"));
        assert_eq!(bare("https://x.example»").as_deref(), Some("https://x.example"));
        for none in ["https://", "http://)", "www.", "mailto:", "mailto:x", "javascript:alert(1)", "file:///etc/passwd"]
        {
            assert_eq!(bare(none), None, "{none}");
        }
        assert_eq!(super::bare("www.x.example", 'a'), None);
    }

    #[test]
    fn a_name_leads_to_an_address_only() {
        assert_eq!(named("[план](https://x.example/a(1)) и"), Some((34, "план", "https://x.example/a(1)")));
        for none in [
            "[x](javascript:alert(1))",
            "[x](file:///etc/passwd)",
            "[x](data:text/html,x)",
            "[x](https://x.example",
            "[](https://x.example)",
            "[x](https://)",
            "[x](https://x.example и)",
            "[x] (https://x.example)",
            "[a[b](https://x.example)",
        ] {
            assert_eq!(named(none), None, "{none}");
        }
    }

    #[test]
    fn a_text_that_passes_for_another_address_is_seen_through() {
        for (text, address) in [
            ("bank.example", "https://evil.example"),
            ("https://bank.example", "https://bank.example@evil.example/"),
            ("вход на Bank.example/login", "https://evil.example/bank.example"),
            ("anna@x.example", "mailto:eve@evil.example"),
            ("банк.рф", "https://evil.example"),
            ("https://bank.example", "https://bank.example.evil.example"),
        ] {
            assert!(passes_for_another(text, address), "{text} {address}");
        }
        for (text, address) in [
            ("план", "https://x.example"),
            ("x.example", "https://www.x.example/a"),
            ("https://x.example", "https://x.example:8443/a"),
            ("версия 2.10", "https://x.example"),
        ] {
            assert!(!passes_for_another(text, address), "{text} {address}");
        }
    }
}
