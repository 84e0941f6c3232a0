//! A program that lets its person do everything. The others do not.

use artel_e2e::{Host, Lab, authority, await_equal, office, until};

#[test]
fn what_a_member_may_not_do_has_no_effect_when_his_program_lets_him() {
    let Some(mut lab) = Lab::up(3) else { return };
    if !lab.give_unchecked_program(2) {
        return;
    }
    let (anna, boris, vera) = (lab.host(1), lab.host(2), lab.host(3));
    office(anna, &[boris, vera]);
    let id = anna.send("общий", "слово Анны");
    for host in [boris, vera] {
        host.await_texts("общий", 30, &["слово Анны".to_owned()]);
    }
    await_equal(&[anna, boris, vera], 60);
    let before = anna.refused("void_act");
    let comes_to = authority(anna);

    boris.ok(&["team", "create", "захват"]);
    boris.ok(&["channel", "create", "мой"]);
    boris.ok(&["invite", "--email", "eve@romashka.example", "--name", "Eve"]);
    for host in [anna, vera] {
        until("the acts came and were refused", 30, || (before + 3 <= host.refused("void_act")).then_some(()));
        assert!(host.ok(&["team", "list"]).is_empty(), "no such team");
        let names: Vec<String> = host.ok(&["channel", "list"]).iter().map(|it| it["name"].to_string()).collect();
        assert!(!names.iter().any(|it| it.contains("мой")), "no such channel: {names:?}");
        let alarms = host.status()["alarms"].to_string();
        assert!(alarms.contains("void_act"), "people are told: {alarms}");
        assert_eq!(authority(host), comes_to, "the digest is what it was");
    }
    let invited: Vec<String> = anna.ok(&["invite", "list"]).iter().map(|it| it["email"].to_string()).collect();
    assert!(!invited.iter().any(|it| it.contains("eve@")), "nobody is invited by him: {invited:?}");
    // His own program knows it too: what everybody computes from the same acts is the same.
    await_equal(&[anna, boris, vera], 60);
    boris.ok(&["edit", &id, "слово Бориса"]);
    boris.ok(&["retract", &id]);
    anna.send("общий", "работаем дальше");
    for host in [anna, boris, vera] {
        host.await_texts("общий", 30, &["слово Анны".to_owned(), "работаем дальше".to_owned()]);
        assert_eq!(host.read("общий")[0]["edited"], false, "nobody edits for another");
    }
    every_administrative_command(anna, boris, vera);
    the_same_deed_by_a_moderator_and_by_a_plain_member(anna, boris, vera);
}

/// From a plain member's home each is refused; from a program that lets him each is signed, and everybody else passes over
/// the act, counts it and shows what was shown before.
fn every_administrative_command(anna: &Host, boris: &Host, vera: &Host) {
    let (annas, veras) = (anna.email(), vera.email());
    let device = anna.status()["device"].as_str().unwrap().to_owned();
    anna.ok(&["team", "create", "склад"]);
    for host in [boris, vera] {
        until("the team has come", 30, || host.ok(&["team", "list"]).pop());
    }
    let invited = anna.one(&["invite", "--email", "gleb@romashka.example", "--name", "Gleb"]);
    let invitation = invited["id"].as_str().unwrap().to_owned();
    anna.ok(&["policy", "set", "self_renew", "off"]);
    until("the rule is known", 30, || {
        let of = |host: &Host| host.ok(&["policy", "show"]).into_iter().find(|it| it["key"] == "self_renew");
        [boris, vera].into_iter().all(|it| of(it).is_some_and(|it| it["value"] == "off")).then_some(())
    });
    let visit = ["--until", "2099-01-01", "--spaces", "общий"];
    let commands: [&[&str]; 27] = [
        &["cert", "renew"],
        &["policy", "set", "pin", "admins"],
        &["policy", "set", "retract_minutes", "5"],
        &["person", "remove", &annas],
        &["device", "revoke", &device],
        &["role", &veras, "admin"],
        &["role", &veras, "member", "--archivist"],
        &["policy", "set", "archive", "all"],
        &["policy", "set", "create_public", "members"],
        &["team", "create", "мы"],
        &["team", "add", "склад", &veras],
        &["team", "defaults", "склад"],
        &["channel", "create", "новости", "--kind", "announcement"],
        &["channel", "rename", "общий", "мой"],
        &["channel", "archive", "общий"],
        &["channel", "moderator", "общий", &veras],
        &["channel", "posters", "общий", &veras],
        &["channel", "retention", "общий", "1"],
        &["channel", "receipts", "общий", "--set", "off"],
        &["invite", "--email", "fay@romashka.example", "--name", "Fay", "--role", "admin"],
        &[&["invite", "--email", "hugo@romashka.example", "--name", "Hugo", "--role", "guest"][..], &visit[..]]
            .concat(),
        &["invite", "cancel", &invitation],
        &["channel", "move", "общий", "--team", "склад"],
        &["team", "remove", "склад", &annas],
        &["device", "freeze", &device],
        &["device", "unfreeze", &device],
        &["person", "remove", &annas, "--strict"],
    ];
    let shown = |host: &Host| {
        let of = |words: &[&str]| host.ok(words).iter().map(ToString::to_string).collect::<Vec<_>>();
        let lists: [&[&str]; 4] = [&["team", "list"], &["channel", "list"], &["device", "list"], &["policy", "show"]];
        (lists.map(of), host.ok(&["person", "list"]).iter().map(|it| it["role"].to_string()).collect::<Vec<_>>())
    };
    let before = [shown(anna), shown(vera)];
    let comes_to = authority(anna);
    assert_eq!(authority(vera), comes_to);
    let mut counted = [anna, vera].map(|it| it.refused("void_act"));
    for words in commands {
        let refused = vera.artel(words);
        assert_eq!(refused.code, Some(4), "a plain member: {words:?}: {refused:?}");
        let done = boris.artel(words);
        assert_eq!(done.code, Some(0), "his program lets him: {words:?}: {done:?}");
        for (host, counted) in [anna, vera].iter().zip(&mut counted) {
            *counted += 1;
            until(&format!("{words:?} is counted"), 30, || (*counted <= host.refused("void_act")).then_some(()));
            assert_eq!(host.refused("void_act"), *counted, "{words:?} at {} is one act", host.person());
            assert_eq!(authority(host), comes_to, "{words:?} at {}", host.person());
        }
    }
    the_root_is_not_his(boris, vera);
    for (host, before) in [anna, vera].into_iter().zip(before) {
        assert_eq!(shown(host), before, "nothing of it counts at {}", host.person());
    }
    await_equal(&[anna, boris, vera], 60);
}

/// What the 24 words do is done by nobody who has others, whatever his program lets him.
fn the_root_is_not_his(boris: &Host, vera: &Host) {
    for host in [boris, vera] {
        let [words, new] = ["words", "new-words"].map(|it| host.home().with_file_name(it));
        std::fs::write(&words, format!("{}art", "abandon ".repeat(23))).unwrap();
        let [file, fresh] = [&words, &new].map(|it| it.to_str().unwrap());
        for words in [
            &["org", "recover", "--phrase-file", file][..],
            &["org", "rotate-root", "--phrase-file", file, "--new-phrase-file", fresh],
        ] {
            let refused = host.artel(words);
            assert_eq!(refused.code, Some(4), "{words:?}: {refused:?}");
        }
    }
}

/// Vera moderates, Boris does not and his program lets him all the same.
fn the_same_deed_by_a_moderator_and_by_a_plain_member(anna: &Host, boris: &Host, vera: &Host) {
    anna.ok(&["channel", "moderator", "общий", &vera.email()]);
    let (rude, polite) = (boris.send("общий", "грубость"), vera.send("общий", "вежливость"));
    for host in [anna, boris, vera] {
        until("both are read", 30, || {
            let texts = host.texts("общий");
            ["грубость", "вежливость"].iter().all(|it| texts.iter().any(|text| text == it)).then_some(())
        });
    }
    boris.ok(&["retract", &polite]);
    boris.ok(&["pin", &polite]);
    until("she may by now", 30, || (vera.artel(&["retract", &rude]).code == Some(0)).then_some(()));
    for host in [anna, boris, vera] {
        let state = |id: &str| host.read("общий").into_iter().find(|it| it["id"] == id).unwrap();
        until("the rude one is gone", 30, || (state(&rude)["state"] == "retracted").then_some(()));
        assert_eq!(state(&polite)["text"], "вежливость", "a plain member deletes nobody's words");
        assert_eq!(state(&rude)["text"], "");
    }
    await_equal(&[anna, boris, vera], 60);
    for host in [vera, boris, anna] {
        host.restart();
    }
    await_equal(&[anna, boris, vera], 60);
}
