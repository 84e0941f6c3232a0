//! Tests of the local socket with real sockets.

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::*;
use crate::home::Layout;

struct Node {
    _folder: tempfile::TempDir,
    home: Home,
    tracker: TaskTracker,
    cancel: CancellationToken,
    /// One message for each handler future that was dropped or has ended.
    ended: mpsc::Receiver<()>,
}

struct Ends(mpsc::Sender<()>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.try_send(()).unwrap_or_default();
    }
}

/// `echo X` answers X once, `count N` answers N frames, `nothing` none, `tail` never ends, `big` too long a frame.
async fn answer(request: Vec<u8>, frames: mpsc::Sender<Vec<u8>>, ends: Ends) {
    let text = String::from_utf8_lossy(&request).into_owned();
    let (word, rest) = text.split_once(' ').unwrap_or((&text, ""));
    match word {
        "echo" => drop(frames.send(request[5..].to_vec()).await),
        "count" => {
            for number in 0..rest.parse().unwrap() {
                frames.send(format!("{number}").into_bytes()).await.unwrap();
            }
        }
        "tail" => {
            frames.send(b"first".to_vec()).await.unwrap();
            std::future::pending::<()>().await;
        }
        "big" => drop(frames.send(vec![0; FRAME_BYTES_MAX + 1]).await),
        _ => {}
    }
    drop(ends);
}

fn start(home: Home, folder: tempfile::TempDir) -> Node {
    let (tracker, cancel) = (TaskTracker::new(), CancellationToken::new());
    let (ends, ended) = mpsc::channel(100);
    let server = Server::bind(&home).unwrap();
    server.serve(&tracker, cancel.clone(), move |request, frames| answer(request, frames, Ends(ends.clone())));
    Node { _folder: folder, home, tracker, cancel, ended }
}

fn node_in(path: &str) -> Node {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::open(Layout::new(folder.path().join(path))).unwrap();
    start(home, folder)
}

fn node() -> Node {
    node_in("мой дом")
}

async fn all(client: &mut Client, request: &[u8]) -> Vec<Vec<u8>> {
    let mut answer = client.request(request).await.unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = answer.next().await.unwrap() {
        frames.push(frame);
    }
    frames
}

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn answers_of_none_one_and_many_frames_come_in_turn() {
    let node = node();
    let mut client = Client::connect(node.home.layout()).await.unwrap();
    assert_eq!(all(&mut client, "echo привет".as_bytes()).await, ["привет".as_bytes()]);
    assert!(all(&mut client, b"nothing").await.is_empty());
    let many = all(&mut client, b"count 1000").await;
    assert_eq!(many.len(), 1_000);
    assert_eq!(many[999], b"999");
    let mut second = Client::connect(node.home.layout()).await.unwrap();
    assert_eq!(all(&mut second, b"echo b").await, [b"b"]);
}

#[tokio::test]
async fn the_longest_frame_passes_and_a_longer_one_does_not() {
    let node = node();
    let mut client = Client::connect(node.home.layout()).await.unwrap();
    let mut request = b"echo ".to_vec();
    request.resize(FRAME_BYTES_MAX, b'x');
    assert_eq!(all(&mut client, &request).await, [vec![b'x'; FRAME_BYTES_MAX - 5]]);
    request.push(b'x');
    assert!(matches!(client.request(&request).await, Err(IpcError::FrameTooLong { .. })));
    assert!(matches!(client.request(b"").await, Err(IpcError::EmptyRequest)));
    assert!(matches!(client.request(b"big").await.unwrap().next().await, Err(IpcError::Broken)));
}

#[tokio::test]
async fn hostile_lengths_and_early_requests_end_one_connection_and_not_the_server() {
    let node = node();
    let layout = node.home.layout();
    for bytes in [b"\xff\xff\xff\xff".as_slice(), b"\0\0\0\0", b"\0\0\0\x04tail\0\0\0\x04tail", b"\0\0"] {
        let mut raw = os::Place::of(layout).unwrap().connect().await.unwrap();
        raw.write_all(bytes).await.unwrap();
        if bytes.len() == 2 {
            drop(raw);
            continue;
        }
        let mut rest = Vec::new();
        // A reset counts as closed too: the server left unread bytes behind.
        drop(timeout(SOON, raw.read_to_end(&mut rest)).await.expect("closed"));
        assert!(rest.len() <= 9, "{rest:?}");
    }
    let mut client = Client::connect(layout).await.unwrap();
    assert_eq!(all(&mut client, b"echo a").await, [b"a"]);
}

#[tokio::test]
async fn an_endless_answer_ends_with_its_client() {
    let mut node = node();
    let mut client = Client::connect(node.home.layout()).await.unwrap();
    let mut tail = client.request(b"tail").await.unwrap();
    assert_eq!(tail.next().await.unwrap(), Some(b"first".to_vec()));
    assert!(matches!(client.request(b"echo a").await, Err(IpcError::OutOfTurn)));
    assert!(node.ended.try_recv().is_err());
    drop(client);
    timeout(SOON, node.ended.recv()).await.expect("the handler was dropped");
}

#[tokio::test]
async fn cancelling_ends_everything_and_removes_the_socket() {
    let node = node();
    let layout = node.home.layout().clone();
    let mut client = Client::connect(&layout).await.unwrap();
    let mut tail = client.request(b"tail").await.unwrap();
    assert!(tail.next().await.unwrap().is_some());
    node.cancel.cancel();
    node.tracker.close();
    timeout(SOON, node.tracker.wait()).await.expect("all tasks end");
    assert!(matches!(tail.next().await, Err(IpcError::Broken)));
    assert!(matches!(Client::connect(&layout).await, Err(IpcError::NotRunning)));
    #[cfg(unix)]
    assert!(!layout.socket().exists());
}

#[tokio::test]
async fn where_nothing_runs_the_client_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::new(folder.path().join("home"));
    assert!(matches!(Client::connect(&layout).await, Err(IpcError::NotRunning)));
    let home = Home::open(layout.clone()).unwrap();
    assert!(matches!(Client::connect(&layout).await, Err(IpcError::NotRunning)));
    drop(home);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    use std::path::PathBuf;
    use std::process::Command;

    use super::*;

    #[tokio::test]
    async fn a_socket_left_by_a_killed_process_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(Layout::new(folder.path())).unwrap();
        let socket = home.layout().socket();
        // Closing a standard listener leaves its file behind, as kill -9 does.
        drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
        assert!(socket.exists());
        assert!(matches!(Client::connect(home.layout()).await, Err(IpcError::NotRunning)));
        let node = start(home, folder);
        let mut client = Client::connect(node.home.layout()).await.unwrap();
        assert_eq!(all(&mut client, b"echo a").await, [b"a"]);
    }

    #[tokio::test]
    async fn a_long_path_is_no_obstacle() {
        let node = node_in(&format!("{}/{}", "очень длинное имя".repeat(4), "б".repeat(100)));
        assert!(200 < node.home.layout().socket().as_os_str().len());
        let mut client = Client::connect(node.home.layout()).await.unwrap();
        assert_eq!(all(&mut client, b"echo a").await, [b"a"]);
        let socket = node.home.layout().socket();
        assert!(socket.exists(), "on Linux it lies in the home all the same");
        node.cancel.cancel();
        node.tracker.close();
        node.tracker.wait().await;
        assert!(!socket.exists());
    }

    #[tokio::test]
    async fn the_socket_is_private() {
        let node = node();
        let mode = std::fs::metadata(node.home.layout().socket()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    const AS_STRANGER: &str = "ARTEL_TEST_STRANGER_HOME";

    /// Run by the next test in a process of another user; alone it does nothing.
    #[tokio::test]
    async fn stranger() {
        let Some(root) = std::env::var_os(AS_STRANGER) else { return };
        let place = os::Place::of(&Layout::new(PathBuf::from(root))).unwrap();
        let mut stream = place.connect().await.expect("the modes are open: only the comparison of users is left");
        // The server may have hung up before or after these bytes.
        drop(stream.write_all(b"\0\0\0\x06echo a").await);
        let mut answer = Vec::new();
        drop(timeout(SOON, stream.read_to_end(&mut answer)).await.expect("hung up"));
        assert!(answer.is_empty(), "{answer:?}");
        eprintln!("the stranger got nothing");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn another_user_gets_nothing_even_when_the_modes_are_open() {
        if rustix::process::geteuid().as_raw() != 0 {
            eprintln!("skipped: only root can start a process of another user");
            return;
        }
        let node = node_in("h");
        let layout = node.home.layout().clone();
        let open = |path: PathBuf, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        open(layout.root().parent().unwrap().to_owned(), 0o755);
        open(layout.root().to_owned(), 0o755);
        open(layout.socket(), 0o666);
        // The test program itself may lie where the other user cannot go.
        let program = layout.root().parent().unwrap().join("stranger");
        std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        open(program.clone(), 0o755);
        let mut command = Command::new(&program);
        command.args(["--exact", "ipc::tests::unix::stranger", "--nocapture"]);
        command.env(AS_STRANGER, layout.root()).uid(65_534).gid(65_534).current_dir("/");
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && said.contains("the stranger got nothing"), "{said}");
    }
}
