//! Sends that nobody knows the end of: every one of them ends with exactly one live coupon.

use anyhow::Result;
use giftishow_sim::{Api, Fault, ScriptedFault};
use local::dynamodb::DbFault;
use tests::{LIMIT, Step, World, fault_at};

/// Faults of 0204 after which nobody can tell, and whether a coupon was issued.
const UNTOLD: [(&str, bool); 15] = [
    ("timeout-before-issue", false),
    ("timeout-after-issue", true),
    ("http-500-before-issue", false),
    ("http-500-after-issue", true),
    ("http-503-before-issue", false),
    ("http-502-html-after-issue", true),
    ("truncated-body-after-issue", true),
    ("slow-body-after-issue", true),
    ("reset-before-issue", false),
    ("reset-after-issue", true),
    ("inner-error", false),
    ("missing-order-no-after-issue", true),
    ("unlisted-code", false),
    ("unlisted-code-after-issue", true),
    ("http-204-after-issue", true),
];

#[tokio::test]
async fn whatever_the_answer_exactly_one_coupon_lives_in_the_end() -> Result<()> {
    let world = World::fast().await?;
    // Five in a row would be an outage: the next attempts of these are answered before the others come.
    for some in UNTOLD.chunks(4) {
        for (fault, _) in some {
            world.script_for(fault, Api::Send, fault)?;
            world.win(fault).await?;
        }
        for (fault, _) in some {
            world.wait_for(fault, "sent").await?;
        }
    }
    for (fault, issued) in UNTOLD {
        let rows = world.attempts(fault);
        let states: Vec<_> = rows.iter().map(|row| row["state"].as_str().unwrap_or_default()).collect();
        assert_eq!(states, ["dead", "sent"], "{fault}");
        assert_eq!(rows[0]["next_tr_id"], rows[1]["tr_id"]);
        let first = rows[0]["tr_id"].as_str().unwrap_or_default();
        assert_eq!(world.sim().ledger().find(first).is_some(), issued, "{fault}");
        let counts = rows[0]["last_event"].as_str();
        assert_eq!(counts, Some(if issued { "cancelled" } else { "not_found" }), "{fault}");
    }
    world.assert_paid_once(&UNTOLD.map(|(fault, _)| fault));
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_coupon_issued_after_the_deadline_is_found_and_cancelled() -> Result<()> {
    let world = World::fast().await?;
    let late = ScriptedFault::once(Api::Send, Fault::named("issue-late", Api::Send)?);
    // After the send's deadline of 2 s and the first cancels, before the end of the grace period.
    world.sim().script(late.delayed(std::time::Duration::from_millis(3_200)));
    world.win("late").await?;
    world.wait_for("late", "sent").await?;
    assert_eq!(world.attempts("late")[0]["last_event"], "cancelled");
    world.assert_paid_once(&["late"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_send_killed_after_the_bytes_left_ends_with_one_coupon_whether_or_not_it_was_issued() -> Result<()> {
    let world = World::fast().await?;
    for (user, fault, received) in [("issued", "timeout-after-issue", 1), ("lost", "timeout-before-issue", 3)] {
        world.script_for(user, Api::Send, fault)?;
        world.win(user).await?;
        let left = |world: &local::Stack| world.sim().ledger().requests_for(Api::Send) == received;
        world.wait_until("the request has arrived at Giftishow", LIMIT, left).await?;
        assert_eq!(world.last_attempt(user)["state"], "sending");
        world.kill_function("send").await?;
        world.wait_for(user, "sent").await?;
        assert!(world.changes().iter().any(|change| change.text("last_event") == "lease_expired"));
        assert_eq!(world.attempts(user).len(), 2);
    }
    world.assert_paid_once(&["issued", "lost"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_send_killed_around_its_writes_ends_with_one_coupon() -> Result<()> {
    let world = World::fast().await?;
    let mut users = Vec::new();
    for (write, moment) in [(Step::Claim, "claim"), (Step::Result, "result")] {
        for fault in [DbFault::KillCallerBeforeCommit, DbFault::KillCallerAfterCommit] {
            let user = format!("{moment}-{fault:?}");
            world.dynamodb().script(fault_at(write, fault, &world));
            world.win(&user).await?;
            world.wait_for(&user, "sent").await?;
            assert_eq!(world.dynamodb().pending_faults(), 0);
            users.push(user);
        }
    }
    let attempts: Vec<_> = users.iter().map(|user| world.attempts(user).len()).collect();
    // Before the claim nothing happened, and after the result all did; in between the send's end is unknown.
    assert_eq!(attempts, [1, 2, 2, 1]);
    world.assert_paid_once(&users.iter().map(String::as_str).collect::<Vec<_>>());
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_send_that_outlives_its_invocation_is_ended_by_the_platform_and_then_by_the_sweeper() -> Result<()> {
    // The function's time limit is shorter than the deadline of a send: the worker sees that and does not even start.
    let short = tests::options().timeout("send", std::time::Duration::from_secs(3));
    let world = World::start(short).await?;
    world.register("never")?;
    world.post_callback(&[(tests::CODE, "never")]).await?;
    let refused = |world: &local::Stack| !world.logs().containing("No time is left for a send").is_empty();
    world.wait_until("the worker sees that it has no time", LIMIT, refused).await?;
    assert_eq!(world.sim().ledger().requests_for(Api::Send), 0);
    assert_eq!(world.last_attempt("never")["state"], "accepted");
    world.end().await;
    Ok(())
}
