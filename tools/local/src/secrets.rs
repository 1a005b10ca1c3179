//! Secrets Manager, as much of it as the functions use: `GetSecretValue`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use hyper::StatusCode;
use serde_json::{Value, json};

use crate::http::{self, AbortOnDrop, Listener, Request, Response};

const OPERATION: &str = "secretsmanager.GetSecretValue";

/// A local Secrets Manager. Its values are in memory and never printed.
pub struct Secrets {
    state: Arc<Mutex<State>>,
    endpoint: String,
    _server: AbortOnDrop,
}

#[derive(Default)]
struct State {
    values: BTreeMap<String, String>,
    requests: u64,
    failing: u32,
}

impl Secrets {
    pub(crate) async fn start(port: u16) -> Result<Self> {
        let listener = Listener::bind(port, "--secrets-port").await?;
        let endpoint = format!("http://{}", listener.address()?);
        let state = Arc::new(Mutex::new(State::default()));
        let handler_state = Arc::clone(&state);
        let server = listener.serve(move |request, _| {
            let reply = answer(&mut lock(&handler_state), &request);
            async move { Some(reply) }
        });
        Ok(Self { state, endpoint, _server: server })
    }

    /// Base URL of the service.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Creates a secret or replaces its value. `id` is what functions ask for: name or ARN.
    pub fn put(&self, id: &str, value: impl Into<String>) {
        lock(&self.state).values.insert(id.to_owned(), value.into());
    }

    /// Removes a secret.
    pub fn remove(&self, id: &str) {
        lock(&self.state).values.remove(id);
    }

    /// Answers the next `times` requests with HTTP 500.
    pub fn fail_next(&self, times: u32) {
        lock(&self.state).failing = times;
    }

    /// Requests so far.
    pub fn requests(&self) -> u64 {
        lock(&self.state).requests
    }
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(state: &mut State, request: &Request) -> Response {
    state.requests += 1;
    let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok());
    if target != Some(OPERATION) {
        let message = format!("the local Secrets Manager knows {OPERATION} only, not {target:?}");
        return error(StatusCode::BAD_REQUEST, "InvalidRequestException", &message);
    }
    if state.failing > 0 {
        state.failing -= 1;
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        return error(status, "InternalServiceError", "scripted failure");
    }
    let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let id = body["SecretId"].as_str().unwrap_or_default();
    let Some(value) = state.values.get(id) else {
        let message = "Secrets Manager can't find the specified secret.";
        return error(StatusCode::BAD_REQUEST, "ResourceNotFoundException", message);
    };
    let name = id.rsplit(':').next().unwrap_or(id);
    let answer = json!({
        "ARN": id, "Name": name, "SecretString": value,
        "VersionId": "00000000-0000-0000-0000-000000000000", "VersionStages": ["AWSCURRENT"],
        "CreatedDate": 1_767_225_600,
    });
    let body = answer.to_string().into();
    http::bytes(StatusCode::OK, "application/x-amz-json-1.1", body)
}

fn error(status: StatusCode, kind: &str, message: &str) -> Response {
    let body = json!({ "__type": kind, "message": message }).to_string();
    let response = http::bytes(status, "application/x-amz-json-1.1", body.into());
    http::with_header(response, "x-amzn-errortype", kind)
}
