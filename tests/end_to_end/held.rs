//! Wins whose code stands for no active reward: recorded all the same, and put before a person once.

use anyhow::Result;
use giftishow_sim::Api;
use local::Reward;
use serde_json::Value;
use tests::{CODE, LIMIT, World};

fn statuses(body: &Value) -> Vec<&str> {
    body["entries"].as_array().into_iter().flatten().filter_map(|entry| entry["status"].as_str()).collect()
}

#[tokio::test]
async fn a_win_of_an_unknown_or_inactive_code_is_held_and_paid_once_when_its_reward_is_mended() -> Result<()> {
    let world = World::fast().await?;
    let reward = |code: &str, active| Reward { code: code.into(), active, ..Reward::sample() };
    world.put_reward(&reward("OFF", false))?;
    for (calls, (code, reason)) in (1..).zip([("NOBODY", "reward_missing"), ("OFF", "reward_inactive")]) {
        let user = code;
        world.register(user)?;
        let (status, body) = world.post_callback(&[(code, user)]).await?;
        assert_eq!((status, statuses(&body)), (200, vec!["held"]), "{code}");
        let row = world.last_attempt(user);
        assert_eq!((row["state"].as_str(), row["last_code"].as_str()), (Some("failed"), Some(reason)), "{row}");
        assert!(row.get("attention").is_some() && row.get("due_at").is_none(), "{row}");
        world.wait_for_metric("PayoutsFailed", calls).await?;

        // Named again while nothing is mended: noted, and nobody is called again.
        let (status, body) = world.post_callback(&[(code, user)]).await?;
        assert_eq!((status, statuses(&body)), (200, vec!["duplicate"]), "{code}");
        let row = world.last_attempt(user);
        assert_eq!((row["state"].as_str(), row["duplicates"].as_u64()), (Some("failed"), Some(1)), "{row}");
        world.wait_for_metric("DuplicateCallbacks", calls * 2 - 1).await?;
        assert_eq!((world.metric("PayoutsFailed"), world.metric("PayoutsHeld")), (calls, calls));

        world.put_reward(&reward(code, true))?;
        let (status, body) = world.post_callback(&[(code, user)]).await?;
        assert_eq!((status, statuses(&body)), (200, vec!["duplicate"]), "{code}");
        world.wait_for(user, "sent").await?;
        world.wait_for_metric("DuplicateCallbacks", calls * 2).await?;
        let rows = world.attempts(user);
        assert_eq!((rows.len(), rows[0]["duplicates"].as_u64()), (1, Some(2)), "{rows:#?}");
        assert!(rows[0].get("attention").is_none(), "it waits for nobody: {rows:#?}");
    }
    world.wait_for_lines("A win is held", 2).await?;
    assert_eq!((world.requests(Api::Send), world.metric("PayoutsFailed")), (2, 2));
    world.assert_paid_once(&["NOBODY", "OFF"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn what_waits_for_a_person_is_told_with_every_sweep_until_it_is_dealt_with() -> Result<()> {
    let world = World::swept_by_hand().await?;
    let told = async |times: usize| {
        world.sweep().await?;
        let gauges = ["OpenForPerson", "OldestOpenHours"];
        let written = |world: &World| gauges.iter().all(|name| world.gauge(name).len() == times);
        world.wait_until("the gauges are written", LIMIT, |_| written(&world)).await?;
        anyhow::Ok(gauges.map(|name| world.gauge(name).pop().unwrap_or_default()))
    };
    assert_eq!(told(1).await?, [0, 0]);
    assert_eq!(world.post_callback(&[(CODE, "nobody")]).await?.0, 200);
    world.wait_for("nobody", "failed").await?;
    assert_eq!(told(2).await?, [1, 0]);
    let mut row = world.last_attempt("nobody");
    let since = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(30 * 60 + 1);
    row["state_since"] = payout::Moment::new(since).to_string().into();
    world.put_payout(&row)?;
    assert_eq!(told(3).await?, [1, 30]);
    assert_eq!(told(4).await?, [1, 30], "it stays on");

    world.register("nobody")?;
    assert_eq!(world.post_callback(&[(CODE, "nobody")]).await?.0, 200);
    world.wait_for("nobody", "sent").await?;
    assert_eq!(told(5).await?, [0, 0]);
    world.assert_paid_once(&["nobody"]);
    world.end().await;
    Ok(())
}
