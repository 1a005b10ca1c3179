//! The minutes around the end of a slot, on clocks of the test's own: the callback's handler against the local DynamoDB.

use std::time::Duration;

use anyhow::Result;
use callback::{Access, Body, Call, Callback, respond};
use jiff::{SignedDuration, Timestamp};
use local::pump::Delivery;
use local::{Reward, StackOptions};
use payout::{Moment, Rules};
use platform::{Env, Host, Machine, Metric, PayoutsTable, RewardCache, RewardsTable};
use serde_json::{Value, json};
use tests::World;

use crate::cloud;

/// SHA-256 of "bench".
const DIGEST: &str = "1b32c28cb38c05480eccc1bd60ff97029b57a05c96718b96dad7e9d84894f549";
const CODE: &str = "DAILY";
/// A Tuesday begins in Korea.
const MIDNIGHT: &str = "2026-03-02T15:00:00Z";

/// A clock that stands still.
struct At(Moment);

impl Host for At {
    fn now(&self) -> Moment {
        self.0
    }

    fn random(&self) -> u128 {
        Machine.random()
    }

    async fn sleep(&self, time: Duration) {
        Machine.sleep(time).await;
    }

    fn count(&self, _: Metric, _: usize) {}

    fn gauge(&self, _: Metric, _: u64) {}
}

/// A world with a daily reward, in which nothing is sent.
async fn world() -> Result<World> {
    let options = StackOptions { scheduled: false, delivery: Delivery::Lost, ..tests::options() };
    let world = World::start(options).await?;
    world.put_reward(&Reward { code: CODE.into(), repeat: "daily".into(), ..Reward::sample() })?;
    Ok(world)
}

fn midnight(later: SignedDuration) -> Result<Moment> {
    Ok(Moment::new(MIDNIGHT.parse::<Timestamp>()? + later))
}

/// How a first callback for this user is answered by a function whose clock says this.
async fn win(world: &World, user: &str, later: SignedDuration) -> Result<String> {
    let aws = cloud::aws(world).await;
    let table = |id| world.template().reference(id);
    let callback = Callback {
        access: Access::from_env(&Env::of(&[("CALLBACK_TOKEN_SHA256", DIGEST)]))?,
        scheme: World::scheme(),
        rules: Rules::default(),
        rewards: RewardCache::new(RewardsTable::new(&aws, table("RewardsTable")?)),
        payouts: PayoutsTable::new(&aws, table("PayoutsTable")?).with_control(table("ControlTable")?),
        host: At(midnight(later)?),
    };
    let list = json!({ "list": [{ "code": CODE, "userKey": user }] }).to_string();
    let call = Call {
        method: "POST",
        path: "/bleepy/bench",
        source_ip: None,
        request_id: None,
        content_type: None,
        body: Body::Plain(list.as_bytes()),
    };
    let answer = respond(&callback, &call).await;
    assert_eq!(answer.status_code, 200);
    let body: Value = serde_json::from_str(&answer.body)?;
    Ok(body["entries"][0]["status"].as_str().unwrap_or_default().to_owned())
}

/// The states of a user's rows.
fn states(world: &World, user: &str) -> Vec<String> {
    let mut states: Vec<String> =
        world.attempts(user).iter().filter_map(|row| row["state"].as_str().map(str::to_owned)).collect();
    states.sort();
    states
}

const SECOND: SignedDuration = SignedDuration::from_secs(1);

#[tokio::test]
async fn two_first_callbacks_of_one_win_that_meet_at_midnight_are_one_payout_and_one_question() -> Result<()> {
    let world = world().await?;
    for round in 0..10 {
        let user = format!("met-{round}");
        // The first comes before midnight, the second after it, and they are recorded in any order.
        let (before, after) = tokio::join!(win(&world, &user, -SECOND), win(&world, &user, SECOND));
        let mut answers = [before?, after?];
        answers.sort();
        assert_eq!(answers, ["accepted", "held"], "{:#?}", world.attempts(&user));
        assert_eq!(states(&world, &user), ["accepted", "review"]);
    }
    for (user, first, second) in [("in-order", -SECOND, SECOND), ("late-clock", SECOND, -SECOND)] {
        let answers = [win(&world, user, first).await?, win(&world, user, second).await?];
        assert_eq!(answers, ["accepted", "held"], "{user}");
        assert_eq!(states(&world, user), ["accepted", "review"], "{user}");
    }
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_win_right_after_midnight_is_doubted_only_if_one_of_the_day_before_is_minutes_old() -> Result<()> {
    let world = world().await?;
    let minutes = SignedDuration::from_mins;
    for (user, before, after, expected) in [
        ("young", -minutes(3), minutes(5), "held"),
        ("older", -minutes(20), minutes(5), "accepted"),
        ("later", -minutes(3), minutes(11), "accepted"),
    ] {
        assert_eq!(win(&world, user, before).await?, "accepted", "{user}");
        assert_eq!(win(&world, user, after).await?, expected, "{user}");
        assert_eq!(world.attempts(user).len(), 2, "{user}");
        let day_before = &world.attempts(user)[0];
        assert_eq!((day_before["state"].as_str(), day_before["duplicates"].as_u64()), (Some("accepted"), Some(0)));
    }
    let question = &world.attempts("young")[1];
    assert_eq!((question["state"].as_str(), question["last_code"].as_str()), (Some("review"), Some("maybe_repeated")));
    world.end().await;
    Ok(())
}
