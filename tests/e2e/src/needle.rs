//! Searching bytes for texts in the forms in which they could leak.

use std::collections::BTreeSet;
use std::path::Path;

/// Texts to be found, each in all its forms.
#[derive(Debug)]
pub struct Needles {
    needles: Vec<Needle>,
    /// By their first two bytes, the needles that begin with them.
    beginnings: Vec<Vec<usize>>,
}

#[derive(Debug)]
struct Needle {
    label: String,
    bytes: Vec<u8>,
}

impl Needles {
    /// All forms of all these texts.
    pub fn new(texts: &[impl AsRef<str>]) -> Self {
        let mut needles = Self { needles: Vec::new(), beginnings: vec![Vec::new(); 1 << 16] };
        for text in texts {
            for (form, bytes) in forms(text.as_ref()) {
                needles.add(format!("{} in {form}", text.as_ref()), bytes);
            }
        }
        needles
    }

    /// Looks for these bytes too.
    ///
    /// # Panics
    /// When they are fewer than four, which would be found everywhere.
    pub fn add(&mut self, label: String, bytes: Vec<u8>) {
        assert!(4 <= bytes.len(), "{label}: too short to be told from chance");
        self.beginnings[beginning(&bytes)].push(self.needles.len());
        self.needles.push(Needle { label, bytes });
    }

    /// What of them is in `bytes`.
    pub fn found_in(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for (at, two) in bytes.windows(2).enumerate() {
            for it in &self.beginnings[beginning(two)] {
                if bytes[at..].starts_with(&self.needles[*it].bytes) {
                    found.insert(self.needles[*it].label.as_str());
                }
            }
        }
        found
    }

    /// What of them is in a file, or in any file, file name or link below a directory.
    ///
    /// # Panics
    /// When something cannot be read.
    pub fn found_below(&self, path: &Path) -> BTreeSet<&str> {
        let kind = std::fs::symlink_metadata(path).unwrap().file_type();
        let mut found = self.found_in(path.as_os_str().as_encoded_bytes());
        if kind.is_file() {
            found.extend(self.found_in(&std::fs::read(path).unwrap()));
        } else if kind.is_dir() {
            for entry in std::fs::read_dir(path).unwrap() {
                found.extend(self.found_below(&entry.unwrap().path()));
            }
        }
        found
    }
}

/// A text as bytes, in every form a program may write it.
pub fn forms(text: &str) -> Vec<(String, Vec<u8>)> {
    let utf8 = text.as_bytes().to_vec();
    let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let hex = |upper: bool| {
        let digits: String = utf8.iter().map(|it| format!("{it:02x}")).collect();
        if upper { digits.to_uppercase().into_bytes() } else { digits.into_bytes() }
    };
    let mut forms = vec![
        ("UTF-8".to_owned(), utf8.clone()),
        ("UTF-16 LE".to_owned(), wide(u16::to_le_bytes)),
        ("UTF-16 BE".to_owned(), wide(u16::to_be_bytes)),
        ("hex".to_owned(), hex(false)),
        ("upper-case hex".to_owned(), hex(true)),
    ];
    forms.extend((0..3).map(|offset| (format!("base64 at offset {offset}"), base64(&utf8, offset))));
    if !text.is_ascii() {
        forms.push(("CP1251".to_owned(), text.chars().map(cp1251).collect()));
    }
    forms
}

fn beginning(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// The letters of base64 that depend on nothing but `bytes`, when `offset` other bytes come first.
fn base64(bytes: &[u8], offset: usize) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = bytes.iter().flat_map(|it| (0..8).rev().map(move |at| it >> at & 1)).collect();
    let foreign = (6 - offset * 8 % 6) % 6;
    let sixes = bits[foreign..].chunks_exact(6);
    sixes.map(|six| LETTERS[six.iter().fold(0, |sum, bit| sum << 1 | usize::from(*bit))]).collect()
}

fn cp1251(letter: char) -> u8 {
    match u32::from(letter) {
        code @ 0..0x80 => u8::try_from(code).unwrap(),
        code @ 0x410..=0x44F => u8::try_from(code - 0x410 + 0xC0).unwrap(),
        0x401 => 0xA8,
        0x451 => 0xB8,
        _ => panic!("{letter} is not in the part of CP1251 that is known here"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found_in_the_middle_of_other_bytes() {
        for text in ["kd83jQp0Lx2z", "ЖщЪыёЭюЯйЦфЁ"] {
            let needles = Needles::new(&[text]);
            for (form, bytes) in forms(text) {
                let around = [b"\x00\xff".as_slice(), &bytes, b"!"].concat();
                let found = needles.found_in(&around);
                assert!(found.contains(format!("{text} in {form}").as_str()), "{text} in {form}: {found:?}");
            }
        }
    }

    #[test]
    fn base64_does_not_depend_on_what_is_around() {
        // "xxhello worldyyy" and so on, encoded by another program.
        let encoded = ["aGVsbG8gd29ybGR5eXk=", "eGhlbGxvIHdvcmxkeXl5", "eHhoZWxsbyB3b3JsZHl5eQ=="];
        for (offset, text) in encoded.iter().enumerate() {
            let part = String::from_utf8(base64(b"hello world", offset)).unwrap();
            assert!(text.contains(&part) && 12 <= part.len(), "{offset}: {part} in {text}");
        }
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        assert!(Needles::new(&["kd83jQp0Lx2z"]).found_in(b"kd83jQp0Lx2 z and more").is_empty());
    }
}
