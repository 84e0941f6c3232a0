//! `artel`, the desktop program.
//!
//! The window does not exist yet. Until it does this program says so in the reader's language, names the command that does
//! the same today, and ends with an error, so that no script takes it for the real thing.

mod notice;

use std::io::Write;
use std::process::ExitCode;

use notice::{Lang, Wish};

fn main() -> ExitCode {
    let wish = Wish::of(std::env::args_os().skip(1));
    let text = notice::text(wish, Lang::from_env());
    // A closed standard stream is no reason to fail: there is nobody left to tell.
    match wish {
        Wish::Window => {
            write!(std::io::stderr(), "{text}").ok();
            ExitCode::FAILURE
        }
        Wish::Help | Wish::Version => {
            write!(std::io::stdout(), "{text}").ok();
            ExitCode::SUCCESS
        }
    }
}
