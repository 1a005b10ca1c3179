//! The proxy in front of the database: what it counts and what it breaks.

use std::time::Duration;

use local::Stack;
use local::dynamodb::{DbFault, ScriptedDbFault};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::{LIMIT, eventually, options, pids, start};

pub(crate) fn call(stack: &Stack, operation: &str, body: &Value) -> RequestBuilder {
    let credential = "Credential=local/20260101/ap-northeast-2/dynamodb/aws4_request, SignedHeaders=host, Signature=0";
    Client::new()
        .post(stack.dynamodb().endpoint())
        .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
        .header("x-amz-date", "20260101T000000Z")
        .header("authorization", format!("AWS4-HMAC-SHA256 {credential}"))
        .header("content-type", "application/x-amz-json-1.0")
        .body(body.to_string())
}

fn put(stack: &Stack, tr_id: &str) -> RequestBuilder {
    call(stack, "PutItem", &json!({ "TableName": "payouts", "Item": { "tr_id": { "S": tr_id } } }))
}

fn has(stack: &Stack, tr_id: &str) -> bool {
    stack.payout(tr_id).is_some()
}

#[tokio::test]
async fn the_template_s_tables_are_there_and_requests_are_counted_by_caller_operation_and_table() {
    let stack = start(options()).await;
    let tables: Value = call(&stack, "ListTables", &json!({})).send().await.unwrap().json().await.unwrap();
    let wanted = json!(["audit", "catalog", "control", "coupons", "payouts", "recipients", "rewards"]);
    assert_eq!(tables["TableNames"], wanted);
    let before = stack.dynamodb_requests();
    assert_eq!(put(&stack, "by-hand").send().await.unwrap().status(), 200);
    stack.invoke("sweeper", &json!({ "do": "put", "tr_id": "by-sweeper" })).await.unwrap();
    let counts = stack.dynamodb_requests().since(&before);
    assert_eq!((counts.total(), counts.by("other"), counts.by("sweeper")), (2, 1, 1), "{counts}");
    assert_eq!((counts.of("sweeper", "PutItem"), counts.operation("PutItem")), (1, 2));
    assert!(counts.iter().all(|(kind, _)| kind.tables == "payouts"), "{counts}");
    assert!(has(&stack, "by-hand") && has(&stack, "by-sweeper"));
    stack.shutdown().await;
}

#[tokio::test]
async fn each_fault_answers_and_writes_as_its_name_says() {
    let stack = start(options()).await;
    let cases = [
        (DbFault::ThroughputExceeded, 400, "ProvisionedThroughputExceededException", false),
        (DbFault::Throttling, 400, "ThrottlingException", false),
        (DbFault::ErrorBeforeCommit, 500, "InternalServerError", false),
        (DbFault::ErrorAfterCommit, 500, "InternalServerError", true),
        (DbFault::TransactionInProgress, 400, "TransactionInProgressException", false),
    ];
    for (fault, status, kind, written) in cases {
        stack.dynamodb().script(ScriptedDbFault::new(fault));
        let tr_id = format!("{fault:?}");
        let response = put(&stack, &tr_id).send().await.unwrap();
        assert_eq!(response.status(), status, "{fault:?}");
        let body: Value = response.json().await.unwrap();
        assert!(body["__type"].as_str().unwrap().ends_with(kind), "{fault:?}: {body}");
        assert_eq!(has(&stack, &tr_id), written, "{fault:?}");
    }
    for fault in [DbFault::DropAfterCommit, DbFault::HangAfterCommit] {
        stack.dynamodb().script(ScriptedDbFault::new(fault));
        let tr_id = format!("{fault:?}");
        let answer = put(&stack, &tr_id).timeout(Duration::from_secs(1)).send().await;
        assert_eq!(answer.unwrap_err().is_timeout(), fault == DbFault::HangAfterCommit);
        assert!(has(&stack, &tr_id), "{fault:?}");
    }
    assert_eq!(put(&stack, "after all").send().await.unwrap().status(), 200);
    stack.shutdown().await;
}

#[tokio::test]
async fn a_batch_that_leaves_rows_does_the_first_and_hands_back_the_others() {
    let stack = start(options()).await;
    let put = |id: &str| json!({ "PutRequest": { "Item": { "tr_id": { "S": id } } } });
    let key = |id: &str| json!({ "tr_id": { "S": id } });
    let ask = async |operation: &str, wanted: Value| -> Value {
        stack.dynamodb().script(ScriptedDbFault::new(DbFault::LeavesRows).operation(operation));
        let response = call(&stack, operation, &json!({ "RequestItems": { "payouts": wanted } })).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    };
    let written = ask("BatchWriteItem", json!([put("one"), put("two"), put("three")])).await;
    assert_eq!(written["UnprocessedItems"], json!({ "payouts": [put("two"), put("three")] }));
    assert!(has(&stack, "one") && !has(&stack, "two") && !has(&stack, "three"));
    let read = ask("BatchGetItem", json!({ "Keys": [key("one"), key("two")], "ConsistentRead": true })).await;
    assert_eq!(read["Responses"], json!({ "payouts": [key("one")] }));
    assert_eq!(read["UnprocessedKeys"], json!({ "payouts": { "Keys": [key("two")], "ConsistentRead": true } }));
    assert_eq!(ask("BatchWriteItem", json!([put("four")])).await["UnprocessedItems"], json!({}));
    stack.shutdown().await;
}

#[tokio::test]
async fn a_conflict_names_a_reason_for_every_member_of_the_transaction() {
    let stack = start(options()).await;
    stack.dynamodb().script(ScriptedDbFault::new(DbFault::TransactionConflict).operation("TransactWriteItems"));
    let member = |id: &str| json!({ "Put": { "TableName": "payouts", "Item": { "tr_id": { "S": id } } } });
    let body = json!({ "TransactItems": [member("one"), member("two")] });
    let response = call(&stack, "TransactWriteItems", &body).send().await.unwrap();
    assert_eq!(response.status(), 400);
    let answer: Value = response.json().await.unwrap();
    let codes: Vec<_> = answer["CancellationReasons"].as_array().unwrap().iter().map(|one| &one["Code"]).collect();
    assert_eq!(codes, ["TransactionConflict", "None"]);
    assert!(!has(&stack, "one") && !has(&stack, "two"));
    stack.shutdown().await;
}

#[tokio::test]
async fn a_fault_waits_for_its_operation_caller_table_and_turn() {
    let stack = start(options()).await;
    let fault = ScriptedDbFault::new(DbFault::Throttling).operation("PutItem").caller("other").table("payouts");
    stack.dynamodb().script(fault.skip(1).times(2));
    let scan = json!({ "TableName": "payouts" });
    let mut statuses = Vec::new();
    for tr_id in ["1", "2", "3", "4"] {
        assert_eq!(call(&stack, "Scan", &scan).send().await.unwrap().status(), 200);
        statuses.push(put(&stack, tr_id).send().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [200, 400, 400, 200]);
    assert_eq!(stack.dynamodb().pending_faults(), 0);
    stack.shutdown().await;
}

#[tokio::test]
async fn a_function_can_be_killed_right_before_and_right_after_its_write() {
    let stack = start(options()).await;
    for (fault, written) in [(DbFault::KillCallerBeforeCommit, false), (DbFault::KillCallerAfterCommit, true)] {
        stack.dynamodb().script(ScriptedDbFault::new(fault).caller("send"));
        let tr_id = format!("{fault:?}");
        let outcome = stack.invoke("send", &json!({ "do": "put", "tr_id": tr_id })).await.unwrap();
        assert!(outcome.error().contains("signal: 9"), "{}", outcome.error());
        assert_eq!(has(&stack, &tr_id), written, "{fault:?}");
    }
    stack.shutdown().await;
}

#[tokio::test]
async fn a_function_can_be_frozen_around_its_write_until_it_is_thawed() {
    let stack = start(options()).await;
    for (fault, written) in [(DbFault::FreezeCallerBeforeCommit, false), (DbFault::FreezeCallerAfterCommit, true)] {
        stack.dynamodb().script(ScriptedDbFault::new(fault).caller("send").writes());
        let tr_id = format!("{fault:?}");
        let event = json!({ "do": "put", "tr_id": tr_id });
        let thawed = async {
            let send = stack.function("send").unwrap();
            stack.wait_until("it is frozen", LIMIT, |_| send.is_frozen()).await.unwrap();
            let stopped =
                |pid: &u32| std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap().contains("State:\tT");
            eventually("its process has stopped", || pids(&stack).last().is_some_and(stopped)).await;
            assert_eq!(has(&stack, &tr_id), written, "{fault:?}");
            assert_eq!(stack.in_flight("send"), 1);
            send.thaw();
        };
        // The acting function dies of the answer that never came.
        let (outcome, ()) = tokio::join!(stack.invoke("send", &event), thawed);
        assert!(outcome.unwrap().is_failed());
        assert_eq!(has(&stack, &tr_id), written, "{fault:?}");
    }
    stack.shutdown().await;
}

#[tokio::test]
async fn every_change_of_a_row_is_in_the_history() {
    let stack = start(options()).await;
    for state in ["accepted", "sending", "sent"] {
        stack.put_payout(&json!({ "tr_id": "t", "state": state, "attempt": 1 })).unwrap();
    }
    stack.wait_until("three changes", LIMIT, |stack| stack.changes().len() == 3).await.unwrap();
    let changes = stack.changes();
    assert_eq!(changes.iter().map(|change| change.text("state")).collect::<Vec<_>>(), ["accepted", "sending", "sent"]);
    assert_eq!((changes[0].event.as_str(), &changes[0].row["attempt"]), ("INSERT", &json!(1)));
    stack.shutdown().await;
}
