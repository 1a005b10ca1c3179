//! What marketing asks of a send: hours in which winners are texted, a card and a banner.

use anyhow::{Context, Result};
use giftishow_sim::Api;
use jiff::{SignedDuration, Timestamp};
use local::{Recipient, Reward, Stack, StackOptions};
use tests::{CODE, LIMIT, PHONE, World, away_from_the_hours_end};

/// Hours of the Korean day that begin so many hours after the present one, and last for one.
fn hours_in(hours: i8) -> String {
    let now = (Timestamp::now() + SignedDuration::from_hours(9)).to_zoned(jiff::tz::TimeZone::UTC).hour();
    let from = (now + hours) % 24;
    format!("{from:02}-{:02}", from + 1)
}

#[tokio::test]
async fn outside_the_sending_hours_a_win_waits_and_calls_nobody_and_is_texted_when_they_begin() -> Result<()> {
    away_from_the_hours_end().await;
    let options = StackOptions { scheduled: false, ..tests::options() };
    let world = World::start(options.parameter("SendHours", hours_in(3))).await?;
    let branded = Reward {
        code: "BRANDED".into(),
        template_id: Some("CARD-1".into()),
        banner_id: Some("BANNER-1".into()),
        send_hours: Some("00-24".into()),
        ..Reward::sample()
    };
    world.put_reward(&branded)?;
    world.put_reward(&Reward { code: "SHOWN".into(), gubun: "Y".into(), ..Reward::sample() })?;
    for user in ["sleeper", "branded", "shown"] {
        world.put_recipient(&Recipient::new(user, PHONE))?;
    }
    let wins = [(CODE, "sleeper"), ("BRANDED", "branded"), ("SHOWN", "shown")];
    for win in wins {
        assert_eq!(world.post_callback(&[win]).await?.0, 200);
    }
    world.wait_for("branded", "sent").await?;
    world.wait_for("shown", "sent").await?;
    let waits = |world: &Stack| world.attempts("sleeper")[0]["last_event"] == "outside_send_hours";
    world.wait_until("it waits for the hours", LIMIT, waits).await?;
    world.wait_for_send_to_rest().await?;
    let row = world.last_attempt("sleeper");
    let begin: Timestamp = row["not_before"].as_str().context("not_before")?.parse()?;
    let ahead = begin.duration_since(Timestamp::now());
    assert!((SignedDuration::from_hours(2)..SignedDuration::from_hours(3)).contains(&ahead), "{row}");
    assert_eq!(begin.as_second() % 3_600, 0, "{row}");
    assert_eq!((&row["state"], &row["due_at"], &row["tries"]), (&"accepted".into(), &row["not_before"], &0.into()));
    assert_eq!((world.requests(Api::Send), world.counted("sends")), (2, 2));
    assert_eq!(world.sweep().await?.answer().unwrap_or_default()["due"], 0, "the sweeper leaves it alone");

    // The hours begin; nobody was called.
    world.put_reward(&Reward { send_hours: Some(hours_in(0)), ..Reward::sample() })?;
    world.kill_function("send").await?;
    world.let_time_pass(&World::tr_id("sleeper", 1), SignedDuration::from_hours(3))?;
    world.sweep_until("it is texted", |world| world.attempts("sleeper")[0]["state"] == "sent").await?;
    for metric in ["AttemptsStuck", "PayoutsCapped", "PayoutsFailed", "PayoutsInReview", "LinePaused"] {
        assert_eq!(world.metric(metric), 0, "{metric}");
    }
    let ledger = world.sim().ledger();
    let looks = |user: &str| {
        let tr_id = world.last_attempt(user)["tr_id"].as_str().unwrap_or_default().to_owned();
        ledger.find(&tr_id).map(|entry| (entry.template_id.clone(), entry.banner_id.clone()))
    };
    assert_eq!(looks("branded"), Some((Some("CARD-1".to_owned()), Some("BANNER-1".to_owned()))));
    assert_eq!(looks("sleeper"), Some((None, None)));
    world.assert_paid_once(&["sleeper", "branded", "shown"]);
    world.end().await;
    Ok(())
}
