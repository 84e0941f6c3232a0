//! Starts of the real program where it cannot open a window, and its second start.

use std::process::{Command, Output};

fn artel(home: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_artel"));
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "ARTEL_HOME", "ARTEL_LANG", "ARTEL_LOG"] {
        command.env_remove(name);
    }
    command.arg("--home").arg(home);
    command
}

#[track_caller]
fn refused(output: &Output, code: i32, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(words), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn the_version_needs_no_display() {
    let dir = tempfile::tempdir().expect("a directory");
    let output = artel(dir.path()).arg("--version").output().expect("started");
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), concat!("artel ", env!("CARGO_PKG_VERSION")));
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_display_there_is_a_sentence_and_a_code() {
    let dir = tempfile::tempdir().expect("a directory");
    let home = dir.path().join("home");
    let russian = artel(&home).args(["--lang", "ru"]).output().expect("started");
    refused(&russian, 2, "Нет дисплея");
    let english = artel(&home).args(["--lang", "en"]).env("DISPLAY", ":64999").output().expect("started");
    refused(&english, 2, "There is no display");
    assert!(!home.exists(), "nothing is left behind");
}
