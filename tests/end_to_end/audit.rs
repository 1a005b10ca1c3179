//! Rule 5: that Giftishow issues nothing after the grace period is an assumption, so it is audited.

use anyhow::Result;
use giftishow_sim::Api;
use jiff::SignedDuration;
use local::dynamodb::{DbFault, ScriptedDbFault};
use tests::{GOODS, PHONE, World};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A world in which the first attempt of each of these was not found and died, and the second was sent. No sweep happens by
/// itself.
async fn died(users: &[&str]) -> Result<World> {
    let world = World::swept_by_hand().await?;
    for user in users {
        world.script_for(user, Api::Send, "reset-before-issue")?;
        world.win(user).await?;
    }
    let sent = |world: &World| users.iter().all(|user| world.last_attempt(user)["state"] == "sent");
    world.sweep_until("the next attempts are sent", sent).await?;
    for user in users {
        assert_eq!(world.attempts(user)[0]["last_event"], "not_found");
    }
    Ok(world)
}

/// The request of the first attempt arrives after all, and time goes by until somebody looks again.
async fn comes_late(world: &World, user: &str) -> Result<()> {
    let tr_id = World::tr_id(user, 1);
    world.send_past_the_functions(&tr_id, GOODS, PHONE).await?;
    assert_eq!(world.live(user), 2);
    world.let_time_pass(&tr_id, HOUR)
}

#[tokio::test]
async fn a_coupon_that_comes_after_the_grace_period_is_found_and_cancelled_even_if_the_auditor_dies() -> Result<()> {
    let kills = [None, Some(DbFault::KillCallerBeforeCommit), Some(DbFault::KillCallerAfterCommit)];
    let users = ["late", "late-before", "late-after"];
    let world = died(&users).await?;
    for (user, kill) in users.into_iter().zip(kills) {
        comes_late(&world, user).await?;
        if let Some(fault) = kill {
            world.dynamodb().script(ScriptedDbFault::new(fault).caller("sweeper").writes());
        }
        assert_eq!(world.sweep().await?.is_failed(), kill.is_some());
        assert_eq!(world.live(user), 1, "{user}");
        // Whoever died must have lost its lease before another may go on.
        world.let_the_sweep_end()?;
        world.sweep().await?;
        let row = &world.attempts(user)[0];
        assert_eq!((row["state"].as_str(), row.get("due_at")), (Some("dead"), None), "{row}");
    }
    // A person is called before the write.
    world.wait_for_metric("LateIssuance", 3).await?;
    assert_eq!((world.metric("LateIssuance"), world.metric("PayoutsPaidTwice")), (3, 0));
    world.assert_paid_once(&users);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_late_coupon_that_was_used_or_can_be_cancelled_no_more_calls_a_person() -> Result<()> {
    let world = died(&["used", "stays"]).await?;
    comes_late(&world, "used").await?;
    world.sim().use_coupon(&World::tr_id("used", 1))?;
    world.sweep().await?;
    world.wait_for_metric("PayoutsPaidTwice", 1).await?;

    comes_late(&world, "stays").await?;
    world.sim().advance_clock(DAY * 8);
    world.sweep().await?;
    world.wait_for_metric("PayoutsPaidTwice", 2).await?;
    for user in ["used", "stays"] {
        let row = &world.attempts(user)[0];
        assert_eq!((row["state"].as_str(), row.get("due_at")), (Some("dead"), None), "{row}");
    }
    let swept = world.sweep().await?.answer().unwrap_or_default();
    assert_eq!((swept["due"].as_u64(), world.metric("PayoutsPaidTwice")), (Some(0), 2), "told once");
    assert_eq!(world.metric("LateIssuance"), 0);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn what_stays_away_is_looked_up_after_an_hour_a_day_and_six_days_and_then_left() -> Result<()> {
    let world = died(&["away"]).await?;
    let tr_id = World::tr_id("away", 1);
    let (looked_up, cancelled) = (world.requests(Api::Lookup), world.requests(Api::Cancel));
    for (passed, audits) in [(HOUR, 1), (DAY - HOUR, 2), (DAY * 5, 3)] {
        assert_eq!(world.sweep().await?.answer().unwrap_or_default()["due"], 0, "not yet");
        world.let_time_pass(&tr_id, passed)?;
        world.sweep().await?;
        assert_eq!(world.requests(Api::Lookup) - looked_up, audits);
        assert_eq!(world.payout(&tr_id).unwrap_or_default().get("due_at").is_some(), audits < 3);
    }
    assert_eq!(world.requests(Api::Cancel), cancelled, "there was nothing to cancel");
    assert_eq!((world.metric("LateIssuance"), world.metric("PayoutsPaidTwice")), (0, 0));
    world.assert_paid_once(&["away"]);
    world.end().await;
    Ok(())
}
