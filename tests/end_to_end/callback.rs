//! Bleepy's POST: the six answers, duplicates, and what DynamoDB may do meanwhile.

use std::collections::HashSet;

use anyhow::Result;
use local::dynamodb::{DbFault, ScriptedDbFault};
use serde_json::{Value, json};
use tests::{CODE, World};
use tokio::task::JoinSet;

fn list(entries: &[(&str, &str)]) -> String {
    let entries = entries.iter().map(|(code, user)| json!({ "code": code, "userKey": user }));
    json!({ "list": entries.collect::<Vec<_>>() }).to_string()
}

fn statuses(body: &Value) -> Vec<&str> {
    body["entries"].as_array().into_iter().flatten().filter_map(|entry| entry["status"].as_str()).collect()
}

#[tokio::test]
async fn a_hundred_concurrent_duplicates_are_one_row_one_send_and_a_hundred_times_200() -> Result<()> {
    let world = World::fast().await?;
    for user in ["first", "second", "third"] {
        world.register(user)?;
        let mut posts = JoinSet::new();
        for _ in 0..100 {
            let url = world.callback_url();
            posts.spawn(async move {
                reqwest::Client::builder().no_proxy().build()?.post(url).body(list(&[(CODE, user)])).send().await
            });
        }
        let mut accepted = 0;
        while let Some(answer) = posts.join_next().await {
            let answer = answer??;
            assert_eq!(answer.status(), 200);
            accepted += statuses(&answer.json::<Value>().await?).iter().filter(|status| **status == "accepted").count();
        }
        assert_eq!(accepted, 1);
        world.wait_for(user, "sent").await?;
        assert_eq!(world.attempts(user).len(), 1);
        assert_eq!(world.last_attempt(user)["duplicates"], 99);
    }
    assert_eq!(world.sim().ledger().requests_for(giftishow_sim::Api::Send), 3);
    world.assert_paid_once(&["first", "second", "third"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_list_is_recorded_whole_with_those_that_were_there_already() -> Result<()> {
    let world = World::fast().await?;
    let users: Vec<String> = (0..50).map(|number| format!("user{number}")).collect();
    for user in &users {
        world.register(user)?;
    }
    for already in [0, 1, 24] {
        world.win(&users[already]).await?;
    }
    let entries: Vec<_> = users.iter().map(|user| (CODE, user.as_str())).collect();
    let (status, body) = world.post_callback(&entries).await?;
    assert_eq!(status, 200);
    for (index, status) in statuses(&body).into_iter().enumerate() {
        assert_eq!(status, if [0, 1, 24].contains(&index) { "duplicate" } else { "accepted" }, "entry {index}");
    }
    world.wait_until("all are sent", tests::LIMIT, |world| world.sim().ledger().live == 50).await?;
    for user in &users {
        world.wait_for(user, "sent").await?;
    }
    world.assert_paid_once(&users.iter().map(String::as_str).collect::<Vec<_>>());
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn the_same_pair_twice_in_a_list_counts_once() -> Result<()> {
    let world = World::fast().await?;
    world.register("twin")?;
    let (status, body) = world.post_callback(&[(CODE, "twin"), (CODE, "twin")]).await?;
    assert_eq!((status, statuses(&body)), (200, vec!["accepted", "duplicate"]));
    world.wait_for("twin", "sent").await?;
    world.assert_paid_once(&["twin"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn one_unknown_code_among_fifty_refuses_the_list_and_records_nothing() -> Result<()> {
    let world = World::fast().await?;
    let users: Vec<String> = (0..50).map(|number| format!("user{number}")).collect();
    let mut entries: Vec<_> = users.iter().map(|user| (CODE, user.as_str())).collect();
    entries[49].0 = "NOBODY";
    let (status, body) = world.post_callback(&entries).await?;
    assert_eq!(status, 422);
    assert_eq!(body["entries"], json!([{ "index": 49, "code": "NOBODY" }]));
    assert!(world.payouts().is_empty());

    let inactive = local::Reward { code: "OFF".into(), active: false, ..local::Reward::sample() };
    world.put_reward(&inactive)?;
    assert_eq!(world.post_callback(&[("OFF", "user0")]).await?.0, 422);
    world.put_reward(&local::Reward {
        mms_title: "열한 글자가 넘는 제목이다".into(), active: true, ..inactive
    })?;
    assert_eq!(world.post_callback(&[("OFF", "user0")]).await?.0, 422, "a reward that cannot be sent is none");
    world.wait_for_lines("mms_title must have 1 to 10 characters", 1).await?;
    assert!(world.payouts().is_empty());
    // A new reward works at once.
    world.put_reward(&local::Reward { code: "OFF".into(), ..local::Reward::sample() })?;
    assert_eq!(world.post_callback(&[("OFF", "user0")]).await?.0, 200);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn what_breaks_the_contract_is_told_and_reaches_no_table() -> Result<()> {
    let world = World::fast().await?;
    let url = world.callback_url();
    let long_user = "k".repeat(10_240);
    for (body, expected) in [
        (String::new(), 400),
        ("{".to_owned(), 400),
        (r#"[{"code":"A","userKey":"u"}]"#.to_owned(), 400),
        (r#"list: [{ code: "AD3FYTFS", userKey: "2eew35da" }]"#.to_owned(), 400),
        (list(&[]), 400),
        (list(&[(CODE, "u"); 51]), 400),
        (list(&[(CODE, "u"); 500]), 400),
        (list(&[(CODE, "")]), 400),
        (list(&[(CODE, &long_user)]), 400),
        (" ".repeat(64 * 1024 + 1), 413),
    ] {
        let (status, answer) = world.post(&url, body).await?;
        assert_eq!(status, expected, "{answer}");
        let answer: Value = serde_json::from_str(&answer)?;
        assert!(answer["error"].is_string() && answer["message"].is_string(), "{answer}");
    }
    assert_eq!(world.dynamodb_requests().by("callback"), 0);
    assert!(world.payouts().is_empty());
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_wrong_token_path_or_method_is_404_and_asks_dynamodb_nothing() -> Result<()> {
    let world = World::fast().await?;
    let front = world.front_url();
    let token = world.callback_token().to_owned();
    let sample = list(&[(CODE, "2eew35da")]);
    for path in
        [format!("/bleepy/{}", "0".repeat(32)), format!("/bleepy/{token}x"), "/bleepy/x".into(), "/other".into()]
    {
        assert_eq!(world.post(&format!("{front}{path}"), sample.clone()).await?.0, 404, "{path}");
    }
    let client = reqwest::Client::builder().no_proxy().build()?;
    assert_eq!(client.get(world.callback_url()).send().await?.status(), 404);
    assert_eq!(world.dynamodb_requests().by("callback"), 0);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn an_address_outside_the_allowed_networks_is_404() -> Result<()> {
    let elsewhere = tests::options().parameter("AllowedCidrs", "203.0.113.0/24");
    let world = World::start(elsewhere).await?;
    assert_eq!(world.post_callback(&[(CODE, "u")]).await?.0, 404);
    assert_eq!(world.dynamodb_requests().by("callback"), 0);
    world.end().await;
    let here = tests::options().parameter("AllowedCidrs", "203.0.113.0/24,127.0.0.0/8");
    let world = World::start(here).await?;
    assert_eq!(world.post_callback(&[(CODE, "u")]).await?.0, 200);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_failed_payout_is_reopened_by_a_retry_once_it_was_mended() -> Result<()> {
    let world = World::fast().await?;
    assert_eq!(world.post_callback(&[(CODE, "late")]).await?.0, 200);
    world.wait_for("late", "failed").await?;
    assert_eq!(world.last_attempt("late")["last_code"], "recipient_missing");
    world.wait_for_lines("A payout failed", 1).await?;

    world.register("late")?;
    let (status, body) = world.post_callback(&[(CODE, "late")]).await?;
    assert_eq!((status, statuses(&body)), (200, vec!["duplicate"]));
    world.wait_for("late", "sent").await?;
    assert_eq!(world.attempts("late").len(), 1, "the same tr_id: nothing was ever sent with it");
    world.assert_paid_once(&["late"]);
    world.end().await;
    Ok(())
}

/// For each: the single write of one entry (`PutItem`) and the transaction of several.
const WRITES: [(&str, &[&str]); 2] = [("PutItem", &["solo"]), ("TransactWriteItems", &["duo1", "duo2"])];

#[tokio::test]
async fn what_dynamodb_refuses_is_503_and_not_recorded() -> Result<()> {
    for fault in [DbFault::ThroughputExceeded, DbFault::Throttling, DbFault::ErrorBeforeCommit] {
        for (operation, users) in WRITES {
            let world = World::fast().await?;
            world.dynamodb().script(ScriptedDbFault::new(fault).operation(operation).times(20));
            let entries: Vec<_> = users.iter().map(|user| (CODE, *user)).collect();
            let (status, body) = world.post_callback(&entries).await?;
            assert_eq!((status, body["error"].as_str()), (503, Some("try_again")), "{fault:?} {operation}");
            assert!(world.payouts().is_empty());
            world.end().await;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_transaction_in_conflict_is_written_again_and_only_a_lasting_conflict_is_503() -> Result<()> {
    let world = World::fast().await?;
    let conflict = || ScriptedDbFault::new(DbFault::TransactionConflict).operation("TransactWriteItems");
    world.dynamodb().script(conflict().times(20));
    assert_eq!(world.post_callback(&[(CODE, "a"), (CODE, "b")]).await?.0, 503);
    assert!(world.payouts().is_empty());
    world.dynamodb().clear_script();
    world.dynamodb().script(conflict());
    world.dynamodb().script(ScriptedDbFault::new(DbFault::TransactionInProgress).operation("TransactWriteItems"));
    let (status, body) = world.post_callback(&[(CODE, "a"), (CODE, "b")]).await?;
    assert_eq!((status, statuses(&body)), (200, vec!["accepted", "accepted"]));
    assert_eq!(world.dynamodb().pending_faults(), 0);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn being_throttled_once_or_losing_the_answer_of_a_write_still_ends_in_200_and_accepted() -> Result<()> {
    let world = World::fast().await?;
    let mut paid = HashSet::new();
    for fault in
        [DbFault::ThroughputExceeded, DbFault::ErrorAfterCommit, DbFault::DropAfterCommit, DbFault::HangAfterCommit]
    {
        for (operation, users) in WRITES {
            let users: Vec<String> = users.iter().map(|user| format!("{user}-{fault:?}")).collect();
            for user in &users {
                world.register(user)?;
            }
            world.dynamodb().script(ScriptedDbFault::new(fault).operation(operation).caller("callback"));
            let entries: Vec<_> = users.iter().map(|user| (CODE, user.as_str())).collect();
            let (status, body) = world.post_callback(&entries).await?;
            assert_eq!(status, 200, "{fault:?} {operation}: {body}");
            let all_new = statuses(&body).iter().all(|status| *status == "accepted");
            assert!(all_new, "one's own write counts as new: {fault:?} {operation} {body}");
            assert_eq!(world.dynamodb().pending_faults(), 0);
            paid.extend(users);
        }
    }
    for user in &paid {
        world.wait_for(user, "sent").await?;
    }
    world.assert_paid_once(&paid.iter().map(String::as_str).collect::<Vec<_>>());
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_callback_that_dies_around_its_write_never_answers_200_without_its_row() -> Result<()> {
    let world = World::fast().await?;
    for (fault, recorded) in [(DbFault::KillCallerBeforeCommit, false), (DbFault::KillCallerAfterCommit, true)] {
        for (operation, users) in WRITES {
            let users: Vec<String> = users.iter().map(|user| format!("{user}-{fault:?}")).collect();
            let entries: Vec<_> = users.iter().map(|user| (CODE, user.as_str())).collect();
            for user in &users {
                world.register(user)?;
            }
            world.dynamodb().script(ScriptedDbFault::new(fault).operation(operation).caller("callback"));
            let (status, _) = world.post_callback(&entries).await?;
            assert!(status >= 500, "{fault:?} {operation}: {status}");
            assert!(users.iter().all(|user| world.attempts(user).is_empty() != recorded), "whole or not at all");
            assert_eq!(world.post_callback(&entries).await?.0, 200, "a retry is safe");
            for user in &users {
                world.wait_for(user, "sent").await?;
                assert_eq!(world.live(user), 1);
            }
        }
    }
    assert_eq!(world.sim().ledger().live, 6);
    world.end().await;
    Ok(())
}
