//! What people's tools ask of the cloud, on one port: CloudFormation and SNS (query protocol), Lambda's configuration, Secrets
//! Manager. The functions publish here, too.

mod formation;
mod functions;
mod query;
mod topic;

use std::sync::Arc;

use anyhow::Result;
use hyper::{Method, StatusCode};
use serde_json::json;

pub use topic::Mail;
pub(crate) use topic::Topic;

use crate::http::{self, AbortOnDrop, Listener, Request, Response, with_header};
use crate::secrets;
use crate::stack::Deployment;
use query::Query;

/// The running endpoint.
pub(crate) struct Cloud {
    _server: AbortOnDrop,
}

/// What its answers are made from.
struct Parts {
    deployment: Arc<Deployment>,
    topic: Topic,
    secrets: secrets::Store,
}

impl Cloud {
    pub(crate) fn serve(
        listener: Listener,
        deployment: Arc<Deployment>,
        topic: Topic,
        secrets: secrets::Store,
    ) -> Self {
        let parts = Arc::new(Parts { deployment, topic, secrets });
        let server = listener.serve(move |request, _| {
            let response = respond(&parts, &request);
            async move { Some(response) }
        });
        Self { _server: server }
    }
}

fn respond(parts: &Parts, request: &Request) -> Response {
    if request.headers().contains_key("x-amz-target") {
        return parts.secrets.answer(request);
    }
    let segments: Vec<&str> = request.uri().path().trim_matches('/').split('/').collect();
    match (request.method(), segments.as_slice()) {
        (&Method::GET, ["2015-03-31", "functions", name, "configuration"]) => {
            functions::configuration(&parts.deployment, name)
        }
        (&Method::POST, [""]) => {
            let query = Query::read(request.body());
            let answer = match query.version() {
                "2010-05-15" => formation::answer(&parts.deployment, &query),
                "2010-03-31" => topic::answer(&parts.deployment, &parts.topic, &query),
                "2011-06-15" => query::identity(request, &query),
                _ => Err(query::Refusal::unknown(&query)),
            };
            query.respond(answer)
        }
        _ => {
            let message = "the local cloud has CloudFormation, SNS, Secrets Manager and Lambda's configuration";
            let body = json!({ "Type": "User", "Message": message });
            with_header(http::json(StatusCode::NOT_FOUND, &body), "x-amzn-errortype", "ResourceNotFoundException")
        }
    }
}

/// The name of a function, of its name or (percent-encoded) ARN.
fn short_name(name: &str) -> String {
    let decoded = name.replace("%3A", ":").replace("%3a", ":");
    decoded.rsplit(':').next().unwrap_or_default().to_owned()
}

/// All of a query's answers are `Result`s of this.
type Answer = Result<String, query::Refusal>;

/// `<name>text</name>`, escaped.
fn tag(name: &str, text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    format!("<{name}>{escaped}</{name}>")
}
