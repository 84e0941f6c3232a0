//! Artel without a window: see `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    artel_node::cli::main()
}
