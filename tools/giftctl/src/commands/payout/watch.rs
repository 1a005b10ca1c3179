use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use operation::{Listing, PayoutLine};
use payout::{Moment, State, TrId};
use serde_json::json;

use super::list::page;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Format, payout_line};
use crate::when;

/// Most rows that are watched: a day with more is for `payout list`.
const MOST: usize = 5_000;

/// What to watch.
#[derive(Args)]
pub(crate) struct WatchArgs {
    /// Payouts recorded on this Korean day (2026-11-22, today); else those that wait for a person.
    #[arg(long, value_parser = when::parse_day)]
    day: Option<String>,
    /// Seconds between two looks.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    every: u64,
}

type Seen = BTreeMap<TrId, (State, Moment)>;

/// Until Ctrl-C. A look that fails is said, and the next one is tried.
pub(super) async fn run(context: &Context, args: &WatchArgs) -> Result<Exit, Failure> {
    if context.printer.format == Format::Json {
        return Err(Failure::usage("what never ends is no JSON document: --output jsonl"));
    }
    let mut seen = Seen::new();
    look(context, args, &mut seen).await?;
    loop {
        tokio::time::sleep(Duration::from_secs(args.every)).await;
        match look(context, args, &mut seen).await {
            Err(failure) if failure.exit == Exit::Failed && failure.code == "failed" => {
                context.printer.say(&failure.message);
            }
            looked => looked?,
        }
    }
}

async fn look(context: &Context, args: &WatchArgs, seen: &mut Seen) -> Result<(), Failure> {
    let mut listing = Listing { day: args.day.clone(), ..Listing::default() };
    let mut now = Seen::new();
    loop {
        let found = page(context, listing.clone()).await?;
        for line in &found.rows {
            let stands = (line.state, line.since);
            if seen.get(&line.tr_id) != Some(&stands) {
                tell(context, line)?;
            }
            now.insert(line.tr_id.clone(), stands);
        }
        listing.after = found.next;
        if listing.after.is_none() {
            break;
        }
        if now.len() >= MOST {
            return Err(Failure::usage(format!("more than {MOST} payouts: `giftctl payout list` shows them")));
        }
    }
    for gone in seen.keys().filter(|tr_id| !now.contains_key(tr_id)) {
        if context.printer.is_json() {
            context.printer.write(&format!("{}\n", json!({ "gone": gone })))?;
        } else {
            context.printer.write(&format!("{}  {}  -\n", when::second(when::now()), gone.as_str()))?;
        }
    }
    *seen = now;
    Ok(())
}

fn tell(context: &Context, line: &PayoutLine) -> Result<(), Failure> {
    if context.printer.is_json() {
        return context.printer.write(&format!("{}\n", json!(line)));
    }
    let text = payout_line(line, &context.printer.style);
    context.printer.write(&format!("{}  {text}\n", when::second(when::now())))
}
