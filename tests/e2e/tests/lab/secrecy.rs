//! A private channel of two among three: the third learns nothing.

use artel_e2e::{Door, Host, Lab, Needles, enrol, until};

const NAME: &str = "слияние-qz7";
const TEXTS: [&str; 2] = ["КупимЛютик1х", "acquire84Wqz"];
const TOPIC: &str = "ТемаСекрет9ъ";

#[test]
fn the_third_learns_nothing_of_a_private_channel_of_two() {
    let Some(lab) = Lab::up(3) else { return };
    let (anna, boris, vera) = (lab.host(1), lab.host(2), lab.host(3));
    anna.found("Ромашка");
    anna.start();
    enrol(anna, boris, Door::Open);
    enrol(anna, vera, Door::Open);
    let private = anna.one(&["channel", "create", NAME, "--private"]);
    let id = private["id"].as_str().unwrap();
    anna.ok(&["channel", "add", NAME, &boris.email()]);
    anna.ok(&["channel", "topic", NAME, TOPIC]);
    let first = anna.send(NAME, TEXTS[0]);
    // The topic is a line of the history too.
    boris.await_texts(NAME, 30, &[TOPIC.to_owned(), TEXTS[0].to_owned()]);
    boris.send(NAME, TEXTS[1]);
    anna.ok(&["react", &first, "👍"]);
    anna.await_texts(NAME, 30, &[TOPIC, TEXTS[0], TEXTS[1]].map(str::to_owned));
    // Long enough for her node to have exchanged with both all that it may.
    anna.one(&["channel", "create", "общий"]);
    for (host, text) in [(anna, "все"), (boris, "здесь")] {
        until("the channel has come", 30, || (host.artel(&["send", "общий", text]).code == Some(0)).then_some(()));
    }
    vera.await_texts("общий", 30, &["все".to_owned(), "здесь".to_owned()]);
    std::thread::sleep(std::time::Duration::from_secs(3));

    let secrets = Needles::new(&[NAME, TEXTS[0], TEXTS[1], TOPIC, id]);
    // A core dump comes first: a name given to a command would be in memory for that reason.
    memory_is_clean(&secrets, boris, vera);
    commands_are_clean(&secrets, id, vera);
    vera.stop();
    for (host, whose) in [(vera, "the third"), (boris, "a member")] {
        let readable = Needles::new(&[NAME, TEXTS[0], TEXTS[1], TOPIC]);
        let found = readable.found_below(host.home());
        assert!(found.is_empty(), "in the home of {whose}: {found:?}");
    }
}

const LATER: [&str; 2] = ["послеБориса7ж", "afterVera31kx"];

/// Whoever is taken out, or leaves, reads nothing that is written afterwards; who comes in between does, and whoever holds
/// the whole of a disk or of a memory finds no more than his program showed.
#[test]
fn a_private_channel_keeps_its_secrets_while_people_come_and_go() {
    let Some(lab) = Lab::up(4) else { return };
    let (anna, boris, vera, gleb) = (lab.host(1), lab.host(2), lab.host(3), lab.host(4));
    anna.found("Ромашка");
    anna.start();
    [boris, vera, gleb].into_iter().for_each(|it| enrol(anna, it, Door::Open));
    anna.one(&["channel", "create", NAME, "--private"]);
    anna.ok(&["channel", "add", NAME, &boris.email()]);
    anna.send(NAME, TEXTS[0]);
    boris.await_texts(NAME, 30, &[TEXTS[0].to_owned()]);
    // Boris is taken out, Vera comes.
    anna.ok(&["channel", "remove", NAME, &boris.email()]);
    anna.ok(&["channel", "add", NAME, &vera.email()]);
    until("she may write", 30, || (vera.artel(&["send", NAME, LATER[0]]).code == Some(0)).then_some(()));
    until("it is read", 30, || anna.texts(NAME).contains(&LATER[0].to_owned()).then_some(()));
    // Vera leaves by herself.
    vera.ok(&["channel", "leave", NAME]);
    until("she is out", 30, || {
        let members: Vec<String> = anna.ok(&["channel", "members", NAME]).iter().map(ToString::to_string).collect();
        (!members.is_empty() && !members.iter().any(|it| it.contains(&vera.email()))).then_some(())
    });
    anna.send(NAME, LATER[1]);
    // All of them are on the same page of what is for everybody, and long enough together.
    anna.one(&["channel", "create", "общий"]);
    for (host, text) in [(anna, "раз"), (boris, "два"), (vera, "три"), (gleb, "четыре")] {
        until("the channel has come", 30, || (host.artel(&["send", "общий", text]).code == Some(0)).then_some(()));
    }
    for host in [boris, vera, gleb] {
        until("all are there", 30, || (host.texts("общий").len() == 4).then_some(()));
    }
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!(anna.texts(NAME), [TEXTS[0], LATER[0], LATER[1]]);
    if let Some(memory) = anna.memory() {
        let found = Needles::new(&[NAME, TEXTS[0], LATER[0], LATER[1]]).found_in(&memory).len();
        assert!(0 < found, "the search finds what is in the memory of a member");
    }
    for (host, secrets) in [(boris, &LATER[..]), (vera, &LATER[1..]), (gleb, &[NAME, TEXTS[0], LATER[0], LATER[1]][..])]
    {
        let secrets = Needles::new(secrets);
        if let Some(memory) = host.memory() {
            let found = secrets.found_in(&memory);
            assert!(found.is_empty(), "in the memory of {}: {found:?}", host.person());
        }
        for words in [&["search", "после* OR after*"][..], &["read", NAME], &["unread"], &["channel", "list"]] {
            let told = host.artel(words);
            // A name that was asked for is named in the refusal.
            let all = format!("{}{}", told.stdout, told.stderr.replace(NAME, ""));
            let found = secrets.found_in(all.as_bytes());
            assert!(found.is_empty(), "{words:?} tells {} of {found:?}: {all}", host.person());
        }
        host.stop();
        let found = secrets.found_below(host.home());
        assert!(found.is_empty(), "in the home of {}: {found:?}", host.person());
    }
}

fn memory_is_clean(secrets: &Needles, boris: &Host, vera: &Host) {
    let (Some(member), Some(third)) = (boris.memory(), vera.memory()) else { return };
    let found = secrets.found_in(&member);
    assert!(!found.is_empty(), "the search finds what is in the memory of a member");
    let found = secrets.found_in(&third);
    assert!(found.is_empty(), "in the memory of the third: {found:?}");
}

fn commands_are_clean(secrets: &Needles, id: &str, vera: &Host) {
    let commands: [&[&str]; 13] = [
        &["channel", "list"],
        &["status"],
        &["unread"],
        &["person", "list"],
        &["device", "list"],
        &["team", "list"],
        &["pending"],
        &["invite", "list"],
        &["doctor"],
        &["config", "show"],
        &["read", "общий", "--last", "1000"],
        &["channel", "members", "общий"],
        &["search", "Купим* OR acquire* OR слияние*"],
    ];
    for words in commands {
        for outcome in [vera.artel(words), vera.artel_in("ru", words)] {
            let all = format!("{}{}", outcome.stdout, outcome.stderr);
            let found = secrets.found_in(all.as_bytes());
            assert!(found.is_empty(), "{words:?} tells {found:?}: {all}");
        }
    }
    // What she asks for by name is answered as what does not exist is.
    let export = vera.home().with_file_name("segment");
    for name in [NAME, id] {
        let unknown = if name == id { "0123456789abcdefghjkmnpqrs" } else { "слияние-qz8" };
        for words in [&["read"][..], &["tail"], &["channel", "members"], &["mark"], &["debug", "segment"]] {
            let more: &[&str] = if words[0] == "debug" { &["--export", export.to_str().unwrap()] } else { &[] };
            let ask = |name| vera.artel(&[words, &[name], more].concat());
            let (real, made_up) = (ask(name), ask(unknown));
            assert_eq!(real.code, Some(3), "{words:?} {name}: {real:?}");
            assert_eq!(real.stdout, "", "{words:?} {name}");
            let same = real.stderr.replace(name, "") == made_up.stderr.replace(unknown, "");
            assert!(same && real.code == made_up.code, "{words:?}: {real:?} and {made_up:?}");
        }
    }
}
