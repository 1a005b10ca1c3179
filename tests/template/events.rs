//! What wakes the functions, and where goes what cannot be delivered.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use local::pump::Filter;
use local::template::{Schedule, When};
use payout::State;
use serde_json::{Value, json};

use crate::{functions, load, sub};

/// Event sources without an on-failure destination, and why nothing is lost without one.
const NOTHING_IS_LOST: [(&str, &str, &str); 12] = [
    ("CallbackFunction", "Bleepy", "the caller waits and is told"),
    ("CatalogSyncFunction", "AtDawn", "readers keep seeing the run before; the next one reads everything"),
    ("CatalogSyncFunction", "Unfinished", "the next quarter of an hour goes on with the same run"),
    ("CatalogSyncFunction", "asynchronous", "the schedule of unfinished runs goes on with it"),
    ("OperateFunction", "asynchronous", "nobody invokes it so: whoever asks waits for the answer"),
    (
        "ReconcileFunction",
        "AtLast",
        "the next morning compares both days; the alarm of errors says that one is missing",
    ),
    ("ReconcileFunction", "AtNine", "the next morning's letter says what still waits; the alarm of errors calls"),
    ("ReconcileFunction", "AtSix", "the next quarter of an hour tries again"),
    (
        "ReconcileFunction",
        "asynchronous",
        "the next morning compares both days; the alarm of errors says that one is missing",
    ),
    ("SendFunction", "asynchronous", "the sweeper wakes it for rows that stay due"),
    ("SweeperFunction", "EveryMinute", "the next minute's sweep finds the same rows"),
    ("SweeperFunction", "asynchronous", "the next minute's sweep finds the same rows"),
];

#[test]
fn a_lost_wake_up_is_reported_and_a_poison_record_blocks_nothing_for_long() -> Result<()> {
    let template = load()?;
    let mapping = template.stream_mapping()?;
    assert_eq!((mapping.function.as_str(), mapping.table.as_str()), ("send", "payouts"));
    assert!(mapping.reports_item_failures, "a batch would come again as a whole");
    assert!(mapping.bisect);
    let retries = mapping.max_retries.context("retries without an end")?;
    assert!((1..=10).contains(&retries), "{retries}");
    assert_eq!(mapping.on_failure.context("no destination")?, sub(&template, "${SendDeadLetterQueue.Arn}")?);
    Ok(())
}

#[test]
fn the_stream_wakes_send_for_accepted_rows_and_for_nothing_else() -> Result<()> {
    let filter = Filter::new(&load()?.stream_mapping()?.filters)?;
    let sample = std::fs::read_to_string(local::workspace_root().join("events/send.json"))?;
    let sample: Value = serde_json::from_str(&sample)?;
    let record = |event: &str, state: &str| {
        let mut record = sample["Records"][0].clone();
        record["eventName"] = json!(event);
        record["dynamodb"]["NewImage"]["state"]["S"] = json!(state);
        record
    };
    for event in ["INSERT", "MODIFY", "REMOVE"] {
        for state in State::ALL {
            let wanted = event != "REMOVE" && state == State::Accepted;
            assert_eq!(filter.passes(&record(event, state.as_str())), wanted, "{event} {}", state.as_str());
        }
    }
    let mut removed = record("REMOVE", "accepted");
    removed["dynamodb"].as_object_mut().context("a change")?.remove("NewImage");
    assert!(!filter.passes(&removed));
    Ok(())
}

#[test]
fn the_heartbeat_of_the_table_wakes_nobody() -> Result<()> {
    let filter = Filter::new(&load()?.stream_mapping()?.filters)?;
    let sample = std::fs::read_to_string(local::workspace_root().join("events/send.json"))?;
    let sample: Value = serde_json::from_str(&sample)?;
    let mut record = sample["Records"][0].clone();
    assert!(filter.passes(&record));
    record["dynamodb"]["Keys"] = json!({ "tr_id": { "S": "heartbeat" } });
    record["dynamodb"]["NewImage"] = json!({ "tr_id": { "S": "heartbeat" }, "beat": { "N": "7" } });
    for event in ["INSERT", "MODIFY"] {
        record["eventName"] = json!(event);
        assert!(!filter.passes(&record), "{event}");
    }
    Ok(())
}

#[test]
fn a_burst_is_handed_on_by_the_hundred_so_that_counters_are_drawn_by_the_batch() -> Result<()> {
    assert_eq!(load()?.stream_mapping()?.batch_size, 100);
    Ok(())
}

#[test]
fn every_event_source_has_an_on_failure_destination_or_a_reason_to_need_none() -> Result<()> {
    let template = load()?;
    let mut without = BTreeSet::new();
    for (function, properties) in functions(&template) {
        let by_url = properties["FunctionUrlConfig"].is_object();
        assert!(by_url || properties["Events"].is_object(), "{function}: nothing wakes it");
        for (name, event) in properties["Events"].as_object().into_iter().flatten() {
            let event = &event["Properties"];
            let destination =
                [&event["DestinationConfig"]["OnFailure"]["Destination"], &event["DeadLetterConfig"]["Arn"]];
            if destination.iter().all(|destination| destination.is_null()) {
                without.insert((function, name.as_str()));
            }
        }
        let asynchronous = &properties["EventInvokeConfig"];
        if asynchronous.is_object() && asynchronous["DestinationConfig"]["OnFailure"].is_null() {
            without.insert((function, "asynchronous"));
        }
    }
    assert!(without.into_iter().eq(NOTHING_IS_LOST.map(|(function, event, _)| (function, event))));
    Ok(())
}

#[test]
fn a_sweep_and_a_wake_up_are_not_repeated_when_they_fail() -> Result<()> {
    let template = load()?;
    for function in ["SendFunction", "SweeperFunction"] {
        assert_eq!(template.function(function)?.max_event_retries, 0, "{function}");
    }
    let schedule = &functions(&template)["SweeperFunction"]["Events"]["EveryMinute"]["Properties"];
    assert_eq!(schedule["RetryPolicy"]["MaximumRetryAttempts"], 0);
    assert_eq!(schedule["OmitName"], true, "a fixed name would keep two stacks out of one account");
    assert_eq!(template.period_of("sweeper")?, Duration::from_mins(1));
    Ok(())
}

#[test]
fn the_catalogue_is_read_at_dawn_in_korea_and_gone_on_with_until_it_is_complete() -> Result<()> {
    let template = load()?;
    let own = |schedule: &Schedule| schedule.function == "catalog-sync";
    let schedules: Vec<_> = template.schedules()?.into_iter().filter(own).collect();
    let [at_dawn, unfinished] = schedules.as_slice() else { bail!("{schedules:?}") };
    let when = When::At { cron: "0 4 ? * MON,WED,FRI *".to_owned(), time_zone: "Asia/Seoul".to_owned() };
    assert_eq!((&at_dawn.when, &at_dawn.input), (&when, &None));
    assert_eq!(unfinished.when, When::Every(template.function("CatalogSyncFunction")?.timeout));
    let input: Value = serde_json::from_str(unfinished.input.as_deref().context("no input")?)?;
    assert_eq!(input, json!({ "only_unfinished": true }), "it must not begin a run of its own");
    Ok(())
}

#[test]
fn the_balance_is_compared_at_six_in_korea_and_told_at_nine() -> Result<()> {
    let template = load()?;
    let own = |schedule: &Schedule| schedule.function == "reconcile";
    let schedules: Vec<_> = template.schedules()?.into_iter().filter(own).collect();
    let mut told = Vec::new();
    for schedule in &schedules {
        let When::At { cron, time_zone } = &schedule.when else { bail!("{schedule:?}") };
        assert_eq!(time_zone, "Asia/Seoul");
        let input: Value = serde_json::from_str(schedule.input.as_deref().context("no input")?)?;
        told.push((cron.as_str(), input));
    }
    let wanted = [
        ("0,15,30 6 * * ? *", json!({ "task": "reconcile" })),
        ("45 6 * * ? *", json!({ "task": "reconcile", "last": true })),
        ("0 9 * * ? *", json!({ "task": "digest" })),
    ];
    told.sort_by_key(|(cron, _)| wanted.iter().position(|(one, _)| one == cron));
    assert_eq!(told, wanted);
    Ok(())
}
