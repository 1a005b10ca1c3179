//! A role may do what its function's traits need, and what Lambda does in its name; nothing else.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use local::template::Template;
use serde_json::{Value, json};

use crate::{functions, list, load, resources, source, sub, texts};

/// Actions on one resource, and the trait of `platform` that needs them.
struct Grant {
    needed_by: &'static str,
    actions: &'static [&'static str],
    resource: &'static str,
}

/// The machine itself.
const NEEDS_NO_GRANT: &str = "Host";
/// What Lambda does in the name of a role, and no trait asks for.
const BY_LAMBDA: [&str; 2] = [LOGS, STREAM_MAPPING];
const LOGS: &str = "logs";
const STREAM_MAPPING: &str = "stream mapping";

/// The list of traits is the list of permissions. A transaction asks for the actions of its items.
const GRANTS: &[(&str, &[Grant])] = &[
    (
        "CallbackFunction",
        &[
            grant("WritePayouts", &["dynamodb:PutItem", "dynamodb:UpdateItem"], "${PayoutsTable.Arn}"),
            // At midnight: a put, and that the neighbouring slot has none.
            grant("WritePayouts", &["dynamodb:ConditionCheckItem"], "${PayoutsTable.Arn}"),
            grant("ReadPayout", &["dynamodb:GetItem"], "${PayoutsTable.Arn}"),
            grant("FindPayouts", &["dynamodb:BatchGetItem"], "${PayoutsTable.Arn}"),
            grant("FindPayouts", &["dynamodb:BatchGetItem"], "${ControlTable.Arn}"),
            grant("PinScheme", &["dynamodb:GetItem", "dynamodb:PutItem"], "${ControlTable.Arn}"),
            grant("ReadRewards", &["dynamodb:BatchGetItem"], "${RewardsTable.Arn}"),
            grant(LOGS, WRITE_LOGS, "${CallbackLogGroup.Arn}"),
        ],
    ),
    (
        "CatalogSyncFunction",
        &[
            grant("ReadCatalog", &["dynamodb:BatchGetItem", "dynamodb:Scan"], "${CatalogTable.Arn}"),
            grant("ReadGoodsState", &["dynamodb:BatchGetItem"], "${CatalogTable.Arn}"),
            grant("WriteCatalog", &["dynamodb:PutItem", "dynamodb:UpdateItem"], "${CatalogTable.Arn}"),
            grant("ListRewards", &["dynamodb:Scan"], "${RewardsTable.Arn}"),
            grant("FindDue", &["dynamodb:Query"], "${PayoutsTable.Arn}/index/due"),
            grant("ReadSecret", &["secretsmanager:GetSecretValue"], "${GiftishowSecret}"),
            grant("KeepPicture", KEEP_PICTURES, "arn:aws:s3:::${ImageBucket}/goods/*"),
            grant(LOGS, WRITE_LOGS, "${CatalogSyncLogGroup.Arn}"),
        ],
    ),
    (
        "OperateFunction",
        &[
            // Rows are made, too: grants, next attempts, copies of a restored table.
            grant("WritePayouts", &["dynamodb:PutItem", "dynamodb:UpdateItem"], "${PayoutsTable.Arn}"),
            grant("WritePayouts", &["dynamodb:PutItem"], "${ControlTable.Arn}"),
            grant("WritePayouts", &["dynamodb:PutItem"], "${AuditTable.Arn}"),
            grant("ReadPayout", &["dynamodb:GetItem"], "${PayoutsTable.Arn}"),
            grant("FindPayouts", &["dynamodb:BatchGetItem"], "${PayoutsTable.Arn}"),
            grant("FindPayouts", &["dynamodb:BatchGetItem"], "${ControlTable.Arn}"),
            grant("ListPayouts", &["dynamodb:Query"], "${PayoutsTable.Arn}/index/by_day"),
            grant("ListPayouts", &["dynamodb:Query"], "${PayoutsTable.Arn}/index/by_user"),
            grant("ListAttention", &["dynamodb:Query"], "${PayoutsTable.Arn}/index/attention"),
            grant("CountAttention", &["dynamodb:Query"], "${PayoutsTable.Arn}/index/attention"),
            grant("ScanPayouts", &["dynamodb:Scan"], "${PayoutsTable.Arn}"),
            grant("ScanPayouts", RESTORED, "${PayoutsTable.Arn}-restored*"),
            grant("ControlLine", &["dynamodb:GetItem", "dynamodb:PutItem"], "${ControlTable.Arn}"),
            grant("LimitResends", &["dynamodb:GetItem", "dynamodb:PutItem"], "${ControlTable.Arn}"),
            grant("MarkLost", &["dynamodb:GetItem", "dynamodb:PutItem"], "${ControlTable.Arn}"),
            grant("PinScheme", &["dynamodb:GetItem", "dynamodb:PutItem"], "${ControlTable.Arn}"),
            grant("KeepTime", &["dynamodb:BatchGetItem", "dynamodb:UpdateItem"], "${ControlTable.Arn}"),
            grant("KeepTime", &["dynamodb:BatchGetItem", "dynamodb:UpdateItem"], "${PayoutsTable.Arn}"),
            grant("ReadRewardRows", &["dynamodb:GetItem", "dynamodb:Scan"], "${RewardsTable.Arn}"),
            grant("WriteRewards", &["dynamodb:PutItem"], "${RewardsTable.Arn}"),
            grant("ReadRegistrations", &["dynamodb:BatchGetItem"], "${RecipientsTable.Arn}"),
            grant("ReadRegistrations", &["kms:Decrypt"], "${RecipientsKey.Arn}"),
            grant("WriteRegistrations", REGISTER, "${RecipientsTable.Arn}"),
            grant("FindRegistered", &["dynamodb:Query"], "${RecipientsTable.Arn}/index/by_phone"),
            grant("FindRegistered", &["dynamodb:Query"], "${RecipientsTable.Arn}/index/by_last_four"),
            grant("ReadGoodsState", &["dynamodb:BatchGetItem"], "${CatalogTable.Arn}"),
            grant("ReadRuns", &["dynamodb:Query"], "${CatalogTable.Arn}/index/runs"),
            grant("ReadCoupon", &["dynamodb:GetItem"], "${CouponsTable.Arn}"),
            grant("ReadSecret", &["secretsmanager:GetSecretValue"], "${CouponKeySecret}"),
            grant("ReadSecret", &["secretsmanager:GetSecretValue"], "${RecipientKeySecret}"),
            grant("ReadSecret", &["secretsmanager:GetSecretValue"], "${GiftishowSecret}"),
            grant("FindBuried", &["dynamodb:BatchGetItem"], "${ControlTable.Arn}"),
            grant("ReadMoney", &["dynamodb:BatchGetItem"], "${ControlTable.Arn}"),
            grant("ConfirmTopUp", &["dynamodb:UpdateItem"], "${ControlTable.Arn}"),
            grant("TakeMoney", &["lambda:InvokeFunction"], "${ReconcileFunction.Arn}"),
            // Nobody changes or deletes what is recorded.
            grant("WriteAudit", &["dynamodb:PutItem"], "${AuditTable.Arn}"),
            grant("ReadAudit", &["dynamodb:Query"], "${AuditTable.Arn}"),
            grant("ReadAudit", &["dynamodb:Query"], "${AuditTable.Arn}/index/by_day"),
            grant("ReadAudit", &["dynamodb:Query"], "${AuditTable.Arn}/index/about"),
            grant(LOGS, WRITE_LOGS, "${OperateLogGroup.Arn}"),
        ],
    ),
    (
        "ReconcileFunction",
        &[
            grant("ListPayouts", &["dynamodb:Query"], "${PayoutsTable.Arn}/index/by_day"),
            grant("ListPayouts", &["dynamodb:BatchGetItem"], "${PayoutsTable.Arn}"),
            grant("FindDue", &["dynamodb:Query"], "${PayoutsTable.Arn}/index/due"),
            grant("CountAttention", &["dynamodb:Query"], "${PayoutsTable.Arn}/index/attention"),
            grant("ReadPayout", &["dynamodb:GetItem"], "${PayoutsTable.Arn}"),
            grant("ReadMoney", &["dynamodb:BatchGetItem"], "${ControlTable.Arn}"),
            grant("KeepMoney", &["dynamodb:PutItem"], "${ControlTable.Arn}"),
            grant("ListRewards", &["dynamodb:Scan"], "${RewardsTable.Arn}"),
            grant("ReadGoodsState", &["dynamodb:BatchGetItem"], "${CatalogTable.Arn}"),
            grant("ReadSecret", &["secretsmanager:GetSecretValue"], "${GiftishowSecret}"),
            grant("Publish", &["sns:Publish"], "${AlarmTopic}"),
            grant(LOGS, WRITE_LOGS, "${ReconcileLogGroup.Arn}"),
        ],
    ),
    (
        "SendFunction",
        &[
            // It makes no rows.
            grant("WritePayouts", &["dynamodb:UpdateItem"], "${PayoutsTable.Arn}"),
            grant("DrawCounters", &["dynamodb:UpdateItem"], "${ControlTable.Arn}"),
            grant("WritePayouts", &["dynamodb:PutItem"], "${CouponsTable.Arn}"),
            grant("ControlLine", &["dynamodb:GetItem", "dynamodb:PutItem"], "${ControlTable.Arn}"),
            grant("ReadSituation", &["dynamodb:BatchGetItem"], "${ControlTable.Arn}"),
            grant("ReadSituation", &["dynamodb:BatchGetItem"], "${PayoutsTable.Arn}"),
            grant("ReadCoupon", &["dynamodb:GetItem"], "${CouponsTable.Arn}"),
            grant("ReadSecret", &["secretsmanager:GetSecretValue"], "${CouponKeySecret}"),
            grant("ReadRewards", &["dynamodb:BatchGetItem"], "${RewardsTable.Arn}"),
            grant("ReadGoodsState", &["dynamodb:BatchGetItem"], "${CatalogTable.Arn}"),
            grant("ReadRecipient", &["dynamodb:GetItem"], "${RecipientsTable.Arn}"),
            grant("ReadRecipient", &["kms:Decrypt"], "${RecipientsKey.Arn}"),
            grant("ReadSecret", &["secretsmanager:GetSecretValue"], "${GiftishowSecret}"),
            grant(STREAM_MAPPING, READ_STREAM, "${PayoutsTable.StreamArn}"),
            grant(STREAM_MAPPING, &[LIST_STREAMS], "${PayoutsTable.Arn}/stream/*"),
            grant(STREAM_MAPPING, &["sqs:SendMessage"], "${SendDeadLetterQueue.Arn}"),
            grant(LOGS, WRITE_LOGS, "${SendLogGroup.Arn}"),
        ],
    ),
    (
        "SweeperFunction",
        &[
            grant("FindDue", &["dynamodb:Query"], "${PayoutsTable.Arn}/index/due"),
            grant("ReadPayout", &["dynamodb:GetItem"], "${PayoutsTable.Arn}"),
            grant("WritePayouts", &["dynamodb:PutItem", "dynamodb:UpdateItem"], "${PayoutsTable.Arn}"),
            grant("CountAttention", &["dynamodb:Query"], "${PayoutsTable.Arn}/index/attention"),
            // Burying is a put.
            grant("WritePayouts", &["dynamodb:PutItem"], "${ControlTable.Arn}"),
            grant("ControlLine", &["dynamodb:GetItem", "dynamodb:PutItem"], "${ControlTable.Arn}"),
            grant("PinScheme", &["dynamodb:GetItem", "dynamodb:PutItem"], "${ControlTable.Arn}"),
            grant("KeepTime", &["dynamodb:BatchGetItem", "dynamodb:UpdateItem"], "${ControlTable.Arn}"),
            grant("KeepTime", &["dynamodb:BatchGetItem", "dynamodb:UpdateItem"], "${PayoutsTable.Arn}"),
            grant("ReadSecret", &["secretsmanager:GetSecretValue"], "${GiftishowSecret}"),
            grant("WakeSend", &["lambda:InvokeFunction"], "${SendFunction.Arn}"),
            grant(LOGS, WRITE_LOGS, "${SweeperLogGroup.Arn}"),
        ],
    ),
];

const WRITE_LOGS: &[&str] = &["logs:CreateLogStream", "logs:PutLogEvents"];
const READ_STREAM: &[&str] = &["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];
const KEEP_PICTURES: &[&str] = &["s3:PutObject"];
const REGISTER: &[&str] = &["dynamodb:BatchWriteItem", "dynamodb:DeleteItem"];
const RESTORED: &[&str] = &["dynamodb:BatchGetItem", "dynamodb:Scan"];
const LIST_STREAMS: &str = "dynamodb:ListStreams";

/// Ends of resources that may be open, the actions they are for, and why.
const OPEN_ENDS: &[(&str, &[&str], &str)] = &[
    ("-restored*", RESTORED, "restored copies of one table, which a person names"),
    (":*", WRITE_LOGS, "the ARN of a log group ends so: it means the streams in the group"),
    ("/goods/*", KEEP_PICTURES, "the objects below one prefix of one bucket"),
    ("/stream/*", &[LIST_STREAMS], "lists the streams of one table; a single stream is no resource of this action"),
];

const fn grant(needed_by: &'static str, actions: &'static [&'static str], resource: &'static str) -> Grant {
    Grant { needed_by, actions, resource }
}

/// Logical id of a function's role.
fn role(function: &Value) -> Result<&str> {
    let role = &function["Role"]["Fn::GetAtt"];
    ensure!(role[1] == "Arn", "the role must be one of this template: {}", function["Role"]);
    role[0].as_str().context("a role's logical id")
}

/// All statements of a function's role.
fn statements<'a>(template: &'a Template, function: &Value) -> Result<Vec<&'a Value>> {
    let roles = resources(template, "AWS::IAM::Role");
    let role = roles.get(role(function)?).context("no such role")?;
    let mut statements = Vec::new();
    for policy in list(&role["Properties"]["Policies"])? {
        statements.extend(list(&policy["PolicyDocument"]["Statement"])?);
    }
    Ok(statements)
}

/// The ARN that a statement is about.
fn resource(template: &Template, statement: &Value) -> Result<String> {
    let resource = template.resolve(&statement["Resource"])?;
    resource.as_str().map(ToOwned::to_owned).with_context(|| format!("one resource, not {resource}"))
}

/// Names of the members of an object.
fn keys(value: &Value) -> Result<BTreeSet<&str>> {
    Ok(value.as_object().context("an object")?.keys().map(String::as_str).collect())
}

#[test]
fn a_role_may_do_what_its_function_needs_and_nothing_else() -> Result<()> {
    let template = load()?;
    let all = functions(&template);
    assert!(all.keys().eq(GRANTS.iter().map(|(function, _)| function)), "a function without a list of grants");
    for (function, grants) in GRANTS {
        let mut needed = BTreeSet::new();
        for grant in *grants {
            let resource = sub(&template, grant.resource)?;
            needed.extend(grant.actions.iter().map(|action| ((*action).to_owned(), resource.clone())));
        }
        let mut granted = Vec::new();
        for statement in statements(&template, all[function])? {
            let resource = resource(&template, statement)?;
            granted
                .extend(texts(&statement["Action"])?.into_iter().map(|action| (action.to_owned(), resource.clone())));
        }
        let once: BTreeSet<_> = granted.iter().cloned().collect();
        assert_eq!(once.len(), granted.len(), "{function} is granted something twice");
        assert_eq!(once, needed, "{function}");
    }
    Ok(())
}

#[test]
fn a_function_asks_for_the_traits_that_its_role_is_granted_for_and_for_no_other() -> Result<()> {
    let mut traits = BTreeSet::new();
    for file in source::files("shared/platform/src")? {
        let text = source::read(&file)?;
        let names = text.split("pub trait ").skip(1).filter_map(|rest| source::words(rest).next());
        traits.extend(names.map(ToOwned::to_owned));
    }
    traits.remove(NEEDS_NO_GRANT);
    let granted_for = |grants: &[Grant]| grants.iter().map(|grant| grant.needed_by.to_owned()).collect::<BTreeSet<_>>();
    let mut known: BTreeSet<_> = GRANTS.iter().flat_map(|(_, grants)| granted_for(grants)).collect();
    known.retain(|need| !BY_LAMBDA.contains(&need.as_str()));
    assert_eq!(known, traits, "what something is granted for, and the traits of platform");

    let template = load()?;
    for (function, grants) in GRANTS {
        let mut asked_for = BTreeSet::new();
        for file in source::files(&format!("functions/{}/src", template.function(function)?.name))? {
            let text = source::read(&file)?;
            asked_for.extend(source::words(&text).filter(|word| traits.contains(*word)).map(ToOwned::to_owned));
        }
        assert_eq!(asked_for, &granted_for(grants) & &traits, "{function}");
    }
    Ok(())
}

#[test]
fn every_statement_has_a_name_lists_its_actions_and_is_about_one_arn() -> Result<()> {
    let template = load()?;
    for (id, function) in functions(&template) {
        let mut names = BTreeSet::new();
        for statement in statements(&template, function)? {
            assert_eq!(keys(statement)?, BTreeSet::from(["Action", "Effect", "Resource", "Sid"]), "{id}");
            assert_eq!(statement["Effect"], "Allow");
            assert!(names.insert(statement["Sid"].to_string()), "{id} has two statements {}", statement["Sid"]);
            let actions = texts(&statement["Action"])?;
            assert!(
                !actions.is_empty() && !actions.iter().any(|action| action.contains(['*', '?'])),
                "{id}: {actions:?}"
            );
            let resource = resource(&template, statement)?;
            let open = OPEN_ENDS
                .iter()
                .find(|(end, of, _)| resource.ends_with(end) && actions.iter().all(|one| of.contains(one)));
            let closed = resource.strip_suffix(open.map_or("", |(end, ..)| end)).unwrap_or_default();
            assert!(closed.starts_with("arn:aws:") && !closed.contains(['*', '?', ',']), "{id}: {resource}");
        }
    }
    Ok(())
}

#[test]
fn every_function_has_a_role_of_its_own_and_nobody_holds_a_managed_policy() -> Result<()> {
    let template = load()?;
    let all = functions(&template);
    let held = all.values().map(|function| role(function)).collect::<Result<BTreeSet<_>>>()?;
    let roles = resources(&template, "AWS::IAM::Role");
    assert_eq!(held.len(), all.len(), "two functions share a role");
    assert!(roles.keys().eq(&held), "a role that no function has");
    for (id, role) in roles {
        let properties = &role["Properties"];
        assert_eq!(keys(properties)?, BTreeSet::from(["AssumeRolePolicyDocument", "Policies"]), "{id}");
        let trust = &properties["AssumeRolePolicyDocument"]["Statement"];
        let principal = json!({ "Service": "lambda.amazonaws.com" });
        let lambda = json!({ "Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole"] });
        assert_eq!(trust, &json!([lambda]), "{id}");
    }
    assert!(all.values().all(|function| function["Policies"].is_null()), "SAM ignores policies beside a role");
    assert!(template.raw()["Globals"]["Function"]["Role"].is_null());
    let kinds = template.resources().filter_map(|(_, resource)| resource["Type"].as_str());
    let policies = kinds.filter(|kind| kind.starts_with("AWS::IAM::") && *kind != "AWS::IAM::Role");
    assert_eq!(policies.count(), 0, "a policy outside of the roles");
    Ok(())
}
