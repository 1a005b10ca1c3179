//! What must come before a person, comes before a person.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::json;

use crate::{functions, load, resources};

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
fn one_of_anything_is_enough_and_every_alarm_is_told_to_the_same_people() -> Result<()> {
    for (id, alarm) in resources(&load()?, "AWS::CloudWatch::Alarm") {
        let alarm = &alarm["Properties"];
        assert_eq!(alarm["AlarmActions"], json!([{ "Ref": "AlarmTopic" }]), "{id}");
        assert_eq!((&alarm["Statistic"], &alarm["Threshold"]), (&json!("Sum"), &json!(1)), "{id}");
        assert!(alarm["AlarmDescription"].as_str().is_some_and(|text| text.ends_with('.')), "{id}");
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
