//! Time and memory of reading catalogues of three sizes, with the real binary. Run with `cargo bench -p tests --bench catalogue`.
//!
//! The time grows with the number of goods, and the memory must not pass 64 MiB. Without the gap between requests, which is
//! politeness and no work.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use giftishow_sim::{CatalogueConfig, SimConfig};
use local::binaries::Program;
use local::{Runner, Stack, StackOptions};

const SYNC: &str = "catalog-sync";
const SIZES: [usize; 3] = [2_300, 10_000, 20_000];
const MOST_MEMORY_KIB: u64 = 64 * 1024;

#[tokio::main]
async fn main() -> Result<()> {
    let built = local::binaries::build(&[SYNC.to_owned()], true).await?;
    let program = built.get(SYNC).context("no binary")?;
    eprintln!("  goods   first run  per goods   unchanged run  per goods   requests of both   peak memory");
    for goods in SIZES {
        let catalogue = CatalogueConfig { goods, ..CatalogueConfig::default() };
        let sim = SimConfig { catalogue, ..SimConfig::default() };
        // Nobody else is invoked.
        let programs = ["callback", SYNC, "send", "sweeper"].map(|name| (name.to_owned(), program.clone()));
        let runner = Runner::Programs(programs.into_iter().collect::<std::collections::BTreeMap<String, Program>>());
        let options = StackOptions { runner, sim, scheduled: false, ..StackOptions::default() };
        let stack = Stack::start(options.parameter("CatalogGapMs", "0")).await?;
        let first = run(&stack, goods).await?;
        let before = stack.dynamodb_requests();
        let second = run(&stack, 0).await?;
        let writes = stack.dynamodb_requests().since(&before);
        ensure!(writes.of(SYNC, "UpdateItem") == 0, "an unchanged day writes no goods: {writes}");
        let requests: u64 = stack.sim().ledger().requests.values().sum();
        let peak = peak_memory_kib()?;
        let each = |took: Duration| took / u32::try_from(goods).unwrap_or(u32::MAX);
        eprintln!(
            "{goods:>7} {first:>11.1?} {:>10.1?} {second:>15.1?} {:>10.1?} {requests:>18} {:>9.1} MiB",
            each(first),
            each(second),
            f64::from(u32::try_from(peak)?) / 1024.0
        );
        ensure!(peak <= MOST_MEMORY_KIB, "more than {MOST_MEMORY_KIB} KiB");
        stack.shutdown().await;
    }
    Ok(())
}

/// One complete run that finds so many new goods.
async fn run(stack: &Stack, new: usize) -> Result<Duration> {
    let started = Instant::now();
    let answer = stack.sync().await?.answer().context("catalog-sync failed")?;
    ensure!(answer["status"] == "complete" && answer["goods"]["new"] == new, "{answer}");
    Ok(started.elapsed())
}

/// The most memory that the function's process ever had, by the kernel's own account.
fn peak_memory_kib() -> Result<u64> {
    let mut peak = None;
    for task in std::fs::read_dir("/proc/self/task")? {
        let children = std::fs::read_to_string(task?.path().join("children"))?;
        for child in children.split_whitespace() {
            let status = std::fs::read_to_string(format!("/proc/{child}/status"))?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            peak = peak.max(kib);
        }
    }
    peak.context("no process of the function")
}
