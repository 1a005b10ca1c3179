//! A world for scenarios: the whole system on this machine, around the real function binaries, with one reward.
//!
//! The verdict comes from the ledger of the fake Giftishow, never from our own rows alone.
#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a scenario that panics has failed")]

use std::ops::Deref;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use giftishow_sim::{Api, Fault, ScriptedFault};
use jiff::{SignedDuration, Timestamp};
use local::binaries::Binaries;
use local::dynamodb::{DbFault, ScriptedDbFault, items};
use local::{Recipient, Reward, Runner, Stack, StackOptions};
use payout::{Moment, PayoutKey, RepeatPolicy, RewardCode, TrIdScheme, UserKey, Win, korean_day};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// The code of the reward that every world has.
pub const CODE: &str = "AD3FYTFS";
/// The number that registered users have; it belongs to nobody.
pub const PHONE: &str = "01000000000";
const GIFTCTL: &str = "giftctl";
/// What the reward of every world is paid with.
pub const GOODS: &str = "G00000000001";
/// What `send` writes into a row: first its claim, then what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The claim.
    Claim,
    /// What came of it, if no coupon is kept with it.
    Result,
}

/// A fault that the next claim or result of `send` meets.
pub fn fault_at(step: Step, fault: DbFault, world: &Stack) -> ScriptedDbFault {
    let update = ScriptedDbFault::new(fault).caller("send").operation("UpdateItem").table(world.payouts_table());
    update.skip(u32::from(step == Step::Result))
}

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
        let world = Self::empty(options).await?;
        world.put_reward(&Reward::sample())?;
        Ok(world)
    }

    /// One in which nothing is registered.
    pub async fn empty(options: StackOptions) -> Result<Self> {
        Ok(Self(Stack::start(StackOptions { runner: Runner::Programs(binaries().await?), ..options }).await?))
    }

    /// Registers a user with a number that belongs to nobody.
    pub fn register(&self, user: &str) -> Result<()> {
        self.put_recipient(&Recipient::new(user, PHONE))
    }

    /// Registers a user and posts one win of theirs, which must be taken.
    pub async fn win(&self, user: &str) -> Result<()> {
        self.register(user)?;
        let (status, body) = self.post_callback(&[(CODE, user)]).await?;
        ensure!(status == 200, "the win of {user} was answered {status}: {body}");
        Ok(())
    }

    /// Registers these users and posts their wins, 50 to a list, all of which must be taken.
    pub async fn win_all(&self, users: &[String]) -> Result<()> {
        for user in users {
            self.register(user)?;
        }
        for list in users.chunks(50) {
            let entries: Vec<_> = list.iter().map(|user| (CODE, user.as_str())).collect();
            let (status, body) = self.post_callback(&entries).await?;
            ensure!(status == 200, "the list was answered {status}: {body}");
        }
        Ok(())
    }

    /// Posts any body to the callback; status and text of the answer.
    pub async fn post(&self, url: &str, body: impl Into<reqwest::Body>) -> Result<(u16, String)> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let answer = client.post(url).header("content-type", "application/json").body(body).send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    /// What day it is in Korea, like `2026-11-22`.
    pub fn korean_day() -> String {
        korean_day(Moment::new(Timestamp::now())).to_string()
    }

    /// The tr_id of an attempt at the payout of a user.
    pub fn tr_id(user: &str, attempt: u8) -> String {
        Self::tr_id_of(&payout_key(CODE, user, RepeatPolicy::Once, Timestamp::UNIX_EPOCH), attempt)
    }

    /// The tr_id of an attempt at any payout.
    pub fn tr_id_of(payout: &PayoutKey, attempt: u8) -> String {
        Self::scheme().tr_id(payout, attempt, 0).as_str().to_owned()
    }

    /// How the local stack makes its tr_ids.
    pub fn scheme() -> TrIdScheme {
        TrIdScheme::new("bg", "local").expect("the local scheme")
    }

    /// Sends 0204 past all functions, through the same account: a stranger's request, or one of ours that comes late.
    pub async fn send_past_the_functions(&self, tr_id: &str, goods: &str, phone: &str) -> Result<()> {
        let credentials = self.sim().credentials();
        let form = [
            ("api_code", "0204"),
            ("custom_auth_code", &credentials.custom_auth_code),
            ("custom_auth_token", &credentials.custom_auth_token),
            ("dev_yn", "N"),
            ("goods_code", goods),
            ("mms_title", "title"),
            ("mms_msg", "message"),
            ("callback_no", &credentials.callback_no),
            ("phone_no", phone),
            ("tr_id", tr_id),
            ("user_id", &credentials.user_id),
            ("gubun", "N"),
        ];
        let client = reqwest::Client::builder().no_proxy().build()?;
        let answer = client.post(format!("{}/bizApi/send", self.sim().base_url())).form(&form).send().await?;
        let answer: Value = answer.json().await?;
        ensure!(answer["result"]["code"] == "0000", "Giftishow answered {answer}");
        Ok(())
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

    /// Sweeps by hand until this holds.
    pub async fn sweep_until(&self, what: &str, done: impl Fn(&Self) -> bool) -> Result<()> {
        let started = Instant::now();
        while !done(self) {
            if started.elapsed() > LIMIT {
                return self.wait_until(what, Duration::ZERO, |_| done(self)).await;
            }
            self.sweep().await?;
            // What it handed over takes a moment.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// Lets time pass for one row that nobody works on: what it waits for comes nearer, and its send is longer ago.
    pub fn let_time_pass(&self, tr_id: &str, by: SignedDuration) -> Result<()> {
        let mut row = self.payout(tr_id).with_context(|| format!("no row {tr_id}"))?;
        for name in ["due_at", "not_before", "lease_until", "send_started_at"] {
            if let Some(moment) = row.get_mut(name) {
                *moment = json!(shifted(moment.as_str().unwrap_or_default(), by)?);
            }
        }
        self.put_payout(&row)
    }

    /// Lets the lease of a sweep end whose sweeper has died.
    pub fn let_the_sweep_end(&self) -> Result<()> {
        let mut heartbeat = self.control_row("heartbeat");
        if heartbeat.is_null() {
            // It died before the first one was written.
            return Ok(());
        }
        heartbeat["sweep_until"] = json!("2026-01-01T00:00:00.000Z");
        self.put_control(&heartbeat)
    }

    fn control_row(&self, name: &str) -> Value {
        self.control().into_iter().find(|row| row["name"] == name).unwrap_or_default()
    }

    /// The row of the line; null before it was first written.
    pub fn line(&self) -> Value {
        self.control_row("line")
    }

    /// Why the line is paused; empty while it is open.
    pub fn pause_reason(&self) -> String {
        self.line()["pause"]["reason"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the line is paused for this reason, or open if it is empty.
    pub async fn wait_for_pause(&self, reason: &str) -> Result<()> {
        let what = format!("the line is paused for \"{reason}\"");
        self.wait_until(&what, LIMIT, |_| self.pause_reason() == reason).await
    }

    /// Stops the line as the runbook says.
    pub fn stop_the_line(&self) -> Result<()> {
        let moment = "2026-01-01T00:00:00.000Z";
        let pause = json!({ "reason": "operator", "since": moment, "probe_at": moment, "probes": 0 });
        let version = self.line()["version"].as_u64().unwrap_or_default() + 1_000_000;
        self.put_control(&json!({ "name": "line", "version": version, "unanswered": 0, "pause": pause }))
    }

    /// Lets the line be opened by the next sweep, as the runbook says.
    pub fn open_the_line(&self) -> Result<()> {
        let mut line = self.line();
        line["version"] = json!(line["version"].as_u64().unwrap_or_default() + 1);
        line["pause"]["reason"] = json!("outage");
        self.put_control(&line)
    }

    /// What the counters of a cap hold together: `won`, `sends`, `reward` or `user`.
    pub fn counted(&self, cap: &str) -> u64 {
        let prefix = format!("count/{cap}/");
        let rows = self.control();
        let counters = rows.iter().filter(|row| row["name"].as_str().is_some_and(|name| name.starts_with(&prefix)));
        counters.filter_map(|row| row["counted"].as_u64()).sum()
    }

    /// What a metric has counted so far; lines arrive a little after what they tell of.
    pub fn metric(&self, name: &str) -> u64 {
        self.gauge(name).into_iter().sum()
    }

    /// What a gauge has said so far, oldest first.
    pub fn gauge(&self, name: &str) -> Vec<u64> {
        let lines = self.logs().containing(&format!("\"{name}\":"));
        let values = lines.iter().filter_map(|line| serde_json::from_str::<Value>(&line.text).ok());
        values.filter_map(|value| value[name].as_u64()).collect()
    }

    /// Waits until a metric has counted at least so many.
    pub async fn wait_for_metric(&self, name: &str, least: u64) -> Result<()> {
        self.wait_until(&format!("{name} counts {least}"), LIMIT, |_| self.metric(name) >= least).await
    }

    /// Waits until no run of `send` is under way: what one drew on a counter and did not use is given back at its end.
    pub async fn wait_for_send_to_rest(&self) -> Result<()> {
        self.wait_until("send rests", LIMIT, |world| world.in_flight("send") == 0).await
    }

    /// Requests of one operation that Giftishow has received.
    pub fn requests(&self, api: Api) -> u64 {
        self.sim().ledger().requests_for(api)
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

/// One promise.
pub fn payout_key(code: &str, user: &str, repeat: RepeatPolicy, at: Timestamp) -> PayoutKey {
    PayoutKey {
        code: RewardCode::try_from(code.to_owned()).expect("a code"),
        user_key: UserKey::try_from(user.to_owned()).expect("a user key"),
        slot: repeat.slot(&Win { at: Moment::new(at), request_id: "", index: 0, entries: 1 }),
    }
}

/// These rows as the stream hands them to `send`.
pub fn stream_event<'a>(rows: impl IntoIterator<Item = &'a Value>) -> Value {
    let record = |(number, row): (usize, &Value)| {
        let change =
            json!({ "SequenceNumber": number.to_string(), "SizeBytes": 1, "NewImage": items::from_plain(row) });
        json!({ "eventID": number.to_string(), "eventName": "INSERT", "awsRegion": "local", "dynamodb": change })
    };
    json!({ "Records": rows.into_iter().enumerate().map(record).collect::<Vec<_>>() })
}

/// For a scenario that counts by the hour or the day: the end of one must not come in between.
pub async fn away_from_the_hours_end() {
    let over = Timestamp::now().as_second().rem_euclid(3_600).unsigned_abs();
    if over > 3_600 - 2 * LIMIT.as_secs() {
        tokio::time::sleep(Duration::from_secs(3_601 - over)).await;
    }
}

fn shifted(moment: &str, by: SignedDuration) -> Result<String> {
    let earlier: Timestamp = moment.parse::<Timestamp>()? - by;
    Ok(Moment::new(earlier).to_string())
}

/// Waiting times of seconds.
pub fn options() -> StackOptions {
    StackOptions::fast().parameter("RedriveSeconds", "1").parameter("CatalogGapMs", "0")
}

/// The real binaries of the functions.
pub async fn binaries() -> Result<Binaries> {
    let mut binaries = built().await?.clone();
    binaries.remove(GIFTCTL);
    Ok(binaries)
}

/// Where the real `giftctl` is.
pub async fn giftctl() -> Result<PathBuf> {
    Ok(built().await?.get(GIFTCTL).context("giftctl was built")?.path.clone())
}

/// Built once, all together.
async fn built() -> Result<&'static Binaries> {
    static BUILT: OnceCell<Binaries> = OnceCell::const_new();
    let names = ["callback", "catalog-sync", GIFTCTL, "operate", "reconcile", "send", "sweeper"].map(str::to_owned);
    BUILT.get_or_try_init(|| local::binaries::build(&names, false)).await
}
