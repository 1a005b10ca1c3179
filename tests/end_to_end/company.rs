//! Rewards that the company hands over itself: recorded, told, and no matter of Giftishow's.

use anyhow::Result;
use local::pump::Delivery;
use local::{Reward, StackOptions};
use tests::{CODE, World};

fn points() -> Reward {
    Reward { code: "POINTS".into(), delivery: "company".into(), goods_code: String::new(), ..Reward::sample() }
}

#[tokio::test]
async fn what_the_company_hands_over_is_recorded_once_and_giftishow_is_not_asked_even_while_the_line_is_paused()
-> Result<()> {
    let world = World::fast().await?;
    world.put_reward(&points())?;
    world.stop_the_line()?;
    for expected in ["accepted", "duplicate"] {
        let (status, body) = world.post_callback(&[("POINTS", "winner")]).await?;
        assert_eq!((status, body["entries"][0]["status"].as_str()), (200, Some(expected)));
    }
    let rows = world.attempts("winner");
    assert_eq!((rows.len(), rows[0]["state"].as_str()), (1, Some("handed_over")), "{rows:#?}");
    assert_eq!(rows[0]["duplicates"], 1);
    assert!(rows[0].get("due_at").is_none() && rows[0].get("attention").is_none(), "{rows:#?}");
    world.wait_for_metric("PayoutsHandedOver", 1).await?;
    world.wait_for_metric("LinePaused", 2).await?;
    assert_eq!(world.attempts("winner"), rows, "sweeps leave it alone");
    assert!(world.sim().ledger().requests.values().all(|count| *count == 0));
    assert_eq!(world.metric("PayoutsHandedOver"), 1);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_waiting_payout_whose_reward_the_company_takes_over_is_handed_over_while_the_line_is_paused() -> Result<()> {
    let world = World::start(StackOptions { delivery: Delivery::Paused, scheduled: false, ..tests::options() }).await?;
    world.win("winner").await?;
    world.stop_the_line()?;
    world.put_reward(&Reward { code: CODE.into(), ..points() })?;
    world.pump().set_delivery(Delivery::InOrder);
    world.wait_for("winner", "handed_over").await?;
    world.wait_for_metric("PayoutsHandedOver", 1).await?;
    assert!(world.sim().ledger().requests.values().all(|count| *count == 0));
    assert_eq!((world.attempts("winner").len(), world.counted("sends")), (1, 0));
    world.end().await;
    Ok(())
}
