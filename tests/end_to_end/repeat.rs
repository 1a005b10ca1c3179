//! When a further win counts: Bleepy sends no event id, so a retry and a second win look the same.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use local::{Reward, Stack};
use payout::{Attempt, Evidence, Moment, Owner, PayoutKey, RepeatPolicy, Rules, Stamp, State, TrId};
use serde_json::Value;
use tests::{LIMIT, World, away_from_the_hours_end, payout_key};

fn reward(code: &str, repeat: &str, max_per_user_per_day: Option<u32>) -> Reward {
    Reward { code: code.into(), repeat: repeat.into(), max_per_user_per_day, ..Reward::sample() }
}

fn statuses(body: &Value) -> Vec<&str> {
    body["entries"].as_array().into_iter().flatten().filter_map(|entry| entry["status"].as_str()).collect()
}

/// A first attempt that was recorded then and has ended like this.
fn recorded(payout: &PayoutKey, at: Timestamp, state: State) -> Result<Value> {
    let stamp = Stamp { owner: Owner::new("0"), at: Moment::new(at), evidence: Evidence::default() };
    let tr_id = TrId::try_from(World::tr_id_of(payout, 1))?;
    let first = Attempt::first(tr_id, 0, payout.clone(), &stamp, &Rules::default());
    let last_event = if state == State::Failed { "input_refused" } else { "issued" };
    Ok(serde_json::to_value(Attempt { state, due_at: None, last_event: last_event.into(), ..first })?)
}

#[tokio::test]
async fn a_second_callback_in_the_same_slot_is_noted_and_in_a_later_slot_it_is_paid_again() -> Result<()> {
    away_from_the_hours_end().await;
    let world = World::fast().await?;
    for (code, repeat, policy, ago) in [
        ("DAILY", "daily", RepeatPolicy::Daily, SignedDuration::from_hours(24)),
        ("WEEKLY", "weekly", RepeatPolicy::Weekly, SignedDuration::from_hours(7 * 24)),
    ] {
        world.put_reward(&reward(code, repeat, None))?;
        world.register(code)?;
        let earlier = Timestamp::now() - ago;
        world.put_payout(&recorded(&payout_key(code, code, policy, earlier), earlier, State::Sent)?)?;
        for expected in ["accepted", "duplicate", "duplicate"] {
            let (status, body) = world.post_callback(&[(code, code)]).await?;
            assert_eq!((status, statuses(&body)), (200, vec![expected]), "{code}");
        }
        world.wait_for(code, "sent").await?;
        let rows = world.attempts(code);
        assert_eq!(rows.len(), 2, "the earlier slot, and this one: {rows:#?}");
        assert_eq!((rows[0]["duplicates"].as_u64(), rows[1]["duplicates"].as_u64()), (Some(0), Some(2)));
        let now = payout_key(code, code, policy, Timestamp::now());
        assert_eq!(rows[1]["tr_id"], World::tr_id_of(&now, 1));
    }
    world.assert_paid_once(&["DAILY", "WEEKLY"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_list_is_a_retry_that_finds_the_payouts_of_days_and_weeks_ago_and_reopens_a_failed_one() -> Result<()> {
    away_from_the_hours_end().await;
    let world = World::fast().await?;
    for (code, repeat, policy, ago) in [
        ("DAILY", "daily", RepeatPolicy::Daily, SignedDuration::from_hours(3 * 24)),
        ("WEEKLY", "weekly", RepeatPolicy::Weekly, SignedDuration::from_hours(2 * 7 * 24)),
    ] {
        world.put_reward(&reward(code, repeat, None))?;
        let [done, failed, new] = ["done", "failed", "new"].map(|user| format!("{user}-{code}"));
        for user in [&done, &failed, &new] {
            world.register(user)?;
        }
        let then = Timestamp::now() - ago;
        for (user, state) in [(&done, State::Sent), (&failed, State::Failed)] {
            world.put_payout(&recorded(&payout_key(code, user, policy, then), then, state)?)?;
        }
        let (status, body) = world.post_callback(&[(code, &done), (code, &failed), (code, &new)]).await?;
        assert_eq!((status, statuses(&body)), (200, vec!["duplicate", "duplicate", "accepted"]), "{code}");
        world.wait_for(&failed, "sent").await?;
        world.wait_for(&new, "sent").await?;
        for user in [&done, &failed] {
            let rows = world.attempts(user);
            assert_eq!((rows.len(), rows[0]["duplicates"].as_u64()), (1, Some(1)), "{rows:#?}");
            assert_eq!(rows[0]["tr_id"], World::tr_id_of(&payout_key(code, user, policy, then), 1));
        }
        assert_eq!((world.live(&done), world.live(&failed), world.live(&new)), (0, 1, 1));
    }
    assert_eq!(world.sim().ledger().live, 4);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn every_time_pays_each_callback_up_to_the_cap_of_its_user_and_without_a_cap_it_is_no_reward() -> Result<()> {
    away_from_the_hours_end().await;
    let world = World::fast().await?;
    world.put_reward(&reward("UNCAPPED", "every_time", None))?;
    assert_eq!(world.post_callback(&[("UNCAPPED", "lucky")]).await?.0, 422);
    world.wait_for_lines("repeat = every_time needs max_per_user_per_day", 1).await?;

    world.put_reward(&reward("EVERY", "every_time", Some(2)))?;
    for user in ["lucky", "other"] {
        world.register(user)?;
    }
    for _ in 0..3 {
        let (status, body) = world.post_callback(&[("EVERY", "lucky")]).await?;
        assert_eq!((status, statuses(&body)), (200, vec!["accepted"]));
    }
    let (status, body) = world.post_callback(&[("EVERY", "other"), ("EVERY", "other")]).await?;
    assert_eq!((status, statuses(&body)), (200, vec!["accepted", "accepted"]));

    world.wait_until("four are live", LIMIT, |world: &Stack| world.sim().ledger().live == 4).await?;
    world.wait_for_metric("PayoutsCapped", 1).await?;
    let settled = |world: &Stack| {
        let rows = world.payouts();
        let count = |state: &str| rows.iter().filter(|row| row["state"] == state).count();
        (count("sent"), count("accepted")) == (4, 1)
    };
    world.wait_until("four are sent and one waits", LIMIT, settled).await?;
    assert_eq!((world.live("lucky"), world.live("other")), (2, 2));
    let waiting = world.attempts("lucky").into_iter().find(|row| row["state"] == "accepted").unwrap_or_default();
    assert_eq!(waiting["last_event"], "max_per_user_per_day_reached", "{waiting}");
    assert_eq!(world.requests(giftishow_sim::Api::Send), 4);
    assert!(world.sim().ledger().adds_up());
    world.end().await;
    Ok(())
}
