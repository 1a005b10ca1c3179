//! Secrets Manager's one operation.

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
    let unknown = ask(&stack, "PutSecretValue", "x").await;
    assert!(unknown.text().await.unwrap().contains("PutSecretValue"));
    stack.secrets().fail_next(1);
    assert_eq!(ask(&stack, "GetSecretValue", "x").await.status(), 500);
    stack.shutdown().await;
}
