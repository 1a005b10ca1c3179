//! What the normal cases cost, in requests.

use anyhow::Result;
use giftishow_sim::Api;
use tests::{CODE, World};

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
async fn a_happy_send_is_one_request_to_giftishow_two_writes_and_at_most_two_reads() -> Result<()> {
    let world = World::swept_by_hand().await?;
    // A new process looks once at how the line does.
    world.win("warm-up").await?;
    world.wait_for("warm-up", "sent").await?;
    let before = world.dynamodb_requests();
    world.win("single").await?;
    world.wait_for("single", "sent").await?;
    let cost = world.dynamodb_requests().since(&before);
    // The claim with the line and the caps, and what came of it.
    assert_eq!((cost.of("send", "TransactWriteItems"), cost.of("send", "UpdateItem")), (1, 1));
    assert!(cost.by("send") - 2 <= 2, "{cost:?}");
    let ledger = world.sim().ledger();
    let asked: u64 = ledger.requests.values().sum();
    assert_eq!((ledger.requests_for(Api::Send), asked), (2, 2));
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn an_idle_sweep_is_one_query_per_partition_and_a_look_at_the_line() -> Result<()> {
    let world = World::swept_by_hand().await?;
    let before = world.dynamodb_requests();
    let swept = world.sweep().await?;
    assert_eq!(swept.answer().unwrap()["due"], 0);
    let cost = world.dynamodb_requests().since(&before);
    assert_eq!((cost.of("sweeper", "Query"), cost.of("sweeper", "GetItem"), cost.by("sweeper")), (4, 1, 5));
    assert!(world.sim().ledger().requests.values().all(|count| *count == 0));
    world.end().await;
    Ok(())
}
