//! A cable that carries so many bytes a second.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Listens, and carries every connection to `to`; counts what comes back from there.
pub(crate) struct Cable {
    pub(crate) address: String,
    pub(crate) carried: Arc<AtomicU64>,
}

impl Cable {
    pub(crate) fn new(to: &str, bytes_a_second: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (carried, to) = (Arc::new(AtomicU64::new(0)), to.to_owned());
        let count = Arc::clone(&carried);
        thread::spawn(move || {
            for here in listener.incoming().flatten() {
                let Ok(there) = TcpStream::connect(&to) else { continue };
                let back = (there.try_clone().unwrap(), here.try_clone().unwrap());
                let count = Arc::clone(&count);
                thread::spawn(move || carry(here, there, u64::MAX, None));
                thread::spawn(move || carry(back.0, back.1, bytes_a_second, Some(count)));
            }
        });
        Self { address, carried }
    }

    pub(crate) fn carried(&self) -> u64 {
        self.carried.load(Ordering::Relaxed)
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, rate: u64, count: Option<Arc<AtomicU64>>) {
    let (begun, mut sum, mut buffer) = (Instant::now(), 0u64, vec![0; 16 * 1024]);
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        sum += read as u64;
        let due = Duration::from_secs_f64(sum as f64 / rate as f64);
        thread::sleep(due.saturating_sub(begun.elapsed()));
        if let Some(count) = &count {
            count.fetch_add(read as u64, Ordering::Relaxed);
        }
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    from.shutdown(Shutdown::Both).ok();
    to.shutdown(Shutdown::Both).ok();
}
