//! A function's own URL: who is let in, and what the function is told.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use local::template::Template;
use local::{Stack, StackOptions};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::{options, start};

/// The repository's template with one more function, which has a URL.
pub(crate) fn with_desk() -> StackOptions {
    let text = std::fs::read_to_string(Template::path()).unwrap();
    let desk = "\n  DeskFunction:\n    Type: AWS::Serverless::Function\n    Metadata: { BuildProperties: { Binary: desk } }\n    \
                Properties:\n      FunctionUrlConfig: { AuthType: AWS_IAM }\n      Timeout: 5\n";
    let output = "\n  DeskUrl:\n    Value: !GetAtt DeskFunctionUrl.FunctionUrl\n";
    let text = text.replacen("\nResources:\n", &format!("\nResources:{desk}\n"), 1);
    let text = text.replacen("\nOutputs:\n", &format!("\nOutputs:{output}"), 1);
    StackOptions { template: Some(text), ..options() }
}

struct Signer {
    user: &'static str,
    secret: &'static str,
    service: &'static str,
    at: SystemTime,
}

impl Signer {
    fn new(user: &'static str) -> Self {
        Self { user, secret: "local", service: "lambda", at: SystemTime::now() }
    }

    /// A request of the SDK's own signer.
    fn post(&self, url: &str, body: &'static str) -> RequestBuilder {
        let identity = Credentials::new(self.user, self.secret, None, None, "test").into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region("ap-northeast-2")
            .name(self.service)
            .time(self.at)
            .settings(SigningSettings::default())
            .build()
            .unwrap();
        let headers = [("content-type", "application/json")];
        let request =
            SignableRequest::new("POST", url, headers.into_iter(), SignableBody::Bytes(body.as_bytes())).unwrap();
        let (instructions, _) = sign(request, &params.into()).unwrap().into_parts();
        let request = Client::new().post(url).header("content-type", "application/json").body(body);
        instructions.headers().fold(request, |request, (name, value)| request.header(name, value))
    }
}

fn invocations(stack: &Stack) -> u64 {
    stack.function("desk").unwrap().invocations()
}

async fn forbidden(response: Response) -> Value {
    assert_eq!(response.status(), 403);
    response.json().await.unwrap()
}

#[tokio::test]
async fn whoever_signs_is_known_to_the_function_by_name() {
    let stack = start(with_desk()).await;
    let url = format!("{}a%20b?y=1&x=2", stack.function_url("desk").unwrap());
    let response = Signer::new("minji.kim").post(&url, r#"{"what":"당첨"}"#).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let event: Value = response.json().await.unwrap();
    let context = &event["requestContext"];
    assert_eq!(
        (&event["version"], &event["routeKey"], &event["rawPath"]),
        (&"2.0".into(), &"$default".into(), &"/a b".into())
    );
    assert_eq!(event["body"], r#"{"what":"당첨"}"#);
    assert_eq!(context["http"]["sourceIp"], "127.0.0.1");
    assert_eq!(
        context["authorizer"]["iam"],
        json!({
            "accessKey": "minji.kim", "accountId": "000000000000", "callerId": "minji.kim", "cognitoIdentity": null,
            "principalOrgId": null, "userArn": "arn:aws:iam::000000000000:user/minji.kim", "userId": "minji.kim",
        })
    );
    stack.shutdown().await;
}

#[tokio::test]
async fn the_stack_signs_for_whom_it_is_told_and_for_nobody_without_a_name() {
    let stack = start(with_desk()).await;
    let (status, event) = stack.post_signed("desk", "minji.kim", &json!({ "what": "당첨" })).await.unwrap();
    assert_eq!((status, &event["body"]), (200, &r#"{"what":"당첨"}"#.into()));
    assert_eq!(event["requestContext"]["authorizer"]["iam"]["userArn"], "arn:aws:iam::000000000000:user/minji.kim");
    assert_eq!(stack.post_signed("desk", "", &json!({})).await.unwrap().0, 403);
    assert!(stack.post_signed("send", "minji.kim", &json!({})).await.is_err(), "it has no URL");
    stack.shutdown().await;
}

#[tokio::test]
async fn without_a_right_signature_the_function_hears_nothing() {
    let stack = start(with_desk()).await;
    let url = stack.function_url("desk").unwrap();
    let client = Client::new();
    assert_eq!(forbidden(client.post(&url).send().await.unwrap()).await, json!({ "Message": "Forbidden" }));
    let made_up =
        "AWS4-HMAC-SHA256 Credential=x/20260101/ap-northeast-2/lambda/aws4_request, SignedHeaders=host, Signature=00";
    let request = client.post(&url).header("authorization", made_up).header("x-amz-date", "20260101T000000Z");
    assert_eq!(forbidden(request.send().await.unwrap()).await["Message"], "Forbidden");
    let elsewhere = Signer { service: "execute-api", ..Signer::new("x") };
    assert_eq!(forbidden(elsewhere.post(&url, "{}").send().await.unwrap()).await["Message"], "Forbidden");

    let wrong = |answer: Value| answer["message"].as_str().unwrap().to_owned();
    let stolen = Signer { secret: "guessed", ..Signer::new("x") };
    let said = wrong(forbidden(stolen.post(&url, "{}").send().await.unwrap()).await);
    assert!(said.contains("signature"), "{said}");
    let changed = Signer::new("x").post(&url, "{}").body("{\"another\":1}");
    assert!(wrong(forbidden(changed.send().await.unwrap()).await).contains("does not match"));
    let old = Signer { at: SystemTime::now() - Duration::from_mins(6), ..Signer::new("x") };
    assert!(wrong(forbidden(old.post(&url, "{}").send().await.unwrap()).await).contains("expired"));
    assert_eq!(invocations(&stack), 0);
    stack.shutdown().await;
}

#[tokio::test]
async fn more_than_six_megabytes_and_failures_are_answered_as_the_cloud_does() {
    let stack = start(with_desk()).await;
    let url = stack.function_url("desk").unwrap();
    let large: &'static str = String::leak("x".repeat(6 * 1024 * 1024 + 1));
    assert_eq!(Signer::new("x").post(&url, large).send().await.unwrap().status(), 413);
    assert_eq!(invocations(&stack), 0);
    for what in [r#"{"do":"fail"}"#, r#"{"do":"crash"}"#] {
        let response = Signer::new("x").post(&url, what).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), response.text().await.unwrap()),
            (502, r#"{"Message":"Internal Server Error"}"#.into())
        );
    }
    let teapot = Signer::new("x").post(&url, r#"{"do":"teapot"}"#).send().await.unwrap();
    assert_eq!((teapot.status().as_u16(), teapot.text().await.unwrap()), (418, "hi".to_owned()));
    stack.shutdown().await;
}

#[test]
fn a_url_without_a_signature_is_no_template_for_here() {
    let text =
        "Resources:\n  F: { Type: AWS::Serverless::Function, Properties: { FunctionUrlConfig: { AuthType: NONE } } }";
    let template = Template::parse(text, &std::collections::BTreeMap::new()).unwrap();
    assert!(template.function_urls().unwrap_err().to_string().contains("AWS_IAM"));
}
