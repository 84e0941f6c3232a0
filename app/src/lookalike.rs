//! Names that look alike: Cyrillic letters in Latin words, figures in the place of letters, signs that are not seen.

/// What a name looks like. Two names of one skeleton can hardly be told apart.
pub(crate) fn skeleton(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for it in name.chars().flat_map(char::to_lowercase) {
        let same = match it {
            'а' | 'ɑ' | 'α' => 'a',
            'в' | 'ь' => 'b',
            'с' | 'ϲ' => 'c',
            'е' | 'ё' | 'є' => 'e',
            'н' => 'h',
            'і' | 'ї' | 'ı' | 'l' | '1' | '|' => 'i',
            'ј' => 'j',
            'к' | 'κ' => 'k',
            'м' => 'm',
            'о' | '0' | 'ο' => 'o',
            'р' | 'ρ' => 'p',
            'ѕ' => 's',
            'т' | 'τ' => 't',
            'у' | 'γ' => 'y',
            'х' | 'χ' => 'x',
            'з' | '3' => '3',
            'и' | 'u' => 'u',
            'й' => 'u',
            'п' | 'n' => 'n',
            'г' | 'r' => 'r',
            other => other,
        };
        // Spaces, hyphens, accents and what is not seen at all.
        if same.is_alphanumeric() {
            out.push(same);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_has_one_skeleton() {
        for (a, b) in [
            ("Анна Соколова", "Aннa Сoкoлова"),
            ("Anna", "Аnnа"),
            ("Paul", "PauI"),
            ("Орлов", "0рлов"),
            ("Kim\u{200B}", "Кim"),
            ("Semёn", "Semen"),
            ("И\u{306}ван", "Иван"),
        ] {
            assert_eq!(skeleton(a), skeleton(b), "{a} {b}");
        }
        assert_ne!(skeleton("Анна Соколова"), skeleton("Анна Соколов"));
        assert_ne!(skeleton("Михаил"), skeleton("Ольга"));
    }
}
