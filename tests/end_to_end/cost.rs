//! What the normal cases cost, in requests and in write units.

use std::time::Duration;

use anyhow::Result;
use giftishow_sim::Api;
use local::StackOptions;
use local::dynamodb::WriteUnits;
use local::pump::Delivery;
use tests::{CODE, World, options};

/// What is tried again because a busy machine was slow is no normal case: sends have all the time that they have in the cloud.
async fn unhurried() -> Result<World> {
    let patient = options().parameter("SendTimeoutSeconds", "15").timeout("send", Duration::from_mins(1));
    World::start(StackOptions { scheduled: false, ..patient }).await
}

#[tokio::test]
async fn a_callback_with_one_entry_is_one_request_and_with_fifty_at_most_two() -> Result<()> {
    let world = World::fast().await?;
    world.win("warm-up").await?;

    let before = world.dynamodb_requests();
    world.win("single").await?;
    let single = world.dynamodb_requests().since(&before);
    assert_eq!((single.by("callback"), single.of("callback", "PutItem")), (1, 1));

    let users: Vec<String> = (0..50).map(|number| format!("user{number}")).collect();
    let entries: Vec<_> = users.iter().map(|user| (CODE, user.as_str())).collect();
    let before = world.dynamodb_requests();
    assert_eq!(world.post_callback(&entries).await?.0, 200);
    assert_eq!(world.dynamodb_requests().since(&before).by("callback"), 1);
    // The same list again: one transaction that shows the rows, and one that notes the duplicates.
    let before = world.dynamodb_requests();
    assert_eq!(world.post_callback(&entries).await?.0, 200);
    assert_eq!(world.dynamodb_requests().since(&before).by("callback"), 2);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_happy_send_is_one_request_to_giftishow_and_at_most_five_plain_writes_and_five_reads() -> Result<()> {
    let world = unhurried().await?;
    // A new process looks once at how the line does.
    world.win("warm-up").await?;
    world.wait_for("warm-up", "sent").await?;
    let before = world.dynamodb_requests();
    world.win("single").await?;
    world.wait_for("single", "sent").await?;
    let cost = world.dynamodb_requests().since(&before);
    // The claim, what came of it, and the batch's two counters, one of which may get something back; nothing is locked.
    let (locks, writes) = (cost.of("send", "TransactWriteItems"), cost.of("send", "UpdateItem"));
    assert!(locks == 0 && (2..=5).contains(&writes), "{cost}");
    // For the batch: the line and both heartbeats; for the payout: reward and recipient.
    assert!(cost.by("send") - writes <= 5, "{cost}");
    let ledger = world.sim().ledger();
    let asked: u64 = ledger.requests.values().sum();
    assert_eq!((ledger.requests_for(Api::Send), asked), (2, 2));
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn an_idle_sweep_is_a_query_per_partition_of_two_indexes_a_look_at_the_line_and_a_heartbeat() -> Result<()> {
    let world = unhurried().await?;
    let before = world.dynamodb_requests();
    let swept = world.sweep().await?;
    assert_eq!(swept.answer().unwrap()["due"], 0);
    let cost = world.dynamodb_requests().since(&before);
    // What is due and what waits for a person; the line; both heartbeats read at once, written one after the other, and the
    // lease ended.
    let of = |operation| cost.of("sweeper", operation);
    assert_eq!((of("Query"), of("GetItem"), of("BatchGetItem"), of("UpdateItem")), (8, 1, 1, 3), "{cost}");
    assert_eq!(cost.by("sweeper"), 13, "{cost}");
    assert!(world.sim().ledger().requests.values().all(|count| *count == 0));
    world.end().await;
    Ok(())
}

/// Wins come one by one, as Bleepy posts them, and wait in the stream until they are all there.
async fn write_units_of(world: &World, users: &[String]) -> Result<WriteUnits> {
    // What was sent before may still be giving back what it did not use.
    world.wait_for_send_to_rest().await?;
    world.pump().set_delivery(Delivery::Paused);
    world.dynamodb().reset_write_units();
    for user in users {
        world.win(user).await?;
    }
    world.pump().set_delivery(Delivery::InOrder);
    for user in users {
        world.wait_for(user, "sent").await?;
    }
    world.wait_for_send_to_rest().await?;
    Ok(world.write_units())
}

#[tokio::test]
async fn a_happy_payout_costs_at_most_ten_write_units_in_full_batches_and_twelve_alone() -> Result<()> {
    let world = unhurried().await?;
    // A new process may write once.
    world.win("warm-up").await?;
    world.wait_for("warm-up", "sent").await?;

    let alone = write_units_of(&world, &["alone".to_owned()]).await?;
    assert!(alone.total() <= 12, "{} for one alone:\n{alone}", alone.total());
    let users: Vec<String> = (0..100).map(|number| format!("user{number}")).collect();
    let together = write_units_of(&world, &users).await?;
    assert!(together.total() <= 10 * 100, "{} for a hundred:\n{together}", together.total());
    assert_eq!(world.dynamodb().conflicts(), 0);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn no_item_is_written_by_two_sends_but_the_counters_once_or_twice_a_batch() -> Result<()> {
    let world = unhurried().await?;
    world.win("warm-up").await?;
    world.wait_for("warm-up", "sent").await?;
    let users: Vec<String> = (0..100).map(|number| format!("user{number}")).collect();
    let units = write_units_of(&world, &users).await?;
    // The claim and what came of it.
    let rows = units.named("send", "payouts");
    assert_eq!(rows.len(), 100);
    assert!(rows.values().all(|times| *times == 2), "{rows:#?}");
    let mut shared = units.named("send", "control");
    shared.retain(|_, times| *times > 1);
    for (name, times) in &shared {
        assert!(name.starts_with("count/") && *times <= 10, "{shared:#?}");
    }
    let others = units.places().into_iter().filter(|place| !place.starts_with("payouts") && place != "control");
    assert_eq!(others.collect::<Vec<_>>(), Vec::<String>::new(), "{units}");
    world.end().await;
    Ok(())
}
