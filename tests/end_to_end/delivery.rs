//! `gubun` Y and I: what the company shows its winner itself is kept sealed, once, and is nowhere else.

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use giftishow_sim::Api;
use local::dynamodb::{DbFault, ScriptedDbFault};
use local::{Reward, Stack, StackOptions};
use payout::{Moment, TrId};
use platform::{Coupon, CouponKey, CouponsTable, ReadCoupon};
use secrecy::{ExposeSecret, SecretString};
use tests::{CODE, LIMIT, World};

use crate::cloud;

/// What the key is made from.
const KEY: &str = "an example of a text that no output can hold by chance";

/// A world whose reward is shown by the company itself.
async fn world(gubun: &str, options: StackOptions) -> Result<World> {
    let world = World::start(options).await?;
    world.secrets().put(&world.template().reference("CouponKeySecret")?, KEY);
    world.put_reward(&Reward { gubun: gubun.into(), ..Reward::sample() })?;
    Ok(world)
}

/// The coupon as the company's own service gets it.
async fn shown(world: &World, tr_id: &str) -> Result<Coupon> {
    let table = CouponsTable::new(&cloud::aws(world).await, world.template().reference("CouponsTable")?);
    let now = Moment::new(jiff::Timestamp::now());
    let sealed = table.coupon(&TrId::try_from(tr_id.to_owned())?, now).await?.context("there is no coupon")?;
    let key = CouponKey::new(&SecretString::from(KEY)).context("the text is too short")?;
    key.open(&sealed).context("it does not open")
}

/// Everything that the functions have written anywhere.
fn written_anywhere(world: &World) -> String {
    let mut all: Vec<String> = world.logs().lines().into_iter().map(|line| line.text).collect();
    let rows = [world.payouts(), world.control(), world.coupons()];
    all.extend(rows.iter().flatten().map(ToString::to_string));
    all.extend(world.changes().iter().map(|change| change.row.to_string()));
    all.push(format!("{:?}", world.pump().given_up()));
    for row in world.coupons() {
        let sealed = STANDARD.decode(row["sealed"].as_str().unwrap_or_default()).unwrap_or_default();
        all.push(String::from_utf8_lossy(&sealed).into_owned());
    }
    all.join("\n")
}

#[tokio::test]
async fn a_pin_and_its_image_are_kept_sealed_can_be_opened_with_the_key_and_are_nowhere_else() -> Result<()> {
    for gubun in ["Y", "I"] {
        let mut options = tests::options();
        for function in ["callback", "send", "sweeper"] {
            options = options.variable(function, "AWS_LAMBDA_LOG_LEVEL", "trace");
        }
        let world = world(gubun, options).await?;
        world.win("shown").await?;
        world.wait_for("shown", "sent").await?;
        // The same records again, one that cannot be read, and a repeated callback.
        world.put_payout(&serde_json::json!({ "tr_id": "bg_POISON", "state": "accepted" }))?;
        assert_eq!(world.post_callback(&[(CODE, "shown")]).await?.0, 200);
        world.wait_until("the poison is given up", LIMIT, |world| !world.pump().given_up().is_empty()).await?;

        let tr_id = World::tr_id("shown", 1);
        let coupon = shown(&world, &tr_id).await?;
        let pin_no = world.sim().pin_no(&tr_id).context("a PIN was told")?;
        assert_eq!(coupon.pin_no.expose_secret(), pin_no);
        let image = coupon.coupon_img_url.as_ref().map(ExposeSecret::expose_secret);
        assert_eq!(image.is_some(), gubun == "I");

        let row = &world.coupons()[0];
        let days = (row["expires_at"].as_i64().unwrap_or_default() - jiff::Timestamp::now().as_second()) / 86_400;
        assert!((98..=100).contains(&days), "it expires: {row}");
        assert!(world.last_attempt("shown").get("order_no").is_some());
        let all = written_anywhere(&world);
        assert!(all.contains(&tr_id), "the search looks at something");
        for secret in [pin_no.as_str(), KEY].into_iter().chain(image) {
            assert!(!all.contains(secret) && !all.contains(&STANDARD.encode(secret)), "{gubun}");
        }
        world.assert_paid_once(&["shown"]);
        world.end().await;
    }
    Ok(())
}

#[tokio::test]
async fn a_coupon_whose_answer_was_lost_is_cancelled_and_issued_anew_and_only_the_live_one_is_kept() -> Result<()> {
    let world = world("Y", tests::options()).await?;
    let faults = ["reset-after-issue", "duplicate-after-issue", "truncated-body-after-issue"];
    for user in faults {
        world.script_for(user, Api::Send, user)?;
        world.win(user).await?;
    }
    for user in faults {
        world.wait_for(user, "sent").await?;
        let rows = world.attempts(user);
        let states: Vec<_> = rows.iter().filter_map(|row| row["state"].as_str()).collect();
        assert_eq!(states, ["dead", "sent"], "{user}");
        let tr_id = World::tr_id(user, 2);
        let told = world.sim().pin_no(&tr_id).context("a PIN was told")?;
        assert_eq!(shown(&world, &tr_id).await?.pin_no.expose_secret(), told, "{user}");
    }
    assert_eq!(world.coupons().len(), 3, "no lost one among them");
    world.assert_paid_once(&faults);
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn a_coupon_and_its_row_are_written_together_or_not_at_all() -> Result<()> {
    let world = world("I", tests::options()).await?;
    let table = world.template().reference("CouponsTable")?;
    for (fault, attempts) in [
        (DbFault::KillCallerBeforeCommit, 2),
        (DbFault::KillCallerAfterCommit, 1),
        (DbFault::DropAfterCommit, 1),
        (DbFault::ThroughputExceeded, 1),
    ] {
        let user = format!("{fault:?}");
        world.dynamodb().script(ScriptedDbFault::new(fault).table(&table).caller("send").writes());
        world.win(&user).await?;
        let hit = |world: &Stack| world.dynamodb().pending_faults() == 0;
        world.wait_until("it was hit", LIMIT, hit).await?;
        world.wait_for(&user, "sent").await?;
        assert_eq!(world.attempts(&user).len(), attempts, "{user}");
        let kept = |attempt| world.coupons().iter().any(|row| row["tr_id"] == World::tr_id(&user, attempt));
        assert!((1..=2).all(|attempt| kept(attempt) == (usize::from(attempt) == attempts)), "{user}");
        let last = World::tr_id(&user, u8::try_from(attempts)?);
        assert_eq!(Some(shown(&world, &last).await?.pin_no.expose_secret().to_owned()), world.sim().pin_no(&last));
    }
    assert_eq!((world.sim().ledger().live, world.coupons().len()), (4, 4));
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn nothing_is_asked_for_that_could_not_be_kept() -> Result<()> {
    let world = world("Y", tests::options()).await?;
    let secret = world.template().reference("CouponKeySecret")?;
    for unusable in [None, Some("short")] {
        match unusable {
            Some(text) => world.secrets().put(&secret, text),
            None => world.secrets().remove(&secret),
        }
        let user = unusable.unwrap_or("missing");
        world.win(user).await?;
        let waits = |world: &Stack| world.attempts(user).iter().any(|row| row["last_code"] == "coupon_key_unavailable");
        world.wait_until("it waits for the key", LIMIT, waits).await?;
        assert_eq!((world.requests(Api::Send), world.last_attempt(user)["attempt"].as_u64()), (0, Some(1)));
    }
    world.wait_until("what was not used is given back", LIMIT, |_| world.counted("sends") == 0).await?;
    world.secrets().put(&secret, KEY);
    for user in ["missing", "short"] {
        world.wait_for(user, "sent").await?;
        assert_eq!(world.attempts(user).len(), 1);
    }
    world.assert_paid_once(&["missing", "short"]);
    world.end().await;
    Ok(())
}
