//! The schedule: invokes a function at a fixed rate.

use std::time::Duration;

use hyper::body::Bytes;
use serde_json::json;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use uuid::Uuid;

use crate::http::AbortOnDrop;
use crate::lambda::{Admission, Outcome, Refused, Target};
use crate::template::{ACCOUNT, REGION};

/// The running schedule.
pub(crate) struct Scheduler {
    _task: AbortOnDrop,
}

impl Scheduler {
    /// The first invocation comes after one period. One invocation ends before the next begins.
    pub(crate) fn start(target: Target, period: Duration, input: Option<String>) -> Self {
        let task = AbortOnDrop::spawn(async move {
            let mut ticks = interval_at(Instant::now() + period, period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                if let Err(Refused::Stopping) = run_once(&target, input.clone()).await {
                    return;
                }
            }
        });
        Self { _task: task }
    }
}

/// One scheduled invocation, from its event to its end. The schedule's own input takes the place of the event.
pub(crate) async fn run_once(target: &Target, input: Option<String>) -> Result<Outcome, Refused> {
    if let Some(input) = input {
        return target.invoke(Bytes::from(input), Admission::Wait).await;
    }
    let event = json!({
        "version": "0",
        "id": Uuid::new_v4().to_string(),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": ACCOUNT,
        "time": jiff::Timestamp::now().to_string(),
        "region": REGION,
        "resources": [format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/local")],
        "detail": "{}",
    });
    target.invoke(Bytes::from(event.to_string()), Admission::Wait).await
}
