//! The happy path, and every answer of 0204 that proves something.

use std::time::Duration;

use anyhow::Result;
use giftishow_sim::{Api, Fault, ScriptedFault};
use local::dynamodb::DbFault;
use local::pump::Delivery;
use serde_json::json;
use tests::{CODE, LIMIT, Step, World, fault_at};

#[tokio::test]
async fn a_win_becomes_one_coupon() -> Result<()> {
    let world = World::fast().await?;
    world.win("2eew35da").await?;
    world.wait_for("2eew35da", "sent").await?;
    let row = world.last_attempt("2eew35da");
    let ledger = world.sim().ledger();
    assert_eq!(row["tr_id"], World::tr_id("2eew35da", 1));
    assert_eq!(row["order_no"], ledger.entries[0].order_no);
    assert_eq!((row["goods_code"].as_str(), row["gubun"].as_str()), (Some(tests::GOODS), Some("N")));
    assert!(row.get("price_krw").is_none(), "the catalogue was never read: {row}");
    assert!(row.get("due_at").is_none(), "a finished row is due no more: {row}");
    world.assert_paid_once(&["2eew35da"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn an_input_that_giftishow_refuses_fails_with_its_code_and_calls_a_person() -> Result<()> {
    let world = World::fast().await?;
    for code in ["ERR0401", "COUPON.0011", "ERR0817"] {
        world.script_for(code, Api::Send, &format!("code:{code}"))?;
        world.win(code).await?;
        world.wait_for(code, "failed").await?;
        assert_eq!(world.last_attempt(code)["last_code"], code);
        assert_eq!(world.attempts(code).len(), 1);
    }
    world.wait_for_lines("A payout failed", 3).await?;
    assert!(world.sim().ledger().entries.is_empty());
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_failure_whose_writer_dies_right_after_has_called_a_person_already() -> Result<()> {
    let world = World::fast().await?;
    world.script_for("refused", Api::Send, "code:ERR0401")?;
    let kill = fault_at(Step::Result, DbFault::KillCallerAfterCommit, &world);
    world.dynamodb().script(kill);
    world.win("refused").await?;
    world.wait_for("refused", "failed").await?;
    world.wait_for_lines("A payout failed", 1).await?;
    world.wait_for_lines(r#""PayoutsFailed":1"#, 1).await?;
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_refused_connection_sends_nothing_and_keeps_the_tr_id() -> Result<()> {
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let closed = format!("http://{}", nobody.local_addr()?);
    drop(nobody);
    let world = World::start(tests::options().parameter("GiftishowBaseUrl", closed)).await?;
    world.win("patient").await?;
    let tried_twice = |world: &local::Stack| world.attempts("patient").last().is_some_and(|row| row["tries"] == 2);
    world.wait_until("two tries found nobody", LIMIT, tried_twice).await?;
    let row = world.last_attempt("patient");
    assert_eq!((row["attempt"].as_u64(), row["tr_id"].as_str()), (Some(1), Some(World::tr_id("patient", 1).as_str())));
    assert_eq!(row["last_event"], "not_sent");
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_duplicate_that_is_ours_counts_as_sent() -> Result<()> {
    let world = World::fast().await?;
    world.script_for("again", Api::Send, "duplicate-after-issue")?;
    world.win("again").await?;
    world.wait_for("again", "sent").await?;
    assert_eq!(world.attempts("again").len(), 1);
    let row = world.last_attempt("again");
    assert_eq!(
        (row["last_event"].as_str(), row["last_code"].as_str()),
        (Some("duplicate_of_ours"), Some("pin_status_01"))
    );
    world.assert_paid_once(&["again"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_duplicate_that_is_somebody_elses_is_never_cancelled_and_goes_to_a_person() -> Result<()> {
    let world = World::fast().await?;
    let tr_id = World::tr_id("robbed", 1);
    world.send_past_the_functions(&tr_id, tests::GOODS, "01000000001").await?;
    world.win("robbed").await?;
    world.wait_for("robbed", "review").await?;
    world.sweep().await?;
    let ledger = world.sim().ledger();
    assert_eq!((ledger.live_for([tr_id.as_str()]), ledger.requests_for(Api::Cancel)), (1, 0));
    world.wait_for_lines("needs a person's decision", 1).await?;
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_poison_record_is_named_and_keeps_nobody_from_being_paid() -> Result<()> {
    let world = World::fast().await?;
    let poison = json!({ "tr_id": "bg_POISON", "state": "accepted" });
    world.put_payout(&poison)?;
    world.win("behind").await?;
    world.wait_for("behind", "sent").await?;
    let given_up = |world: &local::Stack| world.pump().given_up().len() == 1;
    world.wait_until("the poison is at the dead-letter queue", LIMIT, given_up).await?;
    assert_eq!(world.pump().given_up()[0].sequence_numbers.len(), 1);
    assert!(!world.logs().containing("its NewImage is no row of payouts").is_empty());
    world.assert_paid_once(&["behind"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_record_without_size_or_tr_id_is_reported_and_the_good_one_beside_it_is_sent() -> Result<()> {
    let world = World::start(local::StackOptions { delivery: Delivery::Lost, ..tests::options() }).await?;
    world.win("good").await?;
    let row = world.last_attempt("good");
    let image: serde_json::Map<_, _> = row
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| {
            let attribute = if value.is_number() { json!({ "N": value.to_string() }) } else { json!({ "S": value }) };
            (name.clone(), attribute)
        })
        .collect();
    let record = |number: &str, mut change: serde_json::Value| {
        change["SequenceNumber"] = json!(number);
        json!({ "eventID": number, "eventName": "INSERT", "awsRegion": "local", "dynamodb": change })
    };
    let event = json!({ "Records": [
        record("1", json!({ "NewImage": image })),
        record("2", json!({ "SizeBytes": 1, "NewImage": { "code": { "S": CODE } } })),
        json!("nonsense"),
        record("3", json!({ "SizeBytes": 1, "NewImage": image })),
    ] });
    let outcome = world.invoke("send", &event).await?;
    let failures = outcome.answer().unwrap()["batchItemFailures"].clone();
    assert_eq!(failures, json!([{ "itemIdentifier": "1" }, { "itemIdentifier": "2" }]));
    world.assert_paid_once(&["good"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_stream_that_loses_everything_delays_and_loses_nothing() -> Result<()> {
    let world = World::start(local::StackOptions { delivery: Delivery::Lost, ..tests::options() }).await?;
    let users = ["one", "two", "three"];
    for user in users {
        world.win(user).await?;
    }
    for user in users {
        world.wait_for(user, "sent").await?;
    }
    world.assert_paid_once(&users);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_stream_that_repeats_and_reorders_sends_nothing_twice() -> Result<()> {
    for delivery in [Delivery::Repeated(5), Delivery::Reversed] {
        let world = World::start(local::StackOptions { delivery, ..tests::options() }).await?;
        let users: Vec<String> = (0..12).map(|number| format!("user{number}")).collect();
        for user in &users {
            world.register(user)?;
        }
        let entries: Vec<_> = users.iter().map(|user| (CODE, user.as_str())).collect();
        assert_eq!(world.post_callback(&entries).await?.0, 200);
        for user in &users {
            world.wait_for(user, "sent").await?;
        }
        assert_eq!(world.sim().ledger().requests_for(Api::Send), 12, "{delivery:?}");
        world.assert_paid_once(&users.iter().map(String::as_str).collect::<Vec<_>>());
        world.end().await;
    }
    Ok(())
}

#[tokio::test]
async fn losing_the_answer_of_the_claim_or_of_the_result_is_seen_to_be_our_own_write() -> Result<()> {
    let world = World::swept_by_hand().await?;
    let mut users = Vec::new();
    for write in [Step::Claim, Step::Result] {
        for fault in [DbFault::ErrorAfterCommit, DbFault::DropAfterCommit, DbFault::HangAfterCommit] {
            let user = format!("{write:?}-{fault:?}");
            world.dynamodb().script(fault_at(write, fault, &world));
            world.win(&user).await?;
            world.wait_for(&user, "sent").await?;
            assert_eq!(world.dynamodb().pending_faults(), 0);
            assert_eq!(world.attempts(&user).len(), 1, "{user}");
            users.push(user);
        }
    }
    assert_eq!(world.sim().ledger().requests_for(Api::Cancel), 0);
    world.assert_paid_once(&users.iter().map(String::as_str).collect::<Vec<_>>());
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_throttled_table_delays_the_result_and_does_not_lose_it() -> Result<()> {
    let world = World::swept_by_hand().await?;
    let throttled = fault_at(Step::Result, DbFault::ThroughputExceeded, &world);
    // More often than the SDK tries by itself.
    world.dynamodb().script(throttled.times(5));
    world.win("slow").await?;
    world.wait_for("slow", "sent").await?;
    assert_eq!(world.sim().ledger().requests_for(Api::Send), 1);
    world.assert_paid_once(&["slow"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn only_one_send_is_in_flight_however_many_win_at_once() -> Result<()> {
    let world = World::fast().await?;
    let slow = ScriptedFault::always(Api::Send, Fault::named("redirect", Api::Send)?);
    let users: Vec<String> = (0..20).map(|number| format!("user{number}")).collect();
    for user in &users {
        world.win(user).await?;
    }
    for user in &users {
        world.wait_for(user, "sent").await?;
    }
    world.assert_paid_once(&users.iter().map(String::as_str).collect::<Vec<_>>());
    // A redirect is not followed: one request, and an unknown that the sweeper ends.
    world.sim().script(slow.times(1).delayed(Duration::ZERO));
    world.win("elsewhere").await?;
    world.wait_for("elsewhere", "sent").await?;
    assert_eq!(world.attempts("elsewhere").len(), 2);
    world.end().await;
    Ok(())
}
