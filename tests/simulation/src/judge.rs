use std::fmt;

use payout::{Attempt, RepeatPolicy, State, TrId};
use platform::Metric;

use crate::clock::MINUTE_MS;
use crate::names::{self, Win};
use crate::profile::Profile;
use crate::store::Tables;
use crate::vendor::{Coupon, Standing};
use crate::workers::{CLOCK_OFF_MS, Open};
use crate::world::World;

/// A win that is told again within this time is the same one, also on the other side of midnight; less what clocks differ.
const SAME_WIN_MS: i64 = 59 * MINUTE_MS;

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// R1: a winner has more coupons than wins, by Giftishow's ledger.
    PaidTwice,
    /// R2: a row that is not finished carries no `due_at`, or a finished one carries one.
    WrongDue(State),
    /// R2: nothing more happens and a row is not finished.
    NotEnded(State),
    /// R2: a promised payout has no row.
    PromiseLost,
    /// R2: a payout is said to be sent, and no coupon of it is live or used.
    SentWithoutCoupon,
    /// R2: a coupon that only the company can show is live, and was not kept.
    CouponNotKept,
    /// R2: a coupon is live or used, and no row that somebody would look at says so.
    CouponUnaccounted(State),
    /// R2: payouts failed, are in review or were paid twice, and nobody was called.
    NobodyCalled,
    /// Somebody was called for a coupon that was not late.
    FalseAlarm,
    /// R2: a dead attempt is followed by none.
    ChainBroken,
    /// R3: the ledger does not explain what was spent.
    WonLost,
    /// R4: one win that was told twice is two payouts.
    PaidAgain,
    /// A cap was passed.
    CapPassed,
    /// The system wrote a row that it cannot drive on.
    Unreadable,
    /// R5: 200, and an entry of the list has no row.
    PromisedWithoutRow,
    /// R6: a list was written in part.
    ListInPart,
    /// R12: more requests at once than allowed.
    TooManyAtOnce(&'static str),
    /// It goes on for ever.
    Endless,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::PaidTwice => "R1: a winner has more coupons that are live or used than wins",
            Self::WrongDue(state) => {
                return write!(f, "R2: a row that is {} has a due_at without need, or lacks one", state.as_str());
            }
            Self::NotEnded(state) => {
                return write!(f, "R2: nothing is left to happen, and a row is {}", state.as_str());
            }
            Self::PromiseLost => "R2: a win that was answered 200 has no row",
            Self::SentWithoutCoupon => "R2: a payout is sent, and no coupon of it is live or used",
            Self::CouponNotKept => "R2: a coupon that only the company can show is live, and was not kept",
            Self::CouponUnaccounted(state) => {
                return write!(f, "R2: a coupon is live or used, and its row is {}", state.as_str());
            }
            Self::NobodyCalled => "R2: a payout failed, is in review or was paid twice, and nobody was called",
            Self::FalseAlarm => "R15: somebody was called for a late coupon, and none was late",
            Self::ChainBroken => "R2: the attempt after a dead one is not there",
            Self::WonLost => "R3: the ledger does not explain what was spent",
            Self::PaidAgain => "R4: a win that was told again within the hour is a second payout",
            Self::CapPassed => "more was sent than a cap allows",
            Self::Unreadable => "a row was written that the system cannot drive on",
            Self::PromisedWithoutRow => "R5: a list was answered 200, and an entry of it has no row",
            Self::ListInPart => "R6: a list was written in part",
            Self::TooManyAtOnce(what) => return write!(f, "R12: more {what} at once than allowed"),
            Self::Endless => "it goes on for ever",
        };
        f.write_str(text)
    }
}

/// How payouts ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// One coupon, live or used, with the first attempt.
    pub sent: u64,
    /// Likewise, with a later one.
    pub sent_later: u64,
    /// In front of a person, for what was asked.
    pub failed: u64,
    /// In front of a person, to decide.
    pub review: u64,
    /// Lists that were answered 200.
    pub answered: u64,
    /// Lists that were answered otherwise, or not at all.
    pub not_answered: u64,
}

/// Who sees whether promises are kept. What counts is Giftishow's ledger; rows only say what we believe.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    /// Wins that were answered 200, as often as they count.
    promised: Vec<Win>,
    /// Payouts that were ever recorded: their first attempts, and when.
    recorded: Vec<(Win, TrId, i64)>,
    counts: [usize; 32],
    violation: Option<Violation>,
    answered: u64,
    not_answered: u64,
    /// The table was put back: rows that were promised may be gone.
    pub(crate) restored: bool,
    /// Two sweeps were started at once.
    pub(crate) two_sweepers: bool,
}

impl Judge {
    pub(crate) fn begin(&mut self) {
        self.promised.clear();
        self.recorded.clear();
        self.counts = [0; 32];
        self.violation = None;
        self.answered = 0;
        self.not_answered = 0;
        self.restored = false;
        self.two_sweepers = false;
    }

    /// The first violation counts.
    pub(crate) fn found(&mut self, violation: Violation) {
        self.violation.get_or_insert(violation);
    }

    pub(crate) fn violation(&self) -> Option<&Violation> {
        self.violation.as_ref()
    }

    /// A process has counted something.
    pub(crate) fn count(&mut self, metric: Metric, count: usize) {
        self.counts[metric as usize] += count;
    }

    fn counted(&self, metric: Metric) -> usize {
        self.counts[metric as usize]
    }

    /// A row was written.
    pub(crate) fn row(&mut self, row: &Attempt, now_ms: i64) {
        let must = matches!(row.state, State::Accepted | State::Sending | State::Unknown);
        // While audits are due.
        let may = must || matches!(row.state, State::Dead | State::Review);
        if row.due_at.is_some() && !may || row.due_at.is_none() && must {
            self.found(Violation::WrongDue(row.state));
        }
        if row.attempt == 1
            && let Some(win) = names::win_of(row)
            && !self.recorded.iter().any(|(_, tr_id, _)| *tr_id == row.tr_id)
        {
            // Told after the other was written; what is told at the same moment may be two slots at midnight.
            let told_ms = row.accepted_at.as_millis() - CLOCK_OFF_MS;
            let again = |(recorded, _, at_ms): &(Win, TrId, i64)| {
                *recorded == win && *at_ms < told_ms && now_ms - at_ms < SAME_WIN_MS
            };
            let counts_again = names::repeat(win.0) == RepeatPolicy::EveryTime || self.restored;
            if !counts_again && self.recorded.iter().any(again) {
                self.found(Violation::PaidAgain);
            }
            self.recorded.push((win, row.tr_id.clone(), now_ms));
        }
    }

    fn payouts(&self, win: Win) -> usize {
        self.recorded.iter().filter(|(recorded, ..)| *recorded == win).count()
    }
}

impl World {
    /// R5, when a list was answered: after a 200, each of its entries has a row.
    pub(crate) fn judge_answer(&mut self, post: usize, status: Option<u16>) {
        if status != Some(200) {
            self.judge.not_answered += 1;
            return;
        }
        self.judge.answered += 1;
        for index in 0..self.bleepy.post(post).wins.len() {
            let win = self.bleepy.post(post).wins[index];
            if names::repeat(win.0) == RepeatPolicy::EveryTime || !self.judge.promised.contains(&win) {
                self.judge.promised.push(win);
            }
            let promised = self.judge.promised.iter().filter(|promised| **promised == win).count();
            if self.judge.payouts(win) < promised {
                self.judge.found(Violation::PromisedWithoutRow);
            }
        }
    }

    /// R1, at every issue.
    pub(crate) fn judge_issue(&mut self) {
        let Some(new) = self.vendor.coupons.last() else { return };
        let Some(win) = names::win_paid_by(new) else { return };
        // Later than the rules take into account: the audits' business.
        let is_late = || self.row_of(new).is_some_and(|row| row.state == State::Dead);
        if self.settings.profile == Profile::Late && is_late() {
            return;
        }
        let same = |coupon: &&Coupon| coupon.goods == new.goods && coupon.phone == new.phone;
        let worth = self.vendor.coupons.iter().filter(same).filter(|coupon| coupon.is_worth_something());
        let late = |coupon: &&Coupon| self.row_of(coupon).is_some_and(|row| row.state == State::Dead);
        let late = if self.settings.profile == Profile::Late { worth.clone().filter(late).count() } else { 0 };
        if worth.count() > self.judge.payouts(win) + late {
            self.judge.found(Violation::PaidTwice);
        }
    }

    /// R12, when a request to Giftishow leaves.
    pub(crate) fn judge_open(&mut self, kind: Open) {
        let open = self.workers.open(kind);
        match kind {
            Open::Send if open > self.settings.send_concurrency => self.judge.found(Violation::TooManyAtOnce("sends")),
            Open::Cancel if open > 1 && !self.judge.two_sweepers => {
                self.judge.found(Violation::TooManyAtOnce("cancels"));
            }
            _ => {}
        }
    }

    fn row_of(&self, coupon: &Coupon) -> Option<&Attempt> {
        self.tables.rows().iter().find(|row| row.tr_id.as_str() == coupon.tr_id)
    }

    /// When nothing more happens.
    pub(crate) fn judge_end(&self) -> Result<Ends, Violation> {
        for row in self.tables.rows() {
            let open = matches!(row.state, State::Accepted | State::Sending | State::Unknown);
            if open || row.due_at.is_some() {
                return Err(Violation::NotEnded(row.state));
            }
        }
        let Judge { answered, not_answered, .. } = self.judge;
        let mut ends = Ends { answered, not_answered, ..Ends::default() };
        let firsts = self.tables.rows().iter().filter(|row| row.attempt == 1);
        for first in firsts.filter(|row| names::win_of(row).is_some()) {
            self.judge_payout(last_of(&self.tables, first)?, &mut ends)?;
        }
        for (win, tr_id, _) in &self.judge.recorded {
            let lost = self.tables.attempt(tr_id).is_none();
            if lost && !self.judge.restored && self.judge.promised.contains(win) {
                return Err(Violation::PromiseLost);
            }
        }
        self.judge_coupons()?;
        self.judge_alarms()?;
        Ok(ends)
    }

    /// One payout, by its last attempt.
    fn judge_payout(&self, last: &Attempt, ends: &mut Ends) -> Result<(), Violation> {
        let coupon = self.vendor.coupons.iter().find(|coupon| coupon.tr_id == last.tr_id.as_str());
        let worth =
            coupon.filter(|coupon| coupon.is_worth_something() && names::win_paid_by(coupon) == names::win_of(last));
        match last.state {
            State::Sent => {
                *(if last.attempt == 1 { &mut ends.sent } else { &mut ends.sent_later }) += 1;
                let Some(coupon) = worth else { return Err(Violation::SentWithoutCoupon) };
                let kept = !last.would_be_lost() || self.tables.coupon(&last.tr_id).is_some();
                if coupon.standing == Standing::Live && !kept {
                    return Err(Violation::CouponNotKept);
                }
            }
            State::Failed => ends.failed += 1,
            State::Review => ends.review += 1,
            state => return Err(Violation::NotEnded(state)),
        }
        Ok(())
    }

    /// Each coupon that is worth something is one that somebody would look at.
    fn judge_coupons(&self) -> Result<(), Violation> {
        if self.vendor.explained_won() != self.vendor.spent_won {
            return Err(Violation::WonLost);
        }
        let mut paid_twice = 0;
        let ours = self.vendor.coupons.iter().filter(|coupon| names::win_paid_by(coupon).is_some());
        for coupon in ours.filter(|coupon| coupon.is_worth_something()) {
            match self.row_of(coupon).map(|row| row.state) {
                Some(State::Sent | State::Review) => {}
                Some(State::Dead) if self.settings.profile == Profile::Late => paid_twice += 1,
                // As it stood in the backup, or refused since, with an alarm: who asks again is told what there is.
                _ if self.judge.restored => {}
                Some(state) => return Err(Violation::CouponUnaccounted(state)),
                None => return Err(Violation::PromiseLost),
            }
        }
        if paid_twice > self.judge.counted(Metric::PayoutsPaidTwice) {
            return Err(Violation::NobodyCalled);
        }
        Ok(())
    }

    fn judge_alarms(&self) -> Result<(), Violation> {
        let in_state = |state| self.tables.rows().iter().filter(|row| row.state == state).count();
        let called = |metric, state| self.judge.counted(metric) >= in_state(state);
        if !called(Metric::PayoutsFailed, State::Failed) || !called(Metric::PayoutsInReview, State::Review) {
            return Err(Violation::NobodyCalled);
        }
        if self.judge.counted(Metric::RowsUnreadable) > 0 {
            return Err(Violation::Unreadable);
        }
        let late = self.judge.counted(Metric::LateIssuance) + self.judge.counted(Metric::PayoutsPaidTwice);
        if late > 0 && self.settings.profile != Profile::Late {
            return Err(Violation::FalseAlarm);
        }
        Ok(())
    }
}

/// The last attempt at a payout, along the chain.
fn last_of<'a>(tables: &'a Tables, first: &'a Attempt) -> Result<&'a Attempt, Violation> {
    let mut row = first;
    while let Some(next) = &row.next_tr_id {
        row = tables.attempt(next).ok_or(Violation::ChainBroken)?;
    }
    Ok(row)
}
