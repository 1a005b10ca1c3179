//! The repository's template, and templates that cannot be understood.

use std::collections::BTreeMap;
use std::time::Duration;

use local::template::{Route, Template, When};
use serde_json::json;

fn load(parameters: &[(&str, &str)]) -> anyhow::Result<Template> {
    let given = [("CallbackTokenSha256", "0".repeat(64)), ("TrIdNamespace", "test".to_owned())];
    let mut all: BTreeMap<String, String> = given.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    all.extend(parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Template::load(&all)
}

#[test]
fn a_function_has_the_template_s_variables_with_globals_and_parameters_in_place() {
    let template = load(&[("GraceSeconds", "7")]).unwrap();
    let send = template.function("SendFunction").unwrap();
    assert_eq!(send.name, "send");
    assert_eq!(send.timeout, Duration::from_mins(1));
    assert_eq!(send.memory_mib, 256, "from Globals");
    assert_eq!(send.reserved_concurrency, Some(1));
    assert_eq!(send.max_event_retries, 0);
    assert_eq!(send.env["PAYOUTS_TABLE"], "payouts", "from Globals");
    assert_eq!(send.env["RECIPIENTS_TABLE"], "recipients");
    assert_eq!(send.env["GRACE_SECONDS"], "7", "from the parameter given");
    assert_eq!(send.env["SEND_TIMEOUT_SECONDS"], "15", "from the parameter's default");
    assert_eq!(send.env["GIFTISHOW_SECRET_ID"], template.reference("GiftishowSecret").unwrap());
    assert!(send.env["GIFTISHOW_SECRET_ID"].starts_with("arn:aws:secretsmanager:"));
    assert_eq!(template.function("SweeperFunction").unwrap().env["SEND_FUNCTION"], "send");
}

#[test]
fn reservations_can_be_switched_off_all_at_once() {
    let reserved = |choice| {
        let template = load(&[("ReserveConcurrency", choice)]).unwrap();
        ["CallbackFunction", "SendFunction", "SweeperFunction", "CatalogSyncFunction"]
            .map(|function| template.function(function).unwrap().reserved_concurrency)
    };
    assert_eq!(reserved("true"), [None, Some(1), Some(1), Some(1)]);
    assert_eq!(reserved("false"), [None; 4]);
}

#[test]
fn a_condition_chooses_a_value_and_no_value_removes_its_member() {
    let text = "Parameters: { P: { Type: String, Default: yes } }\n\
                Conditions: { Yes: !Equals [!Ref P, yes], No: !Equals [!Ref P, no] }\nResources: {}";
    let template = Template::parse(text, &BTreeMap::new()).unwrap();
    let either = |condition| json!({ "Fn::If": [condition, { "Ref": "P" }, { "Ref": "AWS::NoValue" }] });
    let nested = json!({ "Fn::If": ["No", 1, either("Yes")] });
    let value = json!({ "kept": either("Yes"), "gone": either("No"), "list": [either("No"), nested] });
    assert_eq!(template.resolve(&value).unwrap(), json!({ "kept": "yes", "list": ["yes"] }));
}

#[test]
fn tables_become_requests_of_the_api() {
    let template = load(&[]).unwrap();
    let payouts = template.table("PayoutsTable").unwrap();
    assert_eq!(payouts.create["TableName"], "payouts");
    assert_eq!(payouts.create["StreamSpecification"], json!({ "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" }));
    assert_eq!(payouts.create["GlobalSecondaryIndexes"][0]["IndexName"], "due");
    assert!(payouts.time_to_live.is_none(), "rows of payouts never expire");
    let recipients = template.table("RecipientsTable").unwrap();
    assert_eq!(
        recipients.time_to_live.unwrap()["TimeToLiveSpecification"],
        json!({ "AttributeName": "expires_at", "Enabled": true })
    );
}

#[test]
fn the_mapping_the_schedule_and_the_route_are_the_template_s() {
    let template = load(&[]).unwrap();
    let mapping = template.stream_mapping().unwrap();
    assert_eq!((mapping.function.as_str(), mapping.table.as_str()), ("send", "payouts"));
    assert_eq!((mapping.batch_size, mapping.max_retries), (100, Some(5)));
    assert!(mapping.bisect && mapping.reports_item_failures);
    assert_eq!(mapping.filters.len(), 1);
    assert!(mapping.on_failure.unwrap().starts_with("arn:aws:sqs:"));
    assert_eq!(template.period_of("sweeper").unwrap(), Duration::from_mins(1));
    assert_eq!(template.period_of("catalog-sync").unwrap(), Duration::from_mins(15));
    let schedules = template.schedules().unwrap();
    let at_dawn = When::At { cron: "0 4 ? * MON,WED,FRI *".into(), time_zone: "Asia/Seoul".into() };
    assert!(schedules.iter().any(|schedule| schedule.when == at_dawn && schedule.input.is_none()));
    let route = Route { function: "callback".into(), method: "POST".into(), path: "/bleepy/{token}".into() };
    assert_eq!(template.routes().unwrap(), [route]);
}

#[test]
fn short_tags_come_out_in_their_long_form() {
    let template = load(&[]).unwrap();
    let raw = template.raw();
    let variables = &raw["Resources"]["SendFunction"]["Properties"]["Environment"]["Variables"];
    assert_eq!(variables["GRACE_SECONDS"], json!({ "Ref": "GraceSeconds" }));
    let policies = &raw["Resources"]["SweeperRole"]["Properties"]["Policies"];
    let index = template.resolve(&policies[0]["PolicyDocument"]["Statement"][0]["Resource"]).unwrap();
    assert!(index.as_str().unwrap().ends_with(":table/payouts/index/due"), "{index}");
}

#[test]
fn a_parameter_that_is_unknown_or_out_of_its_limits_is_refused_by_name() {
    for (name, value) in
        [("NoSuch", "1"), ("SendTimeoutSeconds", "16"), ("GraceSeconds", "soon"), ("LogRetentionDays", "8")]
    {
        let error = load(&[(name, value)]).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn what_cannot_be_evaluated_is_named() {
    let parse = |text: &str| Template::parse(text, &BTreeMap::new()).unwrap();
    let template = parse("Parameters: { P: { Type: String } }\nResources: {}");
    let cases = [
        (json!({ "Ref": "Gone" }), "Gone"),
        (json!({ "Ref": "P" }), "no default"),
        (json!({ "Fn::ImportValue": "x" }), "Fn::ImportValue"),
        (json!({ "Fn::Sub": "${open" }), "unclosed"),
        (json!({ "Fn::If": ["Gone", 1, 2] }), "condition Gone"),
        (json!({ "Fn::If": ["Gone"] }), "two values"),
    ];
    for (value, expected) in cases {
        let error = format!("{:#}", template.resolve(&value).unwrap_err());
        assert!(error.contains(expected), "{value}: {error}");
    }
    assert!(Template::parse("a: [", &BTreeMap::new()).is_err());
}
