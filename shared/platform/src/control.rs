use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::AttributeValue;
use payout::{Line, LineEvent, PauseReason, Rules};
use serde::{Deserialize, Serialize};

use crate::aws::Aws;
use crate::error::StoreError;
use crate::host::Host;
use crate::telemetry::Metric;

/// The row of the line.
const LINE: &str = "line";
/// Rounds of "read, change" while others change it, too.
const MOST_ROUNDS: usize = 3;

/// Reads and changes the line: whether anything is sent at present.
pub trait ControlLine {
    /// The line as it is now (a consistent read); open if nothing was ever written.
    fn line(&self) -> impl Future<Output = Result<Line, StoreError>>;
    /// Writes the line on condition that it still has the version before this one's. Whether it had.
    fn change_line(&self, after: &Line) -> impl Future<Output = Result<bool, StoreError>>;
}

/// The table `control`: the line, the counters of the caps (`count/…`), and the attempts that Giftishow never heard of
/// (`buried/…`). Its key is `name`.
pub struct ControlTable {
    client: Client,
    name: String,
}

impl ControlTable {
    /// The table of this name.
    pub fn new(aws: &Aws, name: String) -> Self {
        Self { client: Client::new(aws.config()), name }
    }
}

/// The row as it is written.
#[derive(Serialize, Deserialize)]
struct LineRow {
    name: String,
    #[serde(flatten)]
    line: Line,
}

/// The condition under which the line is open, on its row.
pub(crate) const IS_OPEN: &str = "attribute_not_exists(pause)";

pub(crate) fn line_key() -> HashMap<String, AttributeValue> {
    key(LINE.to_owned())
}

pub(crate) fn key(name: String) -> HashMap<String, AttributeValue> {
    HashMap::from([("name".to_owned(), AttributeValue::S(name))])
}

impl ControlLine for ControlTable {
    async fn line(&self) -> Result<Line, StoreError> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true).set_key(Some(line_key()));
        let answer = request.send().await.map_err(|error| StoreError::unavailable("GetItem", &error))?;
        let Some(item) = answer.item else { return Ok(Line::default()) };
        serde_dynamo::from_item::<_, LineRow>(item).map(|row| row.line).map_err(|error| malformed(&error))
    }

    async fn change_line(&self, after: &Line) -> Result<bool, StoreError> {
        let row = LineRow { name: LINE.to_owned(), line: after.clone() };
        let item = serde_dynamo::to_item(&row).map_err(|error| malformed(&error))?;
        let before = after.version.saturating_sub(1);
        let is_new = if before == 0 { "attribute_not_exists(version) OR " } else { "" };
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
        let request = request
            .condition_expression(format!("{is_new}version = :before"))
            .expression_attribute_values(":before", AttributeValue::N(before.to_string()));
        match request.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => Ok(false),
            Err(error) => Err(StoreError::unavailable("PutItem", &error)),
        }
    }
}

fn malformed(error: &serde_dynamo::Error) -> StoreError {
    StoreError::Malformed { table: "control", why: error.to_string() }
}

/// Tells the line what happened; the line as it is then. Nothing is written if that changes nothing.
pub async fn tell_line<H: Host, C: ControlLine>(
    host: &H,
    control: &C,
    rules: &Rules,
    event: LineEvent,
) -> Result<Line, StoreError> {
    for _ in 0..MOST_ROUNDS {
        let line = control.line().await?;
        let Some(after) = line.after(event, host.now(), rules) else { return Ok(line) };
        if control.change_line(&after).await? {
            log_change(host, &line, &after);
            return Ok(after);
        }
    }
    Err(StoreError::Unavailable { operation: "change_line", code: "the line kept changing".into() })
}

fn log_change<H: Host>(host: &H, before: &Line, after: &Line) {
    let reason = |line: &Line| line.pause.as_ref().map(|pause| pause.reason);
    match (reason(before), reason(after)) {
        (None, Some(reason)) => {
            host.count(Metric::LinePaused, 1);
            let reason = PauseReason::as_str(reason);
            tracing::error!(reason, "The line is paused: payouts wait, and none is lost.");
        }
        (Some(reason), None) => {
            host.count(Metric::LineResumed, 1);
            tracing::info!(reason = reason.as_str(), "The line is open again.");
        }
        (Some(before), Some(after)) if before != after => {
            tracing::warn!(before = before.as_str(), reason = after.as_str(), "The line is paused for another reason.");
        }
        _ => {}
    }
}
