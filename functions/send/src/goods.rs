use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use payout::{Moment, Reward};
use platform::{ReadGoodsState, StoreError, View};

/// How long goods that were read once are believed to be there.
const FRESH_FOR: Duration = Duration::from_mins(1);

/// Whether goods can still be had, in front of the catalogue: goods that were there within the last minute are not looked up
/// again; goods that are gone always are, so that a mended catalogue works at once.
pub struct GoodsCache<G> {
    source: G,
    there_at: Mutex<HashMap<String, Moment>>,
}

impl<G: ReadGoodsState> GoodsCache<G> {
    /// An empty one.
    pub fn new(source: G) -> Self {
        Self { source, there_at: Mutex::new(HashMap::new()) }
    }

    /// Whether Giftishow has withdrawn what the reward pays. Goods that the catalogue never had are not withdrawn.
    pub(crate) async fn are_withdrawn(&self, reward: &Reward, now: Moment) -> Result<bool, StoreError> {
        let known = self.there_at.lock().unwrap_or_else(PoisonError::into_inner).get(&reward.goods_code).copied();
        if known.is_some_and(|at| now.since(at) < FRESH_FOR) {
            return Ok(false);
        }
        let state = self.source.goods_state(&reward.goods_code, View::Committed).await?;
        let withdrawn = state.is_some_and(|state| state.is_withdrawn());
        if !withdrawn {
            let mut there_at = self.there_at.lock().unwrap_or_else(PoisonError::into_inner);
            there_at.insert(reward.goods_code.clone(), now);
        }
        Ok(withdrawn)
    }
}
