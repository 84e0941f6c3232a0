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
    use artel_node::client::Person;

    use super::*;
    use crate::bridge::{Directory, Event};
    use crate::model::Model;
    use crate::timeline::markdown::harmless;

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
        // The other way round, and parts that are not seen.
        assert_eq!(skeleton("Анна\u{202E}\u{2066}"), skeleton("Анна"));
        assert_ne!(skeleton("Анна Соколова"), skeleton("Анна Соколов"));
        assert_ne!(skeleton("Михаил"), skeleton("Ольга"));
    }

    #[test]
    fn abuse_35_whoever_takes_anothers_name_is_shown_with_his_address_as_the_other_is() {
        for spoofed in
            ["Анна Соколова", "Aннa Сoкoлова", "Анна\u{200B} Соколова", "\u{202E}Анна Соколова", "Анна  Cоколова"]
        {
            let person =
                |name: &str, email: &str| Person { name: name.into(), email: email.into(), ..Person::default() };
            let persons = vec![
                person("Анна Соколова", "anna@firma.example"),
                person(spoofed, "eve@firma.example"),
                person("Борис Орлов", "boris@firma.example"),
            ];
            let mut model = Model::default();
            model.apply(Event::Directory(Box::new(Directory { persons, ..Directory::default() })));
            let told: Vec<&str> = model.twins.iter().map(String::as_str).collect();
            assert_eq!(told, ["anna@firma.example", "eve@firma.example"], "{spoofed:?}");
            // What is drawn turns nothing around.
            assert!(!harmless(spoofed).contains('\u{202E}'));
        }
    }
}
