//! Checks every active reward against the catalogue, before a winner does.

use catalog::{Goods, Risk, is_successor, risks};
use payout::Reward;
use platform::{Host, ListRewards, Metric, StoreError, View};

use crate::{Catalog, Running};

/// A reward with something wrong.
struct AtRisk {
    reward: Reward,
    risks: Vec<Risk>,
    /// What it pays, if the catalogue knows it.
    goods: Option<Goods>,
    successor: Option<String>,
}

impl AtRisk {
    fn wants_successor(&self) -> bool {
        self.risks.iter().any(Risk::wants_successor)
    }
}

impl<L, C, R, P, B, H> Running<'_, L, C, R, P, B, H>
where
    C: Catalog,
    R: ListRewards,
    H: Host,
{
    /// Calls a person for every active reward that could not be paid as it is, or soon; how many there are.
    pub(crate) async fn guard(&self, generation: u64, view: View) -> Result<usize, StoreError> {
        let mut at_risk = Vec::new();
        for reward in self.sync.rewards.list_rewards().await?.into_iter().filter(|reward| reward.active) {
            let state = self.sync.catalog.goods_state(&reward.goods_code, view).await?;
            let found = state.as_ref().map(|state| (state.presence, &state.goods));
            let risks = risks(&reward, found, self.sync.host.now());
            if !risks.is_empty() {
                at_risk.push(AtRisk { reward, risks, goods: state.map(|state| state.goods), successor: None });
            }
        }
        self.propose(&mut at_risk, generation).await?;
        at_risk.iter().for_each(tell);
        self.sync.host.count(Metric::RewardsAtRisk, at_risk.len());
        Ok(at_risk.len())
    }

    /// Looks for goods that may take the place of those that are gone: one pass over the table, only when needed.
    async fn propose(&self, at_risk: &mut [AtRisk], generation: u64) -> Result<(), StoreError> {
        if !at_risk.iter().any(AtRisk::wants_successor) {
            return Ok(());
        }
        let mut look = |presence, other: Goods| {
            for one in at_risk.iter_mut().filter(|one| one.wants_successor()) {
                let fits = one.goods.as_ref().is_some_and(|gone| is_successor(gone, presence, &other));
                // The lowest code of several, so that the proposal does not change by itself.
                if fits && one.successor.as_ref().is_none_or(|found| other.code < *found) {
                    one.successor = Some(other.code.clone());
                }
            }
        };
        self.sync.catalog.each_goods(generation, &mut look).await
    }
}

fn tell(at_risk: &AtRisk) {
    for risk in &at_risk.risks {
        tracing::error!(
            code = at_risk.reward.code.as_str(),
            goods_code = at_risk.reward.goods_code,
            what = risk.name(),
            detail = risk.detail(),
            successor = at_risk.successor,
            "A reward cannot be paid as it is, or soon: {}.",
            risk.detail()
        );
    }
}
