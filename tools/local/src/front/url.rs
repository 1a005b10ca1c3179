//! A function's own URL: whoever signs with IAM's signature is let in, and the function is told who it is.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::event::{self, Entrance};
use super::response;
use super::signature::{self, Caller, Rejected};
use crate::http::{self, AbortOnDrop, Listener, Request, Response, with_header};
use crate::lambda::{Admission, Functions, Outcome, Refused};

/// Lambda's own limit of a synchronous invocation, both ways.
const MAX_BYTES: usize = 6 * 1024 * 1024;

/// The served URL of one function.
pub(crate) struct FunctionDoor {
    function: String,
    address: SocketAddr,
    _server: AbortOnDrop,
}

impl FunctionDoor {
    pub(crate) async fn open(port: u16, flag: &str, function: String, functions: Arc<Functions>) -> Result<Self> {
        let listener = Listener::bind(port, flag).await?;
        let address = listener.address()?;
        let name = function.clone();
        let server = listener.serve(move |request, peer| {
            let (functions, name) = (Arc::clone(&functions), name.clone());
            async move {
                let id = Uuid::new_v4().to_string();
                let response = respond(&functions, &name, &request, peer, &id).await;
                Some(with_header(response, "x-amzn-requestid", &id))
            }
        });
        Ok(Self { function, address, _server: server })
    }

    /// Whose URL it is.
    pub(crate) fn function(&self) -> &str {
        &self.function
    }

    /// The URL, with the slash at its end that the cloud's have.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// A request for it, signed by the user of this name.
    pub(crate) fn request(&self, user: &str, body: &Value) -> Result<Request> {
        let request = hyper::Request::builder()
            .method(Method::POST)
            .uri(self.url())
            .header(HOST, self.address.to_string())
            .header(CONTENT_TYPE, "application/json")
            .body(Bytes::from(body.to_string()))?;
        signature::signed(request, user, Timestamp::now()).with_context(|| format!("{user:?} cannot sign"))
    }
}

async fn respond(functions: &Functions, name: &str, request: &Request, peer: SocketAddr, id: &str) -> Response {
    let caller = match Caller::of(request, Timestamp::now()) {
        Ok(caller) => caller,
        Err(rejected) => return reject(rejected),
    };
    if request.body().len() > MAX_BYTES {
        return message(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
        );
    }
    let Some(function) = functions.get(name) else {
        return message(StatusCode::BAD_GATEWAY, "Internal Server Error");
    };
    let entrance = Entrance { route_key: "$default".to_owned(), parameters: None, caller: Some(&caller) };
    let event = event::from_request(request, &entrance, peer, id);
    match function.invoke(Bytes::from(event.to_string()), Admission::RefuseIfReserved).await {
        Ok(Outcome::Answered(body)) if body.len() <= MAX_BYTES => {
            response::from_answer(&body).unwrap_or_else(|| message(StatusCode::BAD_GATEWAY, "Internal Server Error"))
        }
        Ok(Outcome::Answered(_) | Outcome::Failed(_)) => message(StatusCode::BAD_GATEWAY, "Internal Server Error"),
        Err(Refused::Throttled) => message(StatusCode::TOO_MANY_REQUESTS, "Rate Exceeded."),
        Err(Refused::Stopping) => message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
    }
}

/// As the cloud says it; the function hears nothing of it.
fn reject(rejected: Rejected) -> Response {
    let (kind, body) = match rejected {
        Rejected::Unsigned => ("AccessDeniedException", json!({ "Message": "Forbidden" })),
        Rejected::Wrong(why) => ("InvalidSignatureException", json!({ "message": why })),
    };
    with_header(http::json(StatusCode::FORBIDDEN, &body), "x-amzn-errortype", kind)
}

fn message(status: StatusCode, text: &str) -> Response {
    http::json(status, &json!({ "Message": text }))
}
