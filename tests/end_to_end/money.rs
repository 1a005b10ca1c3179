//! The balance against the rows, by the real `reconcile`: what moved it past them is told apart.

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use payout::{Moment, korean_day};
use serde_json::{Value, json};
use tests::{GOODS, PHONE, World, away_from_the_hours_end};

use crate::operations::Desk;

/// The snapshot of today is the one of yesterday: the next one compares with it.
fn a_day_passes(world: &World) -> Result<()> {
    let today = World::korean_day();
    let rows = world.control();
    let mut row = rows.into_iter().find(|row| row["name"] == format!("money/{today}")).context("today's snapshot")?;
    world.dynamodb().delete_item("control", &json!({ "name": { "S": row["name"] } }))?;
    let yesterday = korean_day(Moment::new(Timestamp::now() - SignedDuration::from_hours(24))).to_string();
    row["name"] = json!(format!("money/{yesterday}"));
    row["snapshot"]["money"]["day"] = json!(yesterday);
    world.put_control(&row)
}

/// This morning's snapshot, taken now.
async fn morning(world: &World, desk: &mut Desk) -> Result<Value> {
    world.wait_for_send_to_rest().await?;
    let taken = world.invoke("reconcile", &json!({ "task": "reconcile" })).await?.answer();
    assert_eq!(taken, Some(json!({ "done": "taken" })));
    let seen = desk.reads("giftctl money").await?;
    let day = &seen["money"]["days"][0];
    assert_eq!(day["day"], World::korean_day());
    Ok(day.clone())
}

fn explained(day: &Value, by: &str) -> bool {
    day["explanations"]
        .as_array()
        .is_some_and(|all| all.iter().any(|one| one.as_str().unwrap_or_default().contains(by)))
}

#[tokio::test]
async fn a_top_up_a_coupon_bought_past_us_and_a_changed_price_are_told_apart() -> Result<()> {
    away_from_the_hours_end().await;
    let world = World::fast().await?;
    let mut desk = Desk::of("accounting", &world).await?;
    world.sync().await?;
    let first = morning(&world, &mut desk).await?;
    assert_eq!(first["difference"], Value::Null, "there is nothing to compare it with: {first}");

    // A win, and one that was cancelled and sent again: the rows say all of it.
    a_day_passes(&world)?;
    world.script_for("again", giftishow_sim::Api::Send, "reset-after-issue")?;
    for user in ["winner", "again"] {
        world.win(user).await?;
        world.wait_for(user, "sent").await?;
    }
    let day = morning(&world, &mut desk).await?;
    assert_eq!((day["difference"].as_i64(), &day["explanations"]), (Some(0), &Value::Null), "{day}");

    a_day_passes(&world)?;
    world.sim().set_balance(world.sim().ledger().balance + 50_000);
    let day = morning(&world, &mut desk).await?;
    assert_eq!(day["difference"], 50_000);
    assert!(explained(&day, &format!("giftctl money top-up --day {}", World::korean_day())), "{day}");
    let today = World::korean_day();
    desk.succeeds(&format!("giftctl money top-up --day {today} --amount 50000 --reason paid --yes")).await?;
    let money = desk.reads("giftctl money").await?;
    assert_eq!(
        (&money["money"]["days"][0]["difference"], &money["money"]["days"][0]["topped_up"]),
        (&json!(0), &json!(50_000))
    );
    assert_eq!(world.metric("ReconciliationDifference"), 0, "nobody is called for money that came");

    a_day_passes(&world)?;
    world.send_past_the_functions("past_us", GOODS, PHONE).await?;
    let price = world.sim().ledger().find("past_us").context("it was bought")?.price;
    let day = morning(&world, &mut desk).await?;
    assert_eq!(day["difference"].as_i64(), Some(-i64::try_from(price)?));
    assert!(explained(&day, "다른 곳에서 산 쿠폰"), "{day}");
    world.wait_for_metric("ReconciliationDifference", 1).await?;

    // The row is priced by the catalogue of before.
    a_day_passes(&world)?;
    world.sim().change_price(GOODS, price + 300)?;
    world.win("dearer").await?;
    world.wait_for("dearer", "sent").await?;
    world.sync().await?;
    let day = morning(&world, &mut desk).await?;
    assert_eq!(day["difference"], -300);
    assert!(explained(&day, GOODS), "{day}");
    world.wait_for_metric("ReconciliationDifference", 2).await?;
    world.end().await;
    Ok(())
}
