//! The table of payouts is restored from a backup: nothing that was paid since is paid again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;
use giftishow_sim::{Api, Fault, ScriptedFault};
use local::{Reward, Stack, StackOptions};
use serde_json::Value;
use tests::{CODE, LIMIT, World};

/// A reward that the company shows itself.
const SHOWN: &str = "SHOWN";

/// The rows of one user, by their tr_id, at one moment of the past.
type Moment = BTreeMap<String, Value>;

/// Every moment of a user's rows, from before the first to now. A dead one and the next came in one transaction.
fn moments(world: &World, user: &str) -> Vec<Moment> {
    let mut rows = Moment::new();
    let mut moments = vec![rows.clone()];
    for change in world.changes().iter().filter(|change| change.text("user_key") == user) {
        rows.insert(change.text("tr_id").to_owned(), change.row.clone());
        moments.push(rows.clone());
    }
    let whole = |moment: &Moment| {
        let next = |row: &Value| row["next_tr_id"].as_str().is_none_or(|next| moment.contains_key(next));
        moment.values().all(next)
    };
    moments.retain(whole);
    moments
}

fn restore(world: &World, user: &str, moment: &Moment) -> Result<()> {
    for row in world.attempts(user) {
        let tr_id = row["tr_id"].as_str().unwrap_or_default();
        if !moment.contains_key(tr_id) {
            world.delete_payout(tr_id)?;
        }
    }
    moment.values().try_for_each(|row| world.put_payout(row))
}

/// Whether nothing of these users is under way.
fn rests(world: &Stack, users: &[&str]) -> bool {
    let sent = |user: &&str| world.attempts(user).last().is_some_and(|row| row["state"] == "sent");
    users.iter().all(sent) && world.in_flight("send") == 0
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

#[tokio::test]
async fn a_table_restored_to_any_earlier_moment_pays_nobody_twice() -> Result<()> {
    let short = tests::options().parameter("SendTimeoutSeconds", "1").parameter("GraceSeconds", "1");
    let short = short.parameter("MaxAttempts", "9").timeout("send", Duration::from_secs(8));
    let world = World::start(StackOptions { sweep_period: Some(Duration::from_millis(300)), ..short }).await?;
    world.put_reward(&Reward { code: SHOWN.into(), gubun: "Y".into(), ..Reward::sample() })?;
    // Sent at once; found and cancelled; never heard of; both, one after the other.
    world.script_for("cancelled", Api::Send, "reset-after-issue")?;
    for user in ["lost", "both"] {
        world.script_for(user, Api::Send, "reset-before-issue")?;
    }
    let again = ScriptedFault::once(Api::Send, Fault::named("reset-after-issue", Api::Send)?);
    world.sim().script(again.for_tr_id(World::tr_id("both", 2)));
    let users = ["at-once", "cancelled", "lost", "both", "shown"];
    let code = |user: &str| if user == "shown" { SHOWN } else { CODE };
    for user in users {
        world.register(user)?;
        assert_eq!(world.post_callback(&[(code(user), user)]).await?.0, 200);
    }
    world.wait_until("all are sent", LIMIT, |world| rests(world, &users)).await?;
    let attempts = users.map(|user| world.attempts(user).len());
    assert_eq!(attempts, [1, 2, 2, 3, 1]);

    let last = |world: &Stack| world.changes().iter().filter(|change| change.text("state") == "sent").count() >= 5;
    world.wait_until("the history has it all", LIMIT, last).await?;
    let histories = users.map(|user| moments(&world, user));
    let longest = histories.iter().map(Vec::len).max().unwrap_or_default();
    let mut tr_ids = users.map(|_| BTreeSet::new());
    for moment in 0..longest {
        // As the runbook says: stop the line, restore payouts alone, open it.
        world.stop_the_line()?;
        world.wait_until("nothing is under way", LIMIT, |world| rests(world, &users)).await?;
        for (user, history) in users.iter().zip(&histories) {
            let then = history.get(moment).or(history.last());
            restore(&world, user, then.unwrap_or(&Moment::new()))?;
        }
        world.open_the_line()?;
        for user in users.into_iter().filter(|user| world.attempts(user).is_empty()) {
            assert_eq!(world.post_callback(&[(code(user), user)]).await?.0, 200);
        }
        world.wait_until("all are sent again", LIMIT, |world| rests(world, &users)).await?;
        for (user, known) in users.iter().zip(&mut tr_ids) {
            known.extend(world.attempts(user).iter().filter_map(|row| row["tr_id"].as_str().map(str::to_owned)));
            let what = format!("{user}, moment {moment}: {:#?}", world.attempts(user));
            assert_eq!(most_live_at_once(&world, known), 1, "{what}");
            assert_eq!(world.sim().ledger().live_for(known.iter().map(String::as_str)), 1, "{what}");
        }
        let ledger = world.sim().ledger();
        assert!(ledger.live == users.len() && ledger.adds_up(), "{:#?}", ledger.entries);
    }
    let buried = |change: &local::Change| change.text("last_event") == "buried";
    assert!(world.changes().iter().any(buried), "what Giftishow never heard of was held back by its tombstone");
    world.end().await;
    Ok(())
}
