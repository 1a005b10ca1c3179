//! The tables that payouts are written to, in memory, with the conditions and answers of the real ones.
//!
//! The suite in `tests/contract` asks both the same.

use std::time::Duration;

use payout::{Attempt, Cap, Counter, Line, Moment, Owner, State, TrId};
use platform::{Attention, Beat, Beats, Due, Lost, Refusal, SealedCoupon, Write, Written};

use crate::weakness::Weakness;

/// `payouts`, and what is written in one transaction with it. Few rows at a time, so they are looked for one by one.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    rows: Vec<Attempt>,
    line: Line,
    counters: Vec<(String, u64)>,
    /// Caps that had less room than was asked for.
    reached: Vec<Cap>,
    buried: Vec<TrId>,
    coupons: Vec<SealedCoupon>,
    beats: Beats,
    sweep: Option<(Owner, Moment)>,
    lost: Option<Lost>,
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

    /// The attempts of one partition that wait for a person.
    pub fn attention(&self, shard: u8) -> Attention {
        let waiting = || self.rows.iter().filter(|row| row.attention == Some(shard));
        Attention { rows: waiting().count() as u64, oldest: waiting().map(|row| row.state_since).min() }
    }

    /// Whether nothing of this tr_id lives, as is remembered outside the table of payouts.
    pub fn is_buried(&self, tr_id: &TrId) -> bool {
        self.buried.contains(tr_id) && self.weakness != Some(Weakness::Burial)
    }

    /// The heartbeats.
    pub fn beats(&self) -> Beats {
        self.beats
    }

    /// Writes a beat into both tables, and takes the lease of a sweep. Whether it was free.
    pub fn beat(&mut self, beat: Beat, sweep: &Owner, until: Moment) -> bool {
        if self.beats.payouts.map_or(0, |last| last.number) + 1 < beat.number {
            return false;
        }
        self.heal(beat);
        let held = self.sweep.as_ref().is_some_and(|(owner, until)| owner != sweep && *until > beat.at);
        let ours = self.sweep.as_ref().is_some_and(|(owner, _)| owner == sweep);
        let younger = self.beats.control.is_none_or(|last| last.number < beat.number);
        if held || !ours && !younger {
            return false;
        }
        self.beats.control = Some(beat);
        self.sweep = Some((sweep.clone(), until));
        true
    }

    /// Makes the lease of a sweep longer, or ends it. Whether it was still its own.
    pub fn hold(&mut self, sweep: &Owner, until: Moment) -> bool {
        match &mut self.sweep {
            Some((owner, held)) if owner == sweep => {
                *held = until;
                true
            }
            _ => false,
        }
    }

    /// Writes a beat into the table of payouts, unless a later one is there.
    pub fn heal(&mut self, beat: Beat) {
        if self.beats.payouts.is_none_or(|last| last.number < beat.number) {
            self.beats.payouts = Some(beat);
        }
    }

    /// The beats of the sweeps that a history leaves out, since they find nothing to do.
    pub(crate) fn catch_up(&mut self, now: Moment) {
        let last = self.beats.control.map_or(Moment::from_millis(0), |beat| beat.at);
        if !self.beats.are_of_an_older_table() && now.since(last) >= Duration::from_mins(1) {
            let beat = Some(Beat { number: self.beats.next(), at: now });
            self.beats = Beats { payouts: beat, control: beat };
        }
    }

    /// The time from which rows may be missing.
    pub fn lost(&self) -> Option<Lost> {
        self.lost
    }

    /// Remembers it.
    pub fn mark_lost(&mut self, lost: Lost) {
        let before = self.lost.unwrap_or(lost);
        self.lost = Some(Lost { from: lost.from.min(before.from), until: lost.until.max(before.until) });
    }

    /// Counts as much of what is wanted as there is room for; how much that is.
    pub fn draw(&mut self, counter: &Counter, wanted: u64) -> u64 {
        let room = counter.most.saturating_sub(self.counter(&counter.name));
        let drawn = if self.weakness == Some(Weakness::Caps) { wanted } else { wanted.min(room) };
        match self.counters.iter_mut().find(|(name, _)| *name == counter.name) {
            Some((_, so_far)) => *so_far += drawn,
            None => self.counters.push((counter.name.clone(), drawn)),
        }
        if drawn < wanted {
            self.reached.push(counter.cap);
        }
        drawn
    }

    /// Whether a cap ever had less room than was asked for.
    pub(crate) fn was_reached(&self, cap: Cap) -> bool {
        self.reached.contains(&cap)
    }

    /// Takes back what was drawn.
    pub fn give_back(&mut self, counter: &Counter, unused: u64) {
        if let Some((_, counted)) = self.counters.iter_mut().find(|(name, _)| *name == counter.name) {
            *counted = counted.saturating_sub(unused);
        }
    }

    /// The line.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// Writes the line on condition that it still has the version before this one's. Whether it had.
    pub fn change_line(&mut self, after: &Line) -> bool {
        let had = self.line.version == after.version.saturating_sub(1);
        let ours = self.line.owner.is_some() && self.line.owner == after.owner;
        if had {
            self.line = after.clone();
        }
        had || ours
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

    /// Blanks whose they are in all rows that nothing more happens to.
    pub(crate) fn erase(&mut self) {
        let done = |row: &&mut Attempt| row.due_at.is_none();
        self.rows.iter_mut().filter(done).for_each(|row| row.user_key = None);
    }

    /// The table of payouts as a backup has it, with its heartbeat; the other tables stay as they are.
    pub(crate) fn put_back(&mut self, backup: Vec<Attempt>, beat: Option<Beat>) {
        self.rows = backup;
        self.beats.payouts = beat;
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
        let current = match write {
            Write::Absent { tr_id, .. } => self.attempt(tr_id),
            write => key(write).and_then(|tr_id| self.attempt(tr_id)),
        };
        let holds = match (write, current) {
            (Write::Put(_), current) => current.is_none(),
            (Write::Change { before, after }, Some(row)) => {
                let decided = before.state.waits_for_a_person() && after.state != before.state;
                let unseen = decided && row.duplicates != before.duplicates;
                row.state == before.state && row.owner == before.owner && !unseen || self.overlooks(row, before, after)
            }
            (Write::NoteDuplicate { seen, .. }, Some(row)) if seen.waits_for_a_person() => row.state == *seen,
            (Write::NoteDuplicate { .. }, Some(row)) => !row.state.waits_for_a_person(),
            (Write::Change { .. } | Write::NoteDuplicate { .. }, None) => false,
            (Write::Absent { payout_id, .. }, current) => current.is_none_or(|row| row.payout_id != *payout_id),
            (Write::Bury(_) | Write::KeepCoupon(_) | Write::Audit(_), _) => true,
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
            (Write::NoteDuplicate { times, at, .. }, Some(place)) => {
                let row = &mut self.rows[place];
                row.duplicates = row.duplicates.saturating_add(*times);
                row.last_duplicate_at = Some(*at);
            }
            (Write::Bury(tr_id), _) => self.buried.push(tr_id.clone()),
            (Write::KeepCoupon(coupon), _) => {
                self.coupons.retain(|kept| kept.tr_id != coupon.tr_id);
                self.coupons.push(coupon.clone());
            }
            (Write::Absent { .. } | Write::Change { .. } | Write::NoteDuplicate { .. } | Write::Audit(_), _) => {}
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
        Write::Absent { .. } | Write::Bury(_) | Write::KeepCoupon(_) | Write::Audit(_) => None,
    }
}

fn is_ours(current: &Attempt, write: &Write) -> bool {
    match write {
        Write::Put(after) => current.accepted_by == after.accepted_by && current.payout_id == after.payout_id,
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
        tr_id payout_id by_list code user_key slot attempt salt state state_since owner accepted_at accepted_by day_shard attention
        due_shard due_at not_before lease_until send_started_at gubun goods_code price_krw tries order_no next_tr_id
        last_event last_code last_http_status duplicates last_duplicate_at unclear_duplicates line_refusals
        line_refused_since restored_at order);
}
