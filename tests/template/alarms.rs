//! What must come before a person, comes before a person.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::json;

use crate::{functions, load, resources};

/// Metrics that say how it stands rather than what has happened, and from where on a person must act.
const GAUGES: [(&str, u64); 2] = [("OpenForPerson", 1), ("OldestOpenHours", 24)];
const TELEMETRY: &str = "shared/platform/src/telemetry.rs";

/// Metrics whose documentation calls a person.
fn metrics_that_call_a_person() -> Result<BTreeSet<String>> {
    let code = std::fs::read_to_string(local::workspace_root().join(TELEMETRY))?;
    let (_, metrics) = code.split_once("pub enum Metric {").context("no metrics")?;
    let (metrics, _) = metrics.split_once("\n}").context("an enum without an end")?;
    let mut calling = BTreeSet::new();
    let mut says = String::new();
    for line in metrics.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            says.push_str(text);
            continue;
        }
        if says.contains("a person must") {
            calling.insert(line.trim_end_matches(',').to_owned());
        }
        says.clear();
    }
    Ok(calling)
}

#[test]
fn every_metric_that_calls_a_person_has_an_alarm_and_no_other_has() -> Result<()> {
    let template = load()?;
    let alarms = resources(&template, "AWS::CloudWatch::Alarm");
    let ours = alarms.values().filter(|alarm| alarm["Properties"]["Namespace"] == "BleepyGiftishow");
    let alarmed: BTreeSet<_> =
        ours.filter_map(|alarm| alarm["Properties"]["MetricName"].as_str()).map(ToOwned::to_owned).collect();
    let calling = metrics_that_call_a_person()?;
    assert!(calling.len() >= 10, "{calling:?}");
    assert_eq!(alarmed, calling);
    Ok(())
}

#[test]
fn every_alarm_is_told_to_the_same_people_of_whom_there_is_one_at_least() -> Result<()> {
    let template = load()?;
    for (id, alarm) in resources(&template, "AWS::CloudWatch::Alarm") {
        let alarm = &alarm["Properties"];
        assert_eq!(alarm["AlarmActions"], json!([{ "Ref": "AlarmTopic" }]), "{id}");
        assert!(alarm["AlarmDescription"].as_str().is_some_and(|text| text.ends_with('.')), "{id}");
    }
    let subscription = &resources(&template, "AWS::SNS::Subscription")["AlarmSubscription"];
    assert!(subscription["Condition"].is_null(), "an alarm that nobody hears");
    let wanted =
        json!({ "TopicArn": { "Ref": "AlarmTopic" }, "Protocol": "email", "Endpoint": { "Ref": "AlarmEmail" } });
    assert_eq!(subscription["Properties"], wanted);
    Ok(())
}

#[test]
fn one_of_anything_that_is_counted_is_enough() -> Result<()> {
    let template = load()?;
    let counted = resources(&template, "AWS::CloudWatch::Alarm").into_iter().filter(|(_, alarm)| {
        let alarm = &alarm["Properties"];
        alarm["Namespace"] == "BleepyGiftishow" && !GAUGES.iter().any(|(gauge, _)| alarm["MetricName"] == *gauge)
    });
    for (id, alarm) in counted {
        let alarm = &alarm["Properties"];
        assert_eq!((&alarm["Statistic"], &alarm["Threshold"]), (&json!("Sum"), &json!(1)), "{id}");
        assert_eq!(alarm["ComparisonOperator"], "GreaterThanOrEqualToThreshold", "{id}");
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{id}: it stays on for ever");
    }
    Ok(())
}

#[test]
fn what_waits_for_a_person_keeps_its_alarm_on_until_the_last_row_is_dealt_with() -> Result<()> {
    let template = load()?;
    let alarms = resources(&template, "AWS::CloudWatch::Alarm");
    for (gauge, threshold) in GAUGES {
        let alarm = alarms.values().map(|alarm| &alarm["Properties"]).find(|alarm| alarm["MetricName"] == gauge);
        let alarm = alarm.with_context(|| format!("no alarm of {gauge}"))?;
        assert_eq!((&alarm["Statistic"], &alarm["Threshold"]), (&json!("Maximum"), &json!(threshold)), "{gauge}");
        assert_eq!(alarm["ComparisonOperator"], "GreaterThanOrEqualToThreshold", "{gauge}");
        assert_eq!(alarm["EvaluationPeriods"], 1, "{gauge}");
        assert_eq!(alarm["TreatMissingData"], "ignore", "{gauge}: a sweep that is late has dealt with nothing");
    }
    Ok(())
}

#[test]
fn a_function_that_fails_and_a_sweeper_that_does_not_run_at_all_are_noticed() -> Result<()> {
    let template = load()?;
    let watched = |metric: &str| {
        let alarms = resources(&template, "AWS::CloudWatch::Alarm");
        let of_metric = alarms.values().filter(|alarm| alarm["Properties"]["MetricName"] == metric);
        of_metric
            .filter_map(|alarm| alarm["Properties"]["Dimensions"][0]["Value"]["Ref"].as_str())
            .map(ToOwned::to_owned)
            .collect::<BTreeSet<_>>()
    };
    assert!(functions(&template).keys().all(|function| watched("Errors").contains(*function)));
    assert_eq!(watched("Invocations"), BTreeSet::from(["SweeperFunction".to_owned()]));
    let silent = &resources(&template, "AWS::CloudWatch::Alarm")["SweeperSilentAlarm"]["Properties"];
    assert_eq!(silent["TreatMissingData"], "breaching", "no invocation is no data");
    Ok(())
}
