//! `local demo`: from a Bleepy callback to a coupon, before one's eyes.

mod burst;
mod catalogue;
mod cost;
mod faults;
mod people;
mod report;
mod timeline;
mod verdict;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use giftishow_sim::{CatalogueConfig, Goods, SimConfig};
use jiff::Timestamp;

use crate::load::LoadArgs;
use crate::template::Template;
use crate::{Recipient, Reward, Runner, Stack, StackOptions};
use faults::PlannedFault;
pub use people::people_at_work;
use timeline::Moment;
pub use verdict::{is_settled, judge};

/// Least time to wait for the end; a burst gets more.
const LIMIT: Duration = Duration::from_mins(2);
const LIMIT_PER_WINNER: Duration = Duration::from_millis(250);

/// Options of the demo.
#[derive(Debug, Args)]
#[command(after_help = faults::help())]
pub struct DemoArgs {
    /// What goes wrong at Giftishow, once, in the first act; the list is below.
    #[arg(long, value_name = "NAME", value_parser = faults::parse)]
    fault: Option<PlannedFault>,
    /// How many users win.
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    winners: u16,
    /// A second act: a coupon went to a wrong number, and people put it right. One winner after the other, so not together
    /// with what makes a burst.
    #[arg(long, conflicts_with_all = ["winners", "concurrency", "vendor_ms", "hold_items_ms"])]
    with_people: bool,
    #[command(flatten)]
    load: LoadArgs,
    /// Shows what the functions log.
    #[arg(long)]
    verbose: bool,
}

/// Runs the demo; true if Giftishow's ledger says what it must.
pub async fn run(args: DemoArgs) -> Result<bool> {
    println!("Building the functions (the first time takes some minutes) …");
    let options = args.load.apply(options(&args))?;
    let shortened = shortened(&options)?;
    let stack = Stack::start(options).await?;
    println!("Everything runs: DynamoDB, Secrets Manager, Lambda, the HTTP API, the fake Giftishow.");
    if args.is_shortened() {
        println!("Shortened for the demo, in seconds: {shortened}.");
    }
    if let Some(fault) = &args.fault {
        println!("Fault, once: {fault}");
        fault.script(stack.sim());
    }
    let good = acts(&stack, &args).await;
    stack.shutdown().await;
    good
}

/// The second act is about what the first one has left in order.
async fn acts(stack: &Stack, args: &DemoArgs) -> Result<bool> {
    let good = play(stack, args).await?;
    if good && args.with_people { people_at_work(stack, &[Recipient::sample().user_key]).await } else { Ok(good) }
}

impl DemoArgs {
    /// Whether it waits for what comes minutes later elsewhere.
    fn is_shortened(&self) -> bool {
        self.fault.is_some() || self.with_people
    }
}

/// What these options change of the template's waiting times.
fn shortened(options: &StackOptions) -> Result<String> {
    let required = [("CallbackTokenSha256", "0"), ("TrIdNamespace", "-")];
    let required = required.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let deployed = Template::load(&required.into())?;
    let mut changes = Vec::new();
    for (name, value) in &options.parameters {
        let default = deployed.parameters().get(name).cloned().unwrap_or_default();
        changes.push(format!("{name} {default} → {value}"));
    }
    for settings in deployed.functions()? {
        if let Some(limit) = options.timeouts.get(&settings.name) {
            changes.push(format!("Timeout of {} {} → {}", settings.name, settings.timeout.as_secs(), limit.as_secs()));
        }
    }
    if let Some(period) = options.sweep_period {
        let deployed = deployed.period_of("sweeper")?.as_secs();
        changes.push(format!("time between sweeps {deployed} → {}", period.as_secs()));
    }
    Ok(changes.join(", "))
}

fn options(args: &DemoArgs) -> StackOptions {
    let base = if args.is_shortened() { StackOptions::fast() } else { StackOptions::default() };
    let default = SimConfig::default();
    let dearest = default.goods.iter().map(price).max().unwrap_or_default();
    // Twice: a failed attempt may hold its money while the next one is paid.
    let balance_won = default.balance_won.max(2 * u64::from(args.winners) * dearest);
    StackOptions {
        runner: Runner::Build { progress: true },
        sim: SimConfig {
            balance_won,
            catalogue: CatalogueConfig { goods: 230, brands: 30, ..default.catalogue },
            ..default
        },
        echo: args.verbose,
        ..base
    }
    // The fake one need not be spared.
    .parameter("CatalogGapMs", "0")
}

fn price(goods: &Goods) -> u64 {
    goods.price_won
}

async fn play(stack: &Stack, args: &DemoArgs) -> Result<bool> {
    let reward = Reward::sample();
    let winners = register(stack, &reward, args.winners)?;
    catalogue::copy(stack).await?;
    println!("Registered: reward {}, {} recipient(s). Bleepy posts its wins.\n", reward.code, winners.len());

    let start = Timestamp::now();
    let clock = Instant::now();
    stack.dynamodb().reset_write_units();
    let posted = burst::post_all(&stack.callback_url(), &reward.code, &winners).await?;
    let answered = Timestamp::now();

    let limit = LIMIT + LIMIT_PER_WINNER * u32::from(args.winners);
    let end = stack.wait_until("every payout has ended", limit, |stack| is_settled(winners.len(), &stack.payouts()));
    let settled = end.await;
    let first = winners.first().context("nobody won")?;
    let told = |stack: &Stack| timeline::is_complete(&stack.attempts(first), &stack.changes());
    // The verdict does not depend on it.
    let _ = stack.wait_until("the timeline is complete", LIMIT, told).await;
    let (rows, ledger, units) = (stack.payouts(), stack.sim().ledger(), stack.write_units());

    let mut moments = vec![Moment { at: start, who: "Bleepy", what: format!("posts {} for {first}", reward.code) }];
    if winners.len() == 1 {
        moments.push(Moment { at: answered, who: "Bleepy", what: "gets 200".to_owned() });
    } else {
        println!("Timeline of the first of {} payouts:", winners.len());
    }
    moments.extend(timeline::tell(first, &stack.changes(), &ledger.events, |_| None));
    moments.sort_by_key(|moment| moment.at);
    timeline::print(start, &moments);
    if winners.len() > 1 {
        burst::print(&posted, &rows, &ledger);
    }
    cost::print(&units, winners.len());
    cost::print_troubles(stack, args.load.holds_items());
    report::print_ledgers(&rows, &ledger);

    let mut problems = judge(&winners, &rows, &ledger);
    problems.extend(cost::given_up(stack));
    if settled.is_err() {
        problems.insert(0, format!("not every payout had ended after {} s", limit.as_secs()));
    }
    println!();
    if problems.is_empty() {
        let seconds = clock.elapsed().as_secs_f64();
        println!(
            "✔ {} winner(s), {} live coupon(s), and both ledgers agree. {seconds:.1} s",
            winners.len(),
            ledger.live
        );
    } else {
        report::print_problems("Giftishow's ledger", &problems);
    }
    Ok(problems.is_empty())
}

/// Registers the sample's reward and as many recipients as there are winners; the first is the sample's.
fn register(stack: &Stack, reward: &Reward, count: u16) -> Result<Vec<String>> {
    stack.put_reward(reward)?;
    let sample = Recipient::sample();
    let others = (2..=count).map(|number| Recipient::new(format!("winner-{number:05}"), sample.phone.clone()));
    let recipients: Vec<Recipient> = std::iter::once(sample.clone()).chain(others).collect();
    recipients.iter().try_for_each(|recipient| stack.put_recipient(recipient))?;
    Ok(recipients.into_iter().map(|recipient| recipient.user_key).collect())
}
