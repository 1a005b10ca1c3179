//! The table of payouts is restored from a backup: nothing that was paid since is paid again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use giftishow_sim::{Api, Fault, ScriptedFault};
use local::dynamodb::items;
use local::{Change, Reward, Stack, StackOptions};
use payout::Rules;
use platform::{Machine, PayoutsTable, Repaired, copy_missing, repair};
use serde_json::{Value, json};
use tests::{CODE, LIMIT, World};

use crate::cloud::{self, Tables};

/// A reward that the company shows itself.
const SHOWN: &str = "SHOWN";
/// Sent at once; found and cancelled; never heard of; both, one after the other; shown by the company.
const USERS: [&str; 5] = ["at-once", "cancelled", "lost", "both", "shown"];
/// The table that is restored beside the live one.
const COPY: &str = "payouts-copy";

/// The rows of one user, by their tr_id, at one moment of the past.
type Moment = BTreeMap<String, Value>;

fn code(user: &str) -> &'static str {
    if user == "shown" { SHOWN } else { CODE }
}

/// The rules of the world below.
fn rules() -> Rules {
    let second = Duration::from_secs(1);
    Rules { send_timeout: second, grace: second, max_attempts: 9, redrive_after: second, ..Rules::default() }
}

/// A world in which all of these were paid, and nothing is under way. No sweep happens by itself.
async fn paid() -> Result<World> {
    let short = tests::options().parameter("SendTimeoutSeconds", "1").parameter("GraceSeconds", "1");
    let short = short.parameter("MaxAttempts", "9").timeout("send", Duration::from_secs(8));
    let world = World::start(StackOptions { scheduled: false, ..short }).await?;
    world.put_reward(&Reward { code: SHOWN.into(), gubun: "Y".into(), ..Reward::sample() })?;
    world.script_for("cancelled", Api::Send, "reset-after-issue")?;
    for user in ["lost", "both"] {
        world.script_for(user, Api::Send, "reset-before-issue")?;
    }
    let again = ScriptedFault::once(Api::Send, Fault::named("reset-after-issue", Api::Send)?);
    world.sim().script(again.for_tr_id(World::tr_id("both", 2)));
    for user in USERS {
        world.register(user)?;
        assert_eq!(world.post_callback(&[(code(user), user)]).await?.0, 200);
    }
    world.sweep_until("all are sent", |world| rests(world, &["sent"; 5])).await?;
    assert_eq!(USERS.map(|user| world.attempts(user).len()), [1, 2, 2, 3, 1]);
    let last = |world: &Stack| world.changes().iter().filter(|change| change.text("state") == "sent").count() >= 5;
    world.wait_until("the history has it all", LIMIT, last).await?;
    Ok(world)
}

/// Every moment of a user's rows, from before the first to now. What is written in one transaction, a dead attempt and its
/// successor, may be torn in a backup: either half may be in it alone.
fn moments(world: &World, user: &str) -> Vec<Moment> {
    let changes: Vec<Change> = world.changes().into_iter().filter(|change| change.text("user_key") == user).collect();
    let mut rows = Moment::new();
    let mut moments = vec![rows.clone()];
    for (index, change) in changes.iter().enumerate() {
        let next = change.row["next_tr_id"].as_str().filter(|next| !rows.contains_key(*next));
        let first = next.and_then(|next| changes[index..].iter().find(|change| change.text("tr_id") == next));
        if let Some(first) = first {
            let mut torn = rows.clone();
            torn.insert(first.text("tr_id").to_owned(), first.row.clone());
            moments.push(torn);
        }
        rows.insert(change.text("tr_id").to_owned(), change.row.clone());
        moments.push(rows.clone());
    }
    moments
}

/// Whether a row is there whose predecessor does not know of it, and whether one is missing that its predecessor names.
fn torn(moment: &Moment) -> (bool, bool) {
    let named: BTreeSet<&str> = moment.values().filter_map(|row| row["next_tr_id"].as_str()).collect();
    let unknown_to_all =
        |row: &&Value| row["attempt"] != 1 && !named.contains(row["tr_id"].as_str().unwrap_or_default());
    (moment.values().any(|row| unknown_to_all(&row)), named.iter().any(|next| !moment.contains_key(*next)))
}

/// Whether nothing is under way, and every payout stands where it shall end.
fn rests(world: &Stack, ends: &[&str; 5]) -> bool {
    let there = |(user, end): (&str, &&str)| world.attempts(user).last().is_some_and(|row| row["state"] == **end);
    USERS.into_iter().zip(ends).all(there) && world.in_flight("send") == 0
}

/// How many coupons of these attempts were ever live at the same time, by Giftishow's own record.
fn most_live_at_once(world: &World, tr_ids: &BTreeSet<String>) -> usize {
    let (mut live, mut most) = (BTreeSet::new(), 0);
    for event in world.sim().ledger().events {
        let Some(tr_id) = event.tr_id.filter(|tr_id| tr_ids.contains(tr_id)) else { continue };
        match event.did.as_str() {
            "issued" => live.insert(tr_id),
            "cancelled" => live.remove(&tr_id),
            _ => false,
        };
        most = most.max(live.len());
    }
    most
}

/// The histories of all users, and the tr_ids that each of them has had.
struct Past {
    histories: [Vec<Moment>; 5],
    tr_ids: [BTreeSet<String>; 5],
}

impl Past {
    fn of(world: &World) -> Self {
        let histories = USERS.map(|user| moments(world, user));
        let torn: Vec<_> = histories.iter().flatten().map(torn).collect();
        assert!(torn.iter().any(|torn| torn.0) && torn.iter().any(|torn| torn.1), "both halves are there alone");
        Self { histories, tr_ids: USERS.map(|_| BTreeSet::new()) }
    }

    fn longest(&self) -> usize {
        self.histories.iter().map(Vec::len).max().unwrap_or_default()
    }

    /// The rows of each user at a moment, or at the last if theirs are over.
    fn at(&self, moment: usize) -> [Moment; 5] {
        self.histories.each_ref().map(|history| history.get(moment).or(history.last()).cloned().unwrap_or_default())
    }

    /// Exactly one live coupon for each, and never two.
    fn assert_paid_once(&mut self, world: &World, moment: usize) {
        for (user, known) in USERS.iter().zip(&mut self.tr_ids) {
            known.extend(world.attempts(user).iter().filter_map(|row| row["tr_id"].as_str().map(str::to_owned)));
            let what = format!("{user}, moment {moment}: {:#?}", world.attempts(user));
            assert_eq!(most_live_at_once(world, known), 1, "{what}");
            assert_eq!(world.sim().ledger().live_for(known.iter().map(String::as_str)), 1, "{what}");
        }
        let ledger = world.sim().ledger();
        assert!(ledger.live == USERS.len() && ledger.adds_up(), "{:#?}", ledger.entries);
    }
}

/// Where the payouts end. What only its first answer told is kept, but that cannot be seen without having asked for it: then
/// the live coupon is put before a person.
fn ends(then: &[Moment; 5]) -> [&'static str; 5] {
    let open = |row: &Value| row["state"] == "sending" || row["state"] == "unknown";
    let mut ends = ["sent"; 5];
    if then[4].values().any(open) {
        ends[4] = "review";
    }
    ends
}

/// The live table becomes what it was at a moment: its rows, and its heartbeat, which is the first to be seen.
fn swap(world: &World, then: &[Moment; 5]) -> Result<()> {
    if then.iter().all(Moment::is_empty) {
        world.delete_payout("heartbeat")?;
    } else {
        world.put_payout(&json!({ "tr_id": "heartbeat", "number": 1, "at": "2026-01-01T00:00:00.000Z" }))?;
    }
    for (user, then) in USERS.iter().zip(then) {
        for row in world.attempts(user) {
            let tr_id = row["tr_id"].as_str().unwrap_or_default();
            if !then.contains_key(tr_id) {
                world.delete_payout(tr_id)?;
            }
        }
        then.values().try_for_each(|row| world.put_payout(row))?;
    }
    Ok(())
}

/// Bleepy tries the wins again that are not there.
async fn try_missing_again(world: &World) -> Result<()> {
    for user in USERS.into_iter().filter(|user| world.attempts(user).is_empty()) {
        assert_eq!(world.post_callback(&[(code(user), user)]).await?.0, 200);
    }
    Ok(())
}

async fn repaired(Tables { payouts, time, control }: &Tables) -> Result<Repaired> {
    Ok(repair(&Machine, payouts, time, control, &World::scheme(), &rules(), None).await?)
}

#[tokio::test]
async fn a_table_swapped_for_any_older_copy_stands_still_until_it_is_repaired_and_pays_nobody_twice() -> Result<()> {
    let world = paid().await?;
    let tables = cloud::tables(&world).await?;
    let mut past = Past::of(&world);
    let mut successors = 0;
    for moment in 0..past.longest() {
        let then = past.at(moment);
        let asked = [Api::Send, Api::Cancel].map(|api| world.requests(api));
        let told = world.metric("TableRestored");
        swap(&world, &then)?;
        try_missing_again(&world).await?;
        for _ in 0..2 {
            let swept = world.sweep().await?.answer().unwrap_or_default();
            assert_eq!((swept["due"].as_u64(), world.pause_reason().as_str()), (Some(0), "restored"), "{swept}");
        }
        world.wait_for_metric("TableRestored", told + 2).await?;
        world.wait_for_send_to_rest().await?;
        assert_eq!([Api::Send, Api::Cancel].map(|api| world.requests(api)), asked, "moment {moment}");

        successors += repaired(&tables).await?.successors;
        // What left before it was found may have been under way until then.
        world.sweep_until("the line is open again", |_| world.pause_reason().is_empty()).await?;
        let ends = ends(&then);
        world.sweep_until("all have ended again", |world| rests(world, &ends)).await?;
        past.assert_paid_once(&world, moment);
        assert_eq!(repaired(&tables).await?, Repaired::default(), "there is nothing more to repair");
    }
    assert!(successors > 0, "the missing half of a transaction was written");
    let buried = |change: &Change| change.text("last_event") == "buried";
    assert!(world.changes().iter().any(buried), "what Giftishow never heard of was held back by its tombstone");
    assert!(!world.logs().containing("Its next attempt was there already").is_empty(), "the other half was adopted");
    world.end().await;
    Ok(())
}

/// An empty table with the keys of the live one, as a point-in-time restore makes it.
pub(crate) async fn table_like_payouts(world: &World, name: &str) -> Result<()> {
    let config = cloud::config(world).await;
    let key = AttributeDefinition::builder().attribute_name("tr_id").attribute_type(ScalarAttributeType::S).build()?;
    let schema = KeySchemaElement::builder().attribute_name("tr_id").key_type(KeyType::Hash).build()?;
    let request = Client::new(&config).create_table().table_name(name).attribute_definitions(key).key_schema(schema);
    request.billing_mode(BillingMode::PayPerRequest).send().await?;
    Ok(())
}

async fn copy_table(world: &World) -> Result<PayoutsTable> {
    table_like_payouts(world, COPY).await?;
    Ok(PayoutsTable::new(&cloud::aws(world).await, COPY.to_owned()))
}

#[tokio::test]
async fn rows_that_were_lost_are_copied_from_a_restored_table_of_any_moment_and_pay_nobody_twice() -> Result<()> {
    let world = paid().await?;
    let (tables, copy) = (cloud::tables(&world).await?, copy_table(&world).await?);
    let mut past = Past::of(&world);
    let taken_at = payout::Moment::new(jiff::Timestamp::now());
    for moment in 0..past.longest() {
        let then = past.at(moment);
        for row in world.dynamodb().scan(COPY)? {
            world.dynamodb().delete_item(COPY, &json!({ "tr_id": { "S": row["tr_id"] } }))?;
        }
        for row in then.iter().flat_map(Moment::values) {
            world.dynamodb().put_item(COPY, &items::from_plain(row))?;
        }
        // Of every other user all rows are lost, of the others the first one.
        for (index, user) in USERS.iter().enumerate() {
            let lost = if (index + moment) % 2 == 0 { usize::MAX } else { 1 };
            for row in world.attempts(user).iter().take(lost) {
                world.delete_payout(row["tr_id"].as_str().unwrap_or_default())?;
            }
        }
        let there = world.payouts().len();
        let rows: usize = then.iter().map(Moment::len).sum();
        let copied = copy_missing(&Machine, &copy, &tables.payouts, &tables.control, taken_at, &rules()).await?;
        assert_eq!(usize::try_from(copied.copied + copied.there)?, rows, "moment {moment}");
        assert_eq!(world.payouts().len(), there + usize::try_from(copied.copied)?, "moment {moment}");
        repaired(&tables).await?;
        try_missing_again(&world).await?;

        let all_end = |world: &World| rests(world, &["sent"; 5]) || rests(world, &ends(&then));
        world.sweep_until("all have ended again", all_end).await?;
        past.assert_paid_once(&world, moment);
        assert_eq!((world.metric("TableRestored"), world.pause_reason().as_str()), (0, ""), "nothing was swapped");
    }
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn what_a_copy_shows_as_sent_and_a_person_has_had_cancelled_since_goes_before_a_person() -> Result<()> {
    let world = World::swept_by_hand().await?;
    for user in ["kept", "cancelled"] {
        world.register(user)?;
        assert_eq!(world.post_callback(&[(CODE, user)]).await?.0, 200);
        world.wait_for(user, "sent").await?;
    }
    let grave = format!("buried/{}", World::tr_id("cancelled", 1));
    world.dynamodb().put_item("control", &json!({ "name": { "S": grave } }))?;
    let tables = cloud::tables(&world).await?;
    assert_eq!(repaired(&tables).await?, Repaired { for_a_person: 1, ..Repaired::default() });
    world.wait_for("cancelled", "review").await?;
    world.wait_for("kept", "sent").await?;
    assert_eq!(repaired(&tables).await?, Repaired::default(), "there is nothing more to repair");
    world.end().await;
    Ok(())
}

#[tokio::test]
async fn what_a_restored_table_may_have_lost_is_not_taken_for_a_new_win_by_a_list() -> Result<()> {
    let world = World::swept_by_hand().await?;
    let daily = Reward { code: "DAILY".into(), repeat: "daily".into(), ..Reward::sample() };
    world.put_reward(&daily)?;
    for user in ["one", "other", "single"] {
        world.register(user)?;
    }
    world.sweep().await?;
    world.delete_payout("heartbeat")?;
    let (status, body) = world.post_callback(&[("DAILY", "one"), ("DAILY", "other")]).await?;
    let statuses = ["held", "held"].map(Value::from);
    assert_eq!((status, [&body["entries"][0]["status"], &body["entries"][1]["status"]]), (200, statuses.each_ref()));
    assert_eq!(world.post_callback(&[("DAILY", "single")]).await?.1["entries"][0]["status"], "accepted");
    world.sweep().await?;
    assert_eq!((world.pause_reason().as_str(), world.requests(Api::Send)), ("restored", 0));

    repaired(&cloud::tables(&world).await?).await?;
    world.sweep_until("the single one is sent", |world| world.last_attempt("single")["state"] == "sent").await?;
    // Still: what came before the repair may be missing for as long as a list looks back.
    world.register("third")?;
    let (status, body) = world.post_callback(&[("DAILY", "third"), (CODE, "third")]).await?;
    assert_eq!((status, body["entries"][0]["status"].as_str()), (200, Some("held")));
    world.wait_for("one", "review").await?;
    world.end().await;
    Ok(())
}
