use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use catalog::risks;
use operation::{Language, reason};
use payout::{Attempt, Krw, Moment, SHARDS, State, TrId, korean_day};
use platform::{
    Attention, CountAttention as _, Host as _, ListRewards as _, Publish as _, ReadGoodsState as _, ReadMoney as _,
    ReadPayout as _, StoreError, View, lasts_days,
};

use crate::letter::{AtRisk, Letter, Yesterday};
use crate::{Given, Reconcile};

const DAY: Duration = Duration::from_hours(24);
/// Snapshots of which the median is made.
const KNOWN_DAYS: u16 = 31;
/// Attempts at one payout that are followed, at most: as many as can be counted.
const MOST_ATTEMPTS: usize = 255;

impl<G: Given> Reconcile<G> {
    /// The morning's letter.
    pub(crate) async fn tell_how_it_went(&self, deadline: Moment) -> Result<(), crate::ReconcileError> {
        let letter = self.letter().await?;
        let (subject, text) = (letter.subject(), letter.text());
        self.topic.publish(&subject, &text).await?;
        let left_s = deadline.since(self.host.now()).as_secs();
        tracing::info!(
            wins = letter.yesterday.wins,
            waiting = letter.waiting.rows,
            left_s,
            "The morning's letter is out."
        );
        Ok(())
    }

    async fn letter(&self) -> Result<Letter, StoreError> {
        let now = self.host.now();
        let snapshots = self.control.snapshots(now, KNOWN_DAYS).await?;
        let today = korean_day(now).to_string();
        let snapshot = snapshots.first().filter(|newest| newest.money.day == today);
        Ok(Letter {
            now,
            yesterday: self.yesterday(now).await?,
            waiting: self.waiting().await?,
            daily_budget: self.daily_budget,
            budget_left: self.budget_left().await?,
            money: snapshot.map(platform::Snapshot::seen),
            doubtful: snapshot.is_some_and(|snapshot| snapshot.doubtful),
            lasts_days: snapshot.and_then(|newest| lasts_days(newest.money.balance, &snapshots)),
            at_risk: self.at_risk(now).await?,
        })
    }

    async fn yesterday(&self, now: Moment) -> Result<Yesterday, StoreError> {
        let day = korean_day(now.before(DAY));
        let rows = self.rows_of(&day.to_string()).await?;
        let by_id: HashMap<&TrId, &Attempt> = rows.iter().map(|row| (&row.tr_id, row)).collect();
        let mut told = Yesterday { day, ..Yesterday::default() };
        let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
        for first in rows.iter().filter(|row| row.attempt == 1) {
            let last = self.last_of(first, &by_id).await?;
            told.wins += 1;
            match last.state {
                State::Sent => {
                    told.sent += 1;
                    told.spent.0 += last.price_krw.map_or(0, |price| price.0);
                }
                State::HandedOver => told.handed_over += 1,
                State::Closed => told.closed += 1,
                State::Failed | State::Review => {
                    told.failed += 1;
                    let why = reason(&last.last_event, last.last_code.as_deref(), Language::Ko);
                    *reasons.entry(why.unwrap_or_else(|| "기타".to_owned())).or_default() += 1;
                }
                State::Accepted | State::Sending | State::Unknown | State::Dead => told.open += 1,
            }
        }
        told.reasons = reasons.into_iter().collect();
        // The most frequent first.
        told.reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Ok(told)
    }

    /// The last attempt at a payout, also if it was begun on a later day.
    async fn last_of(&self, first: &Attempt, rows: &HashMap<&TrId, &Attempt>) -> Result<Attempt, StoreError> {
        let mut row = first.clone();
        for _ in 0..MOST_ATTEMPTS {
            let Some(next) = &row.next_tr_id else { break };
            let found = match rows.get(next) {
                Some(found) => Some((*found).clone()),
                None => self.payouts.attempt(next).await?,
            };
            let Some(found) = found else { break };
            row = found;
        }
        Ok(row)
    }

    async fn waiting(&self) -> Result<Attention, StoreError> {
        let mut all = Attention::default();
        for shard in 0..SHARDS {
            let found = self.payouts.attention(shard).await?;
            all.rows += found.rows;
            all.oldest = [all.oldest, found.oldest].into_iter().flatten().min();
        }
        Ok(all)
    }

    /// What is wrong with what is sold, as `catalog-sync` would say it.
    async fn at_risk(&self, now: Moment) -> Result<Vec<AtRisk>, StoreError> {
        let mut at_risk = Vec::new();
        for reward in self.rewards.list_rewards().await?.into_iter().filter(|reward| reward.active) {
            if reward.delivery == payout::Delivery::Company {
                continue;
            }
            let state = self.goods.goods_state(&reward.goods_code, View::Committed).await?;
            let found = state.as_ref().map(|state| (state.presence, &state.goods));
            let risks = risks(&reward, found, now);
            if !risks.is_empty() {
                at_risk.push(AtRisk { code: reward.code.as_str().to_owned(), risks });
            }
        }
        at_risk.sort_by(|a, b| a.code.cmp(&b.code));
        Ok(at_risk)
    }
}

impl Default for Yesterday {
    fn default() -> Self {
        Self {
            day: jiff::civil::Date::default(),
            wins: 0,
            sent: 0,
            handed_over: 0,
            open: 0,
            closed: 0,
            failed: 0,
            reasons: Vec::new(),
            spent: Krw(0),
        }
    }
}
