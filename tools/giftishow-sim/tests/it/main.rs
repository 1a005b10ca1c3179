//! The simulator over real sockets.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up has failed")]

mod books;
mod catalogue;
mod common;
mod faults;
mod wire;
