//! Items that a transaction holds, as the real service shows it.

use std::time::Duration;

use local::{Stack, StackOptions};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::dynamodb::call;
use crate::{LIMIT, options, start};

/// Held for as long as a test takes.
async fn holding() -> Stack {
    start(StackOptions { hold_items: Some(LIMIT), ..options() }).await
}

fn key(name: &str) -> Value {
    json!({ "name": { "S": name } })
}

fn put(name: &str) -> Value {
    json!({ "Put": { "TableName": "control", "Item": { "name": { "S": name }, "counted": { "N": "1" } } } })
}

fn add(name: &str) -> Value {
    json!({ "Update": {
        "TableName": "control", "Key": key(name), "UpdateExpression": "ADD counted :one",
        "ExpressionAttributeValues": { ":one": { "N": "1" } },
    } })
}

fn delete(name: &str) -> Value {
    json!({ "Delete": { "TableName": "control", "Key": key(name) } })
}

fn check(name: &str) -> Value {
    let condition = "attribute_not_exists(stopped)";
    json!({ "ConditionCheck": { "TableName": "control", "Key": key(name), "ConditionExpression": condition } })
}

/// Status of the answer, and the codes of its reasons or the name of its error.
async fn answer(stack: &Stack, operation: &str, body: &Value) -> (u16, Vec<String>) {
    let response = call(stack, operation, body).send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let told = match body["CancellationReasons"].as_array() {
        Some(reasons) => reasons.iter().map(|reason| text(&reason["Code"])).collect(),
        None => body["__type"].as_str().iter().map(|kind| kind.rsplit('#').next().unwrap().to_owned()).collect(),
    };
    (status, told)
}

async fn transact(stack: &Stack, members: &[Value]) -> (u16, Vec<String>) {
    answer(stack, "TransactWriteItems", &json!({ "TransactItems": members })).await
}

/// One member of a transaction as a request of its own.
async fn alone(stack: &Stack, member: &Value) -> (u16, Vec<String>) {
    let (action, body) = member.as_object().unwrap().iter().next().unwrap();
    answer(stack, &format!("{action}Item"), body).await
}

fn names(stack: &Stack) -> Vec<String> {
    let mut names: Vec<String> = stack.control().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn of_two_transactions_that_overlap_one_is_cancelled_whole_with_its_reasons_in_order() {
    let stack = holding().await;
    assert_eq!(transact(&stack, &[put("a"), put("b")]).await, (200, vec![]));
    let (status, reasons) = transact(&stack, &[put("c"), add("b"), check("d"), delete("a")]).await;
    assert_eq!((status, reasons.join(" ")), (400, "None TransactionConflict None TransactionConflict".to_owned()));
    assert_eq!(names(&stack), ["a", "b"]);
    // What a cancelled one names is not held.
    assert_eq!(transact(&stack, &[put("c"), check("d")]).await.0, 200);
    assert_eq!(stack.dynamodb().conflicts(), 1);
    stack.shutdown().await;
}

#[tokio::test]
async fn of_many_that_come_together_one_passes() {
    let stack = holding().await;
    let mut together = JoinSet::new();
    for number in 0..8 {
        let request = call(
            &stack,
            "TransactWriteItems",
            &json!({ "TransactItems": [put(&format!("own-{number}")), add("shared")] }),
        );
        together.spawn(async move { request.send().await.unwrap().status().as_u16() });
    }
    let statuses = together.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(names(&stack).len(), 2);
    stack.shutdown().await;
}

#[tokio::test]
async fn the_same_transactions_one_after_the_other_pass() {
    let hold = Duration::from_millis(20);
    let stack = start(StackOptions { hold_items: Some(hold), ..options() }).await;
    for _ in 0..3 {
        assert_eq!(transact(&stack, &[add("a"), check("line")]).await, (200, vec![]));
        tokio::time::sleep(hold + Duration::from_millis(1)).await;
        assert_eq!(transact(&stack, &[check("line"), add("a")]).await, (200, vec![]));
        tokio::time::sleep(hold + Duration::from_millis(1)).await;
        assert_eq!(alone(&stack, &put("line")).await, (200, vec![]));
    }
    assert_eq!(stack.dynamodb().conflicts(), 0);
    stack.shutdown().await;
}

#[tokio::test]
async fn a_single_write_of_a_held_item_is_refused_and_a_plain_read_is_not() {
    let stack = holding().await;
    assert_eq!(transact(&stack, &[put("written"), check("checked")]).await.0, 200);
    for held in ["written", "checked"] {
        for member in [put(held), add(held), delete(held)] {
            assert_eq!(
                alone(&stack, &member).await,
                (400, vec!["TransactionConflictException".to_owned()]),
                "{member}"
            );
        }
        let get = json!({ "TableName": "control", "Key": key(held) });
        assert_eq!(answer(&stack, "GetItem", &get).await, (200, vec![]));
        let both = json!({ "TransactItems": [{ "Get": get }, { "Get": { "TableName": "control", "Key": key("x") } }] });
        let (status, reasons) = answer(&stack, "TransactGetItems", &both).await;
        assert_eq!((status, reasons.join(" ")), (400, "TransactionConflict None".to_owned()));
    }
    // Another item, and the same key in another table.
    assert_eq!(alone(&stack, &put("other")).await.0, 200);
    let put = json!({ "TableName": "coupons", "Item": { "tr_id": { "S": "written" } } });
    assert_eq!(answer(&stack, "PutItem", &put).await.0, 200);
    assert_eq!(names(&stack), ["other", "written"]);
    stack.shutdown().await;
}

#[tokio::test]
async fn single_writes_hold_nothing_and_a_transaction_may_come_again_with_its_token() {
    let stack = holding().await;
    assert_eq!(alone(&stack, &put("a")).await.0, 200);
    assert_eq!(alone(&stack, &add("a")).await.0, 200);
    let mut body = json!({ "TransactItems": [add("a")], "ClientRequestToken": "mine" });
    for _ in 0..2 {
        assert_eq!(answer(&stack, "TransactWriteItems", &body).await, (200, vec![]));
    }
    assert_eq!(stack.control()[0]["counted"], 3);
    body["ClientRequestToken"] = json!("another's");
    assert_eq!(answer(&stack, "TransactWriteItems", &body).await.0, 400);
    stack.shutdown().await;
}
