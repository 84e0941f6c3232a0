//! Commands against a node that runs on the same home: real sockets, requests and replies; only the answers are prepared.

use std::path::Path;
use std::sync::{Arc, Mutex};

use clap::Parser;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::human::Shared;
use super::*;
use crate::cli::args::Cli;
use crate::cli::output::Output;
use crate::cli::stop::{Outcome, Stop};
use crate::cli::wire::{read_request, response_frames};
use crate::cli::{Context, carry_out};
use crate::home::{Home, Layout};
use crate::ipc::Server;
use crate::text::Lang;

/// A home whose socket answers every request with the same outcomes and remembers the requests.
struct Office {
    _home: Home,
    asked: Arc<Mutex<Vec<Request>>>,
    cancel: CancellationToken,
    tracker: TaskTracker,
}

impl Office {
    fn open(root: &Path, answer: Vec<Result<Reply>>) -> Self {
        let home = Home::open(Layout::new(root)).unwrap();
        let (tracker, cancel) = (TaskTracker::new(), CancellationToken::new());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (remember, answer) = (asked.clone(), Arc::new(answer));
        Server::bind(&home).unwrap().serve(&tracker, cancel.clone(), move |request, frames| {
            remember.lock().unwrap().push(read_request(&request).unwrap());
            let answer = answer.clone();
            async move {
                for frame in answer.iter().cloned().flat_map(response_frames) {
                    frames.send(frame).await.ok();
                }
            }
        });
        Self { _home: home, asked, cancel, tracker }
    }

    async fn close(self) -> Vec<Request> {
        self.cancel.cancel();
        self.tracker.close();
        self.tracker.wait().await;
        self.asked.lock().unwrap().clone()
    }
}

async fn run_line(root: &Path, line: &str, data: Box<dyn std::io::Write>) -> Outcome {
    let words = std::iter::once("artel-node").chain(line.split_whitespace());
    let cli = Cli::try_parse_from(words).unwrap();
    let output = Output::new(Lang::En, cli.global.json, data);
    let mut context = Context {
        layout: Layout::new(root),
        password_file: cli.global.password_file,
        key_file: cli.global.key_file,
        output,
    };
    carry_out(&mut context, cli.command).await
}

/// Runs a line against a node that answers so; returns what was asked of it, what was printed, and how it ended.
async fn run_against(line: &str, answer: Vec<Result<Reply>>) -> (Vec<Request>, String, Outcome) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("дом с пробелом");
    let office = Office::open(&root, answer);
    let data = Shared::default();
    let outcome = run_line(&root, line, Box::new(data.clone())).await;
    (office.close().await, data.text(), outcome)
}

/// What each line asks of the node, as it travels.
const ASKED: [(&str, &str); 61] = [
    ("channel create N --kind announcement --team T", r#"{"request":"announcement_create","name":"N","team":"T"}"#),
    ("channel rename C N", r#"{"request":"channel_set","channel":"C","change":{"name":"N"}}"#),
    ("channel move C --team T", r#"{"request":"channel_set","channel":"C","change":{"team":"T"}}"#),
    ("channel move C", r#"{"request":"channel_set","channel":"C","change":{"team":null}}"#),
    ("channel archive C", r#"{"request":"channel_set","channel":"C","change":{"archived":true}}"#),
    ("channel archive C --undo", r#"{"request":"channel_set","channel":"C","change":{"archived":false}}"#),
    ("channel retention C 30", r#"{"request":"channel_set","channel":"C","change":{"retention_days":30}}"#),
    ("channel receipts C --set off", r#"{"request":"channel_set","channel":"C","change":{"receipts":false}}"#),
    ("channel receipts C", r#"{"request":"channel_readers","channel":"C"}"#),
    (
        "channel moderator C E --remove",
        r#"{"request":"channel_role","channel":"C","email":"E","role":"moderator","on":false}"#,
    ),
    ("channel posters C E", r#"{"request":"channel_role","channel":"C","email":"E","role":"poster","on":true}"#),
    ("channel leave C", r#"{"request":"channel_leave","channel":"C"}"#),
    ("channel join C", r#"{"request":"channel_join","channel":"C"}"#),
    ("team defaults T C D", r#"{"request":"team_defaults","team":"T","channels":["C","D"]}"#),
    (
        "invite --email E --name N --role guest --until 2026-12-31 --spaces C,D",
        r#"{"request":"invite_guest","email":"E","name":"N","until":"2026-12-31","spaces":["C","D"],"auto_admit":false,"mail_code":false,"expires":null}"#,
    ),
    ("person remove E --strict", r#"{"request":"person_remove","email":"E","strict":true}"#),
    ("device revoke I --reason lost", r#"{"request":"device_revoke","id":"I","reason":"lost"}"#),
    ("device freeze I", r#"{"request":"device_freeze","id":"I"}"#),
    ("device unfreeze I", r#"{"request":"device_unfreeze","id":"I"}"#),
    ("role E admin", r#"{"request":"role","email":"E","role":"admin","archivist":false}"#),
    ("role E member --archivist", r#"{"request":"role","email":"E","role":"member","archivist":true}"#),
    ("policy show", r#"{"request":"policy_show"}"#),
    ("policy set archive all", r#"{"request":"policy_set","key":"archive","value":"all"}"#),
    ("audit", r#"{"request":"audit"}"#),
    ("archive open E --reason R", r#"{"request":"archive_open","email":"E","reason":"R"}"#),
    (
        "invite --email E --name N --role R --team T --auto-admit --expires 7",
        r#"{"request":"invite","email":"E","name":"N","role":"R","team":"T","auto_admit":true,"mail_code":false,"expires":7}"#,
    ),
    ("invite list", r#"{"request":"invite_list"}"#),
    ("invite cancel I", r#"{"request":"invite_cancel","id":"I"}"#),
    ("pending", r#"{"request":"pending"}"#),
    ("approve I", r#"{"request":"approve","id":"I"}"#),
    ("refuse I", r#"{"request":"refuse","id":"I"}"#),
    ("team create N", r#"{"request":"team_create","name":"N"}"#),
    ("team list", r#"{"request":"team_list"}"#),
    ("team add T E --lead", r#"{"request":"team_member","team":"T","email":"E","add":true,"lead":true}"#),
    ("team remove T E", r#"{"request":"team_member","team":"T","email":"E","add":false,"lead":false}"#),
    (
        "channel create N --team T",
        r#"{"request":"channel_create","name":"N","team":"T","private":false,"shared_history":false}"#,
    ),
    (
        "channel create N --private --history shared",
        r#"{"request":"channel_create","name":"N","team":null,"private":true,"shared_history":true}"#,
    ),
    (
        "channel create N --private --history join",
        r#"{"request":"channel_create","name":"N","team":null,"private":true,"shared_history":false}"#,
    ),
    ("channel list", r#"{"request":"channel_list"}"#),
    ("channel add C E", r#"{"request":"channel_member","channel":"C","email":"E","add":true}"#),
    ("channel remove C E", r#"{"request":"channel_member","channel":"C","email":"E","add":false}"#),
    ("channel members C", r#"{"request":"channel_members","channel":"C"}"#),
    ("channel topic C привет", r#"{"request":"topic","channel":"C","text":"привет"}"#),
    ("send общий привет --reply-to I", r#"{"request":"send","to":"общий","people":[],"text":"привет","reply_to":"I"}"#),
    (
        "send --to a@x,b@x привет",
        r#"{"request":"send","to":"","people":["a@x","b@x"],"text":"привет","reply_to":null}"#,
    ),
    ("edit I текст", r#"{"request":"edit","id":"I","text":"текст"}"#),
    ("retract I", r#"{"request":"retract","id":"I"}"#),
    ("react I 👍", r#"{"request":"react","id":"I","emoji":"👍","remove":false}"#),
    ("pin I --remove", r#"{"request":"pin","id":"I","remove":true}"#),
    ("read C", r#"{"request":"read","channel":"C","last":50,"thread":null}"#),
    ("read @a@x --last 3 --thread I", r#"{"request":"read","channel":"@a@x","last":3,"thread":"I"}"#),
    ("tail C --since I", r#"{"request":"tail","channel":"C","since":"I"}"#),
    ("unread", r#"{"request":"unread"}"#),
    ("search Q", r#"{"request":"search","query":"Q","limit":50}"#),
    ("mark --to a@x,b@x", r#"{"request":"mark","channel":"@a@x,b@x","until":null}"#),
    ("person list", r#"{"request":"person_list"}"#),
    ("device list", r#"{"request":"device_list"}"#),
    ("status", r#"{"request":"status"}"#),
    ("doctor", r#"{"request":"doctor"}"#),
    ("lock", r#"{"request":"lock"}"#),
    ("config show", r#"{"request":"config_show"}"#),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_command_asks_what_it_should() {
    for (line, expected) in ASKED {
        let (asked, _, outcome) = run_against(line, vec![Ok(Reply::Done)]).await;
        assert_eq!(outcome, Ok(()), "{line}");
        let asked: Vec<_> = asked.iter().map(|it| serde_json::to_string(it).unwrap()).collect();
        assert_eq!(asked, [expected], "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_printed_part_by_part() {
    let parts = vec![Ok(Reply::Messages(vec![message()])), Ok(Reply::Messages(vec![message(), message()]))];
    let (_, printed, outcome) = run_against("tail --json", parts).await;
    assert_eq!((outcome, printed.lines().count()), (Ok(()), 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_node_ends_the_command() {
    let error = Error::new(ErrorKind::NotPermitted, "channel");
    let (_, printed, outcome) = run_against("channel create N --json", vec![Err(error.clone())]).await;
    assert_eq!((outcome, printed.as_str()), (Err(Stop::Failed(error)), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_found_by_the_doctor_is_an_exit_code() {
    let finding =
        |level: &str| Finding { level: level.into(), check: "c".into(), detail: "d".into(), fact: Fact::Other };
    let run =
        async |level| run_against("doctor --json", vec![Ok(Reply::Doctor(vec![finding("ok"), finding(level)]))]).await;
    assert_eq!(run("warning").await.2, Ok(()));
    let (_, printed, outcome) = run("error").await;
    assert_eq!((outcome, printed.lines().count()), (Err(Stop::Code(1)), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_put_together_from_its_parts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("segment");
    let line = format!("debug segment C --export {} --json", file.display());
    let (asked, printed, outcome) =
        run_against(&line, vec![Ok(Reply::Bytes(vec![1, 2])), Ok(Reply::Bytes(vec![3]))]).await;
    assert_eq!((asked, outcome), (vec![Request::Segment { channel: "C".into() }], Ok(())));
    assert_eq!(std::fs::read(&file).unwrap(), [1, 2, 3]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap()["bytes"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_asked_for_by_its_whole_path() {
    let (asked, printed, outcome) = run_against("backup copy --json", vec![Ok(Reply::Written { bytes: 5 })]).await;
    assert_eq!(outcome, Ok(()));
    let [Request::Backup { file }] = &asked[..] else {
        panic!("{asked:?}");
    };
    assert!(Path::new(file).is_absolute() && file.ends_with("copy"), "{file}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap()["bytes"], 5);
}

/// `artel-node … | head` ends without a complaint.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_reading_on_is_no_failure() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path(), vec![Ok(Reply::Messages(vec![message()]))]);
    assert_eq!(run_line(folder.path(), "tail --json", Box::new(Closed)).await, Err(Stop::PipeClosed));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_home_or_a_node_the_command_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let run = async |line| run_line(folder.path(), line, Box::new(Shared::default())).await;
    assert_eq!(run("read C").await, Err(ErrorKind::NoHome.into()));
    assert_eq!(run("run").await, Err(ErrorKind::NoHome.into()));
    assert_eq!(run("tail").await, Err(ErrorKind::NoHome.into()));
    assert_eq!(run("unlock").await, Err(ErrorKind::NoHome.into()));
    assert_eq!(run("lock").await, Ok(()));
    assert_eq!(run("read").await, Err(ErrorKind::Usage.into()));
    assert_eq!(run("send общий").await, Err(ErrorKind::Usage.into()));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "looking must not make a home");
}

/// The password of `unlock` is the first line of the file, without its end.
#[tokio::test(flavor = "multi_thread")]
async fn unlock_sends_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, " пароль \r\nsecond\n").unwrap();
    let line = format!("unlock --password-file {}", file.display());
    let (asked, _, outcome) = run_against(&line, vec![Ok(Reply::Done)]).await;
    assert_eq!((asked, outcome), (vec![Request::Unlock { password: " пароль ".into(), key_file: None }], Ok(())));

    std::fs::write(&file, "\nsecond\n").unwrap();
    let (asked, _, outcome) = run_against(&line, vec![Ok(Reply::Done)]).await;
    assert!(asked.is_empty());
    assert!(matches!(outcome, Err(Stop::Failed(Error { kind: ErrorKind::NoPassword, .. }))), "{outcome:?}");

    std::fs::remove_file(&file).unwrap();
    let (_, _, outcome) = run_against(&line, vec![Ok(Reply::Done)]).await;
    assert!(matches!(outcome, Err(Stop::Failed(Error { kind: ErrorKind::File, .. }))), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_password_founds_and_joins_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (root, file) = (folder.path().join("home"), folder.path().join("password"));
    std::fs::write(&file, "Romashka-2026-Romashka\n").unwrap();
    let file = file.display();
    let found = format!(
        "org create --name Romashka --person P --email e@x.ru --domain x.ru --phrase-file F --password-file {file}"
    );
    let outcome = run_line(&root, &found, Box::new(Shared::default())).await;
    assert!(matches!(outcome, Err(Stop::Failed(Error { kind: ErrorKind::WeakPassword, .. }))), "{outcome:?}");
    std::fs::write(folder.path().join("password"), "short\n").unwrap();
    let outcome = run_line(&root, &format!("join CODE --password-file {file}"), Box::new(Shared::default())).await;
    assert!(matches!(outcome, Err(Stop::Failed(Error { kind: ErrorKind::WeakPassword, .. }))), "{outcome:?}");
    assert!(!root.exists());
}
