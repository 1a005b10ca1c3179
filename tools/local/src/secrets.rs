//! Secrets Manager, as much of it as the functions and `giftctl` use: `GetSecretValue`, `PutSecretValue`, `DescribeSecret`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use hyper::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::data;
use crate::http::{self, AbortOnDrop, Listener, Request, Response};

const SERVICE: &str = "secretsmanager.";
const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";

/// A local Secrets Manager. Its values are never printed.
pub struct Secrets {
    store: Store,
    endpoint: String,
    _server: AbortOnDrop,
}

/// The values, for every port that serves them.
#[derive(Clone)]
pub(crate) struct Store(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    values: BTreeMap<String, Versions>,
    /// Where they are kept from run to run, if they are.
    file: Option<PathBuf>,
    requests: u64,
    failing: u32,
}

/// The current version, and the one before it.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Versions(Vec<Version>);

#[derive(Clone, Serialize, Deserialize)]
struct Version {
    id: String,
    value: String,
    /// Unix time in seconds.
    created: i64,
}

impl Secrets {
    /// With a file, the values of the last run are there again.
    pub(crate) async fn start(port: u16, file: Option<PathBuf>) -> Result<Self> {
        let values = match file.as_deref().map(data::read).transpose()?.flatten() {
            // The parser's own words could show a value.
            Some(text) => {
                serde_json::from_str(&text).ok().context("the kept secrets cannot be read: start with --fresh")?
            }
            None => BTreeMap::new(),
        };
        let listener = Listener::bind(port, "--secrets-port").await?;
        let endpoint = format!("http://{}", listener.address()?);
        let store = Store(Arc::new(Mutex::new(State { values, file, ..State::default() })));
        let shared = store.clone();
        let server = listener.serve(move |request, _| {
            let reply = shared.answer(&request);
            async move { Some(reply) }
        });
        Ok(Self { store, endpoint, _server: server })
    }

    /// Base URL of the service.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Creates a secret or replaces its value. `id` is what functions ask for: name or ARN.
    pub fn put(&self, id: &str, value: impl Into<String>) {
        self.store.lock().put(id, Uuid::new_v4().to_string(), value.into());
        if let Err(error) = self.store.lock().save() {
            tracing::error!(error = format!("{error:#}"), "a secret is not kept");
        }
    }

    /// Whether there is such a secret.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.store.lock().values.contains_key(id)
    }

    /// Removes a secret.
    pub fn remove(&self, id: &str) {
        self.store.lock().values.remove(id);
    }

    /// Answers the next `times` requests with HTTP 500.
    pub fn fail_next(&self, times: u32) {
        self.store.lock().failing = times;
    }

    /// Requests so far.
    pub fn requests(&self) -> u64 {
        self.store.lock().requests
    }

    pub(crate) fn store(&self) -> Store {
        self.store.clone()
    }
}

impl Store {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one request of the service's JSON protocol.
    pub(crate) fn answer(&self, request: &Request) -> Response {
        let mut state = self.lock();
        state.requests += 1;
        let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if state.failing > 0 {
            state.failing -= 1;
            return error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServiceError", "scripted failure");
        }
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let answer = match target.strip_prefix(SERVICE) {
            Some("GetSecretValue") => state.get(&body),
            Some("PutSecretValue") => state.change(&body),
            Some("DescribeSecret") => state.describe(&body),
            _ => {
                let message = format!(
                    "the local Secrets Manager knows GetSecretValue, PutSecretValue and DescribeSecret only, not {target:?}"
                );
                Err(error(StatusCode::BAD_REQUEST, "InvalidRequestException", &message))
            }
        };
        answer.map_or_else(
            |refused| refused,
            |answer| http::bytes(StatusCode::OK, "application/x-amz-json-1.1", answer.to_string().into()),
        )
    }
}

#[expect(clippy::result_large_err, reason = "the error is the answer, made once per request")]
impl State {
    /// The id under which a secret is kept, of a request that names it by ARN or by name.
    fn id(&self, body: &Value) -> Result<String, Response> {
        let wanted = body["SecretId"].as_str().unwrap_or_default();
        let known = self.values.keys().find(|id| *id == wanted || name(id) == wanted);
        known.cloned().ok_or_else(|| not_found("Secrets Manager can't find the specified secret."))
    }

    fn get(&self, body: &Value) -> Result<Value, Response> {
        let id = self.id(body)?;
        let versions = self.versions(&id);
        let wanted = body["VersionId"].as_str();
        let stage = body["VersionStage"].as_str().or(wanted.is_none().then_some(CURRENT));
        let fits = |(version, own): &(&Version, &str)| {
            wanted.is_none_or(|wanted| wanted == version.id) && stage.is_none_or(|stage| stage == *own)
        };
        let Some((version, own)) = versions.into_iter().find(fits) else {
            let which = stage.map_or("VersionId".to_owned(), |stage| format!("staging label: {stage}"));
            return Err(not_found(&format!("Secrets Manager can't find the specified secret value for {which}")));
        };
        Ok(json!({
            "ARN": id, "Name": name(&id), "SecretString": version.value, "VersionId": version.id,
            "VersionStages": [own], "CreatedDate": version.created,
        }))
    }

    fn change(&mut self, body: &Value) -> Result<Value, Response> {
        let invalid = |message: &str| error(StatusCode::BAD_REQUEST, "InvalidParameterException", message);
        let id = self.id(body)?;
        let value = body["SecretString"].as_str().ok_or_else(|| invalid("You must provide SecretString."))?;
        let stages = body["VersionStages"].as_array();
        if stages.is_some_and(|stages| stages != &[CURRENT]) {
            return Err(invalid("the local Secrets Manager puts AWSCURRENT only"));
        }
        let token = body["ClientRequestToken"].as_str().map_or_else(|| Uuid::new_v4().to_string(), ToOwned::to_owned);
        let known = self.versions(&id).into_iter().find(|(version, _)| version.id == token);
        match known.map(|(version, _)| version.value == value) {
            Some(true) => {}
            Some(false) => {
                let message =
                    "You can't use ClientRequestToken because that value is already in use for another version.";
                return Err(error(StatusCode::BAD_REQUEST, "ResourceExistsException", message));
            }
            None => {
                let before = self.values.get(&id).cloned();
                self.put(&id, token.clone(), value.to_owned());
                if let Err(failed) = self.save() {
                    // What is not kept was not put.
                    self.values.insert(id, before.unwrap_or_default());
                    let message = format!("{failed:#}");
                    return Err(error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServiceError", &message));
                }
            }
        }
        Ok(json!({ "ARN": id, "Name": name(&id), "VersionId": token, "VersionStages": [CURRENT] }))
    }

    fn describe(&self, body: &Value) -> Result<Value, Response> {
        let id = self.id(body)?;
        let versions = self.versions(&id);
        let stages: BTreeMap<&str, [&str; 1]> =
            versions.iter().map(|(version, stage)| (version.id.as_str(), [*stage])).collect();
        let changed = versions.first().map(|(version, _)| version.created);
        Ok(json!({
            "ARN": id, "Name": name(&id), "VersionIdsToStages": stages,
            "LastChangedDate": changed, "CreatedDate": versions.last().map(|(version, _)| version.created),
        }))
    }

    /// Both versions with their staging labels.
    fn versions(&self, id: &str) -> Vec<(&Version, &'static str)> {
        let versions = self.values.get(id).into_iter().flat_map(|versions| &versions.0);
        versions.zip([CURRENT, PREVIOUS]).collect()
    }

    fn put(&mut self, id: &str, version: String, value: String) {
        let versions = &mut self.values.entry(id.to_owned()).or_default().0;
        versions.insert(0, Version { id: version, value, created: Timestamp::now().as_second() });
        versions.truncate(2);
    }

    fn save(&self) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        data::write(file, &serde_json::to_vec(&self.values)?)
    }
}

/// The name of a secret, of its name or ARN.
fn name(id: &str) -> &str {
    id.rsplit(':').next().unwrap_or(id)
}

fn not_found(message: &str) -> Response {
    error(StatusCode::BAD_REQUEST, "ResourceNotFoundException", message)
}

fn error(status: StatusCode, kind: &str, message: &str) -> Response {
    let body = json!({ "__type": kind, "message": message }).to_string();
    let response = http::bytes(status, "application/x-amz-json-1.1", body.into());
    http::with_header(response, "x-amzn-errortype", kind)
}
