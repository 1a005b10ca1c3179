use aws_sdk_dynamodb::types::AttributeValue;
use payout::{Attempt, Moment, TrId};

use super::{PayoutsTable, attempt_of};
use crate::batch_get::{Wanted, batch_get_of};
use crate::control::{Beats, HEARTBEAT, LOST, Lost, beat_of, lost_of};
use crate::error::StoreError;

/// Reads one row.
pub trait ReadPayout {
    /// The row as it is now (a consistent read), or `None` if there is none.
    fn attempt(&self, tr_id: &TrId) -> impl Future<Output = Result<Option<Attempt>, StoreError>>;
}

/// Finds several rows at once.
pub trait FindPayouts {
    /// The rows that there are (consistent reads, one request for up to 97 ids).
    fn find(&self, tr_ids: &[TrId]) -> impl Future<Output = Result<Found, StoreError>>;
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The rows that there are, in no order.
    pub rows: Vec<Attempt>,
    /// The time from which others may be missing, because the table was restored.
    pub lost: Option<Lost>,
}

impl Found {
    /// Remembers that rows may be missing since the last beat of an older table, if it is one.
    #[must_use]
    pub fn with_beats(self, beats: &Beats) -> Self {
        if !beats.are_of_an_older_table() {
            return self;
        }
        let from = beats.payouts.map_or(Moment::from_millis(0), |beat| beat.at);
        let from = self.lost.map_or(from, |lost| lost.from.min(from));
        // Until now, and it is not over.
        Self { lost: Some(Lost { from, until: Moment::from_millis(i64::MAX) }), ..self }
    }
}

impl ReadPayout for PayoutsTable {
    async fn attempt(&self, tr_id: &TrId) -> Result<Option<Attempt>, StoreError> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let answer = request
            .key("tr_id", AttributeValue::S(tr_id.as_str().to_owned()))
            .send()
            .await
            .map_err(|error| StoreError::unavailable("GetItem", &error))?;
        answer.item.map(attempt_of).transpose()
    }
}

impl FindPayouts for PayoutsTable {
    async fn find(&self, tr_ids: &[TrId]) -> Result<Found, StoreError> {
        let mut values: Vec<String> = tr_ids.iter().map(|tr_id| tr_id.as_str().to_owned()).collect();
        values.push(HEARTBEAT.to_owned());
        let payouts = Wanted { table: &self.name, key: "tr_id", values };
        let values = vec![HEARTBEAT.to_owned(), LOST.to_owned()];
        let control = Wanted { table: self.control()?, key: "name", values };
        let (mut found, mut beats) = (Found::default(), Beats::default());
        for item in batch_get_of(&self.client, vec![payouts, control]).await? {
            let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str);
            match (text("tr_id"), text("name")) {
                (_, Some(LOST)) => found.lost = Some(lost_of(&item)?),
                (_, Some(_)) => beats.control = Some(beat_of(&item)?),
                (Some(HEARTBEAT), _) => beats.payouts = Some(beat_of(&item)?),
                _ => found.rows.push(attempt_of(item)?),
            }
        }
        Ok(found.with_beats(&beats))
    }
}
