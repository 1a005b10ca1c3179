//! What API Gateway hands to the function, and the few fields of it that matter.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::access::PATH;
use crate::call::{Body, Call};

/// The payload format that the template asks for.
const VERSION: &str = "2.0";

/// An event of an HTTP API, payload format 2.0. Whatever is not there, or is of another type, is empty: a stranger may
/// send anything, and nothing of it may end the function. The query is not looked at.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Event {
    #[serde(deserialize_with = "or_empty")]
    version: String,
    #[serde(deserialize_with = "or_empty")]
    raw_path: String,
    /// Where other formats have it.
    #[serde(deserialize_with = "or_empty")]
    path: String,
    #[serde(deserialize_with = "or_empty")]
    request_context: Context,
    #[serde(deserialize_with = "or_empty")]
    headers: Headers,
    #[serde(deserialize_with = "or_empty")]
    body: String,
    #[serde(deserialize_with = "or_empty")]
    is_base64_encoded: bool,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Context {
    #[serde(deserialize_with = "or_empty")]
    http: Http,
    /// Where payload format 1.0 has the address.
    #[serde(deserialize_with = "or_empty")]
    identity: Http,
    #[serde(deserialize_with = "or_empty")]
    request_id: Option<String>,
    #[serde(deserialize_with = "or_empty")]
    stage: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Http {
    #[serde(deserialize_with = "or_empty")]
    method: String,
    #[serde(deserialize_with = "or_empty")]
    source_ip: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Headers {
    #[serde(rename = "content-type", alias = "Content-Type", deserialize_with = "or_empty")]
    content_type: Option<String>,
}

impl Event {
    /// Reads any JSON.
    pub(crate) fn read(json: &RawValue) -> Self {
        serde_json::from_str(json.get()).unwrap_or_default()
    }

    pub(crate) fn call(&self) -> Call<'_> {
        let context = &self.request_context;
        let body = if self.version != VERSION || context.http.method.is_empty() {
            Body::OfAnotherEvent
        } else if self.is_base64_encoded {
            Body::Base64(&self.body)
        } else {
            Body::Plain(self.body.as_bytes())
        };
        Call {
            method: &context.http.method,
            path: self.path(),
            source_ip: context.http.source_ip.as_deref().or(context.identity.source_ip.as_deref()),
            request_id: context.request_id.as_deref(),
            content_type: self.headers.content_type.as_deref(),
            body,
        }
    }

    /// The path without the API's stage, which stands before it unless it is `$default` or a domain of one's own leads to it.
    fn path(&self) -> &str {
        let path = if self.raw_path.is_empty() { &self.path } else { &self.raw_path };
        let within = path.strip_prefix('/').and_then(|path| path.strip_prefix(self.request_context.stage.as_str()));
        within.filter(|rest| rest.starts_with(PATH)).unwrap_or(path)
    }
}

/// A value of another type than the field's is none.
fn or_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    let json = <&RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(json.get()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const SAMPLE: &str = include_str!("../../../events/callback.json");

    fn read(event: &Value) -> Event {
        read_text(&event.to_string())
    }

    fn read_text(json: &str) -> Event {
        Event::read(&RawValue::from_string(json.to_owned()).unwrap())
    }

    #[test]
    fn the_sample_event_is_read() {
        let event = read_text(SAMPLE);
        let call = event.call();
        assert_eq!((call.method, call.path), ("POST", "/bleepy/local-callback-token"));
        assert_eq!((call.source_ip, call.request_id), (Some("192.0.2.1"), Some("sample-request-0001")));
        assert_eq!(call.content_type, Some("application/json"));
        assert!(matches!(call.body, Body::Plain(body) if body.starts_with(b"{\"list\":[{\"code\":\"AD3FYTFS\"")));
    }

    #[test]
    fn a_field_of_another_type_is_empty_and_harms_no_other() {
        let sample: Value = serde_json::from_str(SAMPLE).unwrap();
        for name in ["version", "headers", "requestContext", "body", "isBase64Encoded", "rawQueryString", "more"] {
            for value in ["null", "7", "[]", "{}", "[[\"a\"]]", "\"text\"", "\"\\ud800\"", "1e999"] {
                let mut event = sample.clone();
                event[name] = json!("HERE");
                let event = read_text(&event.to_string().replace("\"HERE\"", value));
                assert_eq!(event.call().path, "/bleepy/local-callback-token", "{name} {value}");
            }
        }
        for event in
            ["null", "7", "[]", "{}", "\"\\ud800\"", r#"{"version":"2.0","version":"2.0","rawPath":"/bleepy/x"}"#]
        {
            let event = read_text(event);
            assert_eq!(event.call().path, "");
            assert!(matches!(event.call().body, Body::OfAnotherEvent));
        }
    }

    #[test]
    fn another_payload_format_has_a_path_and_an_address_and_no_body() {
        let event = read(&json!({
            "version": "1.0", "path": "/bleepy/x", "httpMethod": "POST", "body": "{}",
            "headers": { "Content-Type": "text/plain" }, "requestContext": { "identity": { "sourceIp": "192.0.2.1" } },
        }));
        let call = event.call();
        assert_eq!(
            (call.path, call.source_ip, call.content_type),
            ("/bleepy/x", Some("192.0.2.1"), Some("text/plain"))
        );
        assert!(matches!(call.body, Body::OfAnotherEvent));
    }

    #[test]
    fn the_stage_is_taken_from_before_the_path() {
        let cases = [
            ("/bleepy/x", "$default", "/bleepy/x"),
            ("/bleepy/x", "", "/bleepy/x"),
            ("/prod/bleepy/x", "prod", "/bleepy/x"),
            ("/bleepy/x", "prod", "/bleepy/x"),
            ("/bleepy/bleepy/x", "bleepy", "/bleepy/x"),
            ("/bleepy/x", "bleepy", "/bleepy/x"),
            ("/prod/bleepy/x", "$default", "/prod/bleepy/x"),
            ("/prod/bleepy/x", "pro", "/prod/bleepy/x"),
            ("/product/bleepy/x", "prod", "/product/bleepy/x"),
            ("prod/bleepy/x", "prod", "prod/bleepy/x"),
            ("/prod", "prod", "/prod"),
        ];
        for (path, stage, expected) in cases {
            let event = read(&json!({ "rawPath": path, "requestContext": { "stage": stage } }));
            assert_eq!(event.call().path, expected, "{path} at {stage}");
        }
    }
}
