//! One request, one answer, one deadline, never a second copy.

use std::time::{Duration, Instant};

use reqwest::{Client, Response, StatusCode, Url, redirect, retry, tls};

use crate::evidence::TransportFault;
use crate::limits::ClientLimits;
use crate::wire::Heard;

/// What came of one request.
pub(crate) struct Exchange {
    pub(crate) http_status: Option<u16>,
    pub(crate) elapsed: Duration,
    answer: Result<Option<Vec<u8>>, TransportFault>,
}

impl Exchange {
    pub(crate) fn heard(&self) -> Heard<'_> {
        match (&self.answer, self.http_status) {
            (Err(fault), _) => Heard::Fault(*fault),
            (Ok(Some(body)), _) => Heard::Body(body),
            (Ok(None), Some(status)) => Heard::Status(status),
            (Ok(None), None) => Heard::Fault(TransportFault::Broken),
        }
    }
}

/// The HTTP client. Each setting keeps a request from being made twice or from going where it must not.
pub(crate) fn http_client(https: bool, limits: &ClientLimits) -> Result<Client, reqwest::Error> {
    Client::builder()
        .user_agent(concat!("giftishow-client/", env!("CARGO_PKG_VERSION")))
        // By default some protocol answers make the library send again by itself.
        .retry(retry::never())
        .redirect(redirect::Policy::none())
        // No connection outlives its request: a pooled one may be dead after a freeze, and dying takes the request along.
        .pool_max_idle_per_host(0)
        .http1_only()
        .no_proxy()
        .referer(false)
        .https_only(https)
        .tls_version_min(tls::Version::TLS_1_2)
        // Features of other crates may switch these on.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .connect_timeout(limits.connect_timeout)
        .build()
}

/// Posts a form. The deadline covers everything from the name look-up to the last byte of the body.
pub(crate) async fn post(
    client: &Client,
    url: Url,
    form: &[(&'static str, &str)],
    deadline: Duration,
    body_limit_bytes: usize,
) -> Exchange {
    let started = Instant::now();
    let request = client.post(url).timeout(deadline).header(reqwest::header::ACCEPT, "application/json").form(form);
    let (http_status, answer) = match request.send().await {
        Ok(response) => {
            let status = response.status();
            (Some(status.as_u16()), answer(response, status, body_limit_bytes).await)
        }
        Err(error) => (None, Err(fault(&error))),
    };
    Exchange { http_status, elapsed: started.elapsed(), answer }
}

/// The body if it decides, `None` if the status does.
async fn answer(mut response: Response, status: StatusCode, limit: usize) -> Result<Option<Vec<u8>>, TransportFault> {
    if !status.is_success() || status == StatusCode::NO_CONTENT {
        return Ok(None);
    }
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            // Counted while it comes: the declared length may lie.
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => return Err(TransportFault::BodyTooLarge),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(Some(body)),
            Err(error) if error.is_timeout() => return Err(TransportFault::Deadline),
            Err(_) => return Err(TransportFault::Broken),
        }
    }
}

/// Only an error of the connector (name, TCP, TLS, their time limit) proves that no byte of the request left. The deadline of
/// the whole exchange proves nothing, even if it passes while connecting.
fn fault(error: &reqwest::Error) -> TransportFault {
    if error.is_connect() {
        TransportFault::NotConnected
    } else if error.is_timeout() {
        TransportFault::Deadline
    } else {
        TransportFault::Broken
    }
}
