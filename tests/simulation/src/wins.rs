//! What was really won, win by win, and what follows from it: how much a winner is owed at least, and has a right to at most.
//! None of it is read from a row.

use payout::{Attempt, RepeatPolicy, TrId};

use crate::clock::{DAY_MS, KST_MS, MINUTE_MS};
use crate::names::{self, Pair};

/// Sooner than this after a callback first came, the same win can still be told from the next one.
const DOUBT_MS: i64 = 10 * MINUTE_MS;

/// One win: a person won something once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Win {
    pub(crate) pair: Pair,
    /// When Bleepy posted it first, or tried to.
    pub(crate) at_ms: i64,
    /// Bleepy has heard a 200 for it.
    pub(crate) heard: bool,
    /// When it came to us first, and the earliest slot that it came in, by the clocks of the machines that it came to.
    came: Option<(i64, i64)>,
    /// How often it came, and how often it was answered 200.
    times_came: usize,
    times_answered: usize,
    answered_alone: bool,
    answered_in_list: bool,
}

/// All wins of a history.
#[derive(Debug, Default)]
pub(crate) struct Wins {
    all: Vec<Win>,
    /// Slots in which an entry by itself was answered 200: whoever is named so is the winner of that slot.
    answered: Vec<(Pair, i64)>,
    /// Slots in which a win came again by itself, so late that nobody can tell it from another: documented to pay again.
    again: Vec<(Pair, i64)>,
    /// Payouts that a person has granted: new ones, and those that may have been another one's repetition.
    granted: Vec<(Pair, TrId)>,
}

/// Whether a person has recorded it, beside what Bleepy told of.
pub(crate) fn is_granted_new(row: &Attempt) -> bool {
    row.slot.as_str().starts_with("grant-")
}

impl Wins {
    pub(crate) fn begin(&mut self) {
        self.all.clear();
        self.answered.clear();
        self.again.clear();
        self.granted.clear();
    }

    pub(crate) fn all(&self) -> &[Win] {
        &self.all
    }

    pub(crate) fn pair(&self, win: usize) -> Pair {
        self.all[win].pair
    }

    /// Somebody won something.
    pub(crate) fn won(&mut self, pair: Pair, at_ms: i64) -> usize {
        self.all.push(Win {
            pair,
            at_ms,
            heard: false,
            came: None,
            times_came: 0,
            times_answered: 0,
            answered_alone: false,
            answered_in_list: false,
        });
        self.all.len() - 1
    }

    pub(crate) fn heard(&mut self, win: usize) {
        self.all[win].heard = true;
    }

    /// A win came to a machine, by whose clock it is `here_ms`.
    pub(crate) fn came(&mut self, win: usize, alone: bool, now_ms: i64, here_ms: i64) {
        let Win { pair, came, times_came, .. } = &mut self.all[win];
        let slot = slot_number(names::repeat(pair.0), here_ms);
        *times_came += 1;
        let (first_ms, first_slot) = came.map_or((now_ms, slot), |(first_ms, first)| (first_ms, first.min(slot)));
        *came = Some((first_ms, first_slot));
        let again = (*pair, slot);
        if alone && slot > first_slot && now_ms - first_ms >= DOUBT_MS && !self.again.contains(&again) {
            self.again.push(again);
        }
    }

    /// A win was answered 200 by that machine.
    pub(crate) fn answered(&mut self, win: usize, alone: bool, here_ms: i64) {
        let win = &mut self.all[win];
        win.times_answered += 1;
        if alone {
            win.answered_alone = true;
            let slot = (win.pair, slot_number(names::repeat(win.pair.0), here_ms));
            if !self.answered.contains(&slot) {
                self.answered.push(slot);
            }
        } else {
            win.answered_in_list = true;
        }
    }

    /// A row was written: what a person grants is a win.
    pub(crate) fn row(&mut self, row: &Attempt) {
        let is_new = is_granted_new(row) && row.attempt == 1;
        if is_new || row.last_event == "granted" {
            self.grant(row);
        }
    }

    /// A person takes it for a win of its own.
    pub(crate) fn grant(&mut self, row: &Attempt) {
        if let Some(pair) = names::pair_of(row)
            && !self.granted.iter().any(|(_, tr_id)| *tr_id == row.tr_id)
        {
            self.granted.push((pair, row.tr_id.clone()));
        }
    }

    fn of(&self, pair: Pair) -> impl Iterator<Item = &Win> {
        self.all.iter().filter(move |win| win.pair == pair)
    }

    /// How many payouts of their own the wins of this pair must have, since they were answered 200: each slot that was
    /// answered to an entry by itself has one, and so has every win that was only ever answered in a list.
    pub(crate) fn owed(&self, pair: Pair) -> usize {
        match names::repeat(pair.0) {
            RepeatPolicy::Once => usize::from(self.of(pair).any(|win| win.times_answered > 0)),
            RepeatPolicy::EveryTime => self.of(pair).map(|win| win.times_answered).sum(),
            RepeatPolicy::Daily | RepeatPolicy::Weekly => {
                let slots = self.answered.iter().filter(|(answered, _)| *answered == pair).count();
                slots + self.of(pair).filter(|win| win.answered_in_list && !win.answered_alone).count()
            }
        }
    }

    /// How many coupons a winner may have at most.
    pub(crate) fn most(&self, pair: Pair) -> usize {
        let came = self.of(pair).filter(|win| win.came.is_some());
        let granted = self.granted.iter().filter(|(granted, _)| *granted == pair).count();
        let told = match names::repeat(pair.0) {
            RepeatPolicy::Once => came.count().min(1),
            RepeatPolicy::EveryTime => came.map(|win| win.times_came).sum(),
            RepeatPolicy::Daily | RepeatPolicy::Weekly => {
                came.count() + self.again.iter().filter(|(again, _)| *again == pair).count()
            }
        };
        told + granted
    }
}

/// Number of the slot that a moment is in.
fn slot_number(repeat: RepeatPolicy, at_ms: i64) -> i64 {
    let day = (at_ms + KST_MS).div_euclid(DAY_MS);
    match repeat {
        RepeatPolicy::Once | RepeatPolicy::EveryTime => 0,
        RepeatPolicy::Daily => day,
        // Day 0 was a Thursday.
        RepeatPolicy::Weekly => (day + 3).div_euclid(7),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{SECOND_MS, START_MS};

    /// Ten minutes before a Korean Monday.
    const MIDNIGHT_MS: i64 = START_MS + 10 * MINUTE_MS;
    const DAILY: Pair = (2, 0);

    #[test]
    fn days_and_weeks_begin_at_midnight_in_korea() {
        for repeat in [RepeatPolicy::Daily, RepeatPolicy::Weekly] {
            let number = |at_ms| slot_number(repeat, at_ms);
            assert_eq!(number(START_MS), number(MIDNIGHT_MS - 1));
            assert_eq!(number(MIDNIGHT_MS - 1) + 1, number(MIDNIGHT_MS));
        }
        let week = |at_ms| slot_number(RepeatPolicy::Weekly, at_ms);
        assert_eq!(week(MIDNIGHT_MS), week(MIDNIGHT_MS + 7 * DAY_MS - 1));
    }

    #[test]
    fn an_entry_by_itself_is_the_win_of_its_slot_and_a_list_owes_each_win_its_own() {
        let mut wins = Wins::default();
        let (monday, thursday) = (wins.won(DAILY, START_MS), wins.won(DAILY, START_MS + 3 * DAY_MS));
        wins.answered(monday, true, START_MS);
        wins.answered(monday, true, START_MS + SECOND_MS);
        assert_eq!(wins.owed(DAILY), 1);
        wins.answered(thursday, false, START_MS + 4 * DAY_MS);
        assert_eq!(wins.owed(DAILY), 2);
        wins.answered(monday, false, START_MS + 4 * DAY_MS);
        assert_eq!(wins.owed(DAILY), 2);
    }

    #[test]
    fn only_an_entry_by_itself_that_comes_again_late_and_in_another_slot_may_pay_again() {
        let mut wins = Wins::default();
        let win = wins.won(DAILY, START_MS);
        wins.came(win, true, START_MS, START_MS);
        wins.came(win, true, START_MS + 5 * MINUTE_MS, START_MS + 5 * MINUTE_MS);
        wins.came(win, false, START_MS + DAY_MS, START_MS + DAY_MS);
        wins.came(win, true, MIDNIGHT_MS - SECOND_MS, MIDNIGHT_MS + SECOND_MS);
        assert_eq!(wins.most(DAILY), 1);
        wins.came(win, true, MIDNIGHT_MS, MIDNIGHT_MS);
        assert_eq!(wins.most(DAILY), 2);
    }
}
