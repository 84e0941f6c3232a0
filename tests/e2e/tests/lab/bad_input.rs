//! What people and machines do wrong, and what they are told. One row of the table is one mistake.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use artel_e2e::enrol::text;
use artel_e2e::process::COMMAND_TIME;
use artel_e2e::{Door, Host, Lab, Outcome, await_equal, office, until};

/// A mistake and its answer.
struct Row<'a> {
    cause: &'static str,
    host: &'a Host,
    words: Vec<String>,
    /// Another password file; `None` in it: none at all, and no terminal to ask at.
    password: Option<Option<PathBuf>>,
    code: i32,
    english: &'static str,
    russian: &'static str,
    /// Whose `status.refused` counts it, and under which name.
    counter: Option<(&'a Host, &'static str)>,
}

impl<'a> Row<'a> {
    fn new(cause: &'static str, host: &'a Host, words: &[&str]) -> Self {
        let words = words.iter().map(|it| (*it).to_owned()).collect();
        Self { cause, host, words, password: None, code: 0, english: "", russian: "", counter: None }
    }

    fn fails(self, code: i32, english: &'static str, russian: &'static str) -> Self {
        Self { code, english, russian, ..self }
    }

    fn with_password(self, file: &Path) -> Self {
        Self { password: Some(Some(file.to_owned())), ..self }
    }

    fn without_password(self) -> Self {
        Self { password: Some(None), ..self }
    }

    fn counted(self, by: &'a Host, name: &'static str) -> Self {
        Self { counter: Some((by, name)), ..self }
    }

    #[track_caller]
    fn check(&self) {
        for (language, sentence) in [("en", self.english), ("ru", self.russian)] {
            let before = self.counter.map(|(by, name)| by.refused(name));
            let outcome = self.run(language);
            check_sentence(self.cause, &outcome, self.code, sentence);
            if let (Some((by, name)), Some(before)) = (self.counter, before) {
                let after = by.refused(name);
                assert!(before < after, "{}: {name} is counted, {before} before, {after} after", self.cause);
            }
        }
    }

    fn run(&self, language: &str) -> Outcome {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let mut command = match &self.password {
            None => self.host.command(&words),
            Some(Some(file)) => self.host.bare_command(file, &words),
            Some(None) => self.host.command_without_password(&words),
        };
        command.env("ARTEL_LANG", language);
        self.host.start_process(command, Stdio::null()).wait(COMMAND_TIME)
    }
}

#[track_caller]
fn check_sentence(cause: &str, outcome: &Outcome, code: i32, sentence: &str) {
    assert_eq!(outcome.code, Some(code), "{cause}: {outcome:?}");
    assert!(!outcome.stdout.contains(sentence), "{cause}: talk goes to standard error: {}", outcome.stdout);
    let said: Vec<&str> = outcome.stderr.lines().filter(|it| it.contains(sentence)).collect();
    assert!(!said.is_empty(), "{cause}: “{sentence}” is said: {}", outcome.stderr);
    let next_step = said.iter().any(|it| it.split_once(sentence).is_some_and(|it| it.1.contains(". ")));
    assert!(next_step, "{cause}: a next step follows: {said:?}");
}

#[test]
fn mistakes_at_home_are_named() {
    let Some(lab) = Lab::up(2) else { return };
    let (anna, nobody) = (lab.host(1), lab.host(2));
    anna.found("Ромашка");
    anna.one(&["channel", "create", "общий"]);
    let [wrong, weak] = ["кто-то другой совсем", "короткий"].map(|password| {
        let file = lab.folder().join(password);
        std::fs::write(&file, password).unwrap();
        file
    });
    let org =
        ["org", "create", "--name", "Ромашка", "--person", "А", "--email", "a@x.example", "--domain", "x.example"];
    let phrase = lab.folder().join("words");
    let org = [&org[..], &["--phrase-file", phrase.to_str().unwrap()]].concat();
    let invite = ["invite", "--email", "eve@evil.example", "--name", "Eve"];
    let rows = [
        Row::new("no home", nobody, &["status"]).fails(3, "no organisation here yet", "ещё нет организации"),
        Row::new("no home to read", nobody, &["read", "общий"]).fails(3, "no organisation here", "нет организации"),
        Row::new("weak password", nobody, &org).with_password(&weak).fails(2, "password is too weak", "слишком слабый"),
        Row::new("mistyped code", nobody, &["join", "0123-4567-89ab"]).fails(2, "code is mistyped", "В коде опечатка"),
        Row::new("wrong password", anna, &["status"]).with_password(&wrong).fails(
            5,
            "password is wrong",
            "Неверный пароль",
        ),
        Row::new("no password", anna, &["status"]).without_password().fails(5, "no terminal to ask", "нет терминала"),
        Row::new("second organisation", anna, &org).fails(2, "organisation here already", "уже есть организация"),
        Row::new("foreign domain", anna, &invite).fails(4, "outside the domains", "не из почтовых доменов"),
        Row::new("unknown channel", anna, &["read", "нету"]).fails(3, "Nothing is known by this name", "ничего нет"),
        Row::new("unknown person", anna, &["send", "@x@y.example", "а"]).fails(3, "Nothing is known", "ничего нет"),
        Row::new("unknown message", anna, &["edit", "00000000", "а"]).fails(3, "Nothing is known", "ничего нет"),
        Row::new("empty text", anna, &["send", "общий", ""]).fails(2, "empty or too long", "пусты либо слишком"),
        Row::new("nobody approves", anna, &["approve", "0123"]).fails(6, "No node is running", "не запущен узел"),
        Row::new("lines and text", anna, &["send", "общий", "а", "--lines"]).fails(
            2,
            "does not fit",
            "составлена неверно",
        ),
    ];
    rows.iter().for_each(Row::check);
    assert!(!anna.home().join("socket").exists(), "nothing is left running");

    let layout = anna.home().join("layout");
    let before = std::fs::read(&layout).unwrap();
    std::fs::write(&layout, "artel home 2\nа дальше что угодно\n").unwrap();
    for words in [&["status"][..], &["send", "общий", "а"], &["run"]] {
        Row::new("newer layout", anna, words).fails(8, "written by a newer Artel", "более новой Артелью").check();
    }
    std::fs::write(&layout, before).unwrap();
    assert!(anna.texts("общий").is_empty(), "nothing of all this has left a trace");
}

#[test]
fn a_text_that_is_too_long_is_refused() {
    let Some(lab) = Lab::up(1) else { return };
    let anna = lab.host(1);
    anna.found("Ромашка");
    anna.one(&["channel", "create", "общий"]);
    let longest = "я".repeat(128 * 1024);
    let fits = anna.feed(&["send", "общий", "-"], &longest);
    assert_eq!(fits.code, Some(0), "256 KiB fit: {}", fits.stderr);
    let refused = anna.feed(&["send", "общий", "-"], &format!("{longest}!"));
    assert_eq!(refused.code, Some(2), "a byte more does not: {}", refused.stderr);
    assert_eq!(anna.texts("общий"), [longest]);
}

#[test]
fn mistakes_in_an_office_are_named() {
    let Some(mut lab) = Lab::up(4) else { return };
    lab.another_home(2);
    let [anna, boris, vera, grace, beside_boris] = [1, 2, 3, 4, 5].map(|it| lab.host(it));
    office(anna, &[boris]);
    let id = anna.send("общий", "слово Анны");
    boris.await_texts("общий", 30, &["слово Анны".to_owned()]);
    // Another organisation of the same name and the same domain, in the same network.
    grace.found("Ромашка");
    grace.start();
    beside_boris.found("Лютик");
    let taken = format!("0.0.0.0:{}", boris.port());
    let invite = ["invite", "--email", "new@romashka.example", "--name", "New"];
    let rows = [
        Row::new("a member invites", boris, &invite).fails(4, "role does not allow", "роль этого не позволяет"),
        Row::new("a member makes a channel", boris, &["channel", "create", "мой"]).fails(
            4,
            "role does not",
            "Ваша роль",
        ),
        Row::new("a member makes a team", boris, &["team", "create", "мы"]).fails(
            4,
            "role does not allow",
            "Ваша роль",
        ),
        Row::new("another's message", boris, &["edit", &id, "я"]).fails(4, "role does not allow", "Ваша роль"),
        Row::new("two nodes on one home", anna, &["run"]).fails(
            6,
            "Another process has this home",
            "другой программой",
        ),
        Row::new("port in use", beside_boris, &["run", "--listen", &taken]).fails(
            6,
            "listens at this port",
            "уже слушает",
        ),
        Row::new("nobody waits", anna, &["approve", "0123"]).fails(3, "Nothing is known", "ничего нет"),
    ];
    rows.iter().for_each(Row::check);
    let names: Vec<String> = anna.ok(&["channel", "list"]).iter().map(|it| text(it, "name").to_owned()).collect();
    assert!(!names.contains(&"мой".to_owned()), "{names:?}");

    locked(anna);
    bad_codes(anna, vera, grace);
    assert_eq!(anna.peers(), 1, "an organisation of the same name stays a stranger");
    assert_eq!(grace.peers(), 0, "and so do we to it");
    await_equal(&[anna, boris], 60);
}

fn locked(anna: &Host) {
    anna.ok(&["lock"]);
    for words in [&["read", "общий"][..], &["search", "слово"], &["send", "общий", "а"]] {
        Row::new("locked", anna, words).fails(5, "Artel is locked", "Артель заперта").check();
    }
    anna.ok(&["unlock"]);
    assert_eq!(anna.texts("общий"), ["слово Анны"]);
}

fn bad_codes(anna: &Host, vera: &Host, grace: &Host) {
    let join = |code: &str| ["join", code, "--timeout", "20"].map(str::to_owned);
    let check = |cause, code: &str, english, russian, counter| {
        let words = join(code);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let row = Row::new(cause, vera, &words).fails(7, english, russian);
        match counter {
            Some(name) => row.counted(anna, name).check(),
            None => row.check(),
        }
    };
    let code = |invite: &serde_json::Value| text(invite, "code").to_owned();

    let cancelled = anna.invite(vera, Door::Open);
    anna.ok(&["invite", "cancel", text(&cancelled, "id")]);
    check("cancelled code", &code(&cancelled), "code is unknown, used", "Код неизвестен", Some("code_cancelled"));

    // Four days ago by a clock that is off: its three days are over.
    anna.stop();
    anna.set("ARTEL_CLOCK_OFFSET", "-345600000");
    let expired = anna.invite(vera, Door::Open);
    anna.unset("ARTEL_CLOCK_OFFSET");
    anna.start();
    check("expired code", &code(&expired), "code has expired", "Срок кода истёк", Some("code_expired"));

    let declined = anna.invite(vera, Door::Guarded);
    let joining = vera.join(&code(&declined), &[]);
    let waiting = until("somebody waits", 30, || anna.ok(&["pending"]).into_iter().next());
    anna.ok(&["refuse", text(&waiting, "id")]);
    let outcome = joining.wait(Duration::from_secs(60));
    check_refused("turned away", &outcome);

    // A code of theirs finds them and not us: nobody there gives away that it is another organisation's to ours.
    let foreign = grace.invite(vera, Door::Open);
    grace.stop();
    let outcome = vera.artel(&["join", &code(&foreign), "--timeout", "5"]);
    assert_eq!(outcome.code, Some(6), "no colleague of that organisation is on: {outcome:?}");
    let at = format!("{}:{}", anna.address(), anna.port());
    let outcome = vera.artel(&["join", &code(&foreign), "--timeout", "10", "--at", &at]);
    assert!(matches!(outcome.code, Some(6 | 7)), "a code of another organisation opens nothing here: {outcome:?}");
    grace.start();

    let good = anna.invite(vera, Door::Open);
    let outcome = vera.join(&code(&good), &[]).wait(Duration::from_secs(70));
    assert_eq!(outcome.code, Some(0), "after all mistakes a good code opens: {outcome:?}");
    used_code(anna, grace, &code(&good));
}

/// The code that let one in lets nobody else in, from another home.
fn used_code(anna: &Host, grace: &Host, code: &str) {
    let home = grace.home().with_file_name("another");
    let before = anna.refused("code_used");
    let mut command = grace.command_on(&home, &["--json", "join", code, "--timeout", "20"]);
    command.arg("--password-file").arg(grace.password_file());
    let outcome = grace.start_process(command, Stdio::null()).wait(COMMAND_TIME);
    check_refused("used code", &outcome);
    assert!(before < anna.refused("code_used"), "it is counted");
}

#[track_caller]
fn check_refused(cause: &str, outcome: &Outcome) {
    assert_eq!(outcome.code, Some(7), "{cause}: {outcome:?}");
    assert_eq!(outcome.lines().last().map(|it| it["state"].clone()), Some("refused".into()), "{cause}: {outcome:?}");
}

#[test]
fn nobody_at_work_is_told_after_the_time_is_over() {
    let Some(lab) = Lab::up(2) else { return };
    let (anna, boris) = (lab.host(1), lab.host(2));
    anna.found("Ромашка");
    let invite = anna.invite(boris, Door::Open);
    let words = ["join", text(&invite, "code"), "--timeout", "3"];
    Row::new("no colleague", boris, &words).fails(6, "Nobody was reached in time", "никто не отозвался").check();
    // The code is as good as before.
    anna.start();
    let outcome = boris.join(text(&invite, "code"), &[]).wait(Duration::from_secs(70));
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

#[test]
fn a_full_disk_gives_the_text_back_and_goes_on_when_there_is_room() {
    let Some(mut lab) = Lab::up(2) else { return };
    lab.give_small_disk(2, 8);
    let (anna, boris) = (lab.host(1), lab.host(2));
    office(anna, &[boris]);
    boris.send("общий", "пока есть место");

    let ballast = boris.home().join("ballast");
    fill(&ballast);
    for (language, sentence) in [("en", "The disk is full"), ("ru", "Диск заполнен")] {
        let outcome = boris.artel_in(language, &["send", "общий", "текст, который жаль"]);
        check_sentence("disk full", &outcome, 8, sentence);
        assert!(outcome.stderr.contains("текст, который жаль"), "the text is given back: {}", outcome.stderr);
    }
    assert_eq!(boris.status()["store"]["state"], "full", "the status says so");
    let meanwhile: Vec<String> = (0..20).map(|it| format!("тем временем {it}")).collect();
    anna.send_lines("общий", &meanwhile);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(boris.texts("общий"), ["пока есть место"], "receiving waits");

    std::fs::remove_file(&ballast).unwrap();
    until("room is noticed", 30, || (boris.status()["store"]["state"] == "ok").then_some(()));
    boris.send("общий", "текст, который жаль");
    let all = [meanwhile, vec!["пока есть место".to_owned(), "текст, который жаль".to_owned()]].concat();
    for host in [anna, boris] {
        host.await_texts("общий", 90, &all);
    }
    await_equal(&[anna, boris], 60);
}

/// Writes until not a byte more fits.
pub(crate) fn fill(path: &Path) {
    use std::io::Write;

    let mut file = std::fs::File::create(path).unwrap();
    for size in [64 * 1024, 4 * 1024, 1] {
        while file.write_all(&vec![7; size]).is_ok() {}
    }
}
