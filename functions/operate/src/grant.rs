//! A new payout that Bleepy has told nothing of, or only in passing.

use operation::{Outcome, Refusal, WhyNot};
use payout::{Attempt, Evidence, Krw, PayoutKey, RewardCode, Slot, UserKey};
use platform::{FindPayouts as _, Host as _, Metric, Write, Written, write_again};

use crate::gate::Estimate;
use crate::order::{DONE, Ending, Order, unavailable};
use crate::payout::RewardNow;
use crate::{Given, Operate};

/// Slots that are looked at at once.
const AT_ONCE: u32 = 30;
/// Grants of one code to one user; more are a mistake.
const MOST_GRANTS: u32 = 300;

impl<G: Given> Operate<G> {
    pub(crate) async fn estimate_grant(&self, code: &RewardCode, user_key: &UserKey) -> Result<Estimate, Refusal> {
        let reward = self.reward_now(code).await?;
        match &reward.in_order {
            Ok(()) => {}
            Err(WhyNot::RewardMissing) => return Err(Refusal::NotFound { what: "reward".to_owned() }),
            Err(WhyNot::RewardWrong(why)) => return Err(Refusal::RewardWrong { problems: vec![why.clone()] }),
            Err(_) => return Err(Refusal::RewardWrong { problems: vec!["it is switched off".to_owned()] }),
        }
        self.somebody(&reward, user_key).await?;
        Ok(Estimate { rows: 1, cost: reward.cost() })
    }

    async fn somebody(&self, reward: &RewardNow, user_key: &UserKey) -> Result<(), Refusal> {
        let company = reward.reward.as_ref().is_some_and(|reward| reward.delivery == payout::Delivery::Company);
        if company || self.settings.has_recipient_service || self.registration(user_key).await?.is_some() {
            return Ok(());
        }
        Err(Refusal::NotFound { what: "recipient".to_owned() })
    }

    pub(crate) async fn grant(
        &self,
        order: &Order<'_>,
        code: &RewardCode,
        user_key: &UserKey,
        cost: Krw,
    ) -> Result<Outcome, Refusal> {
        let reward = self.reward_now(code).await?;
        let delivery = reward.reward.map(|reward| reward.delivery).unwrap_or_default();
        let row = self.free_slot(code, user_key).await?.delivered_by(delivery);
        let ending = Ending::done(row.state.as_str(), cost);
        let line = self.line_about(order, DONE, Some(row.tr_id.as_str().to_owned()), ending);
        let writes = [Write::Put(row.clone()), Write::Audit(line.map_err(|error| unavailable(&error))?)];
        match write_again(&self.host, &self.payouts, &writes).await.map_err(|error| unavailable(&error))? {
            Written::Done => {
                self.host.count(Metric::PayoutsAccepted, 1);
                Ok(Outcome::Changed { tr_id: row.tr_id, state: row.state, next: None })
            }
            Written::Refused(_) => self.done_meanwhile(order).await,
        }
    }

    /// A first attempt in the first slot that no grant has taken.
    async fn free_slot(&self, code: &RewardCode, user_key: &UserKey) -> Result<Attempt, Refusal> {
        let stamp = self.host.stamp(self.host.new_owner(), Evidence::default());
        let row = |number, salt| {
            let slot = Slot::granted(number);
            let payout = PayoutKey { code: code.clone(), user_key: user_key.clone(), slot };
            Attempt::first(&self.scheme, &payout, salt, &stamp, &self.rules)
        };
        for first in (1..MOST_GRANTS).step_by(usize::try_from(AT_ONCE).unwrap_or(1)) {
            let salted = (first..first + AT_ONCE).map(|number| [row(number, 0), row(number, 1), row(number, 2)]);
            let candidates: Vec<[Attempt; 3]> = salted.collect();
            let ids: Vec<_> = candidates.iter().flatten().map(|row| row.tr_id.clone()).collect();
            let there = self.payouts.find(&ids).await.map_err(|error| unavailable(&error))?.rows;
            let is_there = |row: &Attempt| there.iter().find(|other| other.tr_id == row.tr_id);
            for candidates in candidates {
                let ours = |row: &Attempt| is_there(row).is_some_and(|other| other.payout_id == row.payout_id);
                if !candidates.iter().any(ours)
                    && let Some(free) = candidates.into_iter().find(|row| is_there(row).is_none())
                {
                    return Ok(free);
                }
            }
        }
        Err(Refusal::bad_input("user_key", format!("has been granted this reward {MOST_GRANTS} times")))
    }
}
