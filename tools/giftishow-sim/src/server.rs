//! The service over HTTP/1.1, with every way of spoiling an answer.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::api::Api;
use crate::body::ReplyBody;
use crate::codes::Code;
use crate::control;
use crate::faults::{Effect, Trouble};
use crate::params::Params;
use crate::script::ScriptedFault;
use crate::state::{InFlight, Shared, State};
use crate::vendor::Answer;
use crate::wire;

const REQUEST_BYTES_MAX: usize = 64 * 1024;
const LATE_DEFAULT: Duration = Duration::from_secs(3);
const HANG_DEFAULT: Duration = Duration::from_mins(1);
const HTML: &str = "<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>";

pub(crate) type Reply = Response<ReplyBody>;

/// A connection that ends without an answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Severed {
    /// RST: nothing that was written counts.
    #[error("reset by script")]
    Reset,
    /// FIN.
    #[error("closed by script")]
    Closed,
}

/// Serves until it is dropped, and every connection with it.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn(connection(stream, Arc::clone(&shared))); }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(move |request| Box::pin(handle(Arc::clone(&shared), request)));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let Err(error) = (&mut connection).await else { return };
    let cause = std::error::Error::source(&error);
    if matches!(cause.and_then(<dyn std::error::Error>::downcast_ref), Some(Severed::Reset))
        && let Err(error) = connection.into_parts().io.into_inner().set_zero_linger()
    {
        tracing::warn!(%error, "a reset became an ordinary close");
    }
}

async fn handle(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Reply, Severed> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let operation_at = Api::at(path);
    if operation_at.is_some() && head.method != Method::POST {
        let mut reply = plain(StatusCode::METHOD_NOT_ALLOWED, "method not allowed");
        reply.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        return Ok(reply);
    }
    let Ok(body) = Limited::new(body, REQUEST_BYTES_MAX).collect().await else {
        return Ok(plain(StatusCode::BAD_REQUEST, "request unreadable or too large"));
    };
    let body = body.to_bytes();
    let Some((api, url_code)) = operation_at else {
        return Ok(control::handle(&shared, &head.method, path, &body));
    };
    let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let reply = operation(&shared, api, Params::read(content_type, &body).with_url_code(url_code)).await;
    if shared.read(State::is_unsaved) {
        return Ok(plain(StatusCode::INTERNAL_SERVER_ERROR, "the books cannot be written"));
    }
    reply
}

/// One request to the service: its effect, and an answer that a script may spoil.
async fn operation(shared: &Arc<Shared>, api: Api, params: Params) -> Result<Reply, Severed> {
    let in_flight = InFlight::enter(shared, api);
    let Some(scripted) = shared.change(|state| state.script.take(api, &params)) else {
        let answer = shared.change(|state| state.serve(api, &params, None));
        take_time(shared, api).await;
        return Ok(answered(api, &answer));
    };
    let name = scripted.fault.name_for(api);
    let location = format!("{}{}", api.path(), params.url_code().unwrap_or_default());
    let mut answer = None;
    match scripted.fault.effect() {
        Effect::None => shared.change(|state| state.skip(api, &params, name)),
        Effect::AtOnce => answer = Some(shared.change(|state| state.serve(api, &params, Some(name)))),
        Effect::Charge => answer = Some(shared.change(|state| state.charge(&params, name))),
        Effect::Late => serve_later(shared, api, params, name, scripted.delay.unwrap_or(LATE_DEFAULT)),
    }
    take_time(shared, api).await;
    let target = Target { api, location: &location };
    spoil(shared, &target, answer.as_ref(), &scripted, in_flight).await
}

/// The usual time between the effect of a send and its answer: a client that goes away meanwhile has been served.
async fn take_time(shared: &Shared, api: Api) {
    if api == Api::Send && !shared.send_latency.is_zero() {
        tokio::time::sleep(shared.send_latency).await;
    }
}

/// The effect outlives the connection, but not the simulator.
fn serve_later(shared: &Arc<Shared>, api: Api, params: Params, fault: String, delay: Duration) {
    let shared = Arc::downgrade(shared);
    tokio::spawn(async move {
        tokio::time::sleep(delay).await;
        if let Some(shared) = shared.upgrade() {
            shared.change(|state| state.serve(api, &params, Some(fault)));
        }
    });
}

/// What a request was for.
struct Target<'r> {
    api: Api,
    location: &'r str,
}

async fn spoil(
    shared: &Arc<Shared>,
    target: &Target<'_>,
    answer: Option<&Answer>,
    scripted: &ScriptedFault,
    in_flight: InFlight,
) -> Result<Reply, Severed> {
    let Target { api, location } = *target;
    let trouble = scripted.fault.trouble();
    let lasts = match scripted.fault.effect() {
        // Its delay is that of the coupon.
        Effect::Late => None,
        Effect::None | Effect::AtOnce | Effect::Charge => scripted.delay,
    };
    if !matches!(trouble, Trouble::Hang | Trouble::Slow) {
        tokio::time::sleep(lasts.unwrap_or_default()).await;
    }
    if let Some(refused @ Answer::Refused(_)) = answer
        && matches!(trouble, Trouble::Code(_) | Trouble::NoOrderNo)
    {
        // These tell what became of an issued coupon, and there is none.
        return Ok(answered(api, refused));
    }
    Ok(match trouble {
        Trouble::Hang => {
            // Dropped here as soon as the client hangs up.
            tokio::time::sleep(lasts.unwrap_or(HANG_DEFAULT)).await;
            return Err(Severed::Closed);
        }
        Trouble::Reset => return Err(Severed::Reset),
        Trouble::Status(204) => empty(StatusCode::NO_CONTENT),
        Trouble::Status(status) => plain(StatusCode::from_u16(status).unwrap_or_default(), "scripted"),
        Trouble::HtmlPage => with_type(StatusCode::BAD_GATEWAY, "text/html", HTML),
        Trouble::Truncated => truncated(&rendered(api, answer)),
        Trouble::Slow => dripping(&rendered(api, answer), lasts.unwrap_or(HANG_DEFAULT), in_flight),
        Trouble::Redirect => redirect(location),
        Trouble::NotFound => answered(api, &shared.read(|state| state.vendor.not_found(api))),
        Trouble::Told => answer.map_or_else(|| empty(StatusCode::OK), |answer| answered(api, answer)),
        Trouble::EmptyPage => answered(api, &shared.change(|state| state.vendor.empty_page())),
        Trouble::Code(code) => json(StatusCode::OK, &wire::refused(api, &Code::any(code))),
        Trouble::InnerCode(code) => json(StatusCode::OK, &wire::inner_error(api, code)),
        Trouble::NoOrderNo => json(StatusCode::OK, &wire::without_order_no()),
    })
}

fn answered(api: Api, answer: &Answer) -> Reply {
    match wire::render(api, answer) {
        Some(text) => with_type(StatusCode::OK, JSON, text),
        None => empty(StatusCode::NO_CONTENT),
    }
}

fn rendered(api: Api, answer: Option<&Answer>) -> String {
    answer.and_then(|answer| wire::render(api, answer)).unwrap_or_default()
}

fn truncated(text: &str) -> Reply {
    let half = text.as_bytes()[..text.len() / 2].to_vec();
    let mut reply = Response::new(ReplyBody::breaking_off(half));
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    reply
}

fn dripping(text: &str, total: Duration, in_flight: InFlight) -> Reply {
    let mut reply = Response::new(ReplyBody::dripping(text.as_bytes(), total, in_flight));
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    reply
}

/// 307 keeps the method and the body, so whoever follows it orders again.
fn redirect(location: &str) -> Reply {
    let mut reply = empty(StatusCode::TEMPORARY_REDIRECT);
    if let Ok(location) = HeaderValue::from_str(location) {
        reply.headers_mut().insert(LOCATION, location);
    }
    reply
}

const JSON: &str = "application/json;charset=UTF-8";

pub(crate) fn json(status: StatusCode, value: &Value) -> Reply {
    with_type(status, JSON, value.to_string())
}

pub(crate) fn empty(status: StatusCode) -> Reply {
    let mut reply = Response::new(ReplyBody::whole(""));
    *reply.status_mut() = status;
    reply
}

pub(crate) fn plain(status: StatusCode, text: &'static str) -> Reply {
    with_type(status, "text/plain", text)
}

fn with_type(status: StatusCode, media_type: &'static str, text: impl Into<hyper::body::Bytes>) -> Reply {
    let mut reply = Response::new(ReplyBody::whole(text));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    reply
}
