//! The floor: what a Lambda function that records one row cannot do without. `lambda_http`, the SDK set up as
//! `shared/platform/src/aws.rs` does, one conditional `PutItem` a call, and nothing of ours.
//! No reading of a body, no ids, no log.

use std::collections::HashMap;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::{Error, Request, service_fn};
use uuid::Uuid;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = std::env::var("PAYOUTS_TABLE")?;
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(1))
        .operation_timeout(Duration::from_secs(3))
        .build();
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12()).timeout_config(timeouts).load().await;
    let client = Client::new(&config);
    lambda_http::run(service_fn(|_: Request| record(&client, &table))).await
}

async fn record(client: &Client, table: &str) -> Result<&'static str, Error> {
    let put = client.put_item().table_name(table).set_item(Some(row()));
    put.condition_expression("attribute_not_exists(tr_id)").send().await?;
    Ok("recorded")
}

/// As long as the callback's, which is what both are there to write.
fn row() -> HashMap<String, AttributeValue> {
    let new = || Uuid::new_v4().simple().to_string();
    let mut row = HashMap::from([("tr_id".to_owned(), AttributeValue::S(new()))]);
    row.insert("user_key".to_owned(), AttributeValue::S(new()));
    for name in ["state_since", "accepted_at", "due_at"] {
        row.insert(name.to_owned(), AttributeValue::S("2026-11-22T08:00:00.000Z".to_owned()));
    }
    for name in ["owner", "accepted_by"] {
        row.insert(name.to_owned(), AttributeValue::S("00000000-0000-0000-0000-000000000000".to_owned()));
    }
    for (name, text) in [("code", "AD3FYTFS"), ("slot", "once"), ("state", "accepted"), ("last_event", "accepted")] {
        row.insert(name.to_owned(), AttributeValue::S(text.to_owned()));
    }
    for name in ["attempt", "salt", "due_shard", "tries", "duplicates"] {
        row.insert(name.to_owned(), AttributeValue::N("0".to_owned()));
    }
    row
}
