//! What writes cost: the figures that the proxy counts, against DynamoDB's rules, on our own tables.

use local::Stack;
use local::dynamodb::WriteUnits;
use serde_json::{Value, json};

use crate::dynamodb::call;
use crate::{options, start};

/// A row as the callback writes it, `bytes` longer than need be.
fn row(tr_id: &str, bytes: usize) -> Value {
    json!({
        "tr_id": { "S": tr_id }, "user_key": { "S": "u" }, "accepted_at": { "S": "2026-01-01T00:00:00.000Z" },
        "due_shard": { "N": "1" }, "due_at": { "S": "2026-01-01T00:00:30.000Z" }, "note": { "S": "x".repeat(bytes) },
    })
}

fn put(tr_id: &str, bytes: usize) -> Value {
    json!({ "TableName": "payouts", "Item": row(tr_id, bytes) })
}

fn update(tr_id: &str, expression: &str, value: Option<&str>) -> Value {
    let mut update =
        json!({ "TableName": "payouts", "Key": { "tr_id": { "S": tr_id } }, "UpdateExpression": expression });
    if let Some(value) = value {
        update["ExpressionAttributeValues"] = json!({ ":value": { "S": value } });
    }
    update
}

/// What one request costs, whatever its answer.
async fn cost(stack: &Stack, operation: &str, body: &Value, status: u16) -> WriteUnits {
    let before = stack.write_units();
    let response = call(stack, operation, body).send().await.unwrap();
    let answered = response.status().as_u16();
    assert_eq!(answered, status, "{operation} {body}: {}", response.text().await.unwrap());
    stack.write_units().since(&before)
}

#[track_caller]
fn assert_cost(cost: &WriteUnits, table: u64, due: u64) {
    assert_eq!((cost.of("payouts"), cost.of("payouts/due")), (table, due), "\n{cost}");
}

#[tokio::test]
async fn a_write_costs_one_unit_per_started_kilobyte_of_the_larger_item_and_of_each_index_it_changes() {
    let stack = start(options()).await;
    let new = cost(&stack, "PutItem", &put("t", 10), 200).await;
    assert_cost(&new, 1, 1);
    assert_eq!((new.of("payouts/by_user"), new.by("other")), (1, new.total()));
    // Larger, and smaller again.
    assert_cost(&cost(&stack, "PutItem", &put("t", 1500), 200).await, 2, 0);
    assert_cost(&cost(&stack, "PutItem", &put("t", 2500), 200).await, 3, 0);
    assert_cost(&cost(&stack, "PutItem", &put("t", 10), 200).await, 3, 0);
    // Not in the index, in the index, its key, out of the index, and into it.
    let steps = [
        ("SET note = :value", Some("y"), 0),
        ("SET #s = :value", Some("accepted"), 1),
        ("SET due_at = :value", Some("2026-01-01T00:01:00.000Z"), 2),
        ("REMOVE due_at", None, 1),
        ("SET note = :value", Some("z"), 0),
        ("SET due_at = :value", Some("2026-01-01T00:02:00.000Z"), 1),
    ];
    for (expression, value, due) in steps {
        let mut request = update("t", expression, value);
        if expression.contains('#') {
            request["ExpressionAttributeNames"] = json!({ "#s": "state" });
        }
        assert_cost(&cost(&stack, "UpdateItem", &request, 200).await, 1, due);
    }
    let key = json!({ "TableName": "payouts", "Key": { "tr_id": { "S": "t" } } });
    assert_cost(&cost(&stack, "DeleteItem", &key, 200).await, 1, 1);
    assert_eq!(cost(&stack, "GetItem", &key, 200).await.total(), 0);
    stack.dynamodb().reset_write_units();
    assert_eq!(stack.write_units(), WriteUnits::default());
    stack.shutdown().await;
}

#[tokio::test]
async fn a_failed_condition_costs_what_the_item_is_and_one_if_there_is_none() {
    let stack = start(options()).await;
    let mut new = put("t", 1500);
    new["ConditionExpression"] = json!("attribute_not_exists(tr_id)");
    assert_cost(&cost(&stack, "PutItem", &new, 200).await, 2, 1);
    let again = cost(&stack, "PutItem", &new, 400).await;
    assert_cost(&again, 2, 0);
    let mut absent = update("absent", "SET note = :value", Some("x"));
    absent["ConditionExpression"] = json!("attribute_exists(tr_id)");
    let absent = cost(&stack, "UpdateItem", &absent, 400).await;
    assert_cost(&absent, 1, 0);
    assert_eq!((again.total(), absent.total()), (2, 1));
    // What is no request at all costs nothing.
    let malformed = json!({ "TableName": "payouts", "Item": { "no-key": { "S": "x" } } });
    assert_eq!(cost(&stack, "PutItem", &malformed, 400).await.total(), 0);
    stack.shutdown().await;
}

#[tokio::test]
async fn a_transaction_costs_the_tables_double_and_a_check_as_much_as_a_write() {
    let stack = start(options()).await;
    let check = |exists: &str| {
        json!({ "ConditionCheck": {
            "TableName": "control", "Key": { "name": { "S": "line" } }, "ConditionExpression": exists,
        } })
    };
    let mut body = json!({
        "TransactItems": [{ "Put": put("t", 1500) }, check("attribute_not_exists(stopped)")], "ClientRequestToken": "mine",
    });
    let done = cost(&stack, "TransactWriteItems", &body, 200).await;
    assert_cost(&done, 4, 1);
    assert_eq!((done.of("payouts/by_user") >= 1, done.of("control")), (true, 2), "{done}");
    // With its token it is the same transaction, and a read.
    assert_eq!(cost(&stack, "TransactWriteItems", &body, 200).await.total(), 0);
    body["TransactItems"][1] = check("attribute_exists(stopped)");
    body["ClientRequestToken"] = json!("another");
    let cancelled = cost(&stack, "TransactWriteItems", &body, 400).await;
    assert_cost(&cancelled, 4, 0);
    assert_eq!(cancelled.of("control"), 2);
    stack.shutdown().await;
}

#[tokio::test]
async fn the_items_that_writes_name_are_counted_by_caller() {
    let stack = start(options()).await;
    stack.invoke("sweeper", &json!({ "do": "put", "tr_id": "by-sweeper" })).await.unwrap();
    for _ in 0..2 {
        cost(&stack, "PutItem", &put("by-hand", 1), 200).await;
    }
    let units = stack.write_units();
    assert_eq!(units.named("other", "payouts").into_iter().collect::<Vec<_>>(), [("by-hand", 2)]);
    assert_eq!(units.named("sweeper", "payouts").into_iter().collect::<Vec<_>>(), [("by-sweeper", 1)]);
    assert!(units.named("other", "control").is_empty());
    assert!(units.by("sweeper") > 0 && units.places().contains("payouts"));
    stack.shutdown().await;
}
