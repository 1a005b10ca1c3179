//! Secrets Manager.

use local::Stack;
use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::{options, start};

async fn ask(stack: &Stack, operation: &str, id: &str) -> Response {
    let request = Client::new().post(stack.secrets().endpoint());
    let request = request.header("x-amz-target", format!("secretsmanager.{operation}"));
    request.body(json!({ "SecretId": id }).to_string()).send().await.unwrap()
}

#[tokio::test]
async fn the_template_s_secret_holds_the_simulator_s_credentials_and_can_be_replaced() {
    let stack = start(options()).await;
    let answer: Value = ask(&stack, "GetSecretValue", stack.secret_id()).await.json().await.unwrap();
    let secret: Value = serde_json::from_str(answer["SecretString"].as_str().unwrap()).unwrap();
    assert_eq!(secret["custom_auth_code"], stack.sim().credentials().custom_auth_code);
    let fields: Vec<_> = secret.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["callback_no", "custom_auth_code", "custom_auth_token", "user_id"]);
    stack.secrets().put(stack.secret_id(), "{}");
    let answer: Value = ask(&stack, "GetSecretValue", stack.secret_id()).await.json().await.unwrap();
    assert_eq!(answer["SecretString"], "{}");
    assert_eq!(stack.secrets().requests(), 2);
    stack.shutdown().await;
}

#[tokio::test]
async fn everything_else_is_a_clear_error() {
    let stack = start(options()).await;
    stack.secrets().remove(stack.secret_id());
    let gone = ask(&stack, "GetSecretValue", stack.secret_id()).await;
    assert_eq!(gone.status(), 400);
    assert_eq!(gone.json::<Value>().await.unwrap()["__type"], "ResourceNotFoundException");
    let unknown = ask(&stack, "DeleteSecret", "x").await;
    assert!(unknown.text().await.unwrap().contains("DeleteSecret"));
    stack.secrets().fail_next(1);
    assert_eq!(ask(&stack, "GetSecretValue", "x").await.status(), 500);
    stack.shutdown().await;
}

async fn put(stack: &Stack, token: &str, value: &str) -> (u16, Value) {
    let body = json!({ "SecretId": "giftishow-secret", "ClientRequestToken": token, "SecretString": value });
    let request = Client::new().post(stack.cloud_endpoint()).header("x-amz-target", "secretsmanager.PutSecretValue");
    let response = request.body(body.to_string()).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_new_value_is_what_the_functions_read_next_and_the_one_before_stays_for_a_while() {
    let stack = start(options()).await;
    let (status, answer) = put(&stack, "first", "{\"one\":1}").await;
    assert_eq!((status, &answer["VersionId"], &answer["ARN"]), (200, &"first".into(), &stack.secret_id().into()));
    assert_eq!(put(&stack, "second", "{\"two\":2}").await.0, 200);
    assert_eq!(put(&stack, "second", "{\"two\":2}").await.0, 200, "the same again is no news");
    assert_eq!(put(&stack, "second", "{}").await.1["__type"], "ResourceExistsException");
    let answer: Value = ask(&stack, "GetSecretValue", stack.secret_id()).await.json().await.unwrap();
    assert_eq!((&answer["SecretString"], &answer["VersionId"]), (&"{\"two\":2}".into(), &"second".into()));
    let described: Value = ask(&stack, "DescribeSecret", "giftishow-secret").await.json().await.unwrap();
    assert_eq!(described["VersionIdsToStages"], json!({ "first": ["AWSPREVIOUS"], "second": ["AWSCURRENT"] }));
    assert!(!described.to_string().contains("two"), "no value in a description");
    stack.shutdown().await;
}
