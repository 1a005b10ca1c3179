//! Bleepy's POST: the six answers, duplicates, and what DynamoDB may do meanwhile.

use std::collections::HashSet;

use anyhow::{Context, Result};
use local::StackOptions;
use local::dynamodb::{DbFault, ScriptedDbFault};
use serde_json::{Value, json};
use tests::{CODE, LIMIT, World};
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
async fn a_code_without_an_active_reward_is_held_and_paid_once_its_reward_is_in_order() -> Result<()> {
    let world = World::swept_by_hand().await?;
    let users: Vec<String> = (0..50).map(|number| format!("user{number}")).collect();
    for user in &users {
        world.register(user)?;
    }
    let mut entries: Vec<_> = users.iter().map(|user| (CODE, user.as_str())).collect();
    entries[49].0 = "LATER";
    let (status, body) = world.post_callback(&entries).await?;
    let told = statuses(&body);
    assert_eq!((status, told.len(), told[49]), (200, 50, "held"));
    assert!(told[..49].iter().all(|told| *told == "accepted"), "one unknown code keeps nobody waiting");
    let row = world.last_attempt("user49");
    assert_eq!((row["state"].as_str(), row["last_code"].as_str()), (Some("failed"), Some("reward_missing")), "{row}");
    world.wait_for_metric("PayoutsFailed", 1).await?;

    // Named again, it is noted, and rings no second time.
    let (status, body) = world.post_callback(&[("LATER", "user49")]).await?;
    assert_eq!((status, statuses(&body)), (200, vec!["duplicate"]));
    assert_eq!(world.last_attempt("user49")["duplicates"], 1);

    let off = local::Reward { code: "LATER".into(), active: false, ..local::Reward::sample() };
    world.put_reward(&off)?;
    let (status, body) = world.post_callback(&[("LATER", "user0")]).await?;
    assert_eq!((status, statuses(&body)), (200, vec!["held"]));
    let wrong = local::Reward { mms_title: "열한 글자가 넘는 제목이다".into(), active: true, ..off.clone() };
    world.put_reward(&wrong)?;
    let (status, body) = world.post_callback(&[("LATER", "user1")]).await?;
    assert_eq!((status, statuses(&body)), (200, vec!["held"]), "a reward that cannot be sent is none");
    world.wait_for_lines("mms_title must have 1 to 10 characters", 1).await?;
    world.wait_for_metric("PayoutsFailed", 3).await?;

    // A gauge stays up until the last of them is dealt with.
    world.sweep().await?;
    world.wait_for_lines(r#""OpenForPerson":3"#, 1).await?;
    world.put_reward(&local::Reward { active: true, ..off })?;
    for user in ["user0", "user1", "user49"] {
        let (status, body) = world.post_callback(&[("LATER", user)]).await?;
        assert_eq!((status, statuses(&body)), (200, vec!["duplicate"]), "{user}");
    }
    world.wait_until("all are live", LIMIT, |world| world.sim().ledger().live == users.len() + 2).await?;
    world.wait_until("all are sent", LIMIT, |world| world.payouts().iter().all(|row| row["state"] == "sent")).await?;
    assert_eq!(world.metric("PayoutsFailed"), 3);
    world.sweep().await?;
    world.wait_for_lines(r#""OpenForPerson":0"#, 1).await?;
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
    assert_eq!(world.metric("CallbacksRefused"), 0, "a stranger calls nobody");
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn an_address_outside_the_allowed_networks_is_404() -> Result<()> {
    let elsewhere = tests::options().parameter("AllowedCidrs", "203.0.113.0/24");
    let world = World::start(elsewhere).await?;
    assert_eq!(world.post_callback(&[(CODE, "u")]).await?.0, 404);
    assert_eq!(world.dynamodb_requests().by("callback"), 0);
    world.wait_for_metric("CallbacksRefused", 1).await?;
    world.wait_for_lines("it came from 127.0.0.1, which ALLOWED_CIDRS does not hold", 1).await?;
    let stranger = world.callback_url() + "x";
    assert_eq!(world.post(&stranger, list(&[(CODE, "u")])).await?.0, 404);
    assert_eq!(world.metric("CallbacksRefused"), 1, "a stranger calls nobody");
    world.end().await;
    let here = tests::options().parameter("AllowedCidrs", "203.0.113.0/24,127.0.0.0/8");
    let world = World::start(here).await?;
    assert_eq!(world.post_callback(&[(CODE, "u")]).await?.0, 200);
    world.end().await;
    Ok(())
}

/// What must never be told again: every value of what is refused holds it.
const MARK: &str = "MARKED";

/// The one line about the last of so many refusals; nothing that came may be in it, or in any other.
async fn told(world: &World, refusals: usize) -> Result<Value> {
    world.wait_for_metric("CallbacksRefused", u64::try_from(refusals)?).await?;
    world.wait_for_lines("A callback with the right token was refused", refusals).await?;
    assert!(world.logs().containing(MARK).is_empty(), "a value of what came is in a log");
    let lines = world.logs().containing("A callback with the right token was refused");
    Ok(serde_json::from_str(&lines.last().context("no line")?.text)?)
}

#[tokio::test]
async fn a_body_that_is_refused_leaves_one_line_that_says_what_came_and_no_value_of_it() -> Result<()> {
    let world = World::fast().await?;
    let (json, form) = ("application/json; charset=utf-8", "application/x-www-form-urlencoded");
    let good = list(&[("MARKED-A", "MARKED-u")]);
    let utf_16 = |mark: &str| format!("{mark}{good}").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let cases: [(&str, Vec<u8>, u16, &str); 15] = [
        (json, utf_16("\u{feff}"), 400, "UTF-16 with a byte-order mark"),
        (json, utf_16(""), 400, "looks like UTF-16"),
        (form, b"list=MARKED&userKey=MARKED".to_vec(), 400, "looks form-encoded: 2 pairs; named in it: list, userKey"),
        (json, br#"{"list":"MARKED"}"#.to_vec(), 400, "{list: text of 6}"),
        (json, list(&[("MARKED", "u"); 51]).into(), 400, "{list: 51 of {code: text of 6, userKey: text of 1}}"),
        (json, br#"{"list":[{"code":"MARKED","code":"B","userKey":"u"}]}"#.to_vec(), 400, "code (twice in one)"),
        (json, br#"{"list":[{"code":"MARKED","user_key":"u"}]}"#.to_vec(), 400, "user_key: text of 1"),
        (json, br#"{"MARKED":[{"code":"MARKED"}]}"#.to_vec(), 400, "{a key of 6: 1 of {code: text of 6}}"),
        (json, br#"{"list":[{"code":1.5,"userKey":"MARKED"}]}"#.to_vec(), 400, "code: number that is not whole"),
        (json, b"list: [{ code: \"MARKED\", userKey: \"MARKED\" }]".to_vec(), 400, "named in it: list, code, userKey"),
        (json, list(&[("MARKED", "")]).into(), 400, "userKey: text of 0"),
        ("text/MARKED", b"<MARKED/>".to_vec(), 400, "markup"),
        (json, vec![0xb0; 9], 400, "not UTF-8"),
        (json, vec![], 400, "nothing"),
        (json, MARK.repeat(11_000).into(), 413, "66000 bytes, which were not read"),
    ];
    let client = reqwest::Client::builder().no_proxy().build()?;
    for (index, (content_type, body, status, came)) in cases.into_iter().enumerate() {
        let post = client.post(world.callback_url()).header("content-type", content_type).body(body);
        assert_eq!(post.send().await?.status(), status, "{came}");
        let line = told(&world, index + 1).await?;
        assert_eq!((&line["level"], &line["status"]), (&json!("ERROR"), &json!(status)), "{line}");
        assert!(line["came"].as_str().is_some_and(|text| text.contains(came)), "{came}: {line}");
        let known = ["application/json", form, "another one of 11 characters"];
        assert!(known.iter().any(|known| line["content_type"] == *known), "{line}");
        assert!(line["reason"].is_string() && line["bytes"].is_u64() && line["message"].is_string(), "{line}");
    }
    assert_eq!(world.dynamodb_requests().by("callback"), 0);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn what_can_only_mean_one_thing_is_taken_as_that() -> Result<()> {
    let world = World::fast().await?;
    world.put_reward(&local::Reward { code: "7".into(), ..local::Reward::sample() })?;
    let bodies = [
        (format!("\u{feff}{}", list(&[(CODE, "marked")])), "marked"),
        (json!([{ "code": CODE, "userKey": "bare" }]).to_string(), "bare"),
        (r#"{"list":[{"code":7,"userKey":123456789012345678901234567890}]}"#.into(), "123456789012345678901234567890"),
        (r#"{"list":[{"code":7,"userKey":-12}]}"#.into(), "-12"),
    ];
    for (body, user) in bodies {
        world.register(user)?;
        let (status, answer) = world.post(&world.callback_url(), body).await?;
        assert_eq!(status, 200, "{user}: {answer}");
        world.wait_for(user, "sent").await?;
    }
    assert_eq!(world.last_attempt("-12")["code"], "7");
    world.assert_paid_once(&["marked", "bare", "123456789012345678901234567890", "-12"]);
    assert_eq!(world.metric("CallbacksRefused"), 0);
    world.end().await;
    Ok(())
}

/// The sample event of the callback with this path; the world must have its token.
fn event(path: &str) -> Result<Value> {
    let sample = local::workspace_root().join("events/callback.json");
    let mut event: Value = serde_json::from_slice(&std::fs::read(sample)?)?;
    event["rawPath"] = json!(path);
    Ok(event)
}

/// A world with this token.
async fn world_with_token(token: &str) -> Result<World> {
    World::start(StackOptions { token: Some(token.to_owned()), ..tests::options() }).await
}

/// Hands the function an event past the local front door; the status of its answer.
async fn status_of(world: &World, event: &Value) -> Result<u64> {
    let outcome = world.invoke("callback", event).await?;
    let answer = outcome.answer().with_context(|| format!("the function failed: {}", outcome.error()))?;
    answer["statusCode"].as_u64().context("no status")
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_refused_behind_the_token_and_404_before_it_never_a_failure() -> Result<()> {
    let world = world_with_token("local-callback-token").await?;
    let sample = event("/bleepy/local-callback-token")?;
    let with = |name: &str, value: Value| {
        let mut event = sample.clone();
        event[name] = value;
        event
    };
    let mut not_base64 = with("isBase64Encoded", json!(true));
    not_base64["body"] = json!("{MARKED}");
    let version_1 = json!({
        "version": "1.0", "path": "/bleepy/local-callback-token", "httpMethod": "POST", "headers": null,
        "requestContext": { "identity": { "sourceIp": "192.0.2.1" }, "stage": "prod", "path": "/prod/MARKED" },
        "body": "MARKED", "isBase64Encoded": false,
    });
    let mut get = sample.clone();
    get["requestContext"]["http"]["method"] = json!("GET");
    let refused = [
        (not_base64, 400, "claims to be base64 and is not"),
        (version_1.clone(), 400, "payload format 2.0"),
        (with("version", json!(2)), 400, "payload format 2.0"),
        (with("requestContext", json!("MARKED")), 400, "payload format 2.0"),
        (with("requestContext", Value::Null), 400, "payload format 2.0"),
        (get, 404, "the method is GET"),
        (with("body", Value::Null), 400, "line 1, column 0"),
        (with("body", json!({ "list": "MARKED" })), 400, "line 1, column 0"),
    ];
    for (index, (event, status, message)) in refused.into_iter().enumerate() {
        assert_eq!(status_of(&world, &event).await?, status, "{event}");
        let line = told(&world, index + 1).await?;
        assert!(line["message"].as_str().is_some_and(|text| text.contains(message)), "{message}: {line}");
    }

    let mut stranger = version_1;
    stranger["path"] = json!("/bleepy/stranger");
    let strangers =
        [stranger, with("rawPath", json!("/bleepy/x")), with("rawPath", json!(7)), json!({}), json!([]), Value::Null];
    for event in strangers {
        assert_eq!(status_of(&world, &event).await?, 404, "{event}");
    }
    assert_eq!(world.metric("CallbacksRefused"), 8, "a stranger calls nobody");
    assert_eq!(world.dynamodb_requests().by("callback"), 0);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_query_of_any_kind_is_not_looked_at_so_that_no_stranger_can_ring_with_it() -> Result<()> {
    let world = world_with_token("local-callback-token").await?;
    world.register("2eew35da")?;
    for query in ["a b", "{", "{\"a\":<b>}", "\u{feff}가=\\&&==", "%", "%zz"] {
        for (token, expected) in [("local-callback-token", 200), ("stranger", 404)] {
            let mut event = event(&format!("/bleepy/{token}"))?;
            event["rawQueryString"] = json!(query);
            event["queryStringParameters"] = json!({ query: query });
            assert_eq!(status_of(&world, &event).await?, expected, "{query} {token}");
            let url = format!("{}/bleepy/{token}?{query}", world.front_url());
            assert_eq!(world.post(&url, list(&[(CODE, "2eew35da")])).await?.0, u16::try_from(expected)?, "{url}");
        }
    }
    assert!(world.logs().containing("\"level\":\"ERROR\"").is_empty());
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn any_character_may_be_in_the_token_and_the_apis_stage_may_stand_before_the_path() -> Result<()> {
    // Encoded as clients do, and as HTTP APIs (decoded) and function URLs (encoded) hand it on.
    let (token, encoded) = ("a{\" < >%41 b가", "a%7B%22%20%3C%20%3E%2541%20b%EA%B0%80");
    let world = world_with_token(token).await?;
    world.register("2eew35da")?;
    let url = format!("{}/bleepy/{encoded}", world.front_url());
    assert_eq!(world.post(&url, list(&[(CODE, "2eew35da")])).await?.0, 200);
    for (path, stage, expected) in [
        (format!("/bleepy/{token}"), "$default", 200),
        (format!("/bleepy/{encoded}"), "$default", 200),
        (format!("/bleepy/{}", encoded.to_lowercase()), "$default", 200),
        (format!("/prod/bleepy/{encoded}"), "prod", 200),
        (format!("/prod/bleepy/{token}"), "prod", 200),
        (format!("/bleepy/{token}"), "prod", 200),
        (format!("/bleepy/bleepy/{token}"), "bleepy", 200),
        (format!("/prod/bleepy/{token}"), "$default", 404),
        (format!("/prod/bleepy/{token}"), "pro", 404),
        (format!("/bleepy/{encoded}%"), "$default", 404),
        (format!("/bleepy/{encoded}%zz"), "$default", 404),
        (format!("/bleepy/{token}x"), "$default", 404),
    ] {
        let mut event = event(&path)?;
        event["requestContext"]["stage"] = json!(stage);
        assert_eq!(status_of(&world, &event).await?, expected, "{path} at {stage}");
    }
    assert!(world.logs().containing("\"level\":\"ERROR\"").is_empty());
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
