//! HTTP requests as events, answers as responses.

use reqwest::{Client, header};
use serde_json::Value;

use crate::{options, start};

#[tokio::test]
async fn a_request_reaches_the_function_as_an_event_of_format_2_0() {
    let stack = start(options()).await;
    let response = Client::new()
        .post(format!("{}?a=1&a=2&b=%20x", stack.callback_url()))
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .header(header::COOKIE, "k=v; l=w")
        .header("X-Mixed-Case", "one")
        .header("X-Mixed-Case", "two")
        .body(r#"{"list":"당첨"}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let event: Value = response.json().await.unwrap();
    let token = stack.callback_token();
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["routeKey"], "POST /bleepy/{token}");
    assert_eq!(event["rawPath"], format!("/bleepy/{token}"));
    assert_eq!(event["pathParameters"]["token"], token);
    assert_eq!(event["rawQueryString"], "a=1&a=2&b=%20x");
    assert_eq!(event["queryStringParameters"]["a"], "1,2");
    assert_eq!(event["queryStringParameters"]["b"], " x");
    assert_eq!(event["headers"]["x-mixed-case"], "one,two");
    assert_eq!(event["cookies"], serde_json::json!(["k=v", "l=w"]));
    assert_eq!(event["requestContext"]["http"]["method"], "POST");
    assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.1");
    assert_eq!(event["requestContext"]["http"]["path"], event["rawPath"]);
    assert_eq!(event["requestContext"]["stage"], "$default");
    assert!(event["requestContext"]["timeEpoch"].is_i64());
    assert_eq!(event["body"], r#"{"list":"당첨"}"#);
    assert_eq!(event["isBase64Encoded"], false);
    stack.shutdown().await;
}

#[tokio::test]
async fn bytes_that_are_no_text_travel_in_base64() {
    let stack = start(options()).await;
    let request = Client::new().post(stack.callback_url()).header(header::CONTENT_TYPE, "application/json");
    let event: Value = request.body(vec![0xFF, 0xFE]).send().await.unwrap().json().await.unwrap();
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&"//4=".into(), &true.into()));
    stack.shutdown().await;
}

#[tokio::test]
async fn only_declared_routes_exist() {
    let stack = start(options()).await;
    let client = Client::new();
    for (method, path) in [("GET", "/bleepy/x"), ("POST", "/"), ("POST", "/bleepy"), ("POST", "/bleepy/x/y")] {
        let url = format!("{}{path}", stack.front_url());
        let response = client.request(method.parse().unwrap(), url).send().await.unwrap();
        assert_eq!(response.status(), 404, "{method} {path}");
        assert_eq!(response.text().await.unwrap(), r#"{"message":"Not Found"}"#);
    }
    assert_eq!(stack.function("callback").unwrap().invocations(), 0);
    stack.shutdown().await;
}

#[tokio::test]
async fn the_function_decides_status_headers_cookies_and_body() {
    let stack = start(options()).await;
    let request = Client::new().post(stack.callback_url()).header(header::CONTENT_TYPE, "application/json");
    let response = request.body(r#"{"do":"teapot"}"#).send().await.unwrap();
    assert_eq!(response.status(), 418);
    assert_eq!(response.headers()["x-pot"], "tea");
    let cookies: Vec<_> = response.headers().get_all(header::SET_COOKIE).iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    assert_eq!(response.text().await.unwrap(), "hi");
    stack.shutdown().await;
}

#[tokio::test]
async fn a_function_that_fails_or_dies_is_a_500_without_details_and_the_next_request_works() {
    let stack = start(options()).await;
    let client = Client::new();
    for what in ["fail", "crash"] {
        let request = client.post(stack.callback_url()).header(header::CONTENT_TYPE, "application/json");
        let response = request.body(format!(r#"{{"do":"{what}"}}"#)).send().await.unwrap();
        assert_eq!(response.status(), 500, "{what}");
        assert_eq!(response.text().await.unwrap(), r#"{"message":"Internal Server Error"}"#);
    }
    let (status, _) = stack.post_callback(&[("C", "u")]).await.unwrap();
    assert_eq!(status, 200);
    stack.shutdown().await;
}
