//! API Gateway: what it writes down, what rings, and what a stranger cannot ring.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result};
use local::template::Template;
use serde_json::{Value, json};

use crate::{functions, load, resources};

/// All that an access log may know of a request. The path holds the token; a query or a header may hold anything.
const MAY_BE_LOGGED: [&str; 10] = [
    "$context.identity.sourceIp",
    "$context.integrationErrorMessage",
    "$context.integrationLatency",
    "$context.integrationStatus",
    "$context.requestId",
    "$context.requestTime",
    "$context.responseLatency",
    "$context.responseLength",
    "$context.routeKey",
    "$context.status",
];

fn api(template: &Template) -> Result<&Value> {
    resources(template, "AWS::Serverless::HttpApi").get("HttpApi").map(|api| &api["Properties"]).context("no API")
}

/// The fields of a line of the access log, and what API Gateway puts there.
fn access_log(template: &Template) -> Result<serde_json::Map<String, Value>> {
    let format = api(template)?["AccessLogSettings"]["Format"].as_str().context("no access log")?;
    assert!(!format.contains('\n'), "one line for one request");
    Ok(serde_json::from_str(format)?)
}

fn alarms(template: &Template) -> Vec<(&str, &Value)> {
    let alarms = resources(template, "AWS::CloudWatch::Alarm").into_iter();
    alarms.map(|(id, alarm)| (id, &alarm["Properties"])).collect()
}

fn alarm<'a>(template: &'a Template, metric: &str) -> Result<&'a Value> {
    let found = alarms(template).into_iter().find(|(_, alarm)| alarm["MetricName"] == metric);
    found.map(|(_, alarm)| alarm).with_context(|| format!("no alarm of {metric}"))
}

/// The pattern that counts lines of the access log as this metric.
fn pattern<'a>(template: &'a Template, metric: &str) -> Result<&'a str> {
    let filters = resources(template, "AWS::Logs::MetricFilter");
    let filter = filters.values().map(|filter| &filter["Properties"]).find(|filter| {
        let counted = &filter["MetricTransformations"][0];
        counted["MetricName"] == metric && counted["MetricNamespace"] == json!({ "Fn::Sub": OF_THIS_API })
    });
    let filter = filter.with_context(|| format!("nothing is counted as {metric}"))?;
    assert_eq!(filter["LogGroupName"], json!({ "Ref": "AccessLogGroup" }), "{metric}");
    filter["FilterPattern"].as_str().context("a pattern")
}

const OF_THIS_API: &str = "BleepyGiftishow/${HttpApi}";

#[test]
fn the_access_log_knows_no_path_no_query_and_no_header() -> Result<()> {
    let template = load()?;
    assert_eq!(
        api(&template)?["AccessLogSettings"]["DestinationArn"],
        json!({ "Fn::GetAtt": ["AccessLogGroup", "Arn"] })
    );
    let log = access_log(&template)?;
    let logged: BTreeSet<_> = log.values().map(|value| value.as_str().context("a text")).collect::<Result<_>>()?;
    assert!(logged.into_iter().eq(MAY_BE_LOGGED));
    for secret in ["path", "query", "header", "$context.http", "authorizer", "userAgent"] {
        assert!(!log.values().any(|value| value.to_string().contains(secret)), "{secret}");
    }
    Ok(())
}

#[test]
fn a_deployment_that_asks_is_told_that_the_token_is_the_authentication() -> Result<()> {
    let template = load()?;
    // Something that is there and empties to nothing: `sam deploy --guided` gives up on an API that says nothing.
    assert_eq!(api(&template)?["Auth"], json!({ "EnableIamAuthorizer": false }));
    let events = &functions(&template)["CallbackFunction"]["Events"];
    assert_eq!(events["Bleepy"]["Properties"]["ApiId"], json!({ "Ref": "HttpApi" }));
    Ok(())
}

#[test]
fn a_callback_that_was_throttled_or_answered_5xx_calls_a_person_at_once() -> Result<()> {
    let template = load()?;
    assert_eq!(pattern(&template, "CallbacksThrottled")?, r#"{ $.status = "429" }"#);
    assert_eq!(access_log(&template)?["status"], "$context.status");
    for metric in ["CallbacksThrottled", "5xx"] {
        let alarm = alarm(&template, metric)?;
        assert_eq!((&alarm["Statistic"], &alarm["Threshold"]), (&json!("Sum"), &json!(1)), "{metric}");
        assert_eq!((&alarm["Period"], &alarm["TreatMissingData"]), (&json!(60), &json!("notBreaching")), "{metric}");
    }
    assert_eq!(alarm(&template, "CallbacksThrottled")?["Namespace"], json!({ "Fn::Sub": OF_THIS_API }));
    let of_the_api = json!([{ "Name": "ApiId", "Value": { "Ref": "HttpApi" } }]);
    assert_eq!(alarm(&template, "5xx")?["Dimensions"], of_the_api);
    Ok(())
}

#[test]
fn a_stranger_rings_nothing_by_scanning_paths_nor_by_a_few_wrong_tokens() -> Result<()> {
    let template = load()?;
    let scanned = alarms(&template).into_iter().find(|(_, alarm)| {
        alarm["Namespace"] == "AWS/ApiGateway" && alarm["MetricName"].as_str().is_none_or(|metric| metric != "5xx")
    });
    assert_eq!(scanned, None, "counts requests that anybody can make");
    // A path that is no route has none in the log.
    assert_eq!(pattern(&template, "CallbacksWithWrongToken")?, r#"{ $.status = "404" && $.route = "POST *" }"#);
    assert_eq!(access_log(&template)?["route"], "$context.routeKey");
    let alarm = alarm(&template, "CallbacksWithWrongToken")?;
    assert_eq!((&alarm["Statistic"], &alarm["Period"]), (&json!("Sum"), &json!(900)));
    assert!(alarm["Threshold"].as_u64().is_some_and(|threshold| threshold >= 100));
    assert_eq!(resources(&template, "AWS::Logs::MetricFilter").len(), 2, "another way to ring");
    Ok(())
}

#[test]
fn a_throttled_callback_rings_at_once_and_a_throttled_wake_up_only_when_it_does_not_end() -> Result<()> {
    let template = load()?;
    let throttled = |function: &str| {
        let of = json!([{ "Name": "FunctionName", "Value": { "Ref": function } }]);
        let mut all = alarms(&template).into_iter().map(|(_, alarm)| alarm);
        let found = all.find(|alarm| alarm["MetricName"] == "Throttles" && alarm["Dimensions"] == of);
        found.with_context(|| format!("nobody hears that {function} is throttled"))
    };
    let number = |alarm: &Value, name: &str| alarm[name].as_u64().with_context(|| format!("no {name}"));
    for function in functions(&template).into_keys() {
        let alarm = throttled(function)?;
        assert_eq!((&alarm["Namespace"], &alarm["Statistic"]), (&json!("AWS/Lambda"), &json!("Sum")), "{function}");
        assert_eq!(
            (number(alarm, "Threshold")?, &alarm["TreatMissingData"]),
            (1, &json!("notBreaching")),
            "{function}"
        );
        let lasts = Duration::from_secs(number(alarm, "Period")? * number(alarm, "EvaluationPeriods")?);
        let settings = template.function(function)?;
        if settings.reserved_concurrency.is_none() {
            assert_eq!(lasts, Duration::from_mins(1), "{function}: its caller is turned away");
        } else {
            // While one run lasts, whatever else would start it is turned away.
            assert!(lasts >= settings.timeout * 2, "{function}: {lasts:?}");
            assert!(number(alarm, "EvaluationPeriods")? > 1, "{function}: a moment is not a while");
        }
    }
    Ok(())
}

#[test]
fn whoever_comes_through_the_door_for_people_has_signed() -> Result<()> {
    let template = load()?;
    for (id, function) in functions(&template) {
        let url = &function["FunctionUrlConfig"];
        let wanted = if id == "OperateFunction" { json!({ "AuthType": "AWS_IAM" }) } else { Value::Null };
        assert_eq!(*url, wanted, "{id}");
    }
    Ok(())
}
