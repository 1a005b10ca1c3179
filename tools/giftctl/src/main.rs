//! `giftctl`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    giftctl::run(std::env::args_os())
}
