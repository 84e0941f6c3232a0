//! What somebody at the switch can read: nothing.

use artel_e2e::needle::forms;
use artel_e2e::{Capture, Door, Host, Lab, Needles, admit, await_equal, until};

/// Name of the organisation, of a private channel, a topic, and three texts: each 12 characters that occur nowhere else.
const CANARIES: [&str; 6] =
    ["РомашкаЁж7Ъц", "kd83jQp0Lx2z", "ЩукаТема4Йфы", "ЪыъЭюЯ912Жук", "Zx9vQw3rTy7u", "ЛичноеМне5Яш"];

const ENGLISH_LETTERS: &str = "0123456789abcdefghjkmnpqrstvwxyz";

#[test]
fn abuse_51_captured_traffic_tells_nothing() {
    let Some(lab) = Lab::up(2) else { return };
    let (anna, boris) = (lab.host(1), lab.host(2));
    let everything = Capture::start(&lab, "everything", &[]);
    let multicast = Capture::start(&lab, "multicast", &["multicast", "or", "broadcast"]);
    let [organisation, private, topic, first, second, direct] = CANARIES;
    anna.found(organisation);
    anna.start();
    let invite = anna.invite(boris, Door::Guarded);
    let code = invite["code"].as_str().unwrap().to_owned();
    let words = admit(anna, boris.join(&code, &[]));
    boris.start();
    anna.one(&["channel", "create", private, "--private", "--history", "shared"]);
    anna.ok(&["channel", "add", private, &boris.email()]);
    anna.ok(&["channel", "topic", private, topic]);
    anna.send(private, first);
    // The topic is a line of the history too.
    boris.await_texts(private, 30, &[topic.to_owned(), first.to_owned()]);
    boris.send(private, second);
    anna.send(&boris.at_email(), direct);
    anna.await_texts(private, 30, &[topic, first, second].map(str::to_owned));
    boris.await_texts(&anna.at_email(), 30, &[direct.to_owned()]);
    boris.restart();
    until("they are linked again", 30, || (boris.peers() == 1).then_some(()));
    await_equal(&[anna, boris], 60);
    let states = [anna.status(), boris.status()];
    let keys = [anna, boris].map(public_key);
    boris.stop();
    anna.stop();

    let (everything, multicast) = (everything.stop(), multicast.stop());
    assert!(20_000 < everything.len(), "a conversation was captured: {} bytes", everything.len());
    let mut secrets = Needles::new(&CANARIES);
    for key in &keys {
        key_forms(key).into_iter().for_each(|(form, bytes)| secrets.add(form, bytes));
    }
    for text in [&code, &words, &anna.email(), &boris.email(), &anna.person(), &boris.person()] {
        forms(text).into_iter().for_each(|(form, bytes)| secrets.add(format!("{text} in {form}"), bytes));
    }
    let found = secrets.found_in(&everything);
    assert!(found.is_empty(), "read on the wire: {found:?}");

    assert!(200 < multicast.len(), "announcements were captured: {} bytes", multicast.len());
    assert!(!Needles::new(&["_artel"]).found_in(&multicast).is_empty(), "announcements are in the capture");
    let mut names = identities(&states);
    for key in &keys {
        key_forms(key).into_iter().for_each(|(form, bytes)| names.add(form, bytes));
    }
    let found = names.found_in(&multicast).iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    assert!(found.is_empty(), "announced: {found:?}");
}

/// Ids, also as bytes, names and host names: what must not be announced.
fn identities(states: &[serde_json::Value]) -> Needles {
    let host_name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let mut texts = vec![host_name.trim().to_owned()];
    for state in states {
        texts.extend(
            ["organisation", "name", "device", "person", "email"].map(|it| state[it].as_str().unwrap().to_owned()),
        );
    }
    texts.retain(|it| 6 <= it.len());
    let mut needles = Needles::new(&texts);
    for id in texts.iter().filter(|it| it.chars().all(|letter| ENGLISH_LETTERS.contains(letter))) {
        let bytes = from_base32(id);
        // The fingerprint, ten bytes of the organisation's id, would be a name as good as the whole.
        needles.add(format!("{id} as bytes"), bytes[..10.min(bytes.len())].to_vec());
        needles.add(format!("the beginning of {id}"), id.as_bytes()[..16.min(id.len())].to_vec());
    }
    needles
}

/// The Ed25519 key of a device: the key that its certificate confirms.
fn public_key(host: &Host) -> [u8; 32] {
    let file = host.home().parent().unwrap().join("bundle");
    host.ok(&["cert", "export", file.to_str().unwrap()]);
    let bundle = std::fs::read(file).unwrap();
    // cnf = {1: {1: 1, -1: 6, -2: key}}, the first one in the file is the holder's.
    let before = [0x08, 0xa1, 0x01, 0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 0x20];
    let at = bundle.windows(before.len()).position(|it| it == before).expect("a certificate confirms a key");
    bundle[at + before.len()..][..32].try_into().unwrap()
}

/// A key and the peer id that is made of it, in every form in which a program may write them.
fn key_forms(key: &[u8; 32]) -> Vec<(String, Vec<u8>)> {
    // The identity multihash of the key as libp2p's protobuf has it.
    let peer = [&[0x00, 0x24, 0x08, 0x01, 0x12, 0x20][..], key].concat();
    let hex: String = key.iter().map(|it| format!("{it:02x}")).collect();
    let name = base58(&peer);
    assert!(name.starts_with("12D3KooW"), "a peer id of an Ed25519 key: {name}");
    let mut all =
        vec![("a public key".to_owned(), key.to_vec()), ("half of a public key".to_owned(), key[..16].to_vec())];
    for text in [hex, name.chars().skip(8).collect(), name] {
        all.extend(forms(&text).into_iter().map(|(form, bytes)| (format!("{text} in {form}"), bytes)));
    }
    all
}

fn base58(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut digits: Vec<u8> = Vec::new();
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = u8::try_from(carry % 58).unwrap();
            carry /= 58;
        }
        while carry > 0 {
            digits.push(u8::try_from(carry % 58).unwrap());
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|it| **it == 0).map(|_| '1');
    zeros.chain(digits.iter().rev().map(|it| char::from(LETTERS[usize::from(*it)]))).collect()
}

fn from_base32(text: &str) -> Vec<u8> {
    let fives = text.chars().map(|it| ENGLISH_LETTERS.find(it).unwrap());
    let bits: Vec<usize> = fives.flat_map(|five| (0..5).rev().map(move |at| five >> at & 1)).collect();
    bits.chunks_exact(8).map(|it| u8::try_from(it.iter().fold(0, |sum, bit| sum << 1 | bit)).unwrap()).collect()
}

#[test]
fn a_text_sent_in_clear_would_be_found() {
    let Some(lab) = Lab::up(2) else { return };
    let capture = Capture::start(&lab, "control", &[]);
    let file = lab.folder().join("packet");
    let needles = Needles::new(&CANARIES);
    let expected: Vec<(String, Vec<u8>)> = CANARIES
        .iter()
        .flat_map(|text| forms(text).into_iter().map(move |(form, bytes)| (format!("{text} in {form}"), bytes)))
        .collect();
    for (_, bytes) in &expected {
        std::fs::write(&file, [b"before ".as_slice(), bytes, b" behind"].concat()).unwrap();
        let target = format!("cat '{}' > /dev/udp/{}/4999", file.display(), lab.host(2).address());
        lab.host(1).tool(&["bash", "-c", &target]);
    }
    let bytes = capture.stop();
    let found = needles.found_in(&bytes);
    for (label, _) in &expected {
        assert!(found.contains(label.as_str()), "{label} was sent in clear and is not found");
    }
}
