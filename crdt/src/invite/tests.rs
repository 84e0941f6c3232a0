//! Tests of `invite`.

#![allow(clippy::string_slice, reason = "the texts cut here are ASCII")]

use super::*;
use crate::testing::Counter;

const ORG: OrgId = OrgId([0x6c; 20]);

fn secret() -> InviteSecret {
    InviteSecret::random(&mut Counter(0))
}

#[test]
fn a_code_comes_back() {
    let code = secret().whole(&ORG);
    let text = code.reveal();
    assert_eq!(text.chars().filter(|it| *it != '-').count(), 47);
    assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [5, 5, 5, 5, 5, 5, 5, 5, 5, 2]);
    assert_eq!(text.parse(), Ok(code.clone()));
    assert_eq!(code.secret(None), Some(secret()));
    assert_eq!(code.org_fp(), ORG.fp());
}

#[test]
fn a_code_is_read_as_people_write_it() {
    let code = secret().whole(&ORG);
    let text = code.reveal();
    let written = [
        text.to_lowercase(),
        text.replace('-', ""),
        text.replace('-', " – "),
        format!("\n {}\t", text.replace('1', "I").replace('0', "O")),
        text.replace('1', "l").replace('0', "o"),
        text.replace('C', "С").replace('A', "а").replace('H', "Н").replace('0', "О"),
    ];
    for text in written {
        assert_eq!(text.parse(), Ok(code.clone()), "{text}");
    }
}

#[track_caller]
fn check_code(text: &str, expected: BadCode) {
    assert_eq!(text.parse::<Code>(), Err(expected), "{text}");
}

#[test]
fn abuse_38_mistyped_is_told_from_missing_and_from_newer() {
    let text = secret().whole(&ORG).reveal().replace('-', "");
    for at in 0..text.len() {
        for digit in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().filter(|it| !text[at..].starts_with(*it)) {
            let mistyped = format!("{}{digit}{}", &text[..at], &text[at + 1..]);
            check_code(&mistyped, BadCode::Mistyped);
        }
        if at > 0 && text[at - 1..at] != text[at..=at] {
            let swapped = format!("{}{}{}{}", &text[..at - 1], &text[at..=at], &text[at - 1..at], &text[at + 1..]);
            check_code(&swapped, BadCode::Mistyped);
        }
        let missing = format!("{}{}", &text[..at], &text[at + 1..]);
        check_code(&missing, BadCode::Length { found: 46, expected: 47 });
    }
    check_code(&format!("{text}0"), BadCode::Length { found: 48, expected: 47 });
    check_code("", BadCode::Length { found: 0, expected: 47 });
    check_code(&format!("{}U{}", &text[..6], &text[7..]), BadCode::Character(7));
    check_code(&format!("{}ы{}", &text[..6], &text[7..]), BadCode::Character(7));
    check_code(&code::tests_support::with_version(9, &ORG, 30), BadCode::Version(9));
    check_code(&code::tests_support::with_version(1, &ORG, 15), BadCode::Length { found: 45, expected: 47 });
}

#[test]
fn abuse_38_one_half_is_nothing() {
    let (code, mailed) = secret().halves(&ORG, &mut Counter(50));
    assert_eq!(code.reveal().parse(), Ok(code.clone()));
    assert_eq!(mailed.reveal().parse(), Ok(mailed.clone()));
    assert!(code.needs_mail());
    assert_eq!(code.secret(None), None);
    assert_eq!(code.secret(Some(&mailed)), Some(secret()));
    let other = secret().halves(&ORG, &mut Counter(60)).1;
    assert_ne!(code.secret(Some(&other)), Some(secret()));
    check_code(&mailed.reveal(), BadCode::OtherHalf);
    assert_eq!(code.reveal().parse::<MailCode>(), Err(BadCode::OtherHalf));
    assert_eq!("abc".parse::<MailCode>(), Err(BadCode::Length { found: 3, expected: 31 }));
}

#[test]
fn a_link_has_everything_filled_in() {
    let link = Link {
        code: secret().whole(&ORG),
        addresses: vec!["10.1.2.3:4001".to_owned(), "[fe80::1%eth0]:4001".to_owned(), "/dns4/a.b/tcp/1".to_owned()],
    };
    let text = link.reveal();
    assert!(text.starts_with("artel://join/"), "{text}");
    assert_eq!(text.parse(), Ok(link.clone()));
    assert_eq!(format!("{text}&new=1").parse(), Ok(link.clone()));
    assert_eq!(Link { addresses: Vec::new(), ..link.clone() }.reveal().parse::<Link>().unwrap().addresses.len(), 0);
    assert_eq!(format!("{text}&at=a b").parse::<Link>(), Err(BadLink::Address));
    assert_eq!(format!("{text}{}", "&at=h:1".repeat(14)).parse::<Link>(), Err(BadLink::Address));
    assert_eq!("artel://join/abc".parse::<Link>(), Err(BadCode::Length { found: 3, expected: 47 }.into()));
    assert_eq!("https://join/abc".parse::<Link>(), Err(BadLink::Form));
}

#[test]
fn keys_of_an_invitation_do_not_depend_on_chance() {
    assert_eq!(secret().id(), invite_id(&secret().public_key()));
    assert_ne!(secret().psk().expose(), secret().signing_key().as_bytes());
}

#[test]
fn a_box_opens_for_its_device_and_its_invitation_only() {
    let rng = &mut Counter(9);
    let (ours, other) = (Secret::random(rng), Secret::random(rng));
    let (device, invite) = (DeviceId([1; 16]), secret().id());
    let sealed = PskBox::seal(&secret(), &ORG, (device, &noise::x25519_public(&ours)), rng).unwrap();
    assert_eq!(sealed.open(&ours, &ORG, &invite), Some(secret().psk()));
    assert_eq!(sealed.open(&other, &ORG, &invite), None);
    assert_eq!(sealed.open(&ours, &OrgId([1; 20]), &invite), None);
    assert_eq!(sealed.open(&ours, &ORG, &InviteId([0; 16])), None);
    let moved = PskBox { device: DeviceId([2; 16]), ..sealed };
    assert_eq!(moved.open(&ours, &ORG, &invite), None);
    let mut enc = Enc::new();
    sealed.encode(&mut enc);
    let bytes = enc.finish();
    assert_eq!(PskBox::decode(&mut Dec::new(&bytes)), Ok(sealed));
    for len in 0..bytes.len() {
        assert!(PskBox::decode(&mut Dec::new(&bytes[..len])).is_err());
    }
    assert_eq!(PskBox::seal(&secret(), &ORG, (device, &[0; 32]), rng), None);
}

#[test]
fn nothing_secret_is_printed() {
    let (half, mailed) = secret().halves(&ORG, &mut Counter(50));
    let printed = format!("{:?} {:?} {half:?} {mailed:?}", secret(), secret().whole(&ORG));
    let fp = format!("{:?}", ORG.fp());
    let whole = format!("Code({fp}, Secret(..))");
    assert_eq!(printed, format!("Secret(..) {whole} {whole} MailCode(Secret(..))"));
}

#[test]
fn any_text_is_survived() {
    let rng = &mut Counter(3);
    for len in 0..600 {
        let mut bytes = vec![0; len % 80];
        rng.fill(&mut bytes);
        let text = String::from_utf8_lossy(&bytes);
        text.parse::<Code>().ok();
        text.parse::<MailCode>().ok();
        format!("artel://join/{text}").parse::<Link>().ok();
        crate::id::to_base32(&bytes).parse::<Code>().ok();
    }
}
