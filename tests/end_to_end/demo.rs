//! What `cargo demo --with-people` shows.

use anyhow::Result;
use giftishow_sim::Api;
use local::demo::people_at_work;
use tests::World;

#[tokio::test]
async fn people_move_a_coupon_from_a_wrong_number_to_the_right_one() -> Result<()> {
    let world = World::fast().await?;
    world.win("before").await?;
    world.wait_for("before", "sent").await?;
    assert!(people_at_work(&world, &["before".to_owned()]).await?);
    let ledger = world.sim().ledger();
    assert_eq!((ledger.live, ledger.cancelled, ledger.requests_for(Api::Send)), (2, 1, 3));
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn the_demo_says_what_people_could_not_do() -> Result<()> {
    let world = World::fast().await?;
    // What was never sent has no coupon that could be cancelled.
    world.script_for("winner-00002", Api::Send, "code:ERR0817")?;
    assert!(!people_at_work(&world, &[]).await?);
    world.end().await;
    Ok(())
}
