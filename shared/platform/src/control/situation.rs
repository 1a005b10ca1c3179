use std::collections::HashSet;

use aws_sdk_dynamodb::Client;
use payout::{Line, TrId};

use super::buried;
use super::heartbeat::{Beats, HEARTBEAT, beat_of};
use super::line::{LINE, line_of};
use crate::aws::Aws;
use crate::batch_get::{Wanted, batch_get_of};
use crate::error::StoreError;

/// What must be known before anything is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// The line.
    pub line: Line,
    /// By which a restored table is recognised.
    pub beats: Beats,
    /// Which of the attempts were buried before their table was restored.
    pub buried: HashSet<TrId>,
}

/// Reads what must be known before anything is sent.
pub trait ReadSituation {
    /// As it is now, for these attempts (consistent reads, one request for up to 97 of them).
    fn situation(&self, tr_ids: &[TrId]) -> impl Future<Output = Result<Situation, StoreError>>;
}

/// The tables that say so.
pub struct SituationTables {
    client: Client,
    payouts: String,
    control: String,
}

impl SituationTables {
    /// The tables of these names.
    pub fn new(aws: &Aws, payouts: String, control: String) -> Self {
        Self { client: Client::new(aws.config()), payouts, control }
    }
}

impl ReadSituation for SituationTables {
    async fn situation(&self, tr_ids: &[TrId]) -> Result<Situation, StoreError> {
        let mut names = vec![LINE.to_owned(), HEARTBEAT.to_owned()];
        names.extend(tr_ids.iter().map(buried));
        let payouts = Wanted { table: &self.payouts, key: "tr_id", values: vec![HEARTBEAT.to_owned()] };
        let control = Wanted { table: &self.control, key: "name", values: names };
        let mut situation = Situation::default();
        for item in batch_get_of(&self.client, vec![payouts, control]).await? {
            let name = item.get("name").and_then(|name| name.as_s().ok()).cloned();
            match name.as_deref() {
                None => situation.beats.payouts = Some(beat_of(&item)?),
                Some(LINE) => situation.line = line_of(item)?,
                Some(HEARTBEAT) => situation.beats.control = Some(beat_of(&item)?),
                Some(name) => {
                    let is_it = |tr_id: &&TrId| buried(tr_id) == name;
                    situation.buried.extend(tr_ids.iter().find(is_it).cloned());
                }
            }
        }
        Ok(situation)
    }
}
