//! Processes that are frozen and thawed, as the platform does it, and two where there should be one.

use std::time::Duration;

use anyhow::Result;
use giftishow_sim::Api;
use jiff::{SignedDuration, Timestamp};
use local::dynamodb::{DbFault, ScriptedDbFault};
use local::{Stack, StackOptions};
use tests::{LIMIT, Step, World, fault_at};

fn frozen(function: &'static str) -> impl Fn(&Stack) -> bool {
    move |world| world.function(function).is_ok_and(|function| function.is_frozen())
}

#[tokio::test]
async fn a_send_that_was_frozen_after_its_claim_and_wakes_too_late_sends_nothing() -> Result<()> {
    // A send wants 15 of the 16.5 s of an invocation: frozen for more than 1.5 s, it has not enough left.
    let limit = Duration::from_millis(16_500);
    let world = World::start(tests::options().parameter("SendTimeoutSeconds", "10").timeout("send", limit)).await?;
    let freeze = fault_at(Step::Claim, DbFault::FreezeCallerAfterCommit, &world);
    world.dynamodb().script(freeze);
    world.win("sleeper").await?;
    world.wait_until("it is frozen", LIMIT, frozen("send")).await?;
    let row = world.last_attempt("sleeper");
    assert_eq!(row["state"], "sending", "{row}");
    let lease_until: Timestamp = row["lease_until"].as_str().unwrap_or_default().parse()?;
    // The lease ends a second after the invocation.
    let too_late = lease_until - SignedDuration::from_secs(1 + 15);
    world.wait_until("it is too late for a send", LIMIT, |_| Timestamp::now() > too_late).await?;
    world.function("send")?.thaw();

    let owner = row["owner"].as_str().unwrap_or_default();
    let after = |world: &Stack| {
        let mut changes = world.changes().into_iter().skip_while(|change| change.text("owner") != owner);
        let after = changes.find(|change| change.text("state") != "sending")?;
        Some((after.text("last_event").to_owned(), after.text("last_code").to_owned()))
    };
    world.wait_until("its claim is over", LIMIT, |world| after(world).is_some()).await?;
    // A machine that is slow may wake it so late that it learns no more of its claim: then the lease runs out.
    let ends = [("not_sent", "no_time_left"), ("lease_expired", "")].map(|(event, code)| (event.into(), code.into()));
    let after = after(&world);
    assert!(after.as_ref().is_some_and(|after| ends.contains(after)), "{after:?}");
    world.wait_for("sleeper", "sent").await?;
    assert_eq!(world.requests(Api::Send), 1, "by another invocation");
    world.assert_paid_once(&["sleeper"]);
    world.end().await;
    Ok(())
}

fn two_sweepers() -> StackOptions {
    // The template lets one run at a time; the lease must keep them apart, too.
    StackOptions { scheduled: false, ..tests::options() }.concurrency("sweeper", 2)
}

#[tokio::test]
async fn a_sweep_does_nothing_while_another_holds_the_lease_and_a_frozen_one_changes_nothing_when_it_wakes()
-> Result<()> {
    // The lease of a sweep is five seconds then.
    let world = World::start(two_sweepers().parameter("SendTimeoutSeconds", "1")).await?;
    world.script_for("swept", Api::Send, "reset-after-issue")?;
    world.win("swept").await?;
    world.wait_for("swept", "unknown").await?;
    let freeze = ScriptedDbFault::new(DbFault::FreezeCallerBeforeCommit).caller("sweeper");
    world.dynamodb().script(freeze.operation("TransactWriteItems"));
    let overtake = async {
        world.wait_until("it is frozen", LIMIT, frozen("sweeper")).await?;
        assert_eq!((world.last_attempt("swept")["state"].as_str(), world.live("swept")), (Some("unknown"), 0));
        // The lease of the one that stands still must run out first.
        world.sweep_until("it is sent", |world| world.last_attempt("swept")["state"] == "sent").await?;
        let written = world.changes().len();
        world.function("sweeper")?.thaw();
        anyhow::Ok(written)
    };
    let (woken, written) = tokio::join!(world.sweep(), overtake);
    let (woken, written) = (woken?, written?);
    assert_eq!(woken.answer().unwrap_or_default()["settled"], 0, "{}", woken.error());
    world.wait_for_lines("A row was changed by somebody else meanwhile", 1).await?;
    assert_eq!((world.attempts("swept").len(), world.changes().len()), (2, written));
    world.assert_paid_once(&["swept"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn two_sweepers_at_once_start_one_next_attempt_for_each_payout() -> Result<()> {
    let world = World::start(two_sweepers()).await?;
    let users = ["one", "two", "three", "four"];
    for user in users {
        world.script_for(user, Api::Send, "reset-after-issue")?;
        world.win(user).await?;
        world.wait_for(user, "unknown").await?;
    }
    let (one, other) = tokio::join!(world.sweep(), world.sweep());
    assert!(!one?.is_failed() && !other?.is_failed());
    assert_eq!(world.function("sweeper")?.processes(), 2);
    for user in users {
        world.sweep_until("it is sent", |world| world.last_attempt(user)["state"] == "sent").await?;
        assert_eq!((world.attempts(user).len(), world.live(user)), (2, 1), "{user}");
    }
    let ledger = world.sim().ledger();
    assert_eq!((ledger.live, ledger.cancelled, ledger.duplicates_refused), (4, 4, 0));
    assert!(ledger.adds_up());
    world.end().await;
    Ok(())
}
