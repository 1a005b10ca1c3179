use std::collections::BTreeMap;
use std::time::Duration;

use operation::MoneyDay;
use payout::{Attempt, CouponStanding, Krw, Moment, Spent, korean_day};
use platform::{Host as _, KeepMoney as _, Metric, Snapshot, StoreError, lasts_days};

use crate::ledger::{Moved, Seen, Sum, days};
use crate::look::MOST_LOOK_UPS;
use crate::{Given, Reconcile, Task};

/// How long it waits for a quiet moment in the morning, and when a person waits, too.
const PATIENCE: Duration = Duration::from_mins(4);
const PATIENCE_BY_HAND: Duration = Duration::from_secs(10);
/// Between two looks whether it is quiet.
const STEP: Duration = Duration::from_secs(5);
/// Time kept at the end of an invocation for look-ups and writing.
const TIME_TO_SETTLE: Duration = Duration::from_mins(2);
/// Days that the first snapshot reads: who was recorded earlier and is still open is told as a difference once it is sent.
const FIRST_DAYS: u32 = 31;
const DAY: Duration = Duration::from_hours(24);

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// The snapshot.
    Now(Box<Snapshot>),
    /// The day has its snapshot.
    Before,
    /// Sends and cancels were under way all the time.
    NotQuiet,
    /// Giftishow did not tell the balance.
    Unanswered,
}

/// Balance and rows of one moment.
pub(crate) struct Reading {
    /// The balance.
    pub(crate) balance: Krw,
    /// By the Korean day on which they were recorded.
    pub(crate) rows: BTreeMap<String, Vec<Attempt>>,
    /// Nothing was under way, and nothing moved while they were read.
    pub(crate) quiet: bool,
}

impl Reading {
    pub(crate) fn all(&self) -> impl Iterator<Item = &Attempt> {
        self.rows.values().flatten()
    }
}

enum Looked {
    Read(Reading),
    UnderWay,
    Unanswered,
}

impl<G: Given> Reconcile<G> {
    /// Compares the balance with the rows since the snapshot before (newest first), and keeps the outcome if the day has
    /// none yet.
    pub(crate) async fn take(
        &self,
        task: Task,
        before: &[Snapshot],
        deadline: Moment,
    ) -> Result<Taken, crate::ReconcileError> {
        let today = korean_day(self.host.now()).to_string();
        let has_today = before.iter().any(|snapshot| snapshot.money.day == today);
        if has_today && task != Task::ByHand {
            return Ok(Taken::Before);
        }
        let last = before.first();
        let reading = match self.read(task, last, deadline).await? {
            Looked::Read(reading) => reading,
            Looked::UnderWay => {
                tracing::warn!("Sends were under way all the time: the balance is taken in a quarter of an hour.");
                return Ok(Taken::NotQuiet);
            }
            Looked::Unanswered if task == Task::ReconcileAtLast => return Err(crate::ReconcileError::Balance),
            Looked::Unanswered => return Ok(Taken::Unanswered),
        };
        let snapshot = self.compare(&reading, last).await?;
        if !has_today {
            if !self.control.keep_snapshot(&snapshot).await? {
                return Ok(Taken::Before);
            }
            self.tell(&snapshot, before);
        }
        Ok(Taken::Now(Box::new(snapshot)))
    }

    /// Waits for a quiet moment, and reads it; after some patience, and if it must be now, an unquiet one.
    async fn read(&self, task: Task, last: Option<&Snapshot>, deadline: Moment) -> Result<Looked, StoreError> {
        let patience = if task == Task::ByHand { PATIENCE_BY_HAND } else { PATIENCE };
        let until = self.host.now().after(patience).min(deadline.before(TIME_TO_SETTLE));
        loop {
            let is_last = self.host.now() >= until;
            let must = is_last && task != Task::Reconcile;
            if self.under_way().await? == 0 || must {
                let Some(reading) = self.read_once(last).await? else { return Ok(Looked::Unanswered) };
                if reading.quiet || must {
                    return Ok(Looked::Read(reading));
                }
            }
            if is_last {
                return Ok(Looked::UnderWay);
            }
            self.host.sleep(STEP).await;
        }
    }

    async fn read_once(&self, last: Option<&Snapshot>) -> Result<Option<Reading>, StoreError> {
        let under_way = self.under_way().await?;
        let Some(earlier) = self.balance().await else { return Ok(None) };
        let now = self.host.now();
        let nothing = BTreeMap::new();
        let open = last.map_or(&nothing, |last| &last.open);
        let since = last.map_or(now.before(DAY * FIRST_DAYS), |last| last.money.at);
        let rows = self.rows_of_days(&days(open, since, now), open).await?;
        let Some(balance) = self.balance().await else { return Ok(None) };
        let quiet = under_way == 0 && earlier == balance && self.under_way().await? == 0;
        Ok(Some(Reading { balance, rows, quiet }))
    }

    async fn compare(&self, reading: &Reading, last: Option<&Snapshot>) -> Result<Snapshot, StoreError> {
        let at = self.host.now();
        let unclear: Vec<&Attempt> = reading.all().filter(|row| row.spent() == Spent::Unclear).collect();
        let mut seen = self.look_up(&unclear).await;
        let is_known = |row: &&&Attempt| seen.get(&row.tr_id).is_some_and(|one| *one != CouponStanding::Unanswered);
        let unknown = unclear.len() - unclear.iter().filter(is_known).count();
        let sums = self.sums(reading, &seen, last, at);
        let mut money = MoneyDay {
            day: korean_day(at).to_string(),
            at,
            balance: reading.balance,
            issued: Krw(0),
            cancelled: Krw(0),
            topped_up: Krw(0),
            difference: None,
            explanations: Vec::new(),
        };
        if let Some(last) = last {
            let moved = Moved::between(&last.open, &sums);
            let difference = i128::from(reading.balance.0) - moved.from(last.money.balance);
            (money.issued, money.cancelled) = (moved.issued, moved.cancelled);
            money.difference = Some(i64::try_from(difference).unwrap_or(i64::MAX));
            if difference != 0 {
                let left = MOST_LOOK_UPS.saturating_sub(unclear.len());
                money.explanations = self.explain(reading, &mut seen, &money, last.money.at, left).await?;
            }
        }
        let open = sums.into_iter().filter_map(|(day, sum)| Some((day.clone(), sum.remembered(&day, at)?)));
        Ok(Snapshot {
            money,
            since: last.map(|last| last.money.at),
            doubtful: !reading.quiet || unknown > 0,
            open: open.collect(),
            top_ups: BTreeMap::new(),
        })
    }

    fn sums(&self, reading: &Reading, seen: &Seen, last: Option<&Snapshot>, at: Moment) -> BTreeMap<String, Sum> {
        let sum = |(day, rows): (&String, &Vec<Attempt>)| {
            let sum = Sum::of(rows, seen, at, &self.rules);
            let before = last.and_then(|last| last.open.get(day));
            (day.clone(), before.map_or_else(|| sum.clone(), |before| sum.clone().with_the_rest_of(before)))
        };
        reading.rows.iter().map(sum).collect()
    }

    /// Once for each kept snapshot.
    fn tell(&self, snapshot: &Snapshot, before: &[Snapshot]) {
        let MoneyDay { balance, issued, cancelled, difference, explanations, .. } = &snapshot.money;
        let (balance_won, issued, cancelled, doubtful) = (balance.0, issued.0, cancelled.0, snapshot.doubtful);
        let explanations = explanations.join(" ");
        match *difference {
            None => tracing::info!(balance_won, "The first snapshot of the balance was taken."),
            Some(0) => tracing::info!(balance_won, issued, cancelled, "The rows explain the balance to the won."),
            Some(more @ 1..) => tracing::warn!(
                balance_won,
                issued,
                cancelled,
                difference = more,
                doubtful,
                "The balance is higher than the rows explain: confirm what was paid in (giftctl money top-up)."
            ),
            Some(less) => {
                self.host.count(Metric::ReconciliationDifference, 1);
                tracing::error!(
                    balance_won,
                    issued,
                    cancelled,
                    difference = less,
                    doubtful,
                    explanations,
                    "The balance is lower than the rows explain; a person must look for the reason."
                );
            }
        }
        let mut days = vec![snapshot.clone()];
        days.extend_from_slice(before);
        if let Some(lasts_days) = lasts_days(*balance, &days).filter(|days| *days < self.balance_warn_days) {
            self.host.count(Metric::BalanceLow, 1);
            tracing::error!(balance_won, lasts_days, "The balance lasts for too few days: pay in.");
        }
    }
}
