//! Limits, logs and runtime of the functions.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{functions, load, load_with, resources, source};

/// API Gateway gives up on a function after this.
const GATEWAY_PATIENCE: Duration = Duration::from_secs(29);

/// The longest that one request to DynamoDB takes, with the SDK's retries.
fn one_dynamodb_request() -> Result<Duration> {
    source::seconds("shared/platform/src/aws.rs", "OPERATION_TIMEOUT")
}

/// The longest that a request to Giftishow may be configured to take.
fn longest_giftishow_request() -> Result<Duration> {
    let template = load()?;
    let most = template.raw()["Parameters"]["SendTimeoutSeconds"]["MaxValue"].as_u64();
    Ok(Duration::from_secs(most.context("SendTimeoutSeconds without a limit")?))
}

#[test]
fn a_callback_is_answered_before_api_gateway_gives_up_however_slow_the_tables_are() -> Result<()> {
    let timeout = load()?.function("CallbackFunction")?.timeout;
    assert!(timeout < GATEWAY_PATIENCE, "{timeout:?}");
    // Rewards, the list, and the list again with its duplicates noted.
    assert!(timeout > one_dynamodb_request()? * 3, "{timeout:?}");
    Ok(())
}

#[test]
fn a_send_fits_into_its_invocation_together_with_what_is_written_about_it() -> Result<()> {
    let timeout = load()?.function("SendFunction")?.timeout;
    let settle = source::seconds("functions/send/src/lease.rs", "TIME_TO_SETTLE")?;
    // The claim, the reward, the recipient.
    let before = one_dynamodb_request()? * 3;
    assert!(timeout >= before + longest_giftishow_request()? + settle, "{timeout:?}");
    Ok(())
}

#[test]
fn a_cancel_with_its_look_up_fits_into_a_sweep() -> Result<()> {
    let timeout = load()?.function("SweeperFunction")?.timeout;
    let settle = source::seconds("functions/sweeper/src/resolve.rs", "TIME_TO_SETTLE")?;
    // One query per partition of the index, and the row itself.
    let before = one_dynamodb_request()? * 5;
    assert!(timeout >= before + longest_giftishow_request()? * 2 + settle, "{timeout:?}");
    Ok(())
}

#[test]
fn one_send_one_cancel_and_one_reading_of_the_catalogue_are_invoked_at_a_time_unless_the_account_is_too_small()
-> Result<()> {
    for (choice, reserved) in [("true", Some(1)), ("false", None)] {
        let template = load_with(&[("ReserveConcurrency", choice)])?;
        for function in ["CatalogSyncFunction", "ReconcileFunction", "SendFunction", "SweeperFunction"] {
            assert_eq!(template.function(function)?.reserved_concurrency, reserved, "{function}");
        }
        assert_eq!(
            template.function("CallbackFunction")?.reserved_concurrency,
            None,
            "callbacks are never turned away"
        );
    }
    assert_eq!(load()?.parameters()["ReserveConcurrency"], "true");
    Ok(())
}

#[test]
fn every_function_keeps_its_logs_in_a_group_of_its_own_and_for_a_time() -> Result<()> {
    let template = load()?;
    let groups = resources(&template, "AWS::Logs::LogGroup");
    // The front door has one, too.
    let mut used = BTreeSet::from(["AccessLogGroup"]);
    for (id, function) in functions(&template) {
        let group = function["LoggingConfig"]["LogGroup"]["Ref"].as_str();
        let group = group.with_context(|| format!("{id} has no log group of this template"))?;
        assert!(used.insert(group), "{id} shares {group}");
    }
    assert!(groups.keys().eq(&used), "a log group that nobody writes to, or none for somebody who does");
    for (id, group) in groups {
        let retention = template.resolve(&group["Properties"]["RetentionInDays"])?;
        let days = retention.as_str().context("days")?.parse::<u32>()?;
        assert!(days >= 7, "{id}: {days}");
    }
    Ok(())
}

#[test]
fn every_folder_of_functions_is_deployed_as_the_same_kind_of_lambda() -> Result<()> {
    let template = load()?;
    let mut binaries = BTreeSet::new();
    for (id, function) in resources(&template, "AWS::Serverless::Function") {
        assert_eq!(function["Metadata"]["BuildMethod"], "rust-cargolambda", "{id}");
        binaries.insert(template.function(id)?.name);
        for setting in ["Runtime", "Handler", "Architectures"] {
            assert_eq!(function["Properties"][setting], Value::Null, "{id} has a {setting} of its own");
        }
    }
    assert!(binaries.iter().eq(&source::folders("functions")?), "{binaries:?}");
    let globals = &template.raw()["Globals"]["Function"];
    assert_eq!(globals["Runtime"], "provided.al2023");
    assert_eq!(globals["Handler"], "bootstrap");
    assert_eq!(globals["Architectures"], json!(["arm64"]));
    assert_eq!(globals["LoggingConfig"]["LogFormat"], "JSON");
    Ok(())
}
