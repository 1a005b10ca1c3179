//! The tables that payouts are written to, in memory, with the conditions and answers of the real ones.
//!
//! The suite in `tests/contract` asks both the same.

use payout::{Attempt, Line, Moment, State, TrId};
use platform::{Due, Refusal, SealedCoupon, Write, Written};

use crate::weakness::Weakness;

/// `payouts`, and what is written in one transaction with it. Few rows at a time, so they are looked for one by one.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    rows: Vec<Attempt>,
    line: Line,
    counters: Vec<(String, u64)>,
    buried: Vec<TrId>,
    coupons: Vec<SealedCoupon>,
    weakness: Option<Weakness>,
}

impl Tables {
    /// Empty tables that leave out what `weakness` names.
    pub(crate) fn weakened(weakness: Option<Weakness>) -> Self {
        Self { weakness, ..Self::default() }
    }

    /// All attempts, the oldest first.
    pub fn rows(&self) -> &[Attempt] {
        &self.rows
    }

    /// The attempt of this key.
    pub fn attempt(&self, tr_id: &TrId) -> Option<&Attempt> {
        self.rows.iter().find(|row| row.tr_id == *tr_id)
    }

    /// The attempts of one partition that are due at `now`, the longest due first.
    pub fn due(&self, shard: u8, now: Moment) -> Vec<Due> {
        let due = self.rows.iter().filter(|row| row.due_shard == shard && row.is_due(now));
        let due = due.filter_map(|row| Some(Due { tr_id: row.tr_id.clone(), state: row.state, due_at: row.due_at? }));
        let mut due: Vec<Due> = due.collect();
        due.sort_by_key(|row| row.due_at);
        due
    }

    /// The line.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// Writes the line on condition that it still has the version before this one's. Whether it had.
    pub fn change_line(&mut self, after: &Line) -> bool {
        let had = self.line.version == after.version.saturating_sub(1);
        if had {
            self.line = after.clone();
        }
        had
    }

    /// What a counter stands at.
    pub fn counter(&self, name: &str) -> u64 {
        self.counters.iter().find(|(counter, _)| counter == name).map_or(0, |(_, counted)| *counted)
    }

    /// The coupon that was kept for an attempt.
    pub fn coupon(&self, tr_id: &TrId) -> Option<&SealedCoupon> {
        self.coupons.iter().find(|coupon| coupon.tr_id == *tr_id)
    }

    /// Puts an attempt there, whatever stands in its place.
    pub fn plant(&mut self, row: Attempt) {
        match self.place(&row.tr_id) {
            Some(place) => self.rows[place] = row,
            None => self.rows.push(row),
        }
    }

    /// The attempts as a backup has them; the other tables stay as they are.
    pub(crate) fn put_back(&mut self, backup: Vec<Attempt>) {
        self.rows = backup;
    }

    /// Writes all or none, each on its condition.
    pub fn write(&mut self, writes: &[Write]) -> Result<(), Vec<Refusal>> {
        let refusals: Vec<Refusal> = writes.iter().enumerate().filter_map(|entry| self.refusal(entry)).collect();
        if !refusals.is_empty() {
            return Err(refusals);
        }
        for write in writes {
            self.apply(write);
        }
        Ok(())
    }

    fn place(&self, tr_id: &TrId) -> Option<usize> {
        self.rows.iter().position(|row| row.tr_id == *tr_id)
    }

    fn refusal(&self, (index, write): (usize, &Write)) -> Option<Refusal> {
        let current = key(write).and_then(|tr_id| self.attempt(tr_id));
        let holds = match (write, current) {
            (Write::Put(_), current) => current.is_none(),
            (Write::Change { before, after }, Some(row)) => {
                row.state == before.state && row.owner == before.owner || self.overlooks(row, before, after)
            }
            (Write::NoteDuplicate { .. }, Some(row)) => row.state != State::Failed,
            (Write::Change { .. } | Write::NoteDuplicate { .. }, None) => false,
            (Write::LineIsOpen, _) => self.line.is_open(),
            (Write::Count(count), _) => {
                let counted = self.counters.iter().find(|(counter, _)| *counter == count.counter);
                counted.is_none_or(|(_, counted)| *counted <= count.room_up_to) || self.weakness == Some(Weakness::Caps)
            }
            (Write::NotBuried(tr_id), _) => !self.buried.contains(tr_id) || self.weakness == Some(Weakness::Burial),
            (Write::Bury(_) | Write::KeepCoupon(_), _) => true,
        };
        let holds = holds || self.weakness == Some(Weakness::Conditions) && current.is_some();
        (!holds).then(|| Refusal { index, current: current.cloned() })
    }

    fn overlooks(&self, row: &Attempt, before: &Attempt, after: &Attempt) -> bool {
        match self.weakness {
            Some(Weakness::OwnerCompare) => row.state == before.state,
            Some(Weakness::Lease) => after.state == State::Sending,
            _ => false,
        }
    }

    fn apply(&mut self, write: &Write) {
        let place = key(write).and_then(|tr_id| self.place(tr_id));
        match (write, place) {
            (Write::Put(row), None) => self.rows.push(row.clone()),
            (Write::Put(row), Some(place)) => self.rows[place] = row.clone(),
            (Write::Change { before, after }, Some(place)) => change(&mut self.rows[place], before, after),
            (Write::NoteDuplicate { at, .. }, Some(place)) => {
                let row = &mut self.rows[place];
                row.duplicates = row.duplicates.saturating_add(1);
                row.last_duplicate_at = Some(*at);
            }
            (Write::Count(count), _) => match self.counters.iter_mut().find(|(counter, _)| *counter == count.counter) {
                Some((_, counted)) => *counted += count.by,
                None => self.counters.push((count.counter.clone(), count.by)),
            },
            (Write::Bury(tr_id), _) => self.buried.push(tr_id.clone()),
            (Write::KeepCoupon(coupon), _) => {
                self.coupons.retain(|kept| kept.tr_id != coupon.tr_id);
                self.coupons.push(coupon.clone());
            }
            (Write::LineIsOpen | Write::NotBuried(_) | Write::Change { .. } | Write::NoteDuplicate { .. }, _) => {}
        }
    }
}

/// What a writer is told: a condition that failed because its own write had won already counts as done (rule 6).
pub fn told(writes: &[Write], result: Result<(), Vec<Refusal>>) -> Written {
    let Err(refusals) = result else { return Written::Done };
    let ours = |refusal: &Refusal| refusal.current.as_ref().is_some_and(|row| is_ours(row, &writes[refusal.index]));
    if refusals.iter().any(ours) { Written::Done } else { Written::Refused(refusals) }
}

/// The attempt that a write is about, if it is about one.
pub(crate) fn key(write: &Write) -> Option<&TrId> {
    match write {
        Write::Put(row) => Some(&row.tr_id),
        Write::Change { before, .. } => Some(&before.tr_id),
        Write::NoteDuplicate { tr_id, .. } => Some(tr_id),
        Write::LineIsOpen | Write::Count(_) | Write::Bury(_) | Write::NotBuried(_) | Write::KeepCoupon(_) => None,
    }
}

fn is_ours(current: &Attempt, write: &Write) -> bool {
    match write {
        Write::Put(after) => current.accepted_by == after.accepted_by && current.payout() == after.payout(),
        Write::Change { after, .. } => current.owner == after.owner && current.state == after.state,
        _ => false,
    }
}

/// Only what differs is written. A field that is new in the row does not compile here until it is named.
macro_rules! differences {
    ($row:ident, $before:ident, $after:ident: $($field:ident)*) => {
        let Attempt { $($field: _),* } = $before;
        $(if $before.$field != $after.$field {
            $row.$field.clone_from(&$after.$field);
        })*
    };
}

fn change(row: &mut Attempt, before: &Attempt, after: &Attempt) {
    differences!(row, before, after:
        tr_id code user_key slot attempt salt state state_since owner accepted_at accepted_by due_shard due_at not_before
        lease_until send_started_at gubun tries order_no next_tr_id last_event last_code last_http_status duplicates
        last_duplicate_at unclear_duplicate);
}
