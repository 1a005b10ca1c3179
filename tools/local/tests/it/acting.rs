//! A Lambda function in plain `std`: this test executable, started again by the stack.
//!
//! What it does with an event: `{"do": …}` in a callback's body, or the `tr_id` of a stream's record, decides.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

#[test]
#[ignore = "is started by the stack as a function"]
fn acts_as_function() {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    println!("\npid {}", std::process::id());
    loop {
        let (head, event) = request(&api, "GET", "invocation/next", &Value::Null);
        let id = header(&head, "lambda-runtime-aws-request-id");
        let context = json!({
            "deadline_ms": header(&head, "lambda-runtime-deadline-ms"),
            "arn": header(&head, "lambda-runtime-invoked-function-arn"),
        });
        let (how, answer) = match event["Records"].as_array() {
            Some(records) => stream(records),
            None => command(&event, context),
        };
        request(&api, "POST", &format!("invocation/{id}/{how}"), &answer);
    }
}

fn command(event: &Value, context: Value) -> (&'static str, Value) {
    let body: Value = serde_json::from_str(event["body"].as_str().unwrap_or_default()).unwrap_or_default();
    let wanted = if event["do"].is_null() { &body } else { event };
    match wanted["do"].as_str().unwrap_or_default() {
        "crash" => std::process::exit(9),
        "hang" => loop {
            println!("hanging");
            std::thread::sleep(std::time::Duration::from_hours(1));
        },
        "fail" => ("error", json!({ "errorType": "Acted", "errorMessage": "as asked" })),
        "env" => ("response", std::env::vars().collect::<std::collections::BTreeMap<_, _>>().into_iter().collect()),
        "wait" => {
            std::thread::sleep(std::time::Duration::from_secs(3));
            ("response", json!({ "waited": true }))
        }
        "context" => ("response", context),
        "teapot" => (
            "response",
            json!({ "statusCode": 418, "headers": { "x-pot": "tea" }, "cookies": ["a=1", "b=2"],
                    "body": "aGk=", "isBase64Encoded": true }),
        ),
        "put" => {
            let endpoint = std::env::var("AWS_ENDPOINT_URL_DYNAMODB").unwrap();
            let (head, answer) = put_item(&endpoint, wanted["tr_id"].as_str().unwrap());
            ("response", json!({ "status": head.split(' ').nth(1), "answer": answer }))
        }
        _ => {
            println!("echoing");
            ("response", event.clone())
        }
    }
}

/// `poison…` fails alone, `explode…` fails the whole batch, `hang…` never ends, everything else is handled.
fn stream(records: &[Value]) -> (&'static str, Value) {
    let tr_ids: Vec<&str> =
        records.iter().map(|record| record["dynamodb"]["Keys"]["tr_id"]["S"].as_str().unwrap()).collect();
    println!("batch {}", tr_ids.join(" "));
    if tr_ids.iter().any(|tr_id| tr_id.starts_with("hang")) {
        std::thread::sleep(std::time::Duration::from_hours(1));
    }
    if tr_ids.iter().any(|tr_id| tr_id.starts_with("explode")) {
        return ("error", json!({ "errorType": "Acted", "errorMessage": "exploded" }));
    }
    let failures: Vec<Value> = records
        .iter()
        .zip(&tr_ids)
        .filter(|(_, tr_id)| tr_id.starts_with("poison"))
        .map(|(record, _)| json!({ "itemIdentifier": record["dynamodb"]["SequenceNumber"] }))
        .collect();
    ("response", json!({ "batchItemFailures": failures }))
}

/// Puts a row that is a key and nothing else; head and body of the answer.
pub(crate) fn put_item(endpoint: &str, tr_id: &str) -> (String, Value) {
    let body = json!({ "TableName": "payouts", "Item": { "tr_id": { "S": tr_id } } });
    let target = "x-amz-target: DynamoDB_20120810.PutItem\r\nx-amz-date: 20260101T000000Z\r\nauthorization: \
                  AWS4-HMAC-SHA256 Credential=local/20260101/ap-northeast-2/dynamodb/aws4_request, \
                  SignedHeaders=host, Signature=0\r\ncontent-type: application/x-amz-json-1.0\r\n";
    send(endpoint, "POST", "", target, &body.to_string())
}

fn request(api: &str, method: &str, path: &str, body: &Value) -> (String, Value) {
    let path = format!("/2018-06-01/runtime/{path}");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let (head, answer) = send(api, method, &path, "", &body);
    assert!(head.starts_with("HTTP/1.1 20"), "{head}");
    (head, answer)
}

/// One request on a connection of its own; panics when the stack is gone, which ends the process.
fn send(base: &str, method: &str, path: &str, headers: &str, body: &str) -> (String, Value) {
    let base = base.trim_start_matches("http://");
    let (host, prefix) = base.split_once('/').unwrap_or((base, ""));
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /{prefix}{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), serde_json::from_str(body).unwrap_or_default())
}

fn header(head: &str, name: &str) -> String {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut values = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    values.next().unwrap_or_default().to_owned()
}
