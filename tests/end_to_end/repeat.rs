//! When a further win counts: Bleepy sends no event id, so a retry and a second win look the same.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use local::{Reward, Stack};
use payout::{Attempt, Evidence, Moment, Owner, PayoutKey, RepeatPolicy, Rules, Stamp, State};
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
    let first = Attempt::first(&World::scheme(), payout, 0, &stamp, &Rules::default());
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

/// A list holds what nobody can tell from a win that was paid before, in a row of its own in front of a person.
#[tokio::test]
async fn a_win_that_is_retried_in_a_list_days_after_another_one_was_paid_is_held_and_never_swallowed() -> Result<()> {
    away_from_the_hours_end().await;
    let world = World::fast().await?;
    for (code, repeat, policy, ago) in [
        ("DAILY", "daily", RepeatPolicy::Daily, SignedDuration::from_hours(3 * 24)),
        ("WEEKLY", "weekly", RepeatPolicy::Weekly, SignedDuration::from_hours(2 * 7 * 24)),
    ] {
        world.put_reward(&reward(code, repeat, None))?;
        let [anna, failed, new] = ["anna", "failed", "new"].map(|user| format!("{user}-{code}"));
        for user in [&anna, &failed, &new] {
            world.register(user)?;
        }
        // Anna was paid on Monday. She wins on Thursday, that callback is lost, and somebody retries it by hand.
        let then = Timestamp::now() - ago;
        for (user, state) in [(&anna, State::Sent), (&failed, State::Failed)] {
            world.put_payout(&recorded(&payout_key(code, user, policy, then), then, state)?)?;
        }
        let (status, body) = world.post_callback(&[(code, &anna), (code, &failed), (code, &new)]).await?;
        assert_eq!((status, statuses(&body)), (200, vec!["held", "held", "accepted"]), "{code}");
        world.wait_for(&new, "sent").await?;
        let now = payout_key(code, &anna, policy, Timestamp::now());
        for user in [&anna, &failed] {
            let rows = world.attempts(user);
            assert_eq!((rows.len(), rows[0]["duplicates"].as_u64()), (2, Some(0)), "{rows:#?}");
            assert_eq!(
                (rows[1]["state"].as_str(), rows[1]["last_code"].as_str()),
                (Some("review"), Some("maybe_repeated"))
            );
            assert!(rows[1]["attention"].is_number(), "a person finds it");
        }
        assert_eq!(world.attempts(&anna)[1]["tr_id"], World::tr_id_of(&now, 1), "in the slot of today");
        assert_eq!((world.live(&anna), world.live(&failed), world.live(&new)), (0, 0, 1));
        // Named once more, it is noted on the row that asks a person already.
        let (_, body) = world.post_callback(&[(code, &anna), (code, &new)]).await?;
        assert_eq!(statuses(&body), ["held", "held"], "{code}");
        assert_eq!(world.attempts(&anna)[1]["duplicates"], 1);
    }
    world.wait_for_metric("PayoutsInReview", 6).await?;
    assert_eq!(world.sim().ledger().live, 2);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_list_that_names_a_winner_of_today_is_held_beside_todays_payout_each_time_by_itself() -> Result<()> {
    away_from_the_hours_end().await;
    let world = World::fast().await?;
    world.put_reward(&reward("DAILY", "daily", None))?;
    for user in ["anna", "other"] {
        world.register(user)?;
    }
    let (_, body) = world.post_callback(&[("DAILY", "anna")]).await?;
    assert_eq!(statuses(&body), ["accepted"]);
    world.wait_for("anna", "sent").await?;
    // By herself she is the winner of today.
    let (_, body) = world.post_callback(&[("DAILY", "anna")]).await?;
    assert_eq!(statuses(&body), ["duplicate"]);
    // In a list she may be retried for a win of another day.
    let (_, body) = world.post_callback(&[("DAILY", "anna"), ("DAILY", "other"), ("DAILY", "anna")]).await?;
    assert_eq!(statuses(&body), ["held", "accepted", "held"]);
    world.wait_for("other", "sent").await?;
    let rows = world.attempts("anna");
    let mut slots: Vec<_> = rows.iter().filter_map(|row| row["slot"].as_str()).collect();
    slots.sort_unstable();
    let today = slots[0];
    assert_eq!(slots, [today, &format!("{today}/listed-1"), &format!("{today}/listed-2")]);
    // While they wait for a person, more is noted there.
    let (_, body) = world.post_callback(&[("DAILY", "anna"), ("DAILY", "other")]).await?;
    assert_eq!(statuses(&body), ["held", "held"]);
    assert_eq!(world.attempts("anna").len(), 3);
    assert_eq!((world.live("anna"), world.live("other")), (1, 1));
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn every_time_pays_each_callback_up_to_the_cap_of_its_user_and_without_a_cap_it_is_no_reward() -> Result<()> {
    away_from_the_hours_end().await;
    let world = World::fast().await?;
    world.put_reward(&reward("UNCAPPED", "every_time", None))?;
    let (status, body) = world.post_callback(&[("UNCAPPED", "lucky")]).await?;
    assert_eq!((status, statuses(&body)), (200, vec!["held"]));
    assert_eq!(world.last_attempt("lucky")["last_code"], "reward_missing");
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
        let rows: Vec<_> = rows.iter().filter(|row| row["code"] == "EVERY").collect();
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
