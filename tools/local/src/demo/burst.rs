//! Posts many wins, one per request as Bleepy does, and measures.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use giftishow_sim::{Api, Ledger};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::http::HttpClient;

/// Requests at a time.
const CONCURRENCY: usize = 8;

/// How long the callbacks took.
#[derive(Debug)]
pub(super) struct Posted {
    /// From the first request to the last answer.
    pub(super) took: Duration,
    /// Of each request, shortest first.
    pub(super) latencies: Vec<Duration>,
}

/// Posts one win of `code` for each of `winners`; every answer must be 200.
pub(super) async fn post_all(url: &str, code: &str, winners: &[String]) -> Result<Posted> {
    let queue: Arc<Mutex<VecDeque<String>>> = Arc::new(Mutex::new(winners.iter().cloned().collect()));
    let client = HttpClient::new();
    let started = Instant::now();
    let mut posters = JoinSet::new();
    for _ in 0..CONCURRENCY.min(winners.len()) {
        let (queue, client, url, code) = (Arc::clone(&queue), client.clone(), url.to_owned(), code.to_owned());
        posters.spawn(async move {
            let mut latencies = Vec::new();
            loop {
                let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                let Some(winner) = next else { return Ok(latencies) };
                let begun = Instant::now();
                let body = json!({ "list": [{ "code": code, "userKey": winner }] });
                let (status, body) = client.post_json(&url, &body).await?;
                if !status.is_success() {
                    bail!("the callback answered {status}: {}", String::from_utf8_lossy(&body));
                }
                latencies.push(begun.elapsed());
            }
        });
    }
    let mut latencies = Vec::new();
    while let Some(poster) = posters.join_next().await {
        latencies.extend(poster??);
    }
    latencies.sort();
    Ok(Posted { took: started.elapsed(), latencies })
}

/// Prints throughput and latencies of a burst.
pub(super) fn print(posted: &Posted, rows: &[Value], ledger: &Ledger) {
    let count = posted.latencies.len();
    println!(
        "\n  callbacks: {count} in {:.2} s, {:.0}/s; latency p50 {} ms, p99 {} ms",
        posted.took.as_secs_f64(),
        per_second(count, posted.took.as_secs_f64()),
        millis(percentile(&posted.latencies, 50)),
        millis(percentile(&posted.latencies, 99))
    );
    let mut waits: Vec<Duration> = rows
        .iter()
        .filter_map(|row| {
            let accepted: Timestamp = row["accepted_at"].as_str()?.parse().ok()?;
            let issued = ledger.find(row["tr_id"].as_str()?)?.issued_at;
            Duration::try_from(issued.duration_since(accepted)).ok()
        })
        .collect();
    waits.sort();
    let (took, rate) = issuing(ledger);
    println!(
        "  coupons:   {} in {took:.2} s from first to last, {rate:.0}/s; most at a time {}; from accepted to issued p50 {} ms, \
         p99 {} ms",
        ledger.entries.len(),
        ledger.in_flight_max_for(Api::Send),
        millis(percentile(&waits, 50)),
        millis(percentile(&waits, 99))
    );
}

/// Seconds from the first coupon to the last, and coupons per second meanwhile, by Giftishow's ledger.
fn issuing(ledger: &Ledger) -> (f64, f64) {
    let moments = || ledger.entries.iter().map(|entry| entry.issued_at);
    let (Some(first), Some(last)) = (moments().min(), moments().max()) else { return (0.0, 0.0) };
    let took = last.duration_since(first).as_secs_f64();
    // The first one is where the clock starts.
    (took, per_second(ledger.entries.len() - 1, took))
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or_default()
}

fn millis(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1000.0)
}

fn per_second(count: usize, seconds: f64) -> f64 {
    let count = u32::try_from(count).map_or(f64::INFINITY, f64::from);
    if seconds > 0.0 { count / seconds } else { 0.0 }
}
