//! An HTTP request as an event of payload format 2.0: that of an HTTP API and that of a function's URL.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, HeaderMap, USER_AGENT};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::signature::Caller;
use crate::http::Request;
use crate::template::ACCOUNT;

/// How a request came in.
pub(super) struct Entrance<'a> {
    /// Like `POST /bleepy/{token}`, or `$default`.
    pub(super) route_key: String,
    /// What the placeholders of the route stand for.
    pub(super) parameters: Option<&'a BTreeMap<String, String>>,
    /// Who signed it, where a signature is asked for.
    pub(super) caller: Option<&'a Caller>,
}

/// The event for a request.
pub(super) fn from_request(request: &Request, entrance: &Entrance<'_>, peer: SocketAddr, id: &str) -> Value {
    let headers = request.headers();
    // HTTP APIs hand the path on decoded, and the query as it was asked for.
    let path = percent_decoded(request.uri().path());
    let method = request.method().as_str();
    let host = text(headers, HOST.as_str());
    let now = Timestamp::now();
    let clock = now.to_zoned(TimeZone::UTC).strftime("%d/%b/%Y:%H:%M:%S +0000").to_string();
    let mut event = json!({
        "version": "2.0",
        "routeKey": entrance.route_key,
        "rawPath": path,
        "rawQueryString": request.uri().query().unwrap_or_default(),
        "headers": joined_headers(headers),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": host.split(':').next().unwrap_or_default(),
            "domainPrefix": "local",
            "http": {
                "method": method,
                "path": path,
                "protocol": format!("{:?}", request.version()),
                "sourceIp": peer.ip().to_string(),
                "userAgent": text(headers, USER_AGENT.as_str()),
            },
            "requestId": id,
            "routeKey": entrance.route_key,
            "stage": "$default",
            "time": clock,
            "timeEpoch": now.as_millisecond(),
        },
        "isBase64Encoded": false,
    });
    if let Some(parameters) = entrance.parameters.filter(|parameters| !parameters.is_empty()) {
        event["pathParameters"] = json!(parameters);
    }
    if let Some(caller) = entrance.caller {
        event["requestContext"]["authentication"] = Value::Null;
        event["requestContext"]["authorizer"] = json!({ "iam": identity(caller) });
    }
    if let Some(query) = request.uri().query().filter(|query| !query.is_empty()) {
        event["queryStringParameters"] = json!(query_parameters(query));
    }
    let cookies = cookies(headers);
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    if !request.body().is_empty() {
        let (body, encoded) = body(headers, request.body());
        event["body"] = json!(body);
        event["isBase64Encoded"] = json!(encoded);
    }
    event
}

/// A user of the account, named like the access key.
fn identity(caller: &Caller) -> Value {
    let name = caller.access_key();
    json!({
        "accessKey": name,
        "accountId": ACCOUNT,
        "callerId": name,
        "cognitoIdentity": null,
        "principalOrgId": null,
        "userArn": format!("arn:aws:iam::{ACCOUNT}:user/{name}"),
        "userId": name,
    })
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
}

/// Lower-case names, several values of one name joined by commas, cookies apart.
fn joined_headers(headers: &HeaderMap) -> BTreeMap<&str, String> {
    let names = headers.keys().filter(|name| *name != COOKIE);
    names
        .map(|name| {
            let values: Vec<_> =
                headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
            (name.as_str(), values.join(","))
        })
        .collect()
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(';')).map(|cookie| cookie.trim().to_owned()).collect()
}

fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::<String, String>::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = percent_decoded(&value.replace('+', " "));
        parameters
            .entry(percent_decoded(name))
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert(value);
    }
    parameters
}

/// Text stays text; everything else travels in base64.
fn body(headers: &HeaderMap, bytes: &[u8]) -> (String, bool) {
    let content_type = text(headers, CONTENT_TYPE.as_str()).to_ascii_lowercase();
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let textual =
        kind.starts_with("text/") || matches!(kind, "application/json" | "application/xml" | "application/javascript");
    match std::str::from_utf8(bytes) {
        Ok(text) if textual => (text.to_owned(), false),
        _ => (STANDARD.encode(bytes), true),
    }
}

/// `%41` → `A`; an escape that is none stays as it is.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, ..] => hex::decode([*high, *low]).ok(),
            _ => None,
        };
        if let Some(byte) = escaped {
            bytes.extend(byte);
            rest = rest.get(3..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
