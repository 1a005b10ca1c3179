//! Winners who register after they have won: `RECIPIENT_WAIT_HOURS`.

use anyhow::Result;
use giftishow_sim::Api;
use jiff::SignedDuration;
use local::{Stack, StackOptions};
use tests::{CODE, LIMIT, World};

fn waiting(hours: &str) -> StackOptions {
    StackOptions { scheduled: false, ..tests::options() }.parameter("RecipientWaitHours", hours)
}

fn waits(user: &str) -> impl Fn(&Stack) -> bool {
    move |world| {
        let row = world.attempts(user).pop().unwrap_or_default();
        row["state"] == "accepted" && row["last_event"] == "awaits_recipient"
    }
}

#[tokio::test]
async fn who_registers_in_time_after_winning_is_paid_and_who_does_not_is_put_before_a_person() -> Result<()> {
    let world = World::start(waiting("1")).await?;
    for user in ["late", "never"] {
        assert_eq!(world.post_callback(&[(CODE, user)]).await?.0, 200);
        world.wait_until("it waits for its recipient", LIMIT, waits(user)).await?;
    }
    world.wait_until("what was not used is given back", LIMIT, |_| world.counted("sends") == 0).await?;
    assert_eq!((world.requests(Api::Send), world.metric("PayoutsFailed")), (0, 0));

    world.register("late")?;
    world.let_time_pass(&World::tr_id("late", 1), SignedDuration::from_mins(16))?;
    world.wait_for("late", "sent").await?;
    assert_eq!(world.attempts("late").len(), 1);

    let mut row = world.last_attempt("never");
    let won = jiff::Timestamp::now() - SignedDuration::from_mins(61);
    row["accepted_at"] = payout::Moment::new(won).to_string().into();
    world.put_payout(&row)?;
    world.let_time_pass(&World::tr_id("never", 1), SignedDuration::from_mins(16))?;
    world.wait_for("never", "failed").await?;
    assert_eq!(world.last_attempt("never")["last_code"], "recipient_missing");
    world.wait_for_metric("PayoutsFailed", 1).await?;
    world.assert_paid_once(&["late"]);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn with_no_hours_to_wait_a_winner_without_a_number_is_put_before_a_person_at_once() -> Result<()> {
    let world = World::start(waiting("0")).await?;
    assert_eq!(world.post_callback(&[(CODE, "nobody")]).await?.0, 200);
    world.wait_for("nobody", "failed").await?;
    assert_eq!(world.last_attempt("nobody")["last_code"], "recipient_missing");
    world.wait_for_metric("PayoutsFailed", 1).await?;
    assert!(world.changes().iter().all(|change| change.text("last_event") != "awaits_recipient"));
    world.end().await;
    Ok(())
}
