use aws_sdk_dynamodb::types::AttributeValue;
use payout::{Moment, State, TrId};

use super::PayoutsTable;
use super::expression::Item;
use crate::error::StoreError;
use crate::host::{Host, Machine};
use crate::telemetry::Metric;

/// Finds the rows that wait for the sweeper.
pub trait FindDue {
    /// The rows of one partition (0 to 3) that were due at `now`, the longest due first: about `most` that wait to be sent,
    /// and about `most` others, however many wait. The index may lag behind the table: read each row before acting on it.
    fn due(&self, shard: u8, now: Moment, most: usize) -> impl Future<Output = Result<Vec<Due>, StoreError>>;
}

/// A row as the index `due` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its key.
    pub tr_id: TrId,
    /// Where it stood when the index was written.
    pub state: State,
    /// Since when it is due.
    pub due_at: Moment,
}

impl FindDue for PayoutsTable {
    async fn due(&self, shard: u8, now: Moment, most: usize) -> Result<Vec<Due>, StoreError> {
        let (mut waiting, mut found) = (0, Vec::new());
        let mut page = None;
        loop {
            let request = self.client.query().table_name(&self.name).index_name("due").set_exclusive_start_key(page);
            let answer = request
                .key_condition_expression("due_shard = :shard AND due_at <= :now")
                .expression_attribute_values(":shard", AttributeValue::N(shard.to_string()))
                .expression_attribute_values(":now", AttributeValue::S(now.to_string()))
                .send()
                .await
                .map_err(|error| StoreError::unavailable("Query", &error))?;
            for row in answer.items.unwrap_or_default().iter().filter_map(due) {
                waiting += usize::from(row.state == State::Accepted);
                if row.state != State::Accepted || waiting <= most {
                    found.push(row);
                }
            }
            page = answer.last_evaluated_key.filter(|key| !key.is_empty());
            // While the line is paused many rows wait: they must not hide the few that are to be cancelled.
            if page.is_none() || found.len() - waiting.min(most) >= most {
                return Ok(found);
            }
        }
    }
}

fn due(item: &Item) -> Option<Due> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    let tr_id = text("tr_id").and_then(|text| TrId::try_from(text.clone()).ok());
    let state = text("state").and_then(|text| State::ALL.into_iter().find(|state| state.as_str() == text));
    let due_at = text("due_at").and_then(|text| text.parse().ok());
    let due = tr_id.zip(state).zip(due_at).map(|((tr_id, state), due_at)| Due { tr_id, state, due_at });
    if due.is_none() {
        Machine.count(Metric::RowsUnreadable, 1);
        tracing::error!("The index due holds a row without a tr_id or a known state; a person must look at it.");
    }
    due
}
