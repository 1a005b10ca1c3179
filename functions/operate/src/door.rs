//! By which door somebody comes, and who that is.

use std::convert::Infallible;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_runtime::LambdaEvent;
use operation::{Caller, FromBackoffice, PROTOCOL, Refusal, Reply, Request, Role, Via};
use payout::Moment;
use platform::{Host as _, without_values};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Given, Operate};

/// The answer: of the URL a response, of an invocation the reply itself.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Response {
    /// Through the URL.
    Http {
        /// 200, or 400 for what cannot be read, or 403 for who is not known.
        #[serde(rename = "statusCode")]
        status_code: u16,
        /// JSON, and never kept on the way.
        headers: Value,
        /// The reply.
        body: String,
    },
    /// Through Invoke.
    Plain(Reply),
}

/// What an event of a function URL says (payload format 2.0).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UrlEvent {
    request_context: Context,
    #[serde(default)]
    body: String,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
struct Context {
    #[serde(default)]
    authorizer: Option<Authorizer>,
    http: Http,
}

#[derive(Deserialize)]
struct Authorizer {
    #[serde(default)]
    iam: Option<Iam>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Iam {
    user_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    #[serde(default)]
    source_ip: Option<String>,
}

/// Answers one event: a request through the URL, or one of the back office. Never fails.
pub async fn handle<G: Given>(operate: &Operate<G>, event: LambdaEvent<Value>) -> Result<Response, Infallible> {
    let deadline = operate.host.deadline(event.context.deadline);
    let event = event.payload;
    if event.get("requestContext").is_some() {
        Ok(by_url(operate, event, deadline).await)
    } else {
        Ok(Response::Plain(by_backoffice(operate, event, deadline).await))
    }
}

async fn by_backoffice<G: Given>(operate: &Operate<G>, event: Value, deadline: Moment) -> Reply {
    let asked = match serde_json::from_value::<FromBackoffice>(event) {
        Ok(asked) => asked,
        Err(error) => return Reply::new(Err(unreadable(&error))),
    };
    Reply::new(operate.answer(&asked.person.into(), asked.request, deadline).await)
}

async fn by_url<G: Given>(operate: &Operate<G>, event: Value, deadline: Moment) -> Response {
    let event = match serde_json::from_value::<UrlEvent>(event) {
        Ok(event) => event,
        Err(error) => return http(400, &Reply::new(Err(unreadable(&error)))),
    };
    let Some(Iam { user_arn }) = event.request_context.authorizer.and_then(|authorizer| authorizer.iam) else {
        tracing::error!("A request came through the URL without a signature: its AuthType must be AWS_IAM.");
        let why = "nobody has signed the request";
        return http(403, &Reply::new(Err(Refusal::Unreadable { why: why.to_owned() })));
    };
    let address = event.request_context.http.source_ip;
    let caller = Caller { who: user_arn, via: Via::Iam, address, roles: vec![Role::Admin] };
    let request = match request(&event.body, event.is_base64_encoded) {
        Ok(request) => request,
        Err(refusal) => return http(400, &Reply::new(Err(refusal))),
    };
    http(200, &Reply::new(operate.answer(&caller, request, deadline).await))
}

/// The request in a body.
fn request(body: &str, is_base64: bool) -> Result<Request, Refusal> {
    let read = if is_base64 {
        let bytes =
            STANDARD.decode(body).map_err(|_| Refusal::Unreadable { why: "the body is no base64".to_owned() })?;
        serde_json::from_slice(&bytes)
    } else {
        serde_json::from_str(body)
    };
    read.map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> Refusal {
    let why =
        format!("{} (operate speaks protocol {PROTOCOL}; is the caller of another version?)", without_values(error));
    Refusal::Unreadable { why }
}

fn http(status_code: u16, reply: &Reply) -> Response {
    let headers = serde_json::json!({ "content-type": "application/json", "cache-control": "no-store" });
    Response::Http { status_code, headers, body: serde_json::to_string(reply).unwrap_or_default() }
}
