//! Tests of the vault: every doubt must end closed.

use std::path::PathBuf;

use super::*;

struct Place {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.cbor");
    Place { _folder: folder, path }
}

fn password(text: &str) -> Password {
    Password::new(text)
}

fn create(text: &str) -> (Place, Vault) {
    let place = place();
    let vault = Vault::create(&place.path, &password(text), &Factor::None, Cost::FLOOR).unwrap();
    (place, vault)
}

fn open(place: &Place, text: &str) -> Result<Vault, VaultError> {
    Vault::open(&place.path, &password(text), &Factor::None)
}

#[test]
fn the_same_password_brings_back_the_same_keys_and_secrets() {
    let (place, mut vault) = create("correct horse battery");
    vault.put_secret("relay-token", b"canary of the sealed part").unwrap();
    let again = open(&place, "correct horse battery").unwrap();
    assert_eq!(again.device_seed().unwrap().expose(), vault.device_seed().unwrap().expose());
    assert_eq!(again.sealing_key().unwrap().expose(), vault.sealing_key().unwrap().expose());
    assert_eq!(again.secret("relay-token"), Some(b"canary of the sealed part".as_slice()));
    assert_eq!(again.secret("nothing"), None);
    let purposes =
        [Purpose::Journal, Purpose::Index, Purpose::Search, Purpose::Blobs, Purpose::Identity, Purpose::Small];
    let mut keys: Vec<_> = purposes.iter().map(|it| *again.subkey(*it).expose()).collect();
    assert_eq!(keys, purposes.map(|it| *vault.subkey(it).expose()));
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), purposes.len(), "one key, one purpose");

    let bytes = std::fs::read(&place.path).unwrap();
    let seed = vault.device_seed().unwrap();
    for hidden in [b"canary".as_slice(), b"relay-token", seed.expose()] {
        assert!(!bytes.windows(hidden.len()).any(|it| it == hidden));
    }
}

#[test]
fn abuse_42_a_wrong_password_is_an_error_of_its_own() {
    let (place, _) = create("correct horse battery");
    assert!(matches!(open(&place, "correct horse batterz"), Err(VaultError::WrongPassword)));
    assert!(matches!(open(&place, ""), Err(VaultError::WrongPassword)));
    assert!(matches!(open(&super::tests::place(), "x"), Err(VaultError::Missing)));
    assert!(matches!(
        Vault::create(&place.path, &password("other"), &Factor::None, Cost::FLOOR),
        Err(VaultError::Exists)
    ));
}

#[test]
fn composed_and_decomposed_cyrillic_open_the_same_vault() {
    let (place, _) = create("\u{439}\u{451}лка зелёная");
    assert!(open(&place, "\u{438}\u{306}\u{435}\u{308}лка зелёная").is_ok());
    assert!(open(&place, "иелка зеленая").is_err());
}

#[test]
fn abuse_42_a_key_file_is_needed_by_arithmetic() {
    let place = place();
    let key_file = Factor::KeyFile(random_secret().unwrap());
    let vault = Vault::create(&place.path, &password("пароль"), &key_file, Cost::FLOOR).unwrap();
    let again = Vault::open(&place.path, &password("пароль"), &key_file).unwrap();
    assert_eq!(again.subkey(Purpose::Journal).expose(), vault.subkey(Purpose::Journal).expose());

    let other = Factor::KeyFile(random_secret().unwrap());
    assert!(matches!(Vault::open(&place.path, &password("пароль"), &Factor::None), Err(VaultError::FactorNeeded)));
    assert!(matches!(Vault::open(&place.path, &password("пароль"), &other), Err(VaultError::WrongPassword)));
    assert!(matches!(Vault::open(&place.path, &password("парол"), &key_file), Err(VaultError::WrongPassword)));

    // Even the right vault key does not make a slot believe that it has no factor.
    let mut file = vault.file.clone();
    file.slots[0] =
        Slot::seal(&file.id, &password("пароль"), &Factor::None, Cost::FLOOR, &Secret::new([7; 32])).unwrap();
    std::fs::write(&place.path, file.bytes().unwrap()).unwrap();
    assert!(matches!(Vault::open(&place.path, &password("пароль"), &Factor::None), Err(VaultError::Damaged)));
}

#[test]
fn a_changed_password_replaces_the_old_one_and_keeps_the_keys() {
    let (place, mut vault) = create("old");
    let before = vault.subkey(Purpose::Journal);
    let (old, wrong, new) = (password("old"), password("wrong"), password("new"));
    let refused = vault.change_password((&wrong, &Factor::None), (&new, &Factor::None), Cost::FLOOR);
    assert!(matches!(refused, Err(VaultError::WrongPassword)));
    assert!(open(&place, "old").is_ok());

    vault.change_password((&old, &Factor::None), (&new, &Factor::None), Cost::FLOOR).unwrap();
    assert!(matches!(open(&place, "old"), Err(VaultError::WrongPassword)));
    assert_eq!(open(&place, "new").unwrap().subkey(Purpose::Journal).expose(), before.expose());
    // And once more, through the slot that was made by the change.
    vault.change_password((&new, &Factor::None), (&old, &Factor::None), Cost::FLOOR).unwrap();
    assert!(open(&place, "old").is_ok());
}

#[test]
fn a_second_slot_opens_the_same_vault() {
    let (place, mut vault) = create("person");
    vault.add_slot(&password("credential of the service"), &Factor::None, Cost::FLOOR).unwrap();
    let again = open(&place, "credential of the service").unwrap();
    assert_eq!(again.subkey(Purpose::Small).expose(), vault.subkey(Purpose::Small).expose());
    assert!(open(&place, "person").is_ok());
    for _ in 2..format::SLOTS_MAX {
        vault.add_slot(&password("more"), &Factor::None, Cost::FLOOR).unwrap();
    }
    let refused = vault.add_slot(&password("one too many"), &Factor::None, Cost::FLOOR);
    assert!(matches!(refused, Err(VaultError::TooManySlots)));
}

#[test]
fn abuse_42_any_flipped_bit_keeps_the_vault_closed() {
    let (place, _) = create("correct horse battery");
    let good = std::fs::read(&place.path).unwrap();
    for place_of_flip in 0..good.len() {
        let mut bad = good.clone();
        bad[place_of_flip] ^= 1 << (place_of_flip % 8);
        std::fs::write(&place.path, &bad).unwrap();
        assert!(open(&place, "correct horse battery").is_err(), "bit {} of byte {place_of_flip}", place_of_flip % 8);
    }
    for length in [0, 1, 10, good.len() - 1] {
        std::fs::write(&place.path, &good[..length]).unwrap();
        assert!(open(&place, "correct horse battery").is_err(), "cut to {length}");
    }
    std::fs::write(&place.path, [good.as_slice(), b"\0"].concat()).unwrap();
    assert!(matches!(open(&place, "correct horse battery"), Err(VaultError::Damaged)));
    std::fs::write(&place.path, &good).unwrap();
    assert!(open(&place, "correct horse battery").is_ok());
}

#[test]
fn abuse_42_a_slot_of_another_vault_opens_nothing() {
    let (mine, vault) = create("mine");
    let (_theirs, other) = create("theirs");
    for slots in [other.file.slots.clone(), [vault.file.slots.clone(), other.file.slots.clone()].concat()] {
        let swapped = format::File { slots, ..vault.file.clone() };
        std::fs::write(&mine.path, swapped.bytes().unwrap()).unwrap();
        assert!(matches!(open(&mine, "theirs"), Err(VaultError::WrongPassword)));
        assert!(open(&mine, "mine").is_err());
    }
    // Their slot together with their sealed part is still not this vault, as its id is in every seal.
    let swapped = format::File { id: vault.file.id, ..other.file.clone() };
    std::fs::write(&mine.path, swapped.bytes().unwrap()).unwrap();
    assert!(open(&mine, "theirs").is_err());
}

#[test]
fn abuse_42_lowered_and_absurd_parameters_are_refused_before_any_work() {
    let (place, vault) = create("correct horse battery");
    let check = |cost: Cost| {
        let mut file = vault.file.clone();
        file.slots[0].cost = cost;
        std::fs::write(&place.path, file.bytes().unwrap()).unwrap();
        open(&place, "correct horse battery")
    };
    for weak in [
        Cost { memory_kib: Cost::FLOOR.memory_kib - 1, ..Cost::FLOOR },
        Cost { passes: 0, ..Cost::FLOOR },
        Cost { lanes: 0, ..Cost::FLOOR },
        Cost { memory_kib: u32::MAX, ..Cost::FLOOR },
        Cost { passes: u32::MAX, ..Cost::FLOOR },
    ] {
        assert!(matches!(check(weak), Err(VaultError::WeakSlot)), "{weak:?}");
        assert!(Slot::seal(&[0; 16], &password("x"), &Factor::None, weak, &Secret::new([0; 32])).is_err());
    }
    assert!(matches!(check(Cost { passes: 2, ..Cost::FLOOR }), Err(VaultError::WrongPassword)));
}

#[test]
fn abuse_42_a_removed_slot_is_noticed() {
    let (place, mut vault) = create("person");
    vault.add_slot(&password("second"), &Factor::None, Cost::FLOOR).unwrap();
    let mut file = vault.file.clone();
    file.slots.truncate(1);
    std::fs::write(&place.path, file.bytes().unwrap()).unwrap();
    assert!(matches!(open(&place, "person"), Err(VaultError::Damaged)));
}

#[test]
fn a_newer_format_is_named_and_not_touched() {
    let (place, vault) = create("person");
    let mut bytes = vault.file.bytes().unwrap();
    assert_eq!(bytes[2], 1, "the format number is the first value");
    bytes[2] = 2;
    std::fs::write(&place.path, &bytes).unwrap();
    assert!(matches!(open(&place, "person"), Err(VaultError::TooNew { found: 2, supported: 1 })));
    assert_eq!(std::fs::read(&place.path).unwrap(), bytes);
}

#[test]
fn nothing_secret_can_be_printed() {
    let (_place, vault) = create("hunter-hunter-hunter");
    let secret = Secret::new([0x41; 32]);
    assert_eq!(format!("{secret:?}"), "Secret(..)");
    let factor = Factor::KeyFile(Secret::new([0x41; 64]));
    let printed = format!("{vault:?} {:?} {factor:?}", password("hunter-hunter-hunter"));
    assert!(!printed.contains("hunter") && !printed.contains("65, 65"), "{printed}");
    let seed = format!("{:?}", vault.device_seed().unwrap().expose());
    assert!(!printed.contains(&seed));
}

#[test]
fn a_locked_screen_keeps_what_serving_needs_and_drops_the_vault() {
    let (_place, vault) = create("person");
    let (seed, journal) = (vault.device_seed().unwrap(), vault.subkey(Purpose::Journal));
    let mut state = VaultState::Open(Box::new(vault));
    assert!(state.vault().is_some());
    state.lock_screen().unwrap();
    assert!(state.vault().is_none());
    match &state {
        VaultState::ScreenLocked(keys) => {
            assert_eq!(keys.device_seed.expose(), seed.expose());
            assert_eq!(keys.journal.expose(), journal.expose());
        }
        other => panic!("{other:?}"),
    }
    state.lock_screen().unwrap();
    assert!(matches!(state, VaultState::ScreenLocked(_)));
    state.seal();
    state.lock_screen().unwrap();
    assert!(matches!(state, VaultState::Sealed));
}

#[test]
fn a_shredded_vault_is_gone() {
    let (place, _) = create("person");
    Vault::shred(&place.path).unwrap();
    assert!(matches!(open(&place, "person"), Err(VaultError::Missing)));
    Vault::shred(&place.path).unwrap();
}

#[track_caller]
fn check_policy(typed: &str, strength: Strength, expected: &[PasswordFlaw]) {
    let names = ["ООО Ромашка", "Romashka LLC", "Иван Петрович Иванов", "ivanov", "ivanov@romashka.example"];
    let found = check_password(typed, &names, strength).err().unwrap_or_default();
    assert_eq!(found, expected, "{typed}");
}

#[test]
fn the_policy_asks_for_length_and_refuses_names() {
    use PasswordFlaw::{Guessable, TooLong, TooShort};
    use Strength::{Alone, WithFactor};

    check_policy("вчера шёл тёплый дождь", Alone, &[]);
    check_policy("umbrella stove lantern", Alone, &[]);
    check_policy("umbrella stov", Alone, &[TooShort { chars: 13, least: 15 }]);
    check_policy("umbrella stov", WithFactor, &[]);
    check_policy("umbrella st", WithFactor, &[TooShort { chars: 11, least: 12 }]);
    check_policy("artel-ivanov-1987", Alone, &[Guessable]);
    check_policy("Ромашка-Иванов-2026", Alone, &[Guessable]);
    check_policy("ROMASHKA ivanov 123", Alone, &[Guessable]);
    check_policy("aaaaaaaaaaaaaaaaaaa", Alone, &[Guessable]);
    check_policy("123456789012345678", Alone, &[Guessable]);
    check_policy("password password password", Alone, &[Guessable]);
    check_policy("йцукен", Alone, &[TooShort { chars: 6, least: 15 }, Guessable]);
    check_policy(&"длинная фраза ".repeat(8), Alone, &[]);
    check_policy(&"я".repeat(600), Alone, &[TooLong]);
    // One visible character counts once, however it was composed.
    check_policy("й\u{438}\u{306}ё\u{435}\u{308}крылсад", WithFactor, &[TooShort { chars: 11, least: 12 }]);
}

#[test]
fn a_replaced_sealing_key_still_opens_for_four_months() {
    const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
    let (place, mut vault) = create("person");
    let keys = |vault: &Vault| vault.sealing_keys().unwrap().iter().map(|it| *it.expose()).collect::<Vec<_>>();
    let first = *vault.sealing_key().unwrap().expose();
    let begun = 1_000 * DAY_MS;
    vault.replace_sealing_key(&Secret::new([2; 32]), begun).unwrap();
    vault.replace_sealing_key(&Secret::new([3; 32]), begun + 100 * DAY_MS).unwrap();
    assert_eq!(keys(&vault), [[3; 32], [2; 32], first]);
    assert_eq!(keys(&open(&place, "person").unwrap()), keys(&vault), "they are durable");
    vault.replace_sealing_key(&Secret::new([4; 32]), begun + 121 * DAY_MS).unwrap();
    assert_eq!(keys(&vault), [[4; 32], [3; 32], [2; 32]], "what was replaced long ago is gone");
    for number in 0..40 {
        vault.replace_sealing_key(&Secret::new([number; 32]), begun + 121 * DAY_MS).unwrap();
    }
    assert!(keys(&vault).len() <= 17, "{} keys", keys(&vault).len());
}
