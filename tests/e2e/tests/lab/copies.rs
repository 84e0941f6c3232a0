//! What lies on the disk, and homes of which there are two or an old one.

use std::path::Path;
use std::process::Command;

use artel_e2e::{Lab, Needles, await_equal, office, until};

/// All bytes of a home whose node is stopped, elsewhere.
fn copy_home(from: &Path, to: &Path) {
    artel_e2e::process::system(Command::new("cp").arg("-a").arg(from).arg(to));
}

/// Two copies of one home that write at the same time, on either side of a cut cable: the true owner is told, and nobody
/// loses anything.
#[test]
fn a_cloned_device_raises_an_alarm() {
    let Some(lab) = Lab::up(3) else { return };
    let (anna, boris, clone) = (lab.host(1), lab.host(2), lab.host(3));
    office(anna, &[boris]);
    boris.send("общий", "Борис здесь");
    await_equal(&[anna, boris], 60);
    boris.stop();
    copy_home(boris.home(), clone.home());
    boris.start();
    anna.await_peers(30, 1);
    boris.send("общий", "это точно я");
    anna.await_texts("общий", 30, &["Борис здесь", "это точно я"].map(str::to_owned));
    assert!(boris.alarms().is_empty(), "{:?}", boris.alarms());
    lab.partition(&[2]);
    until("he is gone", 40, || (anna.peers() == 0).then_some(()));
    clone.start();
    clone.send("общий", "и это я");
    let all = ["Борис здесь", "это точно я", "и это я"].map(str::to_owned);
    anna.await_texts("общий", 60, &all);
    clone.kill9();
    boris.send("общий", "я один");
    lab.heal();
    until("its owner is told", 60, || boris.alarms().contains(&"own_log_behind".to_owned()).then_some(()));
    let all = [&all[..], &["я один".to_owned()]].concat();
    for host in [anna, boris] {
        host.await_texts("общий", 60, &all);
    }
    await_equal(&[anna, boris], 60);
}

/// Yesterday's home put back over today's: what was written since comes back from colleagues, what is written now stands
/// beside it, and no log is forked.
#[test]
fn abuse_34_yesterdays_home_loses_nothing_and_wedges_nobody() {
    let Some(lab) = Lab::up(2) else { return };
    let (anna, boris) = (lab.host(1), lab.host(2));
    office(anna, &[boris]);
    boris.send("общий", "вчера");
    await_equal(&[anna, boris], 60);
    boris.stop();
    let old = boris.home().with_file_name("old");
    copy_home(boris.home(), &old);
    boris.start();
    anna.await_peers(30, 1);
    let mut all = vec!["вчера".to_owned()];
    for text in ["сегодня утром", "сегодня днём", "сегодня вечером"] {
        boris.send("общий", text);
        all.push(text.to_owned());
    }
    anna.await_texts("общий", 30, &all);
    boris.kill9();
    std::fs::remove_dir_all(boris.home()).unwrap();
    std::fs::rename(&old, boris.home()).unwrap();
    // The first words come before anybody could tell him what is missing.
    for text in ["после восстановления", "и ещё раз"] {
        boris.send("общий", text);
        all.push(text.to_owned());
    }
    boris.start();
    boris.send("общий", "снова в строю");
    all.push("снова в строю".to_owned());
    for host in [anna, boris] {
        host.await_texts("общий", 60, &all);
        assert!(!host.alarms().contains(&"fork".to_owned()), "no log has two branches: {:?}", host.alarms());
    }
    await_equal(&[anna, boris], 60);
    anna.send("общий", "принято");
    all.push("принято".to_owned());
    boris.await_texts("общий", 30, &all);
    boris.restart();
    await_equal(&[anna, boris], 60);
}

/// Names, texts and addresses: no byte of them is readable in any file of the home, whether the node runs, is locked, was
/// killed or was stopped in order; nor in what the node logs.
#[test]
fn abuse_41_nothing_typed_is_readable_on_the_disk() {
    const CANARIES: [&str; 6] =
        ["ЗаводЛютикъ9ж", "kQ7canaryText", "ТекстЩука5Йф", "отчётЪыф8зима.pdf", "грф-канал7Ъщ", "topicZx81qwv"];
    let Some(lab) = Lab::up(2) else { return };
    let (anna, boris) = (lab.host(1), lab.host(2));
    let [organisation, english, russian, file, channel, topic] = CANARIES;
    anna.found(organisation);
    anna.start();
    artel_e2e::enrol(anna, boris, artel_e2e::Door::Open);
    anna.one(&["channel", "create", channel]);
    anna.ok(&["channel", "topic", channel, topic]);
    anna.send(channel, english);
    anna.send(channel, russian);
    let path = lab.folder().join(file);
    std::fs::write(&path, format!("{english} в файле").repeat(10_000)).unwrap();
    anna.ok(&["file", "send", channel, path.to_str().unwrap()]);
    boris.await_channel(channel);
    anna.send(&boris.at_email(), russian);
    until("it is found", 30, || (!anna.ok(&["search", english]).is_empty()).then_some(()));
    until("it has come", 30, || (boris.texts(channel).len() == 4).then_some(()));
    let mut secrets = Needles::new(&CANARIES);
    for text in [anna.email(), boris.email(), anna.person(), boris.person()] {
        artel_e2e::needle::forms(&text)
            .into_iter()
            .for_each(|(form, bytes)| secrets.add(format!("{text} {form}"), bytes));
    }
    let check = |when: &str| {
        for host in [anna, boris] {
            let found = secrets.found_below(host.home());
            assert!(found.is_empty(), "{when}, in the home of {}: {found:?}", host.person());
        }
        for log in std::fs::read_dir(lab.out()).unwrap().flatten().map(|it| it.path()) {
            let name = log.file_name().unwrap().to_string_lossy().into_owned();
            if name.contains("-node") && name.ends_with(".err") {
                let found = secrets.found_in(&std::fs::read(&log).unwrap());
                assert!(found.is_empty(), "{when}, in the log {name}: {found:?}");
            }
        }
    };
    anna.ok(&["lock"]);
    boris.ok(&["lock"]);
    check("locked");
    anna.kill9();
    boris.kill9();
    check("killed");
    anna.start();
    assert_eq!(anna.texts(channel).len(), 4);
    anna.stop();
    check("stopped");
}
