//! Cancelling: every answer of 0202, and the end of the attempts.

use anyhow::Result;
use giftishow_sim::{Api, Fault, ScriptedFault};
use jiff::SignedDuration;
use local::dynamodb::{DbFault, ScriptedDbFault};
use tests::{LIMIT, World};

/// A world in which the first send of this user was issued and not answered, and no sweep has happened.
async fn unknown(user: &str) -> Result<World> {
    let world = World::swept_by_hand().await?;
    world.script_for(user, Api::Send, "reset-after-issue")?;
    world.win(user).await?;
    world.wait_for(user, "unknown").await?;
    Ok(world)
}

#[tokio::test]
async fn a_cancel_whose_answer_is_lost_is_asked_again_until_it_is_told() -> Result<()> {
    let world = World::fast().await?;
    let faults = ["timeout-after-cancel", "http-500-before-cancel", "reset-after-cancel", "unlisted-code"];
    for user in faults {
        world.script_for(user, Api::Send, "reset-after-issue")?;
        world.script_for(user, Api::Cancel, user)?;
        world.win(user).await?;
    }
    for user in faults {
        world.wait_for(user, "sent").await?;
        assert_eq!(world.attempts(user).len(), 2, "{user}");
    }
    world.assert_paid_once(&faults);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn not_found_before_the_grace_period_ends_is_not_believed() -> Result<()> {
    let world = unknown("early").await?;
    let not_found = ScriptedFault::once(Api::Cancel, Fault::named("not-found", Api::Cancel)?);
    world.sim().script(not_found);
    world.sweep().await?;
    let row = world.last_attempt("early");
    assert_eq!((row["state"].as_str(), row["last_event"].as_str()), (Some("unknown"), Some("not_found")), "{row}");
    assert_eq!(world.attempts("early").len(), 1);
    // Asked again when the answer counts, it is found, cancelled and followed by the next attempt.
    let swept = |world: &local::Stack| world.attempts("early")[0]["state"] == "dead";
    while !swept(&world) {
        world.sweep().await?;
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    world.wait_for("early", "sent").await?;
    world.assert_paid_once(&["early"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn not_found_that_the_look_up_contradicts_is_not_believed_even_when_it_counts() -> Result<()> {
    let world = World::fast().await?;
    world.script_for("denied", Api::Send, "reset-after-issue")?;
    let not_found = ScriptedFault::always(Api::Cancel, Fault::named("not-found", Api::Cancel)?);
    world.sim().script(not_found.for_tr_id(World::tr_id("denied", 1)));
    world.win("denied").await?;
    let looked_up = |world: &local::Stack| world.sim().ledger().requests_for(Api::Lookup) >= 2;
    world.wait_until("0201 was asked twice", LIMIT, looked_up).await?;
    assert_eq!((world.attempts("denied").len(), world.live("denied")), (1, 1));
    world.sim().clear_faults();
    world.wait_for("denied", "sent").await?;
    world.assert_paid_once(&["denied"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_coupon_that_was_used_meanwhile_keeps_the_promise() -> Result<()> {
    let world = unknown("quick").await?;
    world.sim().use_coupon(&World::tr_id("quick", 1))?;
    world.sweep().await?;
    let row = world.last_attempt("quick");
    assert_eq!((row["state"].as_str(), row["last_code"].as_str()), (Some("sent"), Some("COUPON.0007")));
    let ledger = world.sim().ledger();
    assert_eq!((world.attempts("quick").len(), ledger.used, ledger.live), (1, 1, 0));
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn what_only_a_person_can_decide_shows_what_giftishow_said() -> Result<()> {
    let world = unknown("odd").await?;
    world.sim().script(ScriptedFault::once(Api::Cancel, Fault::named("code:COUPON.0006", Api::Cancel)?));
    world.sim().script(ScriptedFault::once(Api::Lookup, Fault::named("not-found", Api::Lookup)?));
    world.sweep().await?;
    let row = world.last_attempt("odd");
    assert_eq!((row["state"].as_str(), row["last_event"].as_str()), (Some("review"), Some("not_cancellable")), "{row}");
    assert!(row["last_code"].is_string(), "the look-up's own code: {row}");
    world.wait_for_lines("needs a person's decision", 1).await?;
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn after_a_cancel_without_a_whole_answer_no_other_is_sent_in_the_same_sweep() -> Result<()> {
    let faults =
        ["timeout-before-cancel", "truncated-body-after-cancel", "slow-body-after-cancel", "reset-after-cancel"];
    for fault in faults {
        let world = World::swept_by_hand().await?;
        let users = ["first", "second"];
        for user in users {
            world.script_for(user, Api::Send, "reset-after-issue")?;
            world.win(user).await?;
            world.wait_for(user, "unknown").await?;
        }
        world.sim().script(ScriptedFault::once(Api::Cancel, Fault::named(fault, Api::Cancel)?).times(3));
        for cancels in 1..=3 {
            for user in users {
                world.let_time_pass(&World::tr_id(user, 1), SignedDuration::from_mins(1))?;
            }
            let swept = world.sweep().await?.answer().unwrap();
            assert_eq!((world.requests(Api::Cancel), swept["left"].as_u64()), (cancels, Some(2)), "{fault}");
        }
        for user in users {
            world.sweep_until("it is sent", |world| world.last_attempt(user)["state"] == "sent").await?;
        }
        world.assert_paid_once(&users);
        world.end().await;
    }
    Ok(())
}

#[tokio::test]
async fn a_row_that_cannot_be_read_calls_a_person_and_keeps_nobody_waiting() -> Result<()> {
    let world = unknown("behind").await?;
    let poison = serde_json::json!({
        "tr_id": "bg_POISON", "state": "unknown", "due_shard": 0, "due_at": "2026-01-01T00:00:00.000Z",
    });
    world.put_payout(&poison)?;
    world.sweep().await?;
    world.wait_for_lines("A due row cannot be driven until a person mends it", 1).await?;
    world.wait_for("behind", "sent").await?;
    world.assert_paid_once(&["behind"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn three_sends_that_cannot_be_told_end_with_a_person_and_nothing_live() -> Result<()> {
    let world = World::fast().await?;
    world.sim().script(ScriptedFault::always(Api::Send, Fault::named("http-500-after-issue", Api::Send)?));
    world.win("unlucky").await?;
    world.wait_for("unlucky", "review").await?;
    assert_eq!(world.attempts("unlucky").len(), 3);
    world.wait_for_lines("needs a person's decision", 1).await?;
    let ledger = world.sim().ledger();
    assert_eq!((ledger.live, ledger.cancelled), (0, 3));
    assert!(ledger.adds_up());
    // A repeated callback is told that the payout is known, and does not start a fourth.
    let (status, body) = world.post_callback(&[(tests::CODE, "unlucky")]).await?;
    assert_eq!((status, body["entries"][0]["status"].as_str()), (200, Some("duplicate")));
    assert_eq!(world.attempts("unlucky").len(), 3);
    assert_eq!(world.last_attempt("unlucky")["duplicates"], 1, "noted on the attempt that stands for the payout");
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_sweeper_that_loses_the_answer_of_its_transaction_starts_one_next_attempt() -> Result<()> {
    for fault in [DbFault::ErrorAfterCommit, DbFault::DropAfterCommit, DbFault::KillCallerAfterCommit] {
        let world = unknown("once").await?;
        world.dynamodb().script(ScriptedDbFault::new(fault).operation("TransactWriteItems").caller("sweeper"));
        world.sweep().await?;
        world.wait_for("once", "sent").await?;
        assert_eq!(world.attempts("once").len(), 2, "{fault:?}");
        world.assert_paid_once(&["once"]);
        world.end().await;
    }
    Ok(())
}

#[tokio::test]
async fn a_sweeper_killed_before_its_write_cancels_again_and_goes_on() -> Result<()> {
    let world = unknown("twice").await?;
    let kill = ScriptedDbFault::new(DbFault::KillCallerBeforeCommit).operation("TransactWriteItems").caller("sweeper");
    world.dynamodb().script(kill);
    assert!(world.sweep().await?.is_failed());
    assert_eq!((world.attempts("twice").len(), world.live("twice")), (1, 0), "cancelled, and not written down");
    // Its lease must be over before another may cancel.
    world.let_the_sweep_end()?;
    world.sweep().await?;
    world.wait_for("twice", "sent").await?;
    assert_eq!(world.attempts("twice")[0]["last_code"], "ERR0808");
    world.assert_paid_once(&["twice"]);
    world.end().await;
    Ok(())
}
