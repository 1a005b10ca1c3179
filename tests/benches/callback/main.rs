//! What the callback costs beside what such a function cannot do without: the real binary against the floor, a bare
//! `lambda_http` function with one conditional `PutItem`, in turns in one run. Run with `cargo bench -p tests --bench callback`.
//!
//! | measured | limit |
//! | --- | --- |
//! | CPU time of a call, warm | 1.2 times the floor's |
//! | from process start to the first answer, DynamoDB over plain HTTP | 1.4 times the floor's |
//! | first answer after start-up, DynamoDB over TLS, 14.5 % of a CPU from then on (256 MB) | 15 ms |
//!
//! It ends with an error if a limit is broken.

mod lambda;
mod quota;
mod tls;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::routing::post;
use local::{Reward, Runner, Stack, StackOptions};
use serde_json::{Value, json};
use tests::CODE;
use tokio::net::TcpListener;
use uuid::Uuid;

use lambda::Process;
use quota::Quota;
use tls::Tls;

const MOST_CPU: f64 = 1.2;
const MOST_START: f64 = 1.4;
const MOST_FIRST_ANSWER: Duration = Duration::from_millis(15);
/// Cold starts of each.
const STARTS: usize = 31;
/// Warm calls of each: blocks in turns.
const BLOCKS: usize = 30;
const BLOCK: u32 = 100;
/// The kernel hands out shares by the tenth of a second: the first answer begins with a whole one.
const PERIOD: Duration = Duration::from_millis(100);

/// A function: where its binary is, and its environment.
struct Program {
    path: PathBuf,
    env: BTreeMap<String, String>,
}

impl Program {
    async fn start(&self) -> Result<Process> {
        Process::start(&self.path, &self.env).await
    }
}

struct Bench {
    stack: Stack,
    callback: Program,
    floor: Program,
}

#[tokio::main]
async fn main() -> Result<()> {
    let bench = Bench::new().await?;
    let held = [bench.first_answer().await?, bench.start().await?, bench.cpu().await?];
    bench.stack.shutdown().await;
    ensure!(held.into_iter().all(|held| held), "a limit is broken");
    Ok(())
}

impl Bench {
    async fn new() -> Result<Self> {
        let programs = local::binaries::build(&["callback".to_owned(), "floor".to_owned()], true).await?;
        let runner = Runner::Remote { endpoint: nobody().await? };
        let stack = Stack::start(StackOptions { runner, scheduled: false, ..StackOptions::default() }).await?;
        stack.put_reward(&Reward::sample())?;
        let mut env = stack.functions_env()?;
        for (name, value) in [("FUNCTION_NAME", "bench"), ("FUNCTION_VERSION", "1"), ("FUNCTION_MEMORY_SIZE", "256")] {
            env.insert(format!("AWS_LAMBDA_{name}"), value.to_owned());
        }
        let program = |name: &str| {
            let path = programs.get(name).with_context(|| format!("no binary {name}"))?.path.clone();
            anyhow::Ok(Program { path, env: env.clone() })
        };
        Ok(Self { callback: program("callback")?, floor: program("floor")?, stack })
    }

    /// A win of somebody new, as the API hands it over.
    fn event(&self) -> Value {
        let path = format!("/bleepy/{}", self.stack.callback_token());
        let user = Uuid::new_v4().simple().to_string();
        json!({
            "version": "2.0", "routeKey": "POST /bleepy/{token}", "rawPath": path, "rawQueryString": "",
            "headers": { "content-type": "application/json", "host": "bench" },
            "requestContext": {
                "accountId": "0", "apiId": "bench", "domainName": "bench", "domainPrefix": "bench",
                "http": {
                    "method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "bench",
                },
                "requestId": Uuid::new_v4().to_string(), "routeKey": "POST /bleepy/{token}", "stage": "$default",
                "time": "22/Nov/2026:08:00:00 +0000", "timeEpoch": 1_795_334_400_000_i64,
            },
            "body": json!({ "list": [{ "code": CODE, "userKey": user }] }).to_string(), "isBase64Encoded": false,
        })
    }

    /// CPU time of a call.
    async fn cpu(&self) -> Result<bool> {
        let (mut callback, mut floor) = (self.callback.start().await?, self.floor.start().await?);
        let (mut ours, mut least, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for block in 0..=BLOCKS {
            let (one, other) = (self.block(&mut callback).await?, self.block(&mut floor).await?);
            // The first block of each warms up.
            if block > 0 {
                ratios.push(one.as_secs_f64() / other.as_secs_f64());
                ours.push(one);
                least.push(other);
            }
        }
        callback.end().await?;
        floor.end().await?;
        let ratio = median(ratios).context("no block")?;
        let (ours, least) = (middle(ours), middle(least));
        Ok(told(
            ratio <= MOST_CPU,
            &format!(
                "CPU time of a call: callback {ours:.1?}, floor {least:.1?} (medians of {BLOCKS} blocks of {BLOCK}): \
             {ratio:.2} times; at most {MOST_CPU:.2}"
            ),
        ))
    }

    /// CPU time of a call in one block.
    async fn block(&self, process: &mut Process) -> Result<Duration> {
        let before = process.cpu()?;
        for _ in 0..BLOCK {
            process.call(&self.event()).await?;
        }
        Ok(process.cpu()?.saturating_sub(before) / BLOCK)
    }

    /// From process start to the first answer.
    async fn start(&self) -> Result<bool> {
        let (mut ours, mut least, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..STARTS {
            let (one, other) = (self.cold(&self.callback).await?, self.cold(&self.floor).await?);
            ratios.push(one.as_secs_f64() / other.as_secs_f64());
            ours.push(one);
            least.push(other);
        }
        let ratio = median(ratios).context("no start")?;
        let (ours, least) = (middle(ours), middle(least));
        Ok(told(
            ratio <= MOST_START,
            &format!(
                "from process start to the first answer: callback {ours:.1?}, floor {least:.1?} (medians of {STARTS}): \
             {ratio:.2} times; at most {MOST_START:.2}"
            ),
        ))
    }

    async fn cold(&self, program: &Program) -> Result<Duration> {
        let started = Instant::now();
        let mut process = program.start().await?;
        process.call(&self.event()).await?;
        let took = started.elapsed();
        process.end().await?;
        Ok(took)
    }

    /// The first answer after start-up, over TLS, with Lambda's share of a CPU. True also where no share can be set.
    async fn first_answer(&self) -> Result<bool> {
        if let Err(why) = Quota::new() {
            println!("skipped: first answer after start-up over TLS: {why:#}");
            return Ok(true);
        }
        let database = self.stack.dynamodb().endpoint().trim_start_matches("http://").parse()?;
        let folder = std::env::temp_dir().join(format!("callback-bench-{}", std::process::id()));
        std::fs::create_dir(&folder)?;
        let tls = Tls::start(database, &folder).await?;
        let (mut ours, mut least) = (Vec::new(), Vec::new());
        for _ in 0..STARTS {
            ours.push(self.throttled(&self.callback, &tls).await?);
            least.push(self.throttled(&self.floor, &tls).await?);
        }
        std::fs::remove_dir_all(folder)?;
        let (ours, least) = (middle(ours), middle(least));
        Ok(told(
            ours <= MOST_FIRST_ANSWER,
            &format!(
                "first answer after start-up over TLS with 14.5 % of a CPU: callback {ours:.1?} (median of {STARTS}; floor, \
             which has no start-up read, {least:.1?}); at most {MOST_FIRST_ANSWER:?}"
            ),
        ))
    }

    async fn throttled(&self, program: &Program, tls: &Tls) -> Result<Duration> {
        let mut env = program.env.clone();
        env.insert("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), tls.endpoint.clone());
        env.insert("SSL_CERT_FILE".to_owned(), tls.roots.display().to_string());
        let mut process = Program { path: program.path.clone(), env }.start().await?;
        process.ready().await?;
        let quota = Quota::new()?;
        quota.holds(process.id()?)?;
        tokio::time::sleep(PERIOD).await;
        let event = self.event();
        let asked = Instant::now();
        process.call(&event).await?;
        let took = asked.elapsed();
        process.end().await?;
        Ok(took)
    }
}

/// An Invoke API for the stream's records: each batch is done at once, by nobody.
async fn nobody() -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let router = Router::new().fallback(post(|| async { "{}" }));
    tokio::spawn(async move { axum::serve(listener, router).await.ok() });
    Ok(endpoint)
}

fn told(holds: bool, what: &str) -> bool {
    println!("{}: {what}", if holds { "holds" } else { "BROKEN" });
    holds
}

fn median<T: PartialOrd + Copy>(mut all: Vec<T>) -> Option<T> {
    all.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    all.get(all.len() / 2).copied()
}

fn middle(times: Vec<Duration>) -> Duration {
    median(times).unwrap_or_default()
}
