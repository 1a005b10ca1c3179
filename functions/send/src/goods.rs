use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use payout::{Krw, Moment, Reward};
use platform::{GoodsState, ReadGoodsState, StoreError, View};

/// How long goods that were read once are believed to be as they were.
const FRESH_FOR: Duration = Duration::from_mins(1);

/// What the catalogue says of goods that can be had; nothing of goods that it has never had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// The purchase price.
    pub(crate) price_krw: Option<Krw>,
    /// Until when a coupon that is issued now is valid.
    pub(crate) valid_until: Option<Moment>,
}

/// How goods stand, in front of the catalogue: goods that could be had within the last minute are not looked up again; goods
/// that are gone or too dear always are, so that a mended catalogue works at once.
pub struct GoodsCache<G> {
    source: G,
    known: Mutex<HashMap<String, (Known, Moment)>>,
}

impl<G: ReadGoodsState> GoodsCache<G> {
    /// An empty one.
    pub fn new(source: G) -> Self {
        Self { source, known: Mutex::new(HashMap::new()) }
    }

    /// What is known of the goods that the reward pays; `None` if Giftishow has withdrawn them. Goods that the catalogue
    /// never had are not withdrawn.
    pub(crate) async fn look_up(&self, reward: &Reward, now: Moment) -> Result<Option<Known>, StoreError> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&reward.goods_code).copied();
        if let Some((known, _)) = known.filter(|(_, at)| now.since(*at) < FRESH_FOR) {
            return Ok(Some(known));
        }
        let state = self.source.goods_state(&reward.goods_code, View::Committed).await?;
        if state.as_ref().is_some_and(GoodsState::is_withdrawn) {
            return Ok(None);
        }
        let known = state.map(|state| of(&state, now)).unwrap_or_default();
        if known.price_krw.is_none_or(|price| price <= reward.max_price_krw) {
            let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(reward.goods_code.clone(), (known, now));
        }
        Ok(Some(known))
    }
}

fn of(state: &GoodsState, now: Moment) -> Known {
    let price = state.goods.price().and_then(|price| u64::try_from(price.0).ok());
    Known { price_krw: price.map(Krw), valid_until: state.goods.coupon_valid_until(now) }
}
