//! The whole system on one machine: DynamoDB, Secrets Manager, Lambda, the HTTP API, the stream mapping, the schedule
//! and a fake Giftishow around the unmodified function binaries. No Docker, no account.
//!
//! [`Stack`] is all of it; its tables, variables, limits, routes and mappings are read from `template.yaml`.

pub mod binaries;
mod cloud;
mod data;
pub mod demo;
pub mod dynamodb;
pub mod front;
mod http;
pub mod lambda;
pub mod load;
pub mod logs;
pub mod pump;
mod scheduler;
pub mod secrets;
pub mod serve;
mod stack;
pub mod template;
mod welcome;

pub use cloud::Mail;
pub use stack::{Change, Ports, Recipient, Reward, Runner, Stack, StackOptions, credentials_json};

use std::path::{Path, PathBuf};

/// Root of the repository.
pub fn workspace_root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own).to_owned()
}
