//! What `cargo demo --with-people` shows.

use anyhow::Result;
use giftishow_sim::{Api, CatalogueConfig, SimConfig};
use local::StackOptions;
use local::demo::people_at_work;
use tests::World;

/// A world that knows what coupons cost.
async fn with_prices() -> Result<World> {
    let catalogue = CatalogueConfig { goods: 20, brands: 5, ..CatalogueConfig::default() };
    let sim = SimConfig { catalogue, ..SimConfig::default() };
    let world = World::start(StackOptions { sim, ..tests::options() }).await?;
    assert_eq!(world.sync().await?.answer().unwrap_or_default()["status"], "complete");
    Ok(world)
}

#[tokio::test]
async fn people_move_a_coupon_from_a_wrong_number_to_the_right_one() -> Result<()> {
    let world = with_prices().await?;
    world.win("before").await?;
    world.wait_for("before", "sent").await?;
    assert!(people_at_work(&world, &["before".to_owned()]).await?);
    let ledger = world.sim().ledger();
    assert_eq!((ledger.live, ledger.cancelled, ledger.requests_for(Api::Send)), (2, 1, 3));
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn the_demo_fails_where_people_could_not_put_it_right_and_where_the_books_do_not_agree() -> Result<()> {
    // What was never sent has no coupon that could be cancelled.
    let world = with_prices().await?;
    world.script_for("winner-00002", Api::Send, "code:ERR0817")?;
    assert!(!people_at_work(&world, &[]).await?);
    world.end().await;
    // Without prices, the rows cannot say what became of the balance.
    let world = World::fast().await?;
    assert!(!people_at_work(&world, &[]).await?);
    world.end().await;
    Ok(())
}
