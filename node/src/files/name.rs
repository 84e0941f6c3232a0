//! Names of files that others chose, made safe to show and to write.

/// Longest name that is written, bytes of UTF-8: file systems take 255 bytes or more, and a number may be added.
const NAME_BYTES_MAX: usize = 230;
/// What stands in where nothing of a name is left.
const NAMELESS: &str = "file";
/// Names that Windows gives to devices, with any ending and in any case.
const DEVICES: [&str; 8] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$", "KEYBD$"];

/// Characters that are not seen and change how others are: marks and overrides of direction, joiners that hide, marks of
/// order. A name with them can end in `.exe` and look as if it ended in `.pdf`.
fn is_unseen(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

/// The name as it is shown: its last part, without characters that hide something. Never empty.
pub fn shown(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).find(|it| !it.trim().is_empty()).unwrap_or_default();
    let seen: String = last.chars().filter(|it| !is_unseen(*it)).collect();
    match seen.trim() {
        "" | "." | ".." => NAMELESS.to_owned(),
        name => name.to_owned(),
    }
}

/// The name under which a file may be written on every system: one part of a path, no name of a device, not hidden, not
/// too long; its ending stays.
pub fn written(name: &str) -> String {
    let forbidden = |it: char| matches!(it, '<' | '>' | ':' | '"' | '|' | '?' | '*');
    let name: String = shown(name).chars().map(|it| if forbidden(it) { '_' } else { it }).collect();
    // Windows drops blanks and dots at the end, so that another name would be written than was looked for.
    let name = name.trim_end_matches([' ', '.']);
    let (stem, _) = name.split_once('.').unwrap_or((name, ""));
    let name = match name {
        "" => NAMELESS.to_owned(),
        name if name.starts_with('.') || is_device(stem.trim_end()) => format!("_{name}"),
        name => name.to_owned(),
    };
    shortened(&name, NAME_BYTES_MAX)
}

/// Whether Windows takes the stem of a name for a device.
fn is_device(stem: &str) -> bool {
    let upper = stem.to_uppercase();
    let port = upper.strip_prefix("COM").or_else(|| upper.strip_prefix("LPT"));
    let numbered = port.is_some_and(|it| matches!(it, "¹" | "²" | "³") || (it.len() == 1 && it != "."));
    DEVICES.contains(&upper.as_str()) || numbered
}

/// The name with a number before its ending, for a place where the name is taken.
pub fn numbered(name: &str, number: u32) -> String {
    let (stem, ending) = parts(name);
    format!("{stem} ({number}){ending}")
}

/// Stem, and ending with its dot; an ending is short and not all there is.
fn parts(name: &str) -> (&str, &str) {
    match name.rfind('.').and_then(|at| name.split_at_checked(at)) {
        Some((stem, ending)) if !stem.is_empty() && ending.len() <= 32 => (stem, ending),
        _ => (name, ""),
    }
}

/// Cuts the stem of a name between characters until the whole has that many bytes at most.
pub fn shortened(name: &str, bytes: usize) -> String {
    if name.len() <= bytes {
        return name.to_owned();
    }
    let (stem, ending) = parts(name);
    let mut cut = String::new();
    for char in stem.chars() {
        if cut.len() + char.len_utf8() + ending.len() > bytes {
            break;
        }
        cut.push(char);
    }
    cut + ending
}

#[cfg(test)]
mod tests;
