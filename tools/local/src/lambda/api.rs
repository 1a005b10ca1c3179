//! Both of Lambda's HTTP interfaces on one port.
//!
//! `/{function}/{worker}/2018-06-01/runtime/…` is the Runtime API of one process: its address names the process, so a
//! crash can be told from a slow answer. `/2015-03-31/functions/{function}/invocations` is the Invoke API.

use std::net::SocketAddr;
use std::sync::Arc;

use hyper::body::Bytes;
use hyper::{Method, StatusCode};
use serde_json::json;

use super::outcome::{Admission, Outcome, Refused};
use super::worker::Worker;
use super::{Function, Functions, Target};
use crate::http::{self, AbortOnDrop, Listener, Reply, Request, Response, bytes, empty, with_header};
use crate::template::{ACCOUNT, REGION};

/// Serves both interfaces for these functions.
pub(crate) fn serve(listener: Listener, functions: Arc<Functions>) -> AbortOnDrop {
    listener.serve(move |request, _: SocketAddr| {
        let functions = Arc::clone(&functions);
        async move { route(&functions, request).await }
    })
}

async fn route(functions: &Functions, request: Request) -> Reply {
    let path = request.uri().path().to_owned();
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match segments.as_slice() {
        ["2015-03-31", "functions", name, "invocations"] if request.method() == Method::POST => {
            Some(invoke(functions, name, request).await)
        }
        [name, worker, "2018-06-01", "runtime", rest @ ..] => {
            let target = functions.get(*name).and_then(Target::processes);
            let worker = target.and_then(|function| Some((function, function.worker(worker)?)));
            // A process that was given up has nobody to talk to.
            let (function, worker) = worker?;
            runtime(function, &worker, rest, request).await
        }
        _ => Some(error(StatusCode::NOT_FOUND, "ResourceNotFoundException", "no such path")),
    }
}

async fn runtime(function: &Function, worker: &Worker, path: &[&str], request: Request) -> Reply {
    let accepted = || Some(http::json(StatusCode::ACCEPTED, &json!({ "status": "OK" })));
    match path {
        ["invocation", "next"] => {
            let event = worker.next().await?;
            let settings = function.settings();
            let arn = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}", settings.name);
            let response = bytes(StatusCode::OK, "application/json", event.payload);
            let response = with_header(response, "lambda-runtime-aws-request-id", &event.request_id);
            let deadline = function.deadline_ms().to_string();
            let response = with_header(response, "lambda-runtime-deadline-ms", &deadline);
            Some(with_header(response, "lambda-runtime-invoked-function-arn", &arn))
        }
        ["invocation", request_id, how @ ("response" | "error")] => {
            let body = request.into_body();
            let answered = *how == "response";
            let outcome = if answered { Outcome::Answered(body) } else { Outcome::Failed(body) };
            if worker.finish(request_id, outcome) {
                accepted()
            } else {
                let message = format!("no invocation {request_id} is in flight here");
                Some(error(StatusCode::BAD_REQUEST, "InvalidRequestID", &message))
            }
        }
        ["init", "error"] => {
            worker.fail_current_with(request.into_body());
            accepted()
        }
        _ => Some(error(StatusCode::NOT_FOUND, "NotFound", "no such path of the Runtime API")),
    }
}

async fn invoke(functions: &Functions, name: &str, request: Request) -> Response {
    // A name may come as (partial) ARN, percent-encoded.
    let decoded = name.replace("%3A", ":").replace("%3a", ":");
    let short = decoded.rsplit(':').next().unwrap_or_default();
    let Some(target) = functions.get(short) else {
        let message = format!("Function not found: {short}");
        return error(StatusCode::NOT_FOUND, "ResourceNotFoundException", &message);
    };
    let how = request.headers().get("x-amz-invocation-type").and_then(|value| value.to_str().ok());
    let how = how.unwrap_or("RequestResponse").to_owned();
    let payload = match request.into_body() {
        empty if empty.is_empty() => Bytes::from_static(b"{}"),
        payload => payload,
    };
    match how.as_str() {
        "DryRun" => empty(StatusCode::NO_CONTENT),
        "Event" => {
            target.invoke_event(payload);
            empty(StatusCode::ACCEPTED)
        }
        "RequestResponse" => match target.invoke(payload, Admission::RefuseIfReserved).await {
            Ok(outcome) => answer(outcome),
            Err(Refused::Throttled) => {
                error(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", "Rate Exceeded.")
            }
            Err(Refused::Stopping) => {
                error(StatusCode::SERVICE_UNAVAILABLE, "ServiceException", "the stack is stopping")
            }
        },
        other => {
            let message = format!("unknown invocation type {other}");
            error(StatusCode::BAD_REQUEST, "InvalidParameterValueException", &message)
        }
    }
}

fn answer(outcome: Outcome) -> Response {
    match outcome {
        Outcome::Answered(body) => bytes(StatusCode::OK, "application/json", body),
        Outcome::Failed(body) => {
            let response = bytes(StatusCode::OK, "application/json", body);
            with_header(response, "x-amz-function-error", "Unhandled")
        }
    }
}

fn error(status: StatusCode, kind: &str, message: &str) -> Response {
    let body = json!({ "Type": "User", "Message": message, "errorType": kind, "errorMessage": message });
    with_header(http::json(status, &body), "x-amzn-errortype", kind)
}
