//! SIGKILL around the writes that the other scenarios do not reach, and a table that is throttled.

use anyhow::Result;
use giftishow_sim::{Api, Fault, ScriptedFault};
use local::dynamodb::{DbFault, ScriptedDbFault};
use local::pump::Delivery;
use local::{Reward, Stack, StackOptions};
use serde_json::json;
use tests::{CODE, GOODS, LIMIT, PHONE, Step, World, away_from_the_hours_end, fault_at};

const KILLS: [DbFault; 2] = [DbFault::KillCallerBeforeCommit, DbFault::KillCallerAfterCommit];

fn hit(world: &Stack) -> bool {
    world.dynamodb().pending_faults() == 0
}

#[tokio::test]
async fn a_callback_that_dies_while_it_meets_a_known_payout_can_be_asked_again() -> Result<()> {
    let world = World::fast().await?;
    for fault in KILLS {
        let kill = || ScriptedDbFault::new(fault).caller("callback").writes();
        let [sent, failed] = ["sent", "failed"].map(|state| format!("{state}-{fault:?}"));
        world.win(&sent).await?;
        world.wait_for(&sent, "sent").await?;
        assert_eq!(world.post_callback(&[(CODE, &failed)]).await?.0, 200);
        world.wait_for(&failed, "failed").await?;
        world.register(&failed)?;
        for user in [&sent, &failed] {
            // The first write finds the row, the second notes the callback or re-opens the payout.
            world.dynamodb().script(kill().skip(1));
            let (status, _) = world.post_callback(&[(CODE, user)]).await?;
            assert!(status >= 500, "{user}: {status}");
            assert!(hit(&world));
            let (status, body) = world.post_callback(&[(CODE, user)]).await?;
            assert_eq!((status, body["entries"][0]["status"].as_str()), (200, Some("duplicate")), "{user}");
            world.wait_for(user, "sent").await?;
            let row = world.last_attempt(user);
            assert!((1..=2).contains(&row["duplicates"].as_u64().unwrap_or_default()), "{row}");
            assert_eq!((world.attempts(user).len(), world.live(user)), (1, 1), "{user}");
        }
    }
    assert_eq!((world.sim().ledger().live, world.requests(Api::Send)), (4, 4));
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_function_that_dies_while_it_pauses_or_opens_the_line_loses_nothing() -> Result<()> {
    let world = World::fast().await?;
    let control = world.template().reference("ControlTable")?;
    for fault in KILLS {
        let kill = |caller: &str| ScriptedDbFault::new(fault).caller(caller).operation("PutItem").table(&control);
        let user = format!("{fault:?}");
        world.sim().set_balance(0);
        world.dynamodb().script(kill("send"));
        world.win(&user).await?;
        world.wait_until("send has died", LIMIT, hit).await?;
        world.wait_for_pause("balance").await?;
        assert_eq!(world.last_attempt(&user)["state"], "accepted");
        world.dynamodb().script(kill("sweeper"));
        world.sim().set_balance(1_000_000);
        world.wait_until("the sweeper has died", LIMIT, hit).await?;
        world.wait_for(&user, "sent").await?;
        assert_eq!((world.attempts(&user).len(), world.pause_reason().as_str()), (1, ""));
    }
    world.assert_paid_once(&KILLS.map(|fault| format!("{fault:?}")).each_ref().map(String::as_str));
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_send_that_dies_while_it_holds_a_payout_back_holds_it_back_the_next_time() -> Result<()> {
    away_from_the_hours_end().await;
    for fault in KILLS {
        let world = World::fast().await?;
        world.put_reward(&Reward { max_per_day: Some(1), ..Reward::sample() })?;
        world.win("first").await?;
        world.wait_for("first", "sent").await?;
        world.dynamodb().script(fault_at(Step::Claim, fault, &world));
        world.win("second").await?;
        world.wait_until("send has died", LIMIT, hit).await?;
        let held = |world: &Stack| world.attempts("second")[0]["last_event"] == "max_per_day_reached";
        world.wait_until("it is held back", LIMIT, held).await?;
        // A person is called before the write.
        world.wait_for_metric("PayoutsCapped", 1).await?;
        assert_eq!(world.last_attempt("second")["state"], "accepted");
        assert_eq!((world.live("first"), world.sim().ledger().live, world.counted("reward")), (1, 1, 1));
        world.end().await;
    }
    Ok(())
}

/// A send that died after its coupon was issued and before it could say so; its lease is over.
async fn died_after_issue(world: &World, user: &str) -> Result<()> {
    world.win(user).await?;
    let tr_id = World::tr_id(user, 1);
    let mut row = world.payout(&tr_id).unwrap_or_default();
    let over = (jiff::Timestamp::now() - jiff::SignedDuration::from_mins(1)).strftime("%Y-%m-%dT%H:%M:%S.%3fZ");
    for name in ["due_at", "lease_until"] {
        row[name] = json!(over.to_string());
    }
    for (name, value) in [("state", "sending"), ("owner", "gone"), ("last_event", "claimed"), ("gubun", "N")] {
        row[name] = json!(value);
    }
    world.put_payout(&row)?;
    world.send_past_the_functions(&tr_id, GOODS, PHONE).await
}

#[tokio::test]
async fn a_sweeper_killed_around_any_of_its_writes_is_followed_by_one_that_goes_on() -> Result<()> {
    let alone = StackOptions { delivery: Delivery::Lost, scheduled: false, ..tests::options() };
    let world = World::start(alone).await?;
    let (payouts, control) = (world.payouts_table().to_owned(), world.template().reference("ControlTable")?);
    let mut users = Vec::new();
    for (write, table, operation, skip) in [
        ("heartbeat", &payouts, "UpdateItem", 0),
        ("lease-of-the-sweep", &control, "UpdateItem", 0),
        ("lease-that-ran-out", &payouts, "UpdateItem", 1),
        ("cancel-without-an-answer", &payouts, "UpdateItem", 2),
        ("end-and-next-attempt", &payouts, "TransactWriteItems", 0),
        ("end-of-the-sweep", &control, "UpdateItem", 1),
    ] {
        for fault in KILLS {
            let user = format!("{write}-{fault:?}");
            died_after_issue(&world, &user).await?;
            world.script_for(&user, Api::Cancel, "http-500-before-cancel")?;
            let kill = ScriptedDbFault::new(fault).caller("sweeper").table(table).operation(operation);
            world.dynamodb().script(kill.skip(skip));
            world.sweep_until("the sweeper has died", |world| hit(world)).await?;
            // Whoever died must have lost its lease before another may go on.
            world.let_the_sweep_end()?;
            world.sweep_until("it is sent", |world| world.last_attempt(&user)["state"] == "sent").await?;
            let rows = world.attempts(&user);
            let states: Vec<_> = rows.iter().filter_map(|row| row["state"].as_str()).collect();
            assert_eq!(states, ["dead", "sent"], "{user}");
            users.push(user);
        }
    }
    world.assert_paid_once(&users.iter().map(String::as_str).collect::<Vec<_>>());
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_table_that_is_throttled_once_twice_or_three_times_in_a_row_delays_and_loses_nothing() -> Result<()> {
    let world = World::fast().await?;
    let users = [1, 2, 3].map(|times| format!("throttled-{times}"));
    for (user, times) in users.iter().zip(1..) {
        // The second attempt makes the sweeper write, too.
        world.script_for(user, Api::Send, "reset-after-issue")?;
        for caller in ["callback", "send", "sweeper"] {
            for fault in [DbFault::ThroughputExceeded, DbFault::Throttling] {
                world.dynamodb().script(ScriptedDbFault::new(fault).caller(caller).times(times));
            }
        }
        world.register(user)?;
        let mut status = 503;
        while status == 503 {
            // So often at once that it may be told to try again, and nothing is recorded then.
            (status, _) = world.post_callback(&[(CODE, user)]).await?;
            assert_eq!(world.attempts(user).is_empty(), status == 503, "{user}");
        }
        assert_eq!(status, 200, "{user}");
        world.wait_for(user, "sent").await?;
        world.wait_until("all were hit", LIMIT, hit).await?;
        assert_eq!(world.attempts(user).len(), 2, "{user}");
    }
    world.assert_paid_once(&users.each_ref().map(String::as_str));
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_stream_that_was_off_for_long_and_then_delivers_it_all_sends_nothing_twice() -> Result<()> {
    let world = World::start(StackOptions { delivery: Delivery::Paused, ..tests::options() }).await?;
    let users: Vec<String> = (0..15).map(|number| format!("user{number}")).collect();
    world.sim().script(ScriptedFault::once(Api::Send, Fault::named("reset-after-issue", Api::Send)?));
    world.win_all(&users).await?;
    for user in &users {
        world.wait_for(user, "sent").await?;
    }
    assert_eq!((world.pump().records_read(), world.requests(Api::Send)), (0, 16));
    let written = world.changes().len();
    let invoked = world.function("send")?.invocations();
    world.pump().set_delivery(Delivery::InOrder);
    // 16 records of accepted rows, in one batch.
    let delivered = |world: &Stack| world.function("send").is_ok_and(|send| send.invocations() > invoked);
    world.wait_until("the old records have arrived", LIMIT, delivered).await?;
    world.wait_for_send_to_rest().await?;
    assert_eq!((world.requests(Api::Send), world.changes().len()), (16, written));
    world.assert_paid_once(&users.iter().map(String::as_str).collect::<Vec<_>>());
    world.end().await;
    Ok(())
}
