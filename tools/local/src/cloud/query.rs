//! AWS's query protocol: a form in, XML out.

use std::collections::BTreeMap;

use hyper::StatusCode;
use hyper::header::AUTHORIZATION;
use uuid::Uuid;

use super::{Answer, tag};
use crate::http::{self, Request, Response};
use crate::template::ACCOUNT;

/// One request's form.
pub(super) struct Query(BTreeMap<String, String>);

/// An error as the service says it.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: message.into() }
    }

    /// What CloudFormation says to almost everything.
    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationError", message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, code: "NotFound", message: message.into() }
    }

    pub(super) fn unknown(query: &Query) -> Self {
        Self::new("InvalidAction", format!("the local cloud does not know the action {:?}", query.action()))
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Self::validation(format!("{error:#}"))
    }
}

impl Query {
    pub(super) fn read(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    pub(super) fn action(&self) -> &str {
        self.text("Action")
    }

    pub(super) fn version(&self) -> &str {
        self.text("Version")
    }

    /// A parameter; empty if it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The members of a list of objects, as those of their parameters that are there.
    pub(super) fn members(&self, list: &str) -> Vec<BTreeMap<&str, &str>> {
        let prefix = format!("{list}.member.");
        let mut members = BTreeMap::<u32, BTreeMap<&str, &str>>::new();
        for (name, value) in &self.0 {
            let place = name.strip_prefix(&prefix).and_then(|rest| rest.split_once('.'));
            if let Some((Ok(number), name)) = place.map(|(number, name)| (number.parse(), name)) {
                members.entry(number).or_default().insert(name, value);
            }
        }
        members.into_values().collect()
    }

    /// The whole answer: what is inside of `<…Result>`, or the error.
    pub(super) fn respond(&self, answer: Answer) -> Response {
        let request_id = tag("RequestId", &Uuid::new_v4().to_string());
        let (status, xml) = match answer {
            Ok(result) => {
                let action = self.action();
                let metadata = format!("<ResponseMetadata>{request_id}</ResponseMetadata>");
                let result = format!("<{action}Result>{result}</{action}Result>");
                (StatusCode::OK, format!("<{action}Response>{result}{metadata}</{action}Response>"))
            }
            Err(refusal) => {
                let (code, message) = (tag("Code", refusal.code), tag("Message", &refusal.message));
                let error = format!("<Error><Type>Sender</Type>{code}{message}</Error>");
                (refusal.status, format!("<ErrorResponse>{error}{request_id}</ErrorResponse>"))
            }
        };
        http::bytes(status, "text/xml", xml.into())
    }
}

/// STS's `GetCallerIdentity`: the user whom the access key is named after.
pub(super) fn identity(request: &Request, query: &Query) -> Answer {
    if query.action() != "GetCallerIdentity" {
        return Err(Refusal::unknown(query));
    }
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = header.split_once("Credential=").and_then(|(_, rest)| rest.split('/').next());
    let name =
        name.ok_or_else(|| Refusal::new("MissingAuthenticationToken", "Request is missing Authentication Token"))?;
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/{name}");
    Ok([tag("Arn", &arn), tag("UserId", name), tag("Account", ACCOUNT)].concat())
}
