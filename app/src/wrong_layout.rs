//! Words typed in the other keyboard layout: `j,obq` is `общий`, `щаашсу` is `office`.

const LATIN: &str = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.";
const CYRILLIC: &str = "ёйцукенгшщзхъфывапролджэячсмитьбю";

/// The same keys in the other layout, lower case.
pub(crate) fn other(text: &str) -> String {
    text.to_lowercase().chars().map(other_char).collect()
}

fn other_char(typed: char) -> char {
    let swap = |from: &str, to: &str| from.chars().position(|it| it == typed).and_then(|at| to.chars().nth(at));
    swap(LATIN, CYRILLIC).or_else(|| swap(CYRILLIC, LATIN)).unwrap_or(typed)
}

/// How well `typed` fits `name`: greater is better, `None` if not at all. Both layouts count; letters may be left out.
pub(crate) fn fit(typed: &str, name: &str) -> Option<u32> {
    let name = name.to_lowercase().replace('ё', "е");
    let plain = typed.trim().to_lowercase().replace('ё', "е");
    fit_one(&plain, &name).or_else(|| fit_one(&other(&plain).replace('ё', "е"), &name).map(|it| it.saturating_sub(1)))
}

fn fit_one(typed: &str, name: &str) -> Option<u32> {
    if typed.is_empty() {
        return Some(0);
    }
    if name == typed {
        return Some(100);
    }
    if name.starts_with(typed) {
        return Some(90);
    }
    if name.split(|it: char| !it.is_alphanumeric()).any(|it| it.starts_with(typed)) {
        return Some(80);
    }
    if name.contains(typed) {
        return Some(60);
    }
    let mut letters = name.chars();
    let in_order = typed.chars().all(|wanted| letters.any(|it| it == wanted));
    (in_order && typed.chars().count() > 1).then_some(20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_layout_is_understood() {
        assert_eq!(other("j,obq"), "общий");
        assert_eq!(fit("j,obq", "общий"), Some(99));
        assert_eq!(fit("щаашсу", "office"), Some(99));
        assert!(fit("ghjlf", "продажи").is_some());
        assert_eq!(fit("склад", "продажи"), None);
    }

    #[test]
    fn the_better_the_fit_the_greater() {
        assert!(fit("общ", "общий") > fit("щи", "общий"));
        assert!(fit("орлов", "Михаил Орлов") > fit("рлов", "Михаил Орлов"));
        assert!(fit("мрл", "Михаил Орлов").is_some());
    }
}
