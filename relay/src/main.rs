//! `artel-relay`, for people outside the office.
//!
//! A relay will forward connections between colleagues who cannot reach each other directly, and keep sealed bundles for
//! those who are off, without being able to read anything. It does not exist yet. Until it does this program says so in the
//! reader's language, names what helps today, and ends with an error, so that no script takes it for the real thing.

mod notice;

use std::io::Write;
use std::process::ExitCode;

use notice::{Lang, Wish};

fn main() -> ExitCode {
    let wish = Wish::of(std::env::args_os().skip(1));
    let text = notice::text(wish, Lang::from_env());
    // A closed standard stream is no reason to fail: there is nobody left to tell.
    match wish {
        Wish::Serve => {
            write!(std::io::stderr(), "{text}").ok();
            ExitCode::FAILURE
        }
        Wish::Help | Wish::Version => {
            write!(std::io::stdout(), "{text}").ok();
            ExitCode::SUCCESS
        }
    }
}
