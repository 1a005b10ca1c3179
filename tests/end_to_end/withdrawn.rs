//! Goods that Giftishow has withdrawn since a reward was made.

use anyhow::Result;
use giftishow_sim::{Api, CatalogueConfig, SimConfig};
use local::{Reward, StackOptions};
use tests::World;

#[tokio::test]
async fn withdrawn_goods_are_not_sent_and_their_payout_waits_for_a_person() -> Result<()> {
    let sim = SimConfig {
        catalogue: CatalogueConfig { goods: 12, brands: 3, ..CatalogueConfig::default() },
        ..SimConfig::default()
    };
    let world = World::start(StackOptions { sim, ..tests::options() }).await?;
    assert_eq!(world.sync().await?.answer().unwrap()["status"], "complete");
    let goods = world.sim().listed_goods()[0].code.clone();
    world.put_reward(&Reward { goods_code: goods.clone(), ..Reward::sample() })?;
    world.win("before").await?;
    world.wait_for("before", "sent").await?;

    // The send that has seen them keeps believing in them for a minute; a new process does not.
    world.sim().withdraw(&goods)?;
    assert_eq!(world.sync().await?.answer().unwrap()["status"], "complete");
    world.kill_function("send").await?;
    let sent = world.sim().ledger().requests_for(Api::Send);
    world.win("after").await?;
    world.wait_for("after", "review").await?;
    world.wait_for_lines(r#""PayoutsInReview":1"#, 1).await?;
    assert_eq!(world.last_attempt("after")["last_code"], "goods_withdrawn");
    assert_eq!(world.sim().ledger().requests_for(Api::Send), sent);
    assert!(!world.logs().containing("RewardsAtRisk").is_empty(), "it was said before somebody won");
    world.end().await;
    Ok(())
}
