//! A function's answer as an HTTP response.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, SET_COOKIE};
use serde_json::Value;

use crate::http::{self, Response};

/// Payload format 2.0: with `statusCode` it is a response, without it the whole answer is a 200 in JSON.
/// Nothing if it is neither.
pub(super) fn from_answer(body: &[u8]) -> Option<Response> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let Some(status) = answer.get("statusCode") else {
        return Some(http::json(StatusCode::OK, &answer));
    };
    let status = StatusCode::from_u16(u16::try_from(status.as_u64()?).ok()?).ok()?;
    let text = answer["body"].as_str().unwrap_or_default();
    let body = match answer["isBase64Encoded"].as_bool() {
        Some(true) => Bytes::from(STANDARD.decode(text).ok()?),
        _ => Bytes::from(text.to_owned()),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        headers.insert(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
    }
    for cookie in answer["cookies"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        headers.append(SET_COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("text/plain;charset=UTF-8"));
    Some(response)
}
