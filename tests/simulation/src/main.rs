//! `cargo sim`: runs histories, or shows one.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use simulation::{Failure, Fault, Profile, Settings, Simulation, Tally, Weakness};

/// Runs the functions' own handlers in virtual time, under every fault, and judges what came of them by the ledger of a fake
/// Giftishow. One seed is one history, for ever.
#[derive(Parser)]
#[command(name = "sim")]
struct Arguments {
    /// Show the history of this seed, line by line.
    #[arg(long)]
    seed: Option<u64>,
    /// With --seed: let only these of its faults happen, by their numbers (0,2,5), or none.
    #[arg(long, requires = "seed")]
    only: Option<String>,
    /// How many histories to run.
    #[arg(long, default_value_t = 100_000)]
    histories: u64,
    /// The seed of the first.
    #[arg(long, default_value_t = 0)]
    first_seed: u64,
    /// How many threads run them.
    #[arg(long, default_value_t = 1)]
    threads: u64,
    /// What may go wrong.
    #[arg(long, value_enum, default_value = "every")]
    profile: Profile,
    /// Sends at once.
    #[arg(long, default_value_t = 1)]
    send_concurrency: usize,
    /// Go on until so many histories have broken a promise, and show the first.
    #[arg(long, default_value_t = 1)]
    failures: usize,
    /// Leave out a rule: a counterexample must be found.
    #[arg(long, value_enum)]
    without_rule: Option<Weakness>,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let settings = Settings {
        profile: arguments.profile,
        weakness: arguments.without_rule,
        send_concurrency: arguments.send_concurrency,
    };
    match arguments.seed {
        Some(seed) => show(settings, seed, arguments.only.as_deref().map(numbers).transpose()?.as_deref()),
        None => run(settings, &arguments),
    }
}

fn numbers(text: &str) -> Result<Vec<usize>> {
    if text == "none" {
        return Ok(Vec::new());
    }
    text.split(',').map(|number| number.parse().with_context(|| format!("--only {number}"))).collect()
}

/// One history, three times: the same each time.
fn show(settings: Settings, seed: u64, only: Option<&[usize]>) -> Result<ExitCode> {
    let mut simulation = Simulation::new(settings)?;
    let replay = simulation.replay(seed, only);
    for line in &replay.lines {
        println!("{line}");
    }
    let digests = [(); 3].map(|()| simulation.replay(seed, only).digest);
    let same = digests.iter().all(|digest| *digest == replay.digest);
    println!();
    for (number, fault) in replay.faults.iter().enumerate() {
        println!("fault {number}: {}", fault.name());
    }
    println!("digest {:016x}, {}", replay.digest, if same { "three times the same" } else { "NOT THE SAME AGAIN" });
    Ok(match replay.result {
        Ok(ends) => {
            println!("every promise was kept: {ends:?}");
            if same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(violation) => {
            println!("BROKEN: {violation}");
            ExitCode::FAILURE
        }
    })
}

fn run(settings: Settings, arguments: &Arguments) -> Result<ExitCode> {
    let started = Instant::now();
    let threads = arguments.threads.max(1);
    let share = arguments.histories.div_ceil(threads);
    let runs: Vec<_> = (0..threads)
        .map(|thread| {
            let first = arguments.first_seed + thread * share;
            let last = (first + share).min(arguments.first_seed + arguments.histories);
            let most = arguments.failures;
            std::thread::spawn(move || Ok(Simulation::new(settings)?.run(first..last, most)))
        })
        .collect();
    let mut tally = Tally::default();
    for run in runs {
        let run: Result<Tally> = run.join().ok().context("a thread ended early")?;
        tally.add(run?);
    }
    report(&tally, started.elapsed(), cpu_time());
    match tally.failures.iter().min_by_key(|failure| failure.seed) {
        None => Ok(ExitCode::SUCCESS),
        Some(failure) => explain(settings, arguments, failure),
    }
}

/// What this process has used of the machine: the same on a busy one.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

fn report(tally: &Tally, took: Duration, cpu: Duration) {
    let Tally { histories, steps, ends, slowest, hits, failures } = tally;
    #[expect(clippy::cast_precision_loss, reason = "shown with one digit at most")]
    let (count, steps) = (*histories as f64, *steps as f64);
    let (per_second, per_core, steps) = (count / took.as_secs_f64(), count / cpu.as_secs_f64(), steps / count);
    println!("{histories} histories of {steps:.1} steps in {:.1} s: {per_second:.0} a second", took.as_secs_f64());
    println!("{per_core:.0} histories for a second of one core");
    for (fault, hits) in Fault::ALL.iter().zip(hits) {
        println!("{hits:>12}  {}", fault.name());
    }
    println!("payouts: {} sent, {} of them after the first attempt", ends.sent + ends.sent_later, ends.sent_later);
    println!("         {} failed and {} in review, with an alarm", ends.failed, ends.review);
    println!("         {} of these may be wins or retries", ends.held);
    println!("         {} closed by a person", ends.closed);
    println!("lists: {} answered 200, {} otherwise or not at all", ends.answered, ends.not_answered);
    if slowest.cancel_ms > 0 {
        let seconds = |ms: i64| ms / 1_000;
        let (cancel, end) = (seconds(slowest.cancel_ms), seconds(slowest.end_ms));
        println!("slowest: {cancel} s from unknown to its first cancel, {end} s from a claim to its end");
    }
    println!("histories that broke a promise: {}", failures.len());
    let mut kinds: Vec<String> = failures.iter().map(|failure| failure.violation.to_string()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let seeds = failures.iter().filter(|failure| failure.violation.to_string() == kind).map(|failure| failure.seed);
        let some: Vec<String> = seeds.clone().take(8).map(|seed| seed.to_string()).collect();
        println!("{:>12}  {kind}: seeds {}", seeds.count(), some.join(" "));
    }
}

/// The shortest form of a history that breaks a promise, and how to see it again.
fn explain(settings: Settings, arguments: &Arguments, failure: &Failure) -> Result<ExitCode> {
    let seed = failure.seed;
    let mut simulation = Simulation::new(settings)?;
    let kept = simulation.shrink(seed);
    let replay = simulation.replay(seed, Some(&kept));
    println!("\nseed {seed}: {}. With the fewest faults that were found:\n", failure.violation);
    for line in &replay.lines {
        println!("{line}");
    }
    let kept: Vec<String> = kept.iter().map(ToString::to_string).collect();
    let kept = if kept.is_empty() { "none".to_owned() } else { kept.join(",") };
    let mut command = vec![format!("cargo sim --seed {seed} --only {kept}")];
    if arguments.profile != Profile::Every {
        command.push(format!("--profile {}", name_of(&arguments.profile)));
    }
    if arguments.send_concurrency != 1 {
        command.push(format!("--send-concurrency {}", arguments.send_concurrency));
    }
    command.extend(arguments.without_rule.map(|weakness| format!("--without-rule {}", name_of(&weakness))));
    println!("\n{}", command.join(" "));
    Ok(ExitCode::FAILURE)
}

fn name_of(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
