//! A function behind another Invoke API.

use http_body_util::BodyExt;
use hyper::body::Bytes;
use hyper::{Method, Uri};

use super::outcome::Outcome;
use crate::http::{HttpClient, Request};

/// A function that `cargo lambda watch` or the like runs.
#[derive(Debug, Clone)]
pub struct Remote {
    client: HttpClient,
    url: String,
}

impl Remote {
    pub(crate) fn new(endpoint: &str, name: &str) -> Self {
        let endpoint = endpoint.trim_end_matches('/');
        let url = format!("{endpoint}/2015-03-31/functions/{name}/invocations");
        Self { client: HttpClient::new(), url }
    }

    pub(super) async fn invoke(&self, payload: Bytes) -> Outcome {
        self.try_invoke(payload).await.unwrap_or_else(|error| {
            let message = format!("no answer from {}: {error:#}", self.url);
            Outcome::failed("Remote.Unreachable", &message)
        })
    }

    pub(super) fn invoke_event(self, payload: Bytes) {
        tokio::spawn(async move {
            let outcome = self.invoke(payload).await;
            if outcome.is_failed() {
                tracing::warn!(url = self.url, error = outcome.error(), "event failed");
            }
        });
    }

    async fn try_invoke(&self, payload: Bytes) -> anyhow::Result<Outcome> {
        let mut request = Request::new(payload);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.url.parse::<Uri>()?;
        let (parts, body) = self.client.send(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        let failed = !parts.status.is_success() || parts.headers.contains_key("x-amz-function-error");
        Ok(if failed { Outcome::Failed(body) } else { Outcome::Answered(body) })
    }
}
