//! What is kept, for how long, and under which key.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use local::template::Template;
use serde_json::{Value, json};

use crate::{list, load, resources};

/// Properties of a table, nothing evaluated.
fn table<'a>(template: &'a Template, id: &str) -> Result<&'a Value> {
    let tables = resources(template, "AWS::DynamoDB::Table");
    tables.get(id).map(|table| &table["Properties"]).with_context(|| format!("no table {id}"))
}

/// Attributes of a key, the partition's first.
fn key(schema: &Value) -> Result<Vec<&str>> {
    let parts = list(schema)?.iter();
    let kinds = ["HASH", "RANGE"];
    let named = parts.zip(kinds).map(|(part, kind)| part["AttributeName"].as_str().filter(|_| part["KeyType"] == kind));
    named.map(|name| name.context("a key's attribute")).collect()
}

#[test]
fn a_row_of_payouts_never_expires_and_every_change_of_it_reaches_the_stream() -> Result<()> {
    let template = load()?;
    let payouts = table(&template, "PayoutsTable")?;
    assert_eq!(payouts["TimeToLiveSpecification"], Value::Null, "an expired row would let its win be paid again");
    assert_eq!(payouts["StreamSpecification"], json!({ "StreamViewType": "NEW_IMAGE" }));
    assert_eq!(key(&payouts["KeySchema"])?, ["tr_id"]);
    Ok(())
}

#[test]
fn an_index_of_payouts_costs_a_write_its_keys_and_no_write_rate_heats_one() -> Result<()> {
    let template = load()?;
    let payouts = table(&template, "PayoutsTable")?;
    let mut indexes = Vec::new();
    for index in list(&payouts["GlobalSecondaryIndexes"])? {
        let name = index["IndexName"].as_str().context("an index's name")?;
        indexes.push((name, key(&index["KeySchema"])?, index["Projection"].clone()));
    }
    let keys_only = json!({ "ProjectionType": "KEYS_ONLY" });
    let wanted = [
        // The sweeper sorts by state before it reads a row.
        ("due", vec!["due_shard", "due_at"], json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": ["state"] })),
        ("attention", vec!["attention", "state_since"], keys_only.clone()),
        ("by_day", vec!["day_shard", "accepted_at"], keys_only.clone()),
        ("by_user", vec!["user_key", "accepted_at"], keys_only),
    ];
    assert_eq!(indexes, wanted);
    let mut kinds = BTreeMap::new();
    for attribute in list(&payouts["AttributeDefinitions"])? {
        kinds.insert(attribute["AttributeName"].as_str().context("a name")?, &attribute["AttributeType"]);
    }
    let numbers: Vec<_> = kinds.iter().filter(|(_, kind)| **kind == "N").map(|(name, _)| *name).collect();
    assert_eq!(numbers, ["attention", "due_shard"]);
    assert!(!kinds.contains_key("state"), "every payout would enter and leave one partition");
    Ok(())
}

#[test]
fn the_history_of_the_catalogue_is_found_by_time_and_no_other_row_stands_in_its_index() -> Result<()> {
    let template = load()?;
    let catalog = table(&template, "CatalogTable")?;
    assert_eq!(key(&catalog["KeySchema"])?, ["id"]);
    assert_eq!(catalog["TimeToLiveSpecification"], Value::Null, "rows are marked as withdrawn, never deleted");
    let [runs] = list(&catalog["GlobalSecondaryIndexes"])? else { bail!("one index") };
    assert_eq!((&runs["IndexName"], key(&runs["KeySchema"])?), (&json!("runs"), vec!["run_kind", "started_at"]));
    Ok(())
}

#[test]
fn what_was_promised_can_be_restored_and_what_a_person_had_deleted_cannot() -> Result<()> {
    let template = load()?;
    for id in ["AuditTable", "PayoutsTable", "RewardsTable", "ControlTable"] {
        let recovery = &table(&template, id)?["PointInTimeRecoverySpecification"];
        assert_eq!(recovery, &json!({ "PointInTimeRecoveryEnabled": true }), "{id}");
    }
    for id in ["RecipientsTable", "CouponsTable"] {
        assert_eq!(table(&template, id)?["PointInTimeRecoverySpecification"], Value::Null, "{id}");
    }
    Ok(())
}

#[test]
fn who_did_what_is_found_by_order_by_day_and_by_whom_it_is_about_and_kept_for_a_time() -> Result<()> {
    let template = load()?;
    let audit = table(&template, "AuditTable")?;
    assert_eq!(key(&audit["KeySchema"])?, ["order", "step"]);
    assert_eq!(audit["TimeToLiveSpecification"], json!({ "AttributeName": "expires_at", "Enabled": true }));
    let [by_day, about] = list(&audit["GlobalSecondaryIndexes"])? else { bail!("two indexes") };
    assert_eq!((&by_day["IndexName"], key(&by_day["KeySchema"])?), (&json!("by_day"), vec!["day", "at_order"]));
    assert_eq!((&about["IndexName"], key(&about["KeySchema"])?), (&json!("about"), vec!["about", "at_order"]));
    Ok(())
}

#[test]
fn a_record_of_who_did_what_is_never_changed_or_deleted_by_any_role() -> Result<()> {
    let template = load()?;
    for (id, role) in resources(&template, "AWS::IAM::Role") {
        for policy in list(&role["Properties"]["Policies"])? {
            for statement in list(&policy["PolicyDocument"]["Statement"])? {
                if statement["Resource"].to_string().contains("AuditTable") {
                    let actions: Vec<_> = list(&statement["Action"])?.iter().filter_map(Value::as_str).collect();
                    let harmless = |action: &&str| matches!(*action, "dynamodb:PutItem" | "dynamodb:Query");
                    assert!(actions.iter().all(harmless), "{id}: {actions:?}");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn a_number_is_looked_for_by_digests_and_cannot_be_read_from_an_index() -> Result<()> {
    let template = load()?;
    let recipients = table(&template, "RecipientsTable")?;
    let mut indexes = Vec::new();
    for index in list(&recipients["GlobalSecondaryIndexes"])? {
        assert_eq!(index["Projection"], json!({ "ProjectionType": "KEYS_ONLY" }));
        indexes.push(key(&index["KeySchema"])?);
    }
    assert_eq!(indexes, [["phone_digest"], ["last_four_digest"]]);
    Ok(())
}

#[test]
fn recipients_expire_and_are_encrypted_with_a_key_that_nothing_else_has() -> Result<()> {
    let template = load()?;
    let recipients = table(&template, "RecipientsTable")?;
    assert_eq!(key(&recipients["KeySchema"])?, ["user_key"]);
    assert_eq!(recipients["TimeToLiveSpecification"], json!({ "AttributeName": "expires_at", "Enabled": true }));
    let encryption = json!({ "SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": { "Ref": "RecipientsKey" } });
    assert_eq!(recipients["SSESpecification"], encryption);
    let users =
        template.resources().filter(|(_, resource)| resource.to_string().contains(r#"{"Ref":"RecipientsKey"}"#));
    assert_eq!(users.map(|(id, _)| id).collect::<Vec<_>>(), ["RecipientsTable"]);
    assert_eq!(resources(&template, "AWS::KMS::Key")["RecipientsKey"]["Properties"]["EnableKeyRotation"], true);
    Ok(())
}

#[test]
fn deleting_the_stack_deletes_no_table_no_secret_and_no_key_but_a_first_create_that_fails_leaves_none() -> Result<()> {
    let template = load()?;
    for kind in ["AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::KMS::Key"] {
        let kept = resources(&template, kind);
        assert!(!kept.is_empty(), "{kind}");
        for (id, resource) in kept {
            assert_eq!(resource["DeletionPolicy"], "RetainExceptOnCreate", "{id}");
            assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{id}");
        }
    }
    // `Retain` keeps what a create that rolled back has made, too.
    assert!(template.resources().all(|(_, resource)| resource["DeletionPolicy"] != "Retain"));
    Ok(())
}

#[test]
fn every_table_is_encrypted_and_billed_by_the_request() -> Result<()> {
    for (id, table) in resources(&load()?, "AWS::DynamoDB::Table") {
        assert_eq!(table["Properties"]["SSESpecification"]["SSEEnabled"], true, "{id}");
        assert_eq!(table["Properties"]["BillingMode"], "PAY_PER_REQUEST", "{id}");
    }
    Ok(())
}
