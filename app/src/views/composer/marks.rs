//! Marks around what is selected in a text: put there, or taken away where they are already.

use std::ops::Range;

/// A text with marks around a range of characters, or without those that stood there; and where the same letters are now.
pub(crate) fn toggle(text: &str, selected: Range<usize>, mark: &str) -> (String, Range<usize>) {
    let letters: Vec<char> = text.chars().collect();
    let (start, end) = (selected.start.min(letters.len()), selected.end.min(letters.len()));
    let part =
        |from: usize, to: usize| letters.get(from..to).map(|it| it.iter().collect::<String>()).unwrap_or_default();
    let (before, within, after) = (part(0, start), part(start, end), part(end, letters.len()));
    let long = mark.chars().count();
    // One star is in italics, two are bold: those of the other are not taken for it.
    let ends = before.chars().rev().take_while(|it| mark.starts_with(*it)).count();
    let begins = after.chars().take_while(|it| mark.starts_with(*it)).count();
    let marked = |count: usize| count == long || count == 3;
    if marked(ends) && marked(begins) {
        let before: String = before.chars().take(start - long).collect();
        let after: String = after.chars().skip(long).collect();
        return (format!("{before}{within}{after}"), start - long..end - long);
    }
    (format!("{before}{mark}{within}{mark}{after}"), start + long..end + long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_and_go_around_what_is_selected() {
        let (text, at) = toggle("до завтра", 3..9, "**");
        assert_eq!((text.as_str(), at.clone()), ("до **завтра**", 5..11));
        assert_eq!(toggle(&text, at.clone(), "**"), ("до завтра".into(), 3..9));
        let (both, at) = toggle(&text, at, "*");
        assert_eq!((both.as_str(), at.clone()), ("до ***завтра***", 6..12));
        assert_eq!(toggle(&both, at.clone(), "**").0, "до *завтра*");
        assert_eq!(toggle(&both, at, "*").0, "до **завтра**");
    }

    #[test]
    fn where_nothing_is_selected_one_writes_between_them() {
        assert_eq!(toggle("", 0..0, "**"), ("****".into(), 2..2));
        assert_eq!(toggle("****", 2..2, "**"), (String::new(), 0..0));
        assert_eq!(toggle("a", 7..9, "*"), ("a**".into(), 2..2));
    }
}
