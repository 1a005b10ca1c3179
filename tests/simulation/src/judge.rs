use std::fmt;

use payout::{Attempt, Moment, Spent, State, TrId};
use platform::Metric;

use crate::clock::{DAY_MS, HOUR_MS, KST_MS, MINUTE_MS};
use crate::names::{self, Pair};
use crate::profile::Profile;
use crate::store::Tables;
use crate::vendor::{CANCELLABLE_MS, Coupon, Order, Standing};
use crate::wins;
use crate::workers::Open;
use crate::world::World;

/// What was claimed within its hours may leave so much later, and by another clock so much sooner.
const AROUND_THE_HOUR_MS: i64 = 2 * MINUTE_MS;

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
    /// R22: the rows, as `reconcile` reads them, say otherwise than the ledger.
    Unreconciled(State),
    /// R17: a win was answered 200 and has no payout of its own, nor is it in front of a person.
    Swallowed,
    /// A cap was passed.
    CapPassed,
    /// An MMS was sent in an hour in which nobody is to be texted.
    SentOutsideHours,
    /// The line was paused for a cap that never lacked room.
    PausedForNothing,
    /// The system wrote a row that it cannot drive on.
    Unreadable,
    /// R5: 200, and an entry of the list has no row.
    PromisedWithoutRow,
    /// R6: a list was written in part.
    ListInPart,
    /// R12: more requests at once than allowed.
    TooManyAtOnce(&'static str),
    /// R19: a row waits for a person, and there is nothing that a person may do.
    NoWayOut(State),
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
            Self::Unreconciled(state) => {
                return write!(f, "R22: the ledger and a row that is {} differ in what was spent", state.as_str());
            }
            Self::WonLost => "R3: the ledger does not explain what was spent",
            Self::Swallowed => "R17: a win was answered 200, and nothing of its own came of it",
            Self::CapPassed => "more was sent than a cap allows",
            Self::SentOutsideHours => "an MMS was sent outside of its hours",
            Self::PausedForNothing => "the line was paused for a cap that never lacked room",
            Self::Unreadable => "a row was written that the system cannot drive on",
            Self::PromisedWithoutRow => "R5: a list was answered 200, and an entry of it has no row",
            Self::ListInPart => "R6: a list was written in part",
            Self::NoWayOut(state) => {
                return write!(f, "R19: a row is {}, and a person may do nothing about it", state.as_str());
            }
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
    /// Of these, those of which nobody can tell whether they are wins or retries.
    pub held: u64,
    /// Of these, those that Giftishow refused three times while it took others.
    pub alone: u64,
    /// A person has decided that nothing is owed.
    pub closed: u64,
    /// Lists that were answered 200.
    pub answered: u64,
    /// Lists that were answered otherwise, or not at all.
    pub not_answered: u64,
}

/// Who sees whether promises are kept. What counts is Giftishow's ledger; rows only say what we believe.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    /// Payouts that were ever recorded: their first attempts.
    recorded: Vec<(Pair, TrId)>,
    /// Those of them that a person has granted beside what Bleepy told of.
    granted: Vec<TrId>,
    /// The later ones.
    later: Vec<(Pair, TrId)>,
    /// Rows that waited for a person, who has decided, and how often wins were noted on them until then.
    decided: Vec<(TrId, u32)>,
    /// Rows that were gone when the table had been put back.
    pub(crate) lost: Vec<Attempt>,
    /// How often wins were noted on rows that wait for a person, and until when, of which it then knew nothing more.
    pub(crate) unnoted: Vec<(Pair, u32, Moment)>,
    /// When it was put back.
    pub(crate) put_back_ms: Option<i64>,
    counts: [usize; 32],
    violation: Option<Violation>,
    answered: u64,
    not_answered: u64,
    /// What the gauge of what waits for a person stands at.
    open_for_person: u64,
}

impl Judge {
    pub(crate) fn begin(&mut self) {
        self.recorded.clear();
        self.granted.clear();
        self.decided.clear();
        self.later.clear();
        self.counts = [0; 32];
        self.violation = None;
        self.answered = 0;
        self.not_answered = 0;
        self.lost.clear();
        self.unnoted.clear();
        self.put_back_ms = None;
        self.open_for_person = 0;
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

    /// A process has said what a gauge stands at.
    pub(crate) fn gauge(&mut self, metric: Metric, value: u64) {
        if metric == Metric::OpenForPerson {
            self.open_for_person = value;
        }
    }

    fn counted(&self, metric: Metric) -> usize {
        self.counts[metric as usize]
    }

    /// A row was written.
    pub(crate) fn row(&mut self, row: &Attempt) {
        let must = matches!(row.state, State::Accepted | State::Sending | State::Unknown);
        // While audits are due.
        let may = must || matches!(row.state, State::Dead | State::Review | State::Closed);
        if row.due_at.is_some() && !may || row.due_at.is_none() && must {
            self.found(Violation::WrongDue(row.state));
        }
        let attempts = if row.attempt == 1 { &mut self.recorded } else { &mut self.later };
        if let Some(pair) = names::pair_of(row)
            && !attempts.iter().any(|(_, tr_id)| *tr_id == row.tr_id)
        {
            attempts.push((pair, row.tr_id.clone()));
            if row.attempt == 1 && wins::is_granted_new(row) {
                self.granted.push(row.tr_id.clone());
            }
        }
    }

    /// A person has decided about a row, and has seen what was noted on it.
    pub(crate) fn decided(&mut self, before: &Attempt, noted: u32) {
        if before.state.waits_for_a_person() {
            self.decided.retain(|(tr_id, _)| *tr_id != before.tr_id);
            self.decided.push((before.tr_id.clone(), noted));
        }
    }

    /// How often wins were noted on a row as long as it waited for a person.
    fn noted_on(&self, row: &Attempt) -> u32 {
        let decided = || self.decided.iter().find(|(tr_id, _)| *tr_id == row.tr_id);
        if row.state.waits_for_a_person() { row.duplicates } else { decided().map_or(0, |(_, noted)| *noted) }
    }

    /// What a row is a try at, also after its user was erased from it.
    pub(crate) fn pair_of(&self, row: &Attempt) -> Option<Pair> {
        let known = || self.recorded.iter().chain(&self.later).find(|(_, tr_id)| *tr_id == row.tr_id);
        names::pair_of(row).or_else(|| known().map(|(pair, _)| *pair))
    }

    /// Whether its row was gone when the table had been put back.
    fn was_lost(&self, tr_id: &str) -> bool {
        self.lost.iter().any(|row| row.tr_id.as_str() == tr_id)
    }

    fn payouts(&self, pair: Pair) -> impl Iterator<Item = &TrId> {
        self.recorded.iter().filter(move |(recorded, _)| *recorded == pair).map(|(_, tr_id)| tr_id)
    }

    /// The payouts that Bleepy told of: what a person grants beside them is nobody's win.
    fn told(&self, pair: Pair) -> impl Iterator<Item = &TrId> {
        self.payouts(pair).filter(|tr_id| !self.granted.contains(tr_id))
    }
}

/// Whether a person must decide if the row is a win or a retry.
fn is_held(row: &Attempt) -> bool {
    row.state == State::Review && row.last_code.as_deref() == Some("maybe_repeated")
}

impl World {
    /// R5 and R17, when a list was answered: after a 200, each of its wins has something of its own.
    pub(crate) fn judge_answer(&mut self, worker: usize, post: usize, status: Option<u16>) {
        if status != Some(200) {
            self.judge.not_answered += 1;
            return;
        }
        self.judge.answered += 1;
        let here_ms = self.workers[worker].post_came_ms;
        let Self { bleepy, wins, .. } = self;
        let list = bleepy.post(post);
        list.wins.iter().for_each(|win| wins.answered(*win, list.is_alone(), here_ms));
        for win in &self.bleepy.post(post).wins {
            let pair = self.wins.pair(*win);
            let owed = self.wins.owed(pair);
            let recorded = self.judge.told(pair).count();
            if recorded == 0 {
                return self.judge.found(Violation::PromisedWithoutRow);
            }
            // That a person was told of what the table lost is seen at the end.
            if recorded < owed && recorded + self.noted(pair) + self.missing(pair, |_| true) < owed {
                return self.judge.found(Violation::Swallowed);
            }
        }
    }

    /// How often wins were noted on rows of this pair that wait for a person, or did until one had decided.
    fn noted(&self, pair: Pair) -> usize {
        let rows = self.tables.rows().iter().filter(|row| self.judge.pair_of(row) == Some(pair));
        rows.map(|row| usize::try_from(self.judge.noted_on(row)).unwrap_or(usize::MAX)).sum()
    }

    /// R1, at every issue: never more coupons than payouts, nor than wins.
    pub(crate) fn judge_issue(&mut self) {
        let Some(new) = self.vendor.coupons.last() else { return };
        let Some(pair) = names::pair_paid_by(new) else { return };
        // Later than the rules take into account: the audits' business.
        let is_over = |row: &Attempt| matches!(row.state, State::Dead | State::Closed);
        let is_late = |coupon: &Coupon| self.row_of(coupon).is_some_and(is_over);
        let is_about_late = self.settings.profile == Profile::Late;
        if is_about_late && is_late(new) {
            return;
        }
        // Whichever number it went to.
        let same = |coupon: &&Coupon| names::pair_paid_by(coupon) == Some(pair);
        let counts = |coupon: &&Coupon| coupon.is_worth_something() && !(is_about_late && is_late(coupon));
        let coupons = self.vendor.coupons.iter().filter(same).filter(counts).count();
        if coupons > self.judge.payouts(pair).count() || coupons > self.wins.most(pair) {
            self.judge.found(Violation::PaidTwice);
        }
    }

    /// When an order leaves: not in the quiet hour of its reward, but for what clocks differ and an invocation takes.
    pub(crate) fn judge_hours(&mut self, order: &Order) {
        let Some((reward, _)) = names::pair_of_order(order) else { return };
        let now_ms = self.clock.now_ms;
        let hour = |at_ms: i64| (at_ms + KST_MS).rem_euclid(DAY_MS) / HOUR_MS;
        let around = [hour(now_ms - AROUND_THE_HOUR_MS), hour(now_ms + AROUND_THE_HOUR_MS)];
        let is_quiet = names::quiet_hour(reward).is_some_and(|quiet| around == [quiet; 2]);
        if is_quiet && self.settings.profile.has_send_hours() {
            self.judge.found(Violation::SentOutsideHours);
        }
    }

    /// R12, when a request to Giftishow leaves.
    pub(crate) fn judge_open(&mut self, kind: Open) {
        let open = self.workers.open(kind, self.clock.now_ms);
        match kind {
            Open::Send if open > self.settings.send_concurrency => self.judge.found(Violation::TooManyAtOnce("sends")),
            Open::Cancel if open > 1 => self.judge.found(Violation::TooManyAtOnce("cancels")),
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
        for first in firsts.filter(|row| self.judge.pair_of(row).is_some()) {
            self.judge_payout(last_of(&self.tables, first)?, &mut ends)?;
        }
        self.judge_ways()?;
        self.judge_wins()?;
        self.judge_coupons()?;
        self.judge_money()?;
        self.judge_alarms()?;
        Ok(ends)
    }

    /// One payout, by its last attempt.
    fn judge_payout(&self, last: &Attempt, ends: &mut Ends) -> Result<(), Violation> {
        let coupon = self.vendor.coupons.iter().find(|coupon| coupon.tr_id == last.tr_id.as_str());
        let worth = coupon
            .filter(|coupon| coupon.is_worth_something() && names::pair_paid_by(coupon) == self.judge.pair_of(last));
        match last.state {
            State::Sent => {
                *(if last.attempt == 1 { &mut ends.sent } else { &mut ends.sent_later }) += 1;
                let Some(coupon) = worth else { return Err(Violation::SentWithoutCoupon) };
                let kept = !last.would_be_lost() || self.tables.coupon(&last.tr_id).is_some();
                if coupon.standing == Standing::Live && !kept {
                    return Err(Violation::CouponNotKept);
                }
            }
            State::Closed => ends.closed += 1,
            State::Failed => ends.failed += 1,
            State::Review => {
                ends.review += 1;
                ends.held += u64::from(is_held(last));
                ends.alone += u64::from(last.last_event == "refused_alone");
            }
            state => return Err(Violation::NotEnded(state)),
        }
        Ok(())
    }

    /// Each win that was answered 200 still has something of its own. If the table lost its row when it was put back, nobody
    /// can know of it: a person must have been told that the time in which it came is missing.
    fn judge_wins(&self) -> Result<(), Violation> {
        for (_, tr_id) in &self.judge.recorded {
            if self.tables.attempt(tr_id).is_none() && !self.judge.was_lost(tr_id.as_str()) {
                return Err(Violation::PromiseLost);
            }
        }
        let wins = self.wins.all();
        let told = |at: Moment| self.tables.lost().is_some_and(|lost| lost.from <= at && at <= lost.until);
        for (number, pair) in wins.iter().map(|win| win.pair).enumerate() {
            if wins[..number].iter().any(|win| win.pair == pair) {
                continue;
            }
            let owed = self.wins.owed(pair);
            let there = self.judge.told(pair).filter(|tr_id| self.tables.attempt(tr_id).is_some()).count();
            if there < owed && there + self.noted(pair) + self.missing(pair, told) < owed {
                return Err(Violation::Swallowed);
            }
        }
        Ok(())
    }

    /// Payouts whose rows the table lost, or what was noted on them, of a time that counts.
    fn missing(&self, pair: Pair, counts: impl Fn(Moment) -> bool) -> usize {
        let of_pair = self.judge.lost.iter().filter(|row| row.attempt == 1 && self.judge.pair_of(row) == Some(pair));
        // Its tr_id may be another win's by now.
        let gone = of_pair
            .filter(|row| self.tables.attempt(&row.tr_id).is_none_or(|another| another.accepted_by != row.accepted_by));
        let rows: u32 = gone.filter(|row| counts(row.accepted_at)).map(|row| 1 + row.duplicates).sum();
        let notes = self.judge.unnoted.iter().filter(|(noted, _, at)| *noted == pair && counts(*at));
        (rows + notes.map(|(_, times, _)| times).sum::<u32>()) as usize
    }

    /// Whether its request left before the table was put back.
    fn was_forgotten(&self, coupon: &Coupon) -> bool {
        let latest_ms = |put_back_ms: i64| put_back_ms + self.settings.profile.lateness_ms();
        self.judge.put_back_ms.is_some_and(|at_ms| coupon.issued_at_ms <= latest_ms(at_ms))
    }

    /// Whether Giftishow cancels it no more.
    fn is_out_of_reach(&self, coupon: &Coupon) -> bool {
        coupon.stubborn || self.clock.now_ms > coupon.issued_at_ms + CANCELLABLE_MS
    }

    /// Each coupon that is worth something is one that somebody would look at.
    fn judge_coupons(&self) -> Result<(), Violation> {
        if self.vendor.explained_won() != self.vendor.spent_won {
            return Err(Violation::WonLost);
        }
        let mut paid_twice = 0;
        let ours = self.vendor.coupons.iter().filter(|coupon| names::pair_paid_by(coupon).is_some());
        for coupon in ours.filter(|coupon| coupon.is_worth_something()) {
            match self.row_of(coupon).map(|row| row.state) {
                Some(State::Sent | State::Review) => {}
                Some(State::Dead) if self.settings.profile == Profile::Late => paid_twice += 1,
                // The table forgot that it was asked for: it is in front of a person, who finds it.
                Some(State::Failed | State::Closed) if self.was_forgotten(coupon) => {}
                // No cancel reaches it, and a person has given it up.
                Some(State::Closed) if coupon.standing == Standing::Used || self.is_out_of_reach(coupon) => {}
                Some(state) => return Err(Violation::CouponUnaccounted(state)),
                None if self.judge.was_lost(&coupon.tr_id) => {}
                None => return Err(Violation::PromiseLost),
            }
        }
        if paid_twice > self.judge.counted(Metric::PayoutsPaidTwice) {
            return Err(Violation::NobodyCalled);
        }
        Ok(())
    }

    /// R22: what each row says was spent is what the ledger says; where it says nothing, `reconcile` asks.
    fn judge_money(&self) -> Result<(), Violation> {
        // A row of another payout that stood in the way of a tr_id was never sent by anybody here.
        for row in self.tables.rows().iter().filter(|row| self.judge.pair_of(row).is_some()) {
            let of_row = |coupon: &&Coupon| coupon.tr_id == row.tr_id.as_str() && names::pair_paid_by(coupon).is_some();
            let coupon = self.vendor.coupons.iter().find(of_row).filter(|coupon| coupon.is_worth_something());
            let agrees = match row.spent() {
                Spent::Kept => coupon.is_some(),
                Spent::GivenBack => coupon.is_none(),
                Spent::Nothing => coupon.is_none_or(|coupon| self.was_forgotten(coupon)),
                Spent::Unclear => true,
            };
            if !agrees {
                return Err(Violation::Unreconciled(row.state));
            }
        }
        Ok(())
    }

    /// Whether the last sweep was before something went to a person, or was dealt with.
    pub(crate) fn gauge_is_old(&self) -> bool {
        let waits = |row: &&Attempt| matches!(row.state, State::Failed | State::Review);
        self.judge.open_for_person != self.tables.rows().iter().filter(waits).count() as u64
    }

    fn judge_alarms(&self) -> Result<(), Violation> {
        // R18: who waits stays in the gauge until it is dealt with; nobody who does not is in it.
        if self.gauge_is_old() {
            return Err(Violation::NobodyCalled);
        }
        // Beside that, each is told of once; but for who is held from the start, if the process that recorded it did not live
        // to say so.
        let waits = |row: &&Attempt| !(row.last_event == "held" && row.attention.is_some());
        let in_state = |state| self.tables.rows().iter().filter(|row| row.state == state).filter(waits).count();
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
