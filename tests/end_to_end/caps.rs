//! Caps: past them payouts wait, a person is told, and nothing is lost.

use anyhow::Result;
use giftishow_sim::{Api, CatalogueConfig, SimConfig};
use jiff::{SignedDuration, Timestamp};
use local::pump::Delivery;
use local::{Recipient, Reward, Stack, StackOptions};
use serde_json::{Value, json};
use tests::{CODE, LIMIT, PHONE, World, away_from_the_hours_end, options, stream_event};

fn by_hand() -> StackOptions {
    StackOptions { scheduled: false, ..options() }
}

fn users(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("user{number}")).collect()
}

/// Those whose payouts stand there.
fn standing(world: &World, state: &str) -> Vec<String> {
    let rows = world.payouts();
    let rows = rows.iter().filter(|row| row["state"] == state);
    rows.filter_map(|row| row["user_key"].as_str().map(str::to_owned)).collect()
}

/// A quarter of an hour goes by for the pause of the line.
fn let_the_pause_end(world: &World) -> Result<()> {
    let mut line = world.line();
    line["pause"]["probe_at"] = json!("2026-01-01T00:00:00.000Z");
    world.put_control(&line)
}

#[tokio::test]
async fn past_the_budget_or_the_sends_of_an_hour_payouts_wait_until_the_cap_is_raised() -> Result<()> {
    away_from_the_hours_end().await;
    for (parameter, variable, two, three, reason) in [
        ("DailyBudgetKrw", "DAILY_BUDGET_KRW", "149999", "150000", "daily_budget"),
        ("MaxSendsPerHour", "MAX_SENDS_PER_HOUR", "2", "3", "sends_per_hour"),
    ] {
        let world = World::start(by_hand().parameter(parameter, two)).await?;
        let users = users(3);
        world.win_all(&users).await?;
        world.wait_for_pause(reason).await?;
        assert_eq!(standing(&world, "sent").len(), 2, "{reason}");
        world.wait_for_metric("LinePaused", 1).await?;

        // Looking again changes nothing while the cap is what it was, and asks Giftishow nothing.
        let written = world.line()["version"].as_u64();
        let_the_pause_end(&world)?;
        let paused_again = |world: &World| world.pause_reason() == reason && world.line()["version"].as_u64() > written;
        world.sweep_until("it is paused again", paused_again).await?;
        let waiting = standing(&world, "accepted");
        let row = world.last_attempt(&waiting[0]);
        assert_eq!((waiting.len(), row["attempt"].as_u64(), row["tries"].as_u64()), (1, Some(1), Some(0)), "{row}");
        assert_eq!((world.requests(Api::Send), world.requests(Api::Balance)), (2, 0), "{reason}");

        world.function("send")?.redeploy_with(variable, three).await;
        let_the_pause_end(&world)?;
        world.sweep_until("the third is sent", |world| standing(world, "sent").len() == 3).await?;
        assert_eq!((world.requests(Api::Send), world.payouts().len()), (3, 3));
        world.assert_paid_once(&users.iter().map(String::as_str).collect::<Vec<_>>());
        world.end().await;
    }
    Ok(())
}

#[tokio::test]
async fn past_the_cap_of_a_reward_its_payouts_wait_and_all_others_go_on() -> Result<()> {
    away_from_the_hours_end().await;
    let world = World::start(by_hand()).await?;
    let capped = |most| Reward { code: "CAPPED".into(), max_per_day: Some(most), ..Reward::sample() };
    world.put_reward(&capped(2))?;
    for user in ["first", "second", "third", "other"] {
        world.register(user)?;
    }
    let entries = [("CAPPED", "first"), ("CAPPED", "second"), ("CAPPED", "third"), (CODE, "other")];
    assert_eq!(world.post_callback(&entries).await?.0, 200);
    world.wait_until("three are live", LIMIT, |world| world.sim().ledger().live == 3).await?;
    world.wait_for("other", "sent").await?;
    world.wait_for_metric("PayoutsCapped", 1).await?;
    let held = |world: &World| world.payouts().into_iter().find(|row| row["last_event"] == "max_per_day_reached");
    world.wait_until("the third is held back", LIMIT, |_| held(&world).is_some()).await?;
    let row = held(&world).unwrap_or_default();
    assert_eq!(
        (row["state"].as_str(), row["attempt"].as_u64(), row["code"].as_str()),
        (Some("accepted"), Some(1), Some("CAPPED"))
    );
    world.wait_for_send_to_rest().await?;
    assert_eq!(world.pause_reason(), "", "the line is open");
    assert_eq!(
        (world.counted("reward"), world.sweep().await?.answer().unwrap_or_default()["due"].as_u64()),
        (2, Some(0))
    );

    // A quarter of an hour later the cap is what it was, and then it is raised. A new process reads the reward afresh.
    let tr_id = row["tr_id"].as_str().unwrap_or_default();
    world.let_time_pass(tr_id, SignedDuration::from_mins(16))?;
    world.wait_for_metric("PayoutsCapped", 2).await?;
    world
        .wait_until("it is held back again", LIMIT, |world| {
            world.payout(tr_id).is_some_and(|now| now["owner"] != row["owner"])
        })
        .await?;
    world.put_reward(&capped(3))?;
    world.kill_function("send").await?;
    world.let_time_pass(tr_id, SignedDuration::from_mins(16))?;
    world.wait_for(row["user_key"].as_str().unwrap_or_default(), "sent").await?;
    world.assert_paid_once(&["first", "second", "third", "other"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn an_attempt_counts_once_however_often_it_is_tried_and_a_counter_names_nobody() -> Result<()> {
    away_from_the_hours_end().await;
    let world = World::fast().await?;
    let reward = Reward { max_per_day: Some(100), max_per_user_per_day: Some(100), ..Reward::sample() };
    world.put_reward(&reward)?;
    // Refused as a duplicate that nobody finds, refused for the balance, and issued without an answer.
    for (user, fault) in [("again", "code:ERR0215"), ("poor", "code:E0010"), ("twice", "reset-after-issue")] {
        world.script_for(user, Api::Send, fault)?;
        world.win(user).await?;
        world.wait_for(user, "sent").await?;
    }
    world.wait_for_send_to_rest().await?;
    assert_eq!(world.requests(Api::Send), 6, "two for each");
    // The third needed a second attempt, which may have cost as much again.
    assert_eq!((world.counted("sends"), world.counted("won")), (4, 200_000));
    assert_eq!((world.counted("reward"), world.counted("user")), (4, 4));
    let control = world.control().iter().map(Value::to_string).collect::<String>();
    for user in ["again", "poor", "twice"] {
        assert!(!control.contains(&format!("/{user}")), "{control}");
    }
    world.assert_paid_once(&["again", "poor", "twice"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn two_workers_at_once_cannot_both_pass_a_cap_or_send_one_payout_twice() -> Result<()> {
    away_from_the_hours_end().await;
    // The template lets one run at a time; rows and counters must keep them apart, too.
    let options = by_hand().concurrency("send", 2).parameter("MaxSendsPerHour", "5");
    let world = World::start(StackOptions { delivery: Delivery::Lost, ..options }).await?;
    for user in users(12) {
        world.put_recipient(&Recipient::new(&user, PHONE))?;
        assert_eq!(world.post_callback(&[(CODE, &user)]).await?.0, 200);
    }
    let rows = world.payouts();
    let (there, back) = (stream_event(&rows), stream_event(rows.iter().rev()));
    let (one, other) = tokio::join!(world.invoke("send", &there), world.invoke("send", &back));
    assert!(!one?.is_failed() && !other?.is_failed());
    assert_eq!(world.function("send")?.processes(), 2);
    // Who found the counter drawn empty by the other stops the line: a fuse may be early, never late.
    assert_eq!(world.pause_reason(), "sends_per_hour");
    assert_eq!(world.counted("sends"), world.requests(Api::Send), "what was not used was given back");
    let_the_pause_end(&world)?;
    world.sweep_until("the cap is used up", |world| standing(world, "sent").len() == 5).await?;
    world.wait_for_send_to_rest().await?;
    let ledger = world.sim().ledger();
    assert_eq!((ledger.requests_for(Api::Send), ledger.live, ledger.duplicates_refused), (5, 5, 0));
    assert_eq!((world.counted("sends"), standing(&world, "accepted").len()), (5, 7));
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn goods_that_are_dearer_than_allowed_wait_and_are_paid_by_themselves_once_they_are_cheaper() -> Result<()> {
    let catalogue = CatalogueConfig { goods: 12, brands: 3, ..CatalogueConfig::default() };
    let sim = SimConfig { catalogue, ..SimConfig::default() };
    let world = World::start(StackOptions { sim, ..by_hand() }).await?;
    let goods = world.sim().listed_goods()[0].clone();
    assert_eq!(world.sync().await?.answer().unwrap_or_default()["status"], "complete");
    world.put_reward(&Reward {
        goods_code: goods.code.clone(),
        max_price_krw: goods.price_won - 1,
        ..Reward::sample()
    })?;
    world.win("patient").await?;
    let dear = |world: &Stack| world.attempts("patient")[0]["last_event"] == "dearer_than_allowed";
    world.wait_until("it waits", LIMIT, dear).await?;
    world.wait_for_metric("PayoutsCapped", 1).await?;
    let row = world.last_attempt("patient");
    assert_eq!((row["state"].as_str(), row["tries"].as_u64()), (Some("accepted"), Some(0)), "{row}");
    let moment = |name: &str| row[name].as_str().unwrap_or_default().parse::<Timestamp>();
    let waits = moment("not_before")?.duration_since(moment("state_since")?);
    assert!(waits <= SignedDuration::from_mins(16), "it is looked at again within a quarter of an hour: {row}");
    world.wait_for_send_to_rest().await?;
    assert_eq!((world.requests(Api::Send), world.counted("sends"), world.pause_reason().as_str()), (0, 0, ""));

    world.sim().change_price(&goods.code, goods.price_won - 1)?;
    assert_eq!(world.sync().await?.answer().unwrap_or_default()["status"], "complete");
    world.let_time_pass(&World::tr_id("patient", 1), SignedDuration::from_mins(16))?;
    world.wait_for("patient", "sent").await?;
    let row = world.last_attempt("patient");
    assert_eq!(
        (row["price_krw"].as_u64(), row["goods_code"].as_str()),
        (Some(goods.price_won - 1), Some(&*goods.code))
    );
    world.assert_paid_once(&["patient"]);
    world.end().await;
    Ok(())
}
