//! Re-opening and granting: one payout, or all that a filter finds, with an answer per row.

use std::collections::HashMap;
use std::time::Duration;

use operation::{Filter, Kind, Many, Outcome, Refusal, Row, Way, Which};
use payout::{Attempt, Krw, RewardCode, SHARDS, TrId, UserKey};
use platform::{FindPayouts as _, Host as _, ListAttention as _, ReadRegistrations as _, Registration};

use crate::gate::Estimate;
use crate::order::{DONE, Order, unavailable};
use crate::payout::{RewardNow, has_expired};
use crate::{Given, Operate};

/// Rows that are read at once: what one request for rows takes.
const AT_ONCE: usize = 90;
/// Keys that one query for waiting rows brings.
const PAGE: u16 = 1_000;
/// Time kept at the end of an invocation for the answer.
const TIME_TO_ANSWER: Duration = Duration::from_secs(5);

impl<G: Given> Operate<G> {
    pub(crate) async fn estimate_many(&self, order: &Order<'_>, which: &Which) -> Result<Estimate, Refusal> {
        match which {
            Which::One(tr_id) => self.estimate_one(order, tr_id).await,
            Which::All { filter, expect } => {
                let rows = self.expected(order, filter, *expect).await?;
                let mut cost = Krw(0);
                let mut rewards = HashMap::new();
                for row in &rows {
                    cost = Krw(cost.0.saturating_add(self.reward_of(&mut rewards, &row.code).await?.cost().0));
                }
                Ok(Estimate { rows: rows.len() as u64, cost })
            }
        }
    }

    pub(crate) async fn change_many(&self, order: &Order<'_>, which: &Which) -> Result<Outcome, Refusal> {
        match which {
            Which::One(tr_id) => self.change_one(order, tr_id, DONE).await,
            Which::All { filter, expect } => {
                let rows = self.expected(order, filter, *expect).await?;
                self.change_all(order, rows).await
            }
        }
    }

    /// The rows that the filter finds, if they are as many as expected: now, or together with those that this very order has
    /// changed before.
    async fn expected(&self, order: &Order<'_>, filter: &Filter, expected: u64) -> Result<Vec<Attempt>, Refusal> {
        let rows = self.filtered(order.kind(), filter).await?;
        let found = rows.len() as u64;
        let before = order
            .steps
            .iter()
            .filter(|step| {
                TrId::try_from(step.name.clone())
                    .is_ok_and(|id| Some(id.as_str()) == step.recorded.audit.about.as_deref())
            })
            .count() as u64;
        if found == expected || before > 0 && found + before == expected {
            return Ok(rows);
        }
        Err(Refusal::NotAsExpected { found, expected })
    }

    /// Rows that wait for just this decision, the longest waiting first.
    async fn filtered(&self, kind: Kind, filter: &Filter) -> Result<Vec<Attempt>, Refusal> {
        let mut waiting = Vec::new();
        for shard in 0..SHARDS {
            let mut after = None;
            loop {
                let page =
                    self.payouts.waiting(shard, after.as_ref(), PAGE).await.map_err(|error| unavailable(&error))?;
                let is_last = page.len() < usize::from(PAGE);
                after = page.last().cloned();
                waiting.extend(page);
                if is_last {
                    break;
                }
            }
        }
        waiting.sort();
        let ids: Vec<TrId> = waiting.into_iter().map(|(_, tr_id)| tr_id).collect();
        let mut rows = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            let found = self.payouts.find(ids).await.map_err(|error| unavailable(&error))?.rows;
            let mut found: Vec<Attempt> = found.into_iter().filter(|row| fits(row, kind, filter)).collect();
            found.sort_by(|a, b| (a.state_since, &a.tr_id).cmp(&(b.state_since, &b.tr_id)));
            rows.append(&mut found);
        }
        Ok(rows)
    }

    async fn change_all(&self, order: &Order<'_>, rows: Vec<Attempt>) -> Result<Outcome, Refusal> {
        let way = if order.kind() == Kind::Grant { Way::Grant } else { Way::Reopen };
        let (mut many, mut rewards) = (Many::default(), HashMap::new());
        let total = rows.len();
        'chunks: for chunk in rows.chunks(AT_ONCE) {
            let registered = self.registered(chunk).await?;
            for row in chunk {
                if self.host.now().after(TIME_TO_ANSWER) >= order.deadline {
                    break 'chunks;
                }
                let reward = self.reward_of(&mut rewards, &row.code).await?;
                let registration = row.user_key.as_ref().and_then(|user| registered.get(user)).cloned();
                many.rows.push(self.change_row(order, row, reward, registration, way).await);
            }
        }
        many.left = (total - many.rows.len()) as u64;
        if many.left == 0 {
            let done = many.rows.iter().filter(|row| row.refused.is_none()).count();
            self.did(order, format!("{done} of {total}")).await;
        }
        Ok(Outcome::Many(many))
    }

    async fn change_row(
        &self,
        order: &Order<'_>,
        row: &Attempt,
        reward: RewardNow,
        registration: Option<Registration>,
        way: Way,
    ) -> Row {
        let tr_id = row.tr_id.clone();
        let changed = async {
            let known = self.known_with(row.clone(), reward, registration, Some(way)).await?;
            self.change(order, &known, way, row.tr_id.as_str()).await
        };
        match changed.await {
            Ok(Some(after)) => Row { tr_id, state: Some(after.state), refused: None },
            Ok(None) => {
                Row { tr_id, state: None, refused: Some(Refusal::ChangedMeanwhile { what: "payout".to_owned() }) }
            }
            Err(refusal) => Row { tr_id, state: None, refused: Some(refusal) },
        }
    }

    async fn registered(&self, rows: &[Attempt]) -> Result<HashMap<UserKey, Registration>, Refusal> {
        let users: Vec<UserKey> = rows.iter().filter_map(|row| row.user_key.clone()).collect();
        if users.is_empty() {
            return Ok(HashMap::new());
        }
        let found = self.recipients.registrations(&users).await.map_err(|error| unavailable(&error))?;
        let now = self.host.now();
        let valid = found.into_iter().filter(|one| !has_expired(one, now));
        Ok(valid.map(|one| (one.user_key.clone(), one)).collect())
    }

    /// A code is looked up once for all its rows.
    async fn reward_of(
        &self,
        known: &mut HashMap<RewardCode, RewardNow>,
        code: &RewardCode,
    ) -> Result<RewardNow, Refusal> {
        if let Some(reward) = known.get(code) {
            return Ok(reward.clone());
        }
        let reward = self.reward_now(code).await?;
        known.insert(code.clone(), reward.clone());
        Ok(reward)
    }
}

/// Whether a row waits for just this decision, and is one of those that are asked for.
fn fits(row: &Attempt, kind: Kind, filter: &Filter) -> bool {
    let waits = match kind {
        Kind::Grant => row.may_be_repeated(),
        _ => row.state == payout::State::Failed || row.was_not_asked_for(),
    };
    waits
        && filter.code.as_ref().is_none_or(|code| row.code == *code)
        && filter.reason.as_ref().is_none_or(|reason| row.last_code.as_ref() == Some(reason))
        && filter.from.is_none_or(|from| row.accepted_at >= from)
        && filter.until.is_none_or(|until| row.accepted_at < until)
}
