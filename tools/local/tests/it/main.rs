//! The local services, driven with a function of the tests' own in place of the real ones.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod acting;
mod cloud;
mod command;
mod dynamodb;
mod front;
mod holds;
mod kept;
mod lambda;
mod pump;
mod secrets;
mod template;
mod units;
mod url;

use std::time::Duration;

use local::binaries::{Binaries, Program};
use local::{Runner, Stack, StackOptions};

/// Generous: the machine may be busy with a build.
const LIMIT: Duration = Duration::from_secs(20);

/// This test executable as all functions; see [`acting`].
fn acting_functions() -> Binaries {
    let program = Program {
        path: std::env::current_exe().unwrap(),
        args: ["acting::acts_as_function", "--exact", "--ignored", "--nocapture"].map(ToOwned::to_owned).to_vec(),
    };
    let names = ["callback", "catalog-sync", "desk", "operate", "reconcile", "send", "sweeper"];
    names.into_iter().map(|name| (name.to_owned(), program.clone())).collect()
}

fn options() -> StackOptions {
    StackOptions { runner: Runner::Programs(acting_functions()), scheduled: false, ..StackOptions::default() }
}

async fn start(options: StackOptions) -> Stack {
    Stack::start(options).await.unwrap()
}

/// Process ids that the acting functions reported.
fn pids(stack: &Stack) -> Vec<u32> {
    let lines = stack.logs().lines();
    lines.iter().filter_map(|line| line.text.strip_prefix("pid ")?.parse().ok()).collect()
}

/// Whether a process runs; one that only waits to be reaped does not.
fn runs(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    !status.is_empty() && !status.contains("State:\tZ")
}

/// Waits for a state that is not the stack's.
async fn eventually(what: &str, done: impl Fn() -> bool) {
    let waiting = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(LIMIT, waiting).await.is_ok(), "never: {what}");
}
