//! One process of a function under a Runtime API of its own, and what it costs.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longer than any answer takes.
const LIMIT: Duration = Duration::from_secs(30);
const LARGEST_ANSWER: usize = 1024 * 1024;

/// A running process of a function.
pub(crate) struct Process {
    child: Child,
    events: mpsc::UnboundedSender<String>,
    answers: mpsc::UnboundedReceiver<Vec<u8>>,
    is_ready: watch::Receiver<bool>,
    api: JoinHandle<()>,
}

struct Api {
    events: Mutex<mpsc::UnboundedReceiver<String>>,
    answers: mpsc::UnboundedSender<Vec<u8>>,
    is_ready: watch::Sender<bool>,
}

impl Process {
    /// Starts it.
    pub(crate) async fn start(program: &Path, env: &BTreeMap<String, String>) -> Result<Self> {
        let (events, inbox) = mpsc::unbounded_channel();
        let (outbox, answers) = mpsc::unbounded_channel();
        let (told, is_ready) = watch::channel(false);
        let api = Arc::new(Api { events: Mutex::new(inbox), answers: outbox, is_ready: told });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?.to_string();
        let router = Router::new().fallback(answer).with_state(api);
        let api = tokio::spawn(async move {
            let _ =
                axum::serve(axum::serve::ListenerExt::tap_io(listener, |io| drop(io.set_nodelay(true))), router).await;
        });
        let child = Command::new(program)
            .env_clear()
            .envs(env)
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Self { child, events, answers, is_ready, api })
    }

    /// Ends when its start-up has: it asks for its first event.
    pub(crate) async fn ready(&mut self) -> Result<()> {
        timeout(LIMIT, self.is_ready.wait_for(|is_ready| *is_ready)).await.context("it does not start")??;
        Ok(())
    }

    /// Hands over an event and waits for the answer, which must be a 200.
    pub(crate) async fn call(&mut self, event: &Value) -> Result<()> {
        self.events.send(event.to_string())?;
        let answer = timeout(LIMIT, self.answers.recv()).await.context("no answer")?.context("it has ended")?;
        let answer: Value = serde_json::from_slice(&answer)?;
        ensure!(answer["statusCode"] == 200, "it answered {answer}");
        Ok(())
    }

    /// The time on a CPU that its threads have had, by the kernel's own account.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let mut spent = Duration::ZERO;
        for task in std::fs::read_dir(format!("/proc/{}/task", self.id()?))? {
            let account = std::fs::read_to_string(task?.path().join("schedstat"))?;
            let nanoseconds = account.split(' ').next().context("an empty account")?;
            spent += Duration::from_nanos(nanoseconds.parse()?);
        }
        Ok(spent)
    }

    /// Its number.
    pub(crate) fn id(&self) -> Result<u32> {
        self.child.id().context("it has ended")
    }

    /// Ends it.
    pub(crate) async fn end(mut self) -> Result<()> {
        self.child.kill().await?;
        self.api.abort();
        Ok(())
    }
}

async fn answer(State(api): State<Arc<Api>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if request.method() == Method::GET && path.ends_with("/invocation/next") {
        api.is_ready.send_replace(true);
        let Some(event) = api.events.lock().await.recv().await else { return StatusCode::GONE.into_response() };
        let headers = [
            ("lambda-runtime-aws-request-id", uuid::Uuid::new_v4().to_string()),
            ("lambda-runtime-deadline-ms", (jiff::Timestamp::now().as_millisecond() + 10_000).to_string()),
            ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:ap-northeast-2:0:function:bench".to_owned()),
        ];
        return (headers, event).into_response();
    }
    let body = axum::body::to_bytes(request.into_body(), LARGEST_ANSWER).await.unwrap_or_default();
    // Who does not listen any more has failed.
    let _ = api.answers.send(body.to_vec());
    StatusCode::ACCEPTED.into_response()
}
