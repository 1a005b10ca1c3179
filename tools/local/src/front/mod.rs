//! The HTTP API and the functions' own URLs: requests become events of payload format 2.0, and the functions' answers become
//! responses.

mod event;
mod response;
mod route;
mod signature;
mod url;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use hyper::StatusCode;
use hyper::body::Bytes;
use serde_json::json;
use uuid::Uuid;

use crate::http::{self, AbortOnDrop, Listener, Reply, Request, Response, with_header};
use crate::lambda::{Admission, Functions, Outcome, Refused};
use crate::template::Route;
use event::Entrance;
pub(crate) use url::FunctionDoor;

/// API Gateway's own limits.
const MAX_REQUEST_BYTES: usize = 10 * 1024 * 1024;
const INTEGRATION_LIMIT: Duration = Duration::from_secs(30);

/// The local HTTP API.
pub struct Front {
    address: SocketAddr,
    _server: AbortOnDrop,
}

impl Front {
    pub(crate) async fn start(port: u16, routes: Vec<Route>, functions: Arc<Functions>) -> Result<Self> {
        let listener = Listener::bind(port, "--port").await?;
        let address = listener.address()?;
        let routes = Arc::new(routes);
        let server = listener.serve(move |request, peer| {
            let (routes, functions) = (Arc::clone(&routes), Arc::clone(&functions));
            async move { handle(&routes, &functions, &request, peer).await }
        });
        Ok(Self { address, _server: server })
    }

    /// Base URL of the API, without a slash at its end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn handle(routes: &[Route], functions: &Functions, request: &Request, peer: SocketAddr) -> Reply {
    let id = Uuid::new_v4().simple().to_string();
    let response = respond(routes, functions, request, peer, &id).await;
    Some(with_header(response, "apigw-requestid", &id))
}

async fn respond(routes: &[Route], functions: &Functions, request: &Request, peer: SocketAddr, id: &str) -> Response {
    let Some(matched) = route::find(routes, request.method().as_str(), request.uri().path()) else {
        return message(StatusCode::NOT_FOUND, "Not Found");
    };
    if request.body().len() > MAX_REQUEST_BYTES {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    }
    let Some(function) = functions.get(&matched.route.function) else {
        return message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    };
    let entrance = Entrance { route_key: matched.route_key(), parameters: Some(&matched.parameters), caller: None };
    let event = event::from_request(request, &entrance, peer, id);
    let invocation = function.invoke(Bytes::from(event.to_string()), Admission::RefuseIfReserved);
    match tokio::time::timeout(INTEGRATION_LIMIT, invocation).await {
        Ok(Ok(Outcome::Answered(body))) => response::from_answer(&body)
            .unwrap_or_else(|| message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")),
        Ok(Ok(Outcome::Failed(_))) => message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        Ok(Err(Refused::Throttled | Refused::Stopping)) | Err(_) => {
            message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
        }
    }
}

fn message(status: StatusCode, text: &str) -> Response {
    http::json(status, &json!({ "message": text }))
}
