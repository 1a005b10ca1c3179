use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use payout::{Moment, Reward, RewardCode};

use crate::aws::Aws;
use crate::batch_get::batch_get;
use crate::error::{StoreError, without_values};
use crate::host::{Host, Machine};
use crate::telemetry::Metric;

/// How long a reward read once is believed.
const FRESH_FOR: Duration = Duration::from_mins(1);

/// Looks up what codes stand for.
pub trait ReadRewards {
    /// The rewards of these codes. Codes without a usable row are left out.
    fn rewards(&self, codes: &[RewardCode]) -> impl Future<Output = Result<HashMap<RewardCode, Reward>, StoreError>>;
}

/// The table `rewards`.
pub struct RewardsTable {
    pub(crate) client: Client,
    pub(crate) name: String,
}

impl RewardsTable {
    /// The table of this name.
    pub fn new(aws: &Aws, name: String) -> Self {
        Self { client: Client::new(aws.config()), name }
    }
}

impl ReadRewards for RewardsTable {
    async fn rewards(&self, codes: &[RewardCode]) -> Result<HashMap<RewardCode, Reward>, StoreError> {
        let codes = codes.iter().map(RewardCode::as_str);
        let items = batch_get(&self.client, &self.name, "code", codes).await?;
        Ok(items.into_iter().filter_map(usable).map(|reward| (reward.code.clone(), reward)).collect())
    }
}

/// A row with a mistake counts as no reward, so that no win is taken that could not be paid; the log says what to mend.
pub(crate) fn usable(item: HashMap<String, AttributeValue>) -> Option<Reward> {
    let code = item.get("code").and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    let why = match serde_dynamo::from_item::<_, Reward>(item) {
        Ok(reward) => match reward.check() {
            Ok(()) => return Some(reward),
            Err(error) => error.to_string(),
        },
        Err(error) => without_values(&error),
    };
    Machine.count(Metric::RowsUnreadable, 1);
    tracing::error!(code, why, "A reward's row cannot be used; mend it in the table rewards.");
    None
}

/// Rewards in front of the table: one that was read within the last minute is not read again; one that is not here, or was
/// switched off, always is, so that a new reward works at once.
pub struct RewardCache<R> {
    source: R,
    known: Mutex<HashMap<RewardCode, (Moment, Reward)>>,
}

impl<R: ReadRewards> RewardCache<R> {
    /// An empty one.
    pub fn new(source: R) -> Self {
        Self { source, known: Mutex::new(HashMap::new()) }
    }

    /// The rewards of these codes; codes without a usable row are left out.
    pub async fn rewards(&self, codes: &[RewardCode], now: Moment) -> Result<HashMap<RewardCode, Reward>, StoreError> {
        let mut found = HashMap::new();
        let mut missing = Vec::new();
        {
            let known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            for code in codes {
                match known.get(code) {
                    Some((read_at, reward)) if reward.active && now.since(*read_at) < FRESH_FOR => {
                        found.insert(code.clone(), reward.clone());
                    }
                    _ if missing.contains(code) => {}
                    _ => missing.push(code.clone()),
                }
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let read = self.source.rewards(&missing).await?;
        let mut known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for code in missing {
            match read.get(&code) {
                Some(reward) => known.insert(code.clone(), (now, reward.clone())),
                None => known.remove(&code),
            };
        }
        found.extend(read);
        Ok(found)
    }
}
