//! A key survives the way through libp2p's spelling, and its order is libp2p's.

use libp2p::identity::Keypair;

use super::*;

#[test]
fn a_key_becomes_a_peer_id_and_back() {
    let mut keys = Vec::new();
    for _ in 0..16 {
        let peer = Keypair::generate_ed25519().public().to_peer_id();
        let key = PeerKey::of(&peer).unwrap();
        assert_eq!(key.peer_id().unwrap(), peer);
        keys.push((key, peer));
    }
    keys.sort_by_key(|(key, _)| *key);
    assert!(keys.windows(2).all(|pair| pair[0].1 < pair[1].1));
}

#[test]
fn a_foreign_identifier_is_no_key() {
    assert_eq!(PeerKey::of(&PeerId::random()), None);
}
