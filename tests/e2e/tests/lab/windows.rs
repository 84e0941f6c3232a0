//! Two people at their windows, with a keyboard, a mouse and a screen reader; no other program of Artel runs.

use std::time::Duration;

use artel_e2e::{Host, Lab, Window, await_equal, office, seen, until};

use crate::bad_input::fill;

const CHANNEL: &str = "общий";

#[test]
fn two_windows_talk_and_a_draft_survives_a_kill() {
    let Some(lab) = Lab::up(2) else { return };
    let (anna, boris) = (lab.host(1), lab.host(2));
    office(anna, &[boris]);
    anna.stop();
    boris.stop();
    let (Some(mut hers), Some(mut his)) = (Window::screen(anna), Window::screen(boris)) else { return };
    for (window, host) in [(&mut hers, anna), (&mut his, boris)] {
        window.open();
        let pid = std::fs::read_to_string(host.home().join("pid")).unwrap();
        assert_eq!(pid.trim(), window.pid().to_string(), "the window is the node of its home");
        window.go(CHANNEL);
    }

    let texts = ["Привет, Boris! Ёж, щука и 12%", "Hello, Анна\nвторая строка (Shift+Enter)", "Увидимся в 15:00"];
    for (text, from, to) in [(texts[0], &hers, &his), (texts[1], &his, &hers), (texts[2], &hers, &his)] {
        from.write(text);
        from.press("Return");
        to.find(text, |it| it.role == "list item" && it.name.ends_with(text));
    }
    let mut expected: Vec<String> = texts.iter().map(|it| (*it).to_owned()).collect();
    [anna, boris].iter().for_each(|it| it.await_texts(CHANNEL, 30, &expected));

    in_the_menu(&hers, texts[0], "Править");
    hers.write(" (правлено)");
    hers.press("Return");
    expected[0].push_str(" (правлено)");
    boris.await_texts(CHANNEL, 30, &expected);

    his.hover(texts[2], |it| it.role == "list item" && it.name.ends_with(texts[2]));
    his.choose("Реакция");
    his.find("the field of the emoji", |it| it.name == "Эмодзи по имени");
    his.write("pizza");
    his.choose("🍕");
    hers.find("the reaction", |it| it.name == "🍕 1");

    in_the_menu(&hers, texts[2], "Удалить у всех");
    seen("the message is taken back at Boris", 60, || {
        let all = boris.read(CHANNEL);
        let last = all.last().unwrap();
        if last["state"] == "retracted" { Ok(()) } else { Err(last.to_string()) }
    });
    assert!(all_texts(boris).iter().all(|it| it != texts[2]), "nothing of it is left to be read");

    // Half a sentence, and the power is gone.
    let draft = "Половина мысли, half a";
    hers.press("ctrl+k");
    hers.press("Escape");
    hers.write(draft);
    // A draft may take a second to be kept, and nothing outside the window can be asked for it.
    std::thread::sleep(Duration::from_secs(2));
    hers.kill9();
    hers.open();
    hers.go(CHANNEL);
    hers.write(" thought");
    hers.press("Return");
    let whole = format!("{draft} thought");
    his.find(&whole, |it| it.role == "list item" && it.name.ends_with(&whole));
    for host in [anna, boris] {
        let found = all_texts(host).iter().filter(|it| **it == whole).count();
        assert_eq!(found, 1, "{} reads it once", host.person());
    }
    await_equal(&[anna, boris], 30);
}

#[test]
fn a_full_disk_is_said_in_the_window_and_what_was_written_stays_to_be_sent_later() {
    let Some(mut lab) = Lab::up(1) else { return };
    lab.give_small_disk(1, 8);
    let anna = lab.host(1);
    office(anna, &[]);
    anna.stop();
    let Some(mut window) = Window::screen(anna) else { return };
    window.open();
    window.go(CHANNEL);
    let ballast = anna.home().join("ballast");
    fill(&ballast);
    let text = "Текст, который жаль";
    window.write(text);
    window.press("Return");
    window.find("that the disk is full", |it| it.name.starts_with("Диск заполнен"));
    assert_eq!(all_texts(anna), Vec::<String>::new());

    std::fs::remove_file(&ballast).unwrap();
    seen("the strip is gone", 60, || {
        let nodes = window.nodes();
        let told = nodes.iter().find(|it| it.name.starts_with("Диск заполнен"));
        told.map_or(Ok(()), |it| Err(format!("{} {:?}, {}", it.role, it.name, anna.status()["store"])))
    });
    window.press("Return");
    window.find(text, |it| it.role == "list item" && it.name.ends_with(text));
    assert_eq!(all_texts(anna), [text]);
}

#[test]
fn a_closed_window_goes_on_in_the_tray_and_comes_back() {
    let Some(lab) = Lab::up(2) else { return };
    let (anna, boris) = (lab.host(1), lab.host(2));
    office(anna, &[boris]);
    anna.stop();
    let Some(mut window) = Window::screen(anna) else { return };
    window.set_up_tray();
    std::fs::write(anna.home().join("window.toml"), "close_to_tray = true\n").unwrap();
    window.open();
    window.go(CHANNEL);
    let sign = window.sign();
    assert_eq!((&sign["title"], &sign["status"]), (&"Artel".into(), &"Active".into()), "{sign}");
    assert_eq!(sign["menu"], serde_json::json!(["Открыть Artel", "Не беспокоить час", "Завершить"]));

    let pid = window.pid();
    window.close();
    gone(&window);
    let call = format!("@{} ты здесь?", anna.email());
    boris.send(CHANNEL, &call);
    anna.await_texts(CHANNEL, 30, std::slice::from_ref(&call));
    let pid_now = std::fs::read_to_string(anna.home().join("pid")).unwrap();
    assert_eq!(pid_now.trim(), pid.to_string(), "the hidden window is still the node of its home");
    seen("the sign calls", 30, || {
        let sign = window.sign();
        if sign["status"] == "NeedsAttention" { Ok(()) } else { Err(sign.to_string()) }
    });

    window.click_sign();
    back(&window);
    window.find("ты здесь?", |it| it.role == "list item" && it.name.ends_with("ты здесь?"));

    // Without a tray a hidden window would be lost.
    window.close();
    gone(&window);
    window.take_tray_away();
    back(&window);
    window.set_up_tray();
    window.sign();
    window.choose_in_tray("Завершить");
    assert_eq!(window.ended(), Some(0));
}

#[track_caller]
fn gone(window: &Window<'_>) {
    until("the window is gone", 30, || (!window.is_on_screen()).then_some(()));
}

#[track_caller]
fn back(window: &Window<'_>) {
    until("the window is back", 30, || window.is_on_screen().then_some(()));
}

/// Chooses something in the menu of a message.
#[track_caller]
fn in_the_menu(window: &Window<'_>, text: &str, entry: &str) {
    window.hover(text, |it| it.role == "list item" && it.name.ends_with(text));
    window.choose("Ещё");
    window.choose(entry);
}

fn all_texts(host: &Host) -> Vec<String> {
    host.read(CHANNEL).iter().filter_map(|it| it["text"].as_str().map(str::to_owned)).collect::<Vec<_>>()
}

#[test]
fn where_a_library_of_the_desktop_is_missing_a_sentence_says_which_to_install() {
    let Some(lab) = Lab::up(1) else { return };
    let Some(window) = Window::screen(lab.host(1)) else { return };
    let opengl = ["libEGL.so.1", "libGL.so.1", "libEGL.so", "libGL.so", "libGLX.so.0"];
    let keyboard = ["libxkbcommon-x11.so.0", "libxkbcommon.so.0", "libxkbcommon-x11.so", "libxkbcommon.so"];
    for (libraries, code, package, sentences) in [
        (&opengl[..], 3, "libgl1", ["The window needs OpenGL.", "Окну нужен OpenGL."]),
        (
            &keyboard[..],
            5,
            "libxkbcommon-x11-0",
            ["A system library of the desktop is missing.", "Не хватает системной"],
        ),
    ] {
        for (language, sentence) in ["en", "ru"].into_iter().zip(sentences) {
            let outcome = window.start_without(libraries, language);
            assert_eq!(outcome.code, Some(code), "{outcome:?}");
            let said = outcome.stderr.lines().find(|it| it.contains(sentence));
            assert!(said.is_some_and(|it| it.contains(package)), "{}", outcome.stderr);
            assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
        }
    }
}
