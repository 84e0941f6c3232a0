//! What the operating system tells of this process and of files; and figures of many times.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// Processor time of this process so far, all threads, user and system. Whole hundredths of a second.
pub(crate) fn cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in parentheses may hold spaces; utime and stime are the 12th and 13th field behind it.
    let fields = stat.rsplit_once(')').map_or("", |it| it.1);
    let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|it| it.parse::<u64>().ok()).sum::<u64>();
    Duration::from_millis(ticks * 10)
}

/// A line of `/proc/self/status`, megabytes; 0 where there is none.
pub(crate) fn memory_mb(line: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|it| it.strip_prefix(line));
    let number = found.and_then(|it| it.trim().trim_end_matches(" kB").parse::<f64>().ok());
    number.unwrap_or(0.0) / 1024.0
}

/// Bytes of all files under a directory.
pub(crate) fn bytes_in(dir: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(dir) else { return fs::metadata(dir).map_or(0, |it| it.len()) };
    let sizes = entries.flatten().map(|it| match it.file_type() {
        Ok(kind) if kind.is_dir() => bytes_in(&it.path()),
        _ => it.metadata().map_or(0, |it| it.len()),
    });
    sizes.sum()
}

/// Copies a directory; what is there is replaced.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::remove_dir_all(to).ok();
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory").flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().is_ok_and(|it| it.is_dir()) {
            copy(&entry.path(), &target);
        } else if entry.file_type().is_ok_and(|it| it.is_file()) {
            fs::copy(entry.path(), &target).expect("a copied file");
        }
    }
}

pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// `p50 / p99 ms` of times.
pub(crate) fn quantiles(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |part: usize| times.get((times.len() * part / 100).min(times.len().saturating_sub(1))).copied();
    let [p50, p99] = [50, 99].map(|it| ms(at(it).unwrap_or_default()));
    format!("{p50:>8.2} / {p99:.2} ms p50/p99")
}

pub(crate) fn line(name: &str, figure: impl std::fmt::Display) {
    println!("{name:<44}{figure}");
}

/// SplitMix64: the same texts at every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// A text of exactly `bytes` bytes: Russian and English words of a vocabulary of about 4 000.
pub(crate) fn text(random: &mut Random, bytes: usize) -> String {
    const SYLLABLES: [&str; 16] =
        ["до", "го", "ра", "ни", "ме", "сту", "пла", "кол", "con", "ta", "re", "port", "mi", "su", "ple", "gra"];
    let mut text = String::new();
    while text.len() + 24 < bytes {
        for _ in 0..3 {
            text.push_str(SYLLABLES[(random.next() % 16) as usize]);
        }
        text.push(' ');
    }
    while text.len() < bytes {
        text.push('.');
    }
    text
}
