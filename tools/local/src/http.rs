//! The one small HTTP server and client that all local services share.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, StatusCode, Uri};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

/// DynamoDB's own limit; the largest body that any of the services takes.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// A request whose body was read.
pub(crate) type Request = hyper::Request<Bytes>;
/// A response in one piece.
pub(crate) type Response = hyper::Response<Full<Bytes>>;

/// What a handler does: `None` closes the connection without a byte of an answer.
pub(crate) type Reply = Option<Response>;

/// A bound port on the loopback device.
#[derive(Debug)]
pub(crate) struct Listener(TcpListener);

impl Listener {
    /// Binds 127.0.0.1; port 0 takes a free one. `what` names the port in the error.
    pub(crate) async fn bind(port: u16, what: &str) -> Result<Self> {
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        TcpListener::bind(address)
            .await
            .map(Self)
            .with_context(|| format!("port {port} is taken: choose another one with {what}"))
    }

    pub(crate) fn address(&self) -> Result<SocketAddr> {
        Ok(self.0.local_addr()?)
    }

    pub(crate) fn into_inner(self) -> TcpListener {
        self.0
    }

    /// Serves until the returned guard is dropped.
    pub(crate) fn serve<H, F>(self, handler: H) -> AbortOnDrop
    where
        H: Fn(Request, SocketAddr) -> F + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        AbortOnDrop::spawn(accept(self.0, Arc::new(handler)))
    }
}

/// A background task that ends with its owner.
#[derive(Debug)]
pub(crate) struct AbortOnDrop(AbortHandle);

impl AbortOnDrop {
    pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(task).abort_handle())
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn accept<H, F>(listener: TcpListener, handler: Arc<H>)
where
    H: Fn(Request, SocketAddr) -> F + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, peer)) = accepted else { continue };
                // Small answers must not wait for more bytes to come.
                let _ = stream.set_nodelay(true);
                let handler = Arc::clone(&handler);
                connections.spawn(async move {
                    let service = service_fn(move |request| {
                        let handler = Arc::clone(&handler);
                        async move { answer(handler.as_ref(), request, peer).await }
                    });
                    let mut server = hyper::server::conn::http1::Builder::new();
                    let server = server.timer(TokioTimer::new());
                    // A client that goes away is no news.
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer<H, F>(handler: &H, request: hyper::Request<Incoming>, peer: SocketAddr) -> io::Result<Response>
where
    H: Fn(Request, SocketAddr) -> F,
    F: Future<Output = Reply>,
{
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY_BYTES).collect().await else {
        return Ok(empty(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let request = Request::from_parts(parts, body.to_bytes());
    handler(request, peer).await.ok_or_else(|| io::Error::other("closed without an answer"))
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response {
    bytes(status, "application/octet-stream", Bytes::new())
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    bytes(status, "application/json", Bytes::from(body.to_string()))
}

/// An answer of any type.
pub(crate) fn bytes(status: StatusCode, content_type: &'static str, body: Bytes) -> Response {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Adds a header; a value that is no header value is left out.
pub(crate) fn with_header(mut response: Response, name: &'static str, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// HTTP client for loopback services.
#[derive(Debug, Clone)]
pub(crate) struct HttpClient(Client<HttpConnector, Full<Bytes>>);

impl HttpClient {
    pub(crate) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self(Client::builder(TokioExecutor::new()).build(connector))
    }

    /// Sends `request` as it is and reads the whole answer.
    pub(crate) async fn send(&self, request: Request) -> Result<Response> {
        let (parts, body) = request.into_parts();
        let request = hyper::Request::from_parts(parts, Full::new(body));
        let (parts, body) = self.0.request(request).await?.into_parts();
        Ok(Response::from_parts(parts, Full::new(body.collect().await?.to_bytes())))
    }

    /// Posts JSON; status and body of the answer.
    pub(crate) async fn post_json(&self, url: &str, body: &Value) -> Result<(StatusCode, Bytes)> {
        let request = hyper::Request::builder()
            .method(Method::POST)
            .uri(url.parse::<Uri>()?)
            .header(CONTENT_TYPE, "application/json")
            .body(Bytes::from(body.to_string()))?;
        let response = self.send(request).await?;
        Ok((response.status(), response.into_body().collect().await?.to_bytes()))
    }
}
