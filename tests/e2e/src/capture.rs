//! What an eavesdropper at the switch sees.

use std::path::PathBuf;
use std::time::Duration;

use crate::lab::{Lab, beside_lan};
use crate::process::Process;
use crate::wait::until;

/// Bytes of the header that every capture begins with.
const HEADER_BYTES: u64 = 24;

/// A running capture of all packets on the switch that fit a filter.
#[derive(Debug)]
pub struct Capture {
    process: Process,
    file: PathBuf,
}

impl Capture {
    /// Begins to capture; every packet that is sent after this returns is in it.
    pub fn start(lab: &Lab, name: &str, filter: &[&str]) -> Self {
        let file = lab.folder().join(format!("{name}.pcap"));
        let path = file.to_str().unwrap();
        // Whole packets, handed over and written at once, a buffer of 64 MiB against losses, and no change of the user.
        let words = [
            "tcpdump",
            "-i",
            "br0",
            "-n",
            "-s",
            "0",
            "-U",
            "--immediate-mode",
            "-B",
            "65536",
            "-Z",
            "root",
            "-w",
            path,
        ];
        let process = beside_lan(lab, "tcpdump", &[&words[..], filter].concat());
        until("tcpdump listens", 20, || {
            let written = std::fs::metadata(&file).map_or(0, |it| it.len());
            (HEADER_BYTES <= written && process.talk().contains("listening on")).then_some(())
        });
        Self { process, file }
    }

    /// Ends it; all bytes of the file.
    ///
    /// # Panics
    /// When packets were lost.
    #[track_caller]
    pub fn stop(self) -> Vec<u8> {
        // What has just passed the switch may still be on its way to the file.
        std::thread::sleep(Duration::from_millis(500));
        self.process.signal("INT");
        let outcome = self.process.wait(Duration::from_secs(20));
        assert!(outcome.stderr.contains("\n0 packets dropped by kernel"), "packets were lost: {}", outcome.stderr);
        std::fs::read(&self.file).unwrap()
    }
}
