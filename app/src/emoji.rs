//! Emoji by their names, Russian and English.

use std::sync::LazyLock;

use crate::wrong_layout;

const SOURCE: &str = include_str!("words/emoji.txt");

/// An emoji with its names.
pub(crate) struct Emoji {
    pub(crate) sign: &'static str,
    /// Words that find it, the name first.
    pub(crate) en: &'static str,
    pub(crate) ru: &'static str,
}

/// All that the program's font has and people use at work, faces first.
pub(crate) static ALL: LazyLock<Vec<Emoji>> = LazyLock::new(|| {
    let lines = SOURCE.lines().filter_map(|it| {
        let mut parts = it.split('\t');
        Some(Emoji { sign: parts.next()?, en: parts.next()?, ru: parts.next()? })
    });
    lines.collect()
});

/// Those that fit a word in either language and either layout, the best first; all of them for no word.
pub(crate) fn find(typed: &str) -> Vec<&'static Emoji> {
    let typed = typed.trim().trim_matches(':').replace('_', " ");
    let mut found: Vec<(u32, usize, &Emoji)> = Vec::new();
    for (at, emoji) in ALL.iter().enumerate() {
        let fit = |names: &str| names.split(' ').filter_map(|it| near(&typed, it)).max();
        if let Some(fit) = fit(emoji.ru).max(fit(emoji.en)) {
            found.push((fit, at, emoji));
        }
    }
    found.sort_by_key(|(fit, at, _)| (std::cmp::Reverse(*fit), *at));
    found.into_iter().map(|it| it.2).collect()
}

/// As elsewhere, but letters left out in the middle fit nothing: there are too many short words.
fn near(typed: &str, word: &str) -> Option<u32> {
    wrong_layout::fit(typed, word).filter(|it| 40 < *it || typed.is_empty())
}

/// The name of an emoji in a language.
pub(crate) fn name(sign: &str, russian: bool) -> String {
    let found = ALL.iter().find(|it| it.sign == sign);
    let names = found.map_or(sign, |it| if russian { it.ru } else { it.en });
    format!("{sign} {}", names.split(' ').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(typed: &str) -> &'static str {
        find(typed).first().map_or("", |it| it.sign)
    }

    #[test]
    fn names_find_emoji_in_both_languages_and_layouts() {
        assert_eq!((first("ракета"), first("rocket"), first("hfrtnf")), ("🚀", "🚀", "🚀"));
        assert_eq!((first("+1"), first("tada"), first("спас")), ("👍", "🎉", "🙏"));
        assert_eq!((first(":pizza:"), first("ёлка"), first("елк")), ("🍕", "🌲", "🌲"));
        assert!(find("нетакогослова").is_empty());
        assert_eq!(find("").len(), ALL.len());
    }

    #[test]
    fn every_line_is_whole() {
        assert!(250 < ALL.len());
        assert!(ALL.iter().all(|it| !it.sign.is_empty() && !it.en.is_empty() && !it.ru.is_empty()));
        let signs: std::collections::BTreeSet<&str> = ALL.iter().map(|it| it.sign).collect();
        assert_eq!(signs.len(), ALL.len());
    }
}
