//! What the machine does by itself: the figures beside which the others mean something.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use super::machine::{line, quantiles};

const ECHOES: usize = 2_000;
const FLUSHES: usize = 300;
/// About what one short message is on the wire and in the journal.
const MESSAGE_BYTES: usize = 400;
const BULK_BYTES: usize = 64 << 20;

/// Measures and prints.
pub(crate) fn print(homes: &Path) {
    std::fs::create_dir_all(homes).expect("a directory for homes");
    println!();
    line("floor: one way over a loopback socket", quantiles(&mut echoes()));
    line("floor: append 400 B and flush", quantiles(&mut flushes(homes)));
    let bulk = bulk();
    line("floor: bulk over a loopback socket", format!("{:>8.0} MB/s", BULK_BYTES as f64 / 1e6 / bulk.as_secs_f64()));
}

/// Half of the time of a round trip.
fn echoes() -> Vec<Duration> {
    let (mut near, mut far) = pair();
    let echo = std::thread::spawn(move || {
        let mut bytes = [0; MESSAGE_BYTES];
        while far.read_exact(&mut bytes).is_ok() && far.write_all(&bytes).is_ok() {}
    });
    let mut bytes = [7; MESSAGE_BYTES];
    let times = (0..ECHOES).map(|_| {
        let begun = Instant::now();
        near.write_all(&bytes).expect("a socket");
        near.read_exact(&mut bytes).expect("an echo");
        begun.elapsed() / 2
    });
    let times = times.collect();
    drop(near);
    echo.join().expect("the echo");
    times
}

fn bulk() -> Duration {
    let (mut near, mut far) = pair();
    let reader = std::thread::spawn(move || std::io::copy(&mut far, &mut std::io::sink()).expect("bytes"));
    let block = vec![7; 64 << 10];
    let begun = Instant::now();
    for _ in 0..BULK_BYTES / block.len() {
        near.write_all(&block).expect("a socket");
    }
    drop(near);
    reader.join().expect("the reader");
    begun.elapsed()
}

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let near = TcpStream::connect(listener.local_addr().expect("its address")).expect("a socket");
    let (far, _) = listener.accept().expect("the other end");
    near.set_nodelay(true).expect("no delay");
    far.set_nodelay(true).expect("no delay");
    (near, far)
}

fn flushes(homes: &Path) -> Vec<Duration> {
    let path = homes.join("floor.tmp");
    let mut file = OpenOptions::new().create(true).append(true).open(&path).expect("a file");
    let bytes = [7; MESSAGE_BYTES];
    let times = (0..FLUSHES).map(|_| {
        let begun = Instant::now();
        file.write_all(&bytes).expect("a write");
        file.sync_data().expect("a flush");
        begun.elapsed()
    });
    let times = times.collect();
    std::fs::remove_file(&path).ok();
    times
}
