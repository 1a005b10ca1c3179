use lambda_runtime::LambdaEvent;
use payout::{Moment, SHARDS, State};
use platform::{Due, FindDue as _, Host as _, Metric, StoreError};
use serde::Serialize;
use serde_json::Value;

use crate::lease::Lease;
use crate::resolve::Driven;
use crate::{Given, Sweeper};

/// Most rows of one partition that are looked at in one sweep; the rest is due in the next.
const MOST_ROWS: usize = 1_000;

/// What one sweep did.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Rows that were due.
    pub due: usize,
    /// Rows that were written.
    pub settled: usize,
    /// Accepted rows handed to `send` again.
    pub redriven: usize,
    /// Rows left for the next sweep because the time was up or a table could not be reached.
    pub left: usize,
}

/// One sweep. A row that cannot be driven just now stays due and does not keep the others waiting; only if the rows cannot
/// even be found, or nothing is known of other sweeps, does the invocation fail.
pub async fn handle<G: Given>(sweeper: &Sweeper<G>, event: LambdaEvent<Value>) -> Result<Swept, StoreError> {
    let deadline = sweeper.host.deadline(event.context.deadline);
    let begun = sweeper.begin().await;
    sweeper.tell_what_waits_for_a_person().await;
    let lease = match begun {
        Ok(Some(lease)) => lease,
        Ok(None) => return Ok(Swept::default()),
        Err(error) => {
            // Without this table `send` claims nothing, either: that is a pause, too.
            sweeper.host.count(Metric::LinePaused, 1);
            tracing::error!("The heartbeat could not be kept, so nothing is swept: {error}.");
            return Err(error);
        }
    };
    let swept = sweeper.sweep(&lease, deadline).await;
    sweeper.let_go(&lease).await;
    swept
}

impl<G: Given> Sweeper<G> {
    async fn sweep(&self, lease: &Lease, deadline: Moment) -> Result<Swept, StoreError> {
        let mut rows = Vec::new();
        for shard in 0..SHARDS {
            rows.extend(self.payouts.due(shard, self.host.now(), MOST_ROWS).await?);
        }
        let mut swept = Swept { due: rows.len(), ..Swept::default() };
        let (accepted, mut open): (Vec<Due>, Vec<Due>) = rows.into_iter().partition(|row| row.state == State::Accepted);
        // Bounded, and usually a matter of milliseconds: cancelling may take the rest of the time.
        if let Some(line) = self.open_line().await {
            swept.redriven = self.redrive(accepted, &line).await;
        }
        // Audits can wait, an unknown send cannot.
        open.sort_by_key(|row| (matches!(row.state, State::Dead | State::Review | State::Closed), row.due_at));
        for (index, row) in open.iter().enumerate() {
            match self.drive(row, lease, deadline).await {
                Ok(Driven::Settled) => swept.settled += 1,
                Ok(Driven::LeftAlone) => {}
                Ok(Driven::Stop) => {
                    swept.left += open.len() - index;
                    tracing::warn!(left = swept.left, "This sweep ends early; what is left is due in the next.");
                    break;
                }
                Err(error) => {
                    self.not_driven(row, &error);
                    swept.left += 1;
                }
            }
        }
        Ok(swept)
    }

    pub(crate) fn not_driven(&self, row: &Due, error: &StoreError) {
        let tr_id = row.tr_id.as_str();
        match error {
            StoreError::Unavailable { .. } => tracing::warn!(tr_id, "A due row could not be driven: {error}."),
            StoreError::Malformed { .. } => {
                self.host.count(Metric::RowsUnreadable, 1);
                tracing::error!(tr_id, "A due row cannot be driven until a person mends it: {error}.");
            }
        }
    }
}
