use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use payout::{Line, LineEvent, PauseReason, Rules};
use serde::{Deserialize, Serialize};

use super::{ControlTable, key, malformed};
use crate::error::StoreError;
use crate::host::Host;
use crate::payouts::Item;
use crate::telemetry::Metric;

/// The row of the line.
pub(super) const LINE: &str = "line";
/// Rounds of "read, change" while others change it, too.
const MOST_ROUNDS: usize = 5;

/// Reads and changes the line: whether anything is sent at present.
pub trait ControlLine {
    /// The line as it is now (a consistent read); open if nothing was ever written.
    fn line(&self) -> impl Future<Output = Result<Line, StoreError>>;
    /// Writes the line on condition that it still has the version before this one's. Whether it had, or an earlier try of the
    /// same owner had won.
    fn change_line(&self, after: &Line) -> impl Future<Output = Result<bool, StoreError>>;
}

/// The row as it is written.
#[derive(Serialize, Deserialize)]
struct LineRow {
    name: String,
    #[serde(flatten)]
    line: Line,
}

impl ControlLine for ControlTable {
    async fn line(&self) -> Result<Line, StoreError> {
        let request =
            self.client.get_item().table_name(&self.name).consistent_read(true).set_key(Some(key(LINE.to_owned())));
        let answer = request.send().await.map_err(|error| StoreError::unavailable("GetItem", &error))?;
        answer.item.map_or_else(|| Ok(Line::default()), line_of)
    }

    async fn change_line(&self, after: &Line) -> Result<bool, StoreError> {
        let row = LineRow { name: LINE.to_owned(), line: after.clone() };
        let item = serde_dynamo::to_item(&row).map_err(|error| malformed(&error))?;
        let before = after.version.saturating_sub(1);
        let is_new = if before == 0 { "attribute_not_exists(version) OR " } else { "" };
        let request = self.client.put_item().table_name(&self.name).set_item(Some(item));
        let request = request
            .condition_expression(format!("{is_new}version = :before"))
            .expression_attribute_values(":before", AttributeValue::N(before.to_string()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match request.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                let PutItemError::ConditionalCheckFailedException(failed) = error.into_err() else { return Ok(false) };
                // An earlier try of our own had won: said again, the event would count twice.
                let current = failed.item.map(line_of).transpose()?;
                Ok(current.is_some_and(|line| line.owner.is_some() && line.owner == after.owner))
            }
            Err(error) => Err(StoreError::unavailable("PutItem", &error)),
        }
    }
}

pub(super) fn line_of(item: Item) -> Result<Line, StoreError> {
    serde_dynamo::from_item::<_, LineRow>(item).map(|row| row.line).map_err(|error| malformed(&error))
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
        let Some(mut after) = line.after(event, host.now(), rules) else { return Ok(line) };
        after.owner = Some(host.new_owner());
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
