//! Descriptions, lists and pieces of files.

use super::*;
use crate::limits::{FILE_BYTES_MAX, LIST_PIECES_MAX};
use crate::seal::{open_piece, seal_piece};

fn hashes(count: u64) -> Vec<BlobHash> {
    (0..count).map(|it| BlobHash::of(&it.to_be_bytes())).collect()
}

fn file(size: u64) -> FileInfo {
    let lists = hashes(lists(size));
    let key = Key::from_bytes([7; 32]);
    let (name, media) = ("Отчёт за март.pdf".to_owned(), "application/pdf".to_owned());
    FileInfo { name, media, size, key, lists, pixels: None, thumbnail: None, rest: Vec::new() }
}

#[test]
fn descriptions_come_back_and_have_one_encoding() {
    let picture = FileInfo { pixels: Some((4_000, 3_000)), thumbnail: Some(vec![1; 900]), ..file(5_000_000) };
    let newer = FileInfo { rest: vec![(8, vec![0xf5]), (300, vec![0x01])], ..file(1) };
    for it in [file(0), file(1), picture, newer, file(3 << 30)] {
        let bytes = it.encode();
        assert_eq!(FileInfo::decode(&bytes).as_ref(), Ok(&it));
        for end in 0..bytes.len() {
            assert!(FileInfo::decode(&bytes[..end]).is_err(), "cut at {end}");
        }
        assert!(FileInfo::decode(&[&bytes[..], &[0]].concat()).is_err());
    }
}

#[test]
fn a_description_of_a_gigabyte_travels_with_its_message() {
    assert!(file(1 << 30).encode().len() < 1_000);
    assert!(file(FILE_BYTES_MAX).encode().len() < limits::BLOB_BYTES_MAX as usize);
}

#[test]
fn a_size_that_its_lists_do_not_cover_is_refused() {
    let good = file(10 * PIECE_BYTES as u64);
    for bad in [
        FileInfo { size: 0, ..good.clone() },
        FileInfo { size: (LIST_PIECES_MAX * PIECE_BYTES) as u64 + 1, ..good.clone() },
        FileInfo { lists: Vec::new(), ..good.clone() },
        FileInfo { name: String::new(), ..good.clone() },
        FileInfo { name: "a".repeat(limits::FILE_NAME_BYTES_MAX + 1), ..good.clone() },
        FileInfo { thumbnail: Some(vec![0; limits::THUMBNAIL_BYTES_MAX + 1]), ..good.clone() },
        FileInfo { size: u64::MAX, ..good },
    ] {
        assert!(FileInfo::decode(&bad.encode()).is_err(), "{} bytes named {}", bad.size, bad.name.len());
    }
}

#[test]
fn pieces_and_their_lengths_add_up() {
    let piece = PIECE_BYTES as u64;
    for size in [0, 1, piece - 1, piece, piece + 1, 5 * piece, FILE_BYTES_MAX] {
        let count = pieces(size);
        let last = count.checked_sub(1).and_then(|it| sealed_piece_bytes(size, it)).unwrap_or(0) as u64;
        let before = count.saturating_sub(1) * SEALED_PIECE_BYTES as u64;
        assert_eq!((before + last, sealed_piece_bytes(size, count)), (sealed_bytes(size), None), "{size} bytes");
    }
    assert_eq!(sealed_piece_bytes(u64::MAX, u64::MAX), None);
}

#[test]
fn a_list_is_taken_only_at_its_place_and_unchanged() {
    let size = (LIST_PIECES_MAX + 3) as u64 * PIECE_BYTES as u64;
    let made = make_lists(&hashes(pieces(size)));
    let file = FileInfo { lists: made.iter().map(|it| BlobHash::of(it)).collect(), ..file(size) };
    assert_eq!(open_list(&file, 0, &made[0]).map(|it| it.len()), Some(LIST_PIECES_MAX));
    assert_eq!(open_list(&file, 1, &made[1]), Some(hashes(pieces(size))[LIST_PIECES_MAX..].to_vec()));
    let mut flipped = made[1].clone();
    flipped[40] ^= 1;
    for (number, bytes) in [(0, &made[1]), (1, &made[0]), (2, &made[1]), (1, &flipped)] {
        assert_eq!(open_list(&file, number, bytes), None);
    }
}

#[test]
fn a_piece_opens_only_under_its_key_at_its_place_and_unchanged() {
    let (key, text) = (Key::from_bytes([7; 32]), vec![5; 1_000]);
    let sealed = seal_piece(&key, 3, text.clone());
    assert_eq!((open_piece(&key, 3, &sealed), sealed.len()), (Some(text), 1_016));
    assert_eq!(open_piece(&key, 4, &sealed), None);
    assert_eq!(open_piece(&Key::from_bytes([8; 32]), 3, &sealed), None);
    let mut flipped = sealed;
    flipped[17] ^= 1;
    assert_eq!(open_piece(&key, 3, &flipped), None);
    assert_eq!(open_piece(&key, 0, &[]), None);
}
