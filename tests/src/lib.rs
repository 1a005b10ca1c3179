//! A world for scenarios: the whole system on this machine, around the real function binaries, with one reward.
//!
//! The verdict comes from the ledger of the fake Giftishow, never from our own rows alone.
#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a scenario that panics has failed")]

use std::ops::Deref;
use std::time::Duration;

use anyhow::{Result, ensure};
use giftishow_sim::{Api, Fault, ScriptedFault};
use local::binaries::Binaries;
use local::{Recipient, Reward, Runner, Stack, StackOptions};
use payout::{Moment, PayoutKey, RepeatPolicy, RewardCode, TrIdScheme, UserKey, Win};
use serde_json::Value;
use tokio::sync::OnceCell;

/// The code of the reward that every world has.
pub const CODE: &str = "AD3FYTFS";
/// How `send` claims: a transaction with the line and the caps.
pub const CLAIM: &str = "TransactWriteItems";
/// How `send` writes down what came of it, if no coupon is kept with it.
pub const RESULT: &str = "UpdateItem";
/// Longer than anything here takes on a busy machine; a scenario that hits it has failed.
pub const LIMIT: Duration = Duration::from_mins(1);

/// A running system.
pub struct World(Stack);

impl Deref for World {
    type Target = Stack;
    fn deref(&self) -> &Stack {
        &self.0
    }
}

impl World {
    /// Waiting times of seconds; sweeps happen by themselves.
    pub async fn fast() -> Result<Self> {
        Self::start(options()).await
    }

    /// Waiting times of seconds; sweeps happen only when asked for.
    pub async fn swept_by_hand() -> Result<Self> {
        Self::start(StackOptions { scheduled: false, ..options() }).await
    }

    /// Any other.
    pub async fn start(options: StackOptions) -> Result<Self> {
        let stack = Stack::start(StackOptions { runner: Runner::Programs(binaries().await?), ..options }).await?;
        stack.put_reward(&Reward::sample())?;
        Ok(Self(stack))
    }

    /// Registers a user with a number that belongs to nobody.
    pub fn register(&self, user: &str) -> Result<()> {
        self.put_recipient(&Recipient::new(user, "01000000000"))
    }

    /// Registers a user and posts one win of theirs, which must be taken.
    pub async fn win(&self, user: &str) -> Result<()> {
        self.register(user)?;
        let (status, body) = self.post_callback(&[(CODE, user)]).await?;
        ensure!(status == 200, "the win of {user} was answered {status}: {body}");
        Ok(())
    }

    /// Posts any body to the callback; status and text of the answer.
    pub async fn post(&self, url: &str, body: impl Into<reqwest::Body>) -> Result<(u16, String)> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let answer = client.post(url).header("content-type", "application/json").body(body).send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    /// The tr_id of an attempt at the payout of a user.
    pub fn tr_id(user: &str, attempt: u8) -> String {
        let payout = PayoutKey {
            code: RewardCode::try_from(CODE.to_owned()).expect("a code"),
            user_key: UserKey::try_from(user.to_owned()).expect("a user key"),
            slot: RepeatPolicy::Once.slot(&Win { at: Moment::from_millis(0), request_id: "", index: 0, entries: 1 }),
        };
        let scheme = TrIdScheme::new("bg", "local").expect("the local scheme");
        scheme.tr_id(&payout, attempt, 0).as_str().to_owned()
    }

    /// Scripts a fault for the first attempt at the payout of a user.
    pub fn script_for(&self, user: &str, api: Api, fault: &str) -> Result<()> {
        let fault = Fault::named(fault, api)?;
        self.sim().script(ScriptedFault::once(api, fault).for_tr_id(Self::tr_id(user, 1)));
        Ok(())
    }

    /// The last attempt at the payout of a user; null before there is one.
    pub fn last_attempt(&self, user: &str) -> Value {
        self.attempts(user).pop().unwrap_or_default()
    }

    /// Waits until the payout of a user stands there.
    pub async fn wait_for(&self, user: &str, state: &str) -> Result<()> {
        let what = format!("the payout of {user} is {state}");
        self.wait_until(&what, LIMIT, |world| world.attempts(user).last().is_some_and(|row| row["state"] == state))
            .await
    }

    /// Waits until the functions have said this so many times; lines arrive a little after what they tell of. Never more.
    pub async fn wait_for_lines(&self, text: &str, times: usize) -> Result<()> {
        let what = format!("\"{text}\" is said {times} times");
        self.wait_until(&what, LIMIT, |world| world.logs().containing(text).len() >= times).await?;
        ensure!(self.logs().containing(text).len() == times, "\"{text}\" was said more than {times} times");
        Ok(())
    }

    /// Coupons of a user that are live, by Giftishow's ledger.
    pub fn live(&self, user: &str) -> usize {
        let rows = self.attempts(user);
        let tr_ids = rows.iter().filter_map(|row| row["tr_id"].as_str());
        self.sim().ledger().live_for(tr_ids)
    }

    /// The promise, judged by Giftishow's ledger: exactly one live coupon for each of these users, on the attempt that is
    /// sent; none for anybody else; and every won accounted for.
    pub fn assert_paid_once(&self, users: &[&str]) {
        let ledger = self.sim().ledger();
        for user in users {
            assert_eq!(self.live(user), 1, "{user}: {:#?}\n{:#?}", self.attempts(user), ledger.entries);
            let last = self.last_attempt(user);
            assert_eq!(last["state"], "sent", "{last}");
            assert_eq!(ledger.live_for(last["tr_id"].as_str()), 1, "{last}");
        }
        assert_eq!(ledger.live, users.len(), "{:#?}", ledger.entries);
        assert!(ledger.adds_up(), "{ledger:#?}");
        assert!(ledger.in_flight_max_for(Api::Send) <= 1 && ledger.in_flight_max_for(Api::Cancel) <= 1);
    }

    /// Ends everything.
    pub async fn end(self) {
        self.0.shutdown().await;
    }
}

/// Waiting times of seconds.
pub fn options() -> StackOptions {
    StackOptions::fast().parameter("RedriveSeconds", "1")
}

/// The real binaries, built once.
pub async fn binaries() -> Result<Binaries> {
    static BUILT: OnceCell<Binaries> = OnceCell::const_new();
    let names = ["callback", "send", "sweeper"].map(str::to_owned);
    BUILT.get_or_try_init(|| local::binaries::build(&names, false)).await.cloned()
}
