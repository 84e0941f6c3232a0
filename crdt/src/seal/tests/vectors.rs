//! Tests of `seal`: vectors.

use super::*;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

/// Everything that is sealed, from keys, nonces and an ephemeral key that are given.
fn vectors() -> String {
    let heads = [EntryId([0x11; 32]), EntryId([0x12; 32])];
    let (key, audience, older) =
        (Key::from_bytes([0x21; 32]), Key::from_bytes([0x22; 32]), Key::from_bytes([0x23; 32]));
    let own = SealingKey::from_secret(Secret::new([0x31; 32]));
    let nonce = || Nonce([0x41; NONCE_BYTES]);
    let commit = key.commit();
    let stanza = Stanza::seal(&context(&commit, &heads), READER, own.public(), &key, &mut Fixed(0x51)).unwrap();
    let mut entry = step();
    entry.body = seal_body(&key, &entry, b"hello", nonce());
    let lines = [
        ("sealing key, public", own.public().as_bytes().to_vec()),
        ("sealing key, id", own.id().0.to_vec()),
        ("commit", commit.0.to_vec()),
        ("stanza", stanza.ct.to_vec()),
        ("audience wrap", wrap_audience((EPOCH, &audience), &SPACE, &key, nonce()).ct.to_vec()),
        ("older wrap", wrap_older(&key, (EPOCH, &older), nonce()).ct.to_vec()),
        ("step aad", entry.seal_aad()),
        ("step body", entry.body),
        ("blob", seal_blob(&key, &SPACE, &EPOCH, b"hello", nonce())),
        ("members", seal_members(&key, &SPACE, b"hello", nonce())),
    ];
    lines.map(|(name, bytes)| format!("{name}: {}\n", hex(&bytes))).concat()
}

/// Gives one byte for ever.
struct Fixed(u8);

impl Entropy for Fixed {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

#[test]
fn vectors_have_not_changed() {
    let kept = include_str!("vectors.txt");
    assert_eq!(kept.replace("\r\n", "\n"), vectors(), "what is sealed today would be opened by nobody");
}
