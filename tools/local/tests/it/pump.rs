//! The stream mapping with the template's own settings.

use local::pump::Delivery;
use local::{Stack, StackOptions};
use serde_json::json;

use crate::{LIMIT, options, start};

fn accept(stack: &Stack, tr_ids: &[&str]) {
    for tr_id in tr_ids {
        stack.put_payout(&json!({ "tr_id": tr_id, "state": "accepted" })).unwrap();
    }
}

/// The batches that `send` was invoked with.
fn batches(stack: &Stack) -> Vec<String> {
    let lines = stack.logs().of("send").into_iter();
    lines.filter_map(|line| Some(line.strip_prefix("batch ")?.to_owned())).collect()
}

async fn wait_for_batch(stack: &Stack, last: &str) {
    let what = format!("a batch with {last}");
    stack.wait_until(&what, LIMIT, |stack| batches(stack).iter().any(|batch| batch.contains(last))).await.unwrap();
}

fn paused() -> StackOptions {
    StackOptions { delivery: Delivery::Paused, ..options() }
}

#[tokio::test]
async fn only_accepted_rows_reach_send_in_order_and_at_most_a_batch_at_a_time() {
    let stack = start(paused()).await;
    let size = stack.template().stream_mapping().unwrap().batch_size;
    stack.put_payout(&json!({ "tr_id": "not-mine", "state": "sent" })).unwrap();
    let tr_ids: Vec<String> = (1..=size + 2).map(|number| format!("t{number:03}")).collect();
    accept(&stack, &tr_ids.iter().map(String::as_str).collect::<Vec<_>>());
    stack.pump().set_delivery(Delivery::InOrder);
    wait_for_batch(&stack, tr_ids.last().unwrap()).await;
    assert_eq!(batches(&stack), [tr_ids[..size].join(" "), tr_ids[size..].join(" ")]);
    stack.shutdown().await;
}

#[tokio::test]
async fn a_poison_record_is_given_up_after_five_retries_and_blocks_nobody() {
    let stack = start(paused()).await;
    accept(&stack, &["before", "poison", "after"]);
    stack.pump().set_delivery(Delivery::InOrder);
    stack.wait_until("something is given up", LIMIT, |stack| !stack.pump().given_up().is_empty()).await.unwrap();
    let given_up = stack.pump().given_up();
    assert_eq!(given_up[0].condition, "RetryAttemptsExhausted");
    assert!(given_up[0].destination.as_deref().unwrap().contains(":sqs:"));
    let batches_seen = batches(&stack);
    assert_eq!(batches_seen[0], "before poison after");
    assert_eq!(batches_seen[1..], vec!["poison after"; 6], "the resume, and five retries of it");
    accept(&stack, &["next"]);
    wait_for_batch(&stack, "next").await;
    stack.shutdown().await;
}

#[tokio::test]
async fn a_batch_that_fails_as_a_whole_is_bisected_down_to_the_bad_record() {
    let stack = start(paused()).await;
    accept(&stack, &["a", "b", "explode", "d"]);
    stack.pump().set_delivery(Delivery::InOrder);
    wait_for_batch(&stack, "d").await;
    stack.wait_until("something is given up", LIMIT, |stack| !stack.pump().given_up().is_empty()).await.unwrap();
    assert_eq!(stack.pump().given_up()[0].sequence_numbers.len(), 1);
    stack.wait_until("d alone", LIMIT, |stack| batches(stack).last().is_some_and(|last| last == "d")).await.unwrap();
    assert!(batches(&stack).contains(&"a b".to_owned()));
    stack.shutdown().await;
}

#[tokio::test]
async fn a_batch_whose_process_is_killed_is_delivered_again() {
    let stack = start(options()).await;
    accept(&stack, &["hang"]);
    wait_for_batch(&stack, "hang").await;
    stack.kill_function("send").await.unwrap();
    stack.wait_until("again", LIMIT, |stack| batches(stack) == ["hang", "hang"]).await.unwrap();
    assert!(stack.pump().given_up().is_empty());
    stack.shutdown().await;
}

#[tokio::test]
async fn the_stream_can_be_repeated_reversed_and_lost() {
    let stack = start(paused()).await;
    accept(&stack, &["r1", "r2"]);
    stack.pump().set_delivery(Delivery::Repeated(3));
    stack.wait_until("three times", LIMIT, |stack| batches(stack) == vec!["r1 r2"; 3]).await.unwrap();
    stack.pump().set_delivery(Delivery::Lost);
    accept(&stack, &["lost"]);
    // A paused pump has settled everything before it; the next batch proves that `lost` was read and dropped.
    stack.wait_until("read", LIMIT, |stack| stack.changes().len() == 3).await.unwrap();
    stack.wait_until("skipped", LIMIT, |stack| stack.pump().records_read() == 3).await.unwrap();
    stack.pump().set_delivery(Delivery::Paused);
    accept(&stack, &["x1", "x2"]);
    stack.pump().set_delivery(Delivery::Reversed);
    wait_for_batch(&stack, "x1").await;
    assert_eq!(batches(&stack)[3..], ["x2 x1"]);
    stack.shutdown().await;
}
