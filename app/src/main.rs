//! `artel`, the desktop program.

use std::process::ExitCode;

fn main() -> ExitCode {
    artel_app::main()
}
