//! Sends side by side, by the vendor's own gauge.

use std::time::Duration;

use anyhow::Result;
use giftishow_sim::{Api, SimConfig};
use local::StackOptions;
use local::demo::{is_settled, judge};
use local::pump::Delivery;
use tests::{LIMIT, World};

/// Long beside a claim, short beside the deadline of a send.
const VENDOR: Duration = Duration::from_secs(1);
/// How long the real service was seen to hold what a transaction names.
const HOLD: Duration = Duration::from_millis(10);

/// All that win together are paid, some after a cancel, while items are held; the most sends and cancels in flight.
async fn most_in_flight(concurrency: usize) -> Result<(u64, u64)> {
    let mut options = StackOptions {
        delivery: Delivery::Paused,
        hold_items: Some(HOLD),
        sim: SimConfig { send_latency: VENDOR, ..SimConfig::default() },
        ..tests::options()
    };
    // One at a time is what is deployed by itself.
    if concurrency > 1 {
        options = options.parameter("SendConcurrency", concurrency.to_string());
    }
    let world = World::start(options).await?;
    let users: Vec<String> = (0..2 * concurrency + 2).map(|number| format!("user{number}")).collect();
    for user in users.iter().take(2) {
        world.script_for(user, Api::Send, "http-500-after-issue")?;
    }
    for user in &users {
        world.win(user).await?;
    }
    world.pump().set_delivery(Delivery::InOrder);
    world.wait_until("all are paid", LIMIT, |world| is_settled(users.len(), &world.payouts())).await?;
    let ledger = world.sim().ledger();
    let problems = judge(&users, &world.payouts(), &ledger);
    assert!(problems.is_empty(), "{concurrency} at a time: {problems:#?}");
    assert!(world.pump().given_up().is_empty(), "{:?}", world.pump().given_up());
    world.end().await;
    Ok((ledger.in_flight_max_for(Api::Send), ledger.in_flight_max_for(Api::Cancel)))
}

#[tokio::test]
async fn one_send_is_in_flight_and_one_cancel() -> Result<()> {
    assert_eq!(most_in_flight(1).await?, (1, 1));
    Ok(())
}

#[tokio::test]
async fn two_sends_are_in_flight_and_one_cancel() -> Result<()> {
    assert_eq!(most_in_flight(2).await?, (2, 1));
    Ok(())
}

#[tokio::test]
async fn eight_sends_are_in_flight_and_one_cancel() -> Result<()> {
    assert_eq!(most_in_flight(8).await?, (8, 1));
    Ok(())
}

#[tokio::test]
async fn twenty_sends_are_in_flight_and_one_cancel() -> Result<()> {
    assert_eq!(most_in_flight(20).await?, (20, 1));
    Ok(())
}
