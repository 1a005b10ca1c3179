//! When two states of the model are the same: what no step and no promise can tell apart does not count. Moments count as
//! distances from now, owners by who equals whom, senders in any order; what a state of a row has no use for is left out.

use std::hash::{Hash, Hasher};

use payout::{Attempt, Moment, Owner, State};

use crate::giftishow::{CANCELLABLE_TICKS, COUPONS, CancelAnswer, Coupon, Giftishow, LateSend, SendAnswer};
use crate::send::Order;
use crate::world::{Backup, Claimed, RULES, Sender, Slips, Sweeper, TICK, World, coupon_of};

/// Ticks after a grace period from when on all is the same: Giftishow cancels no more, and we ask for it no more.
const MEMORY_TICKS: u32 = CANCELLABLE_TICKS + 1;
/// Tries after which all are the same: an unclear duplicate then goes to a person. Before there is a coupon, tries can only
/// bring that end nearer, so they do not count.
const MOST_TRIES: u32 = 5;

/// What can be told apart of a state.
#[derive(PartialEq, Hash)]
struct Identity {
    rows: Vec<Row>,
    senders: [Process<SendAnswer>; 2],
    sweeper: Process<CancelAnswer>,
    coupons: [(Coupon, bool); COUPONS],
    late_sends: Vec<LateSend>,
    late_write: Option<(Row, Row)>,
    buried: [bool; COUPONS],
    kept: [bool; COUPONS],
    backup: (bool, Vec<Row>),
    crashes_left: u8,
    told_of_two: bool,
    slips: Slips,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Row {
    attempt: u8,
    state: u8,
    owner: usize,
    due: Option<u128>,
    not_before: Option<u128>,
    settled: Option<i64>,
    tries: u32,
    would_be_lost: bool,
    unclear_duplicate: bool,
    last_event: Option<String>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Process<A> {
    Idle,
    Has(Row),
    HoldsFor(u32, Row, Order),
    WaitsSince(u32, Row, Option<A>),
}

impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        Identity::of(self) == Identity::of(other)
    }
}

impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Identity::of(self).hash(state);
    }
}

impl Identity {
    fn of(world: &World) -> Self {
        let mut eye = Eye { now: world.time(), coupons: &world.giftishow.coupons, owners: Vec::new() };
        let rows = world.rows.iter().map(|row| eye.row(row)).collect();
        let mut senders = world.senders.each_ref().map(|sender| eye.sender(sender, world.now));
        senders.sort();
        Self {
            rows,
            senders,
            sweeper: eye.sweeper(&world.sweeper, world.now),
            coupons: coupons(world),
            late_sends: late_sends(&world.giftishow, world.now),
            late_write: world.late_write.as_ref().map(|write| (eye.row(&write.before), eye.row(&write.after))),
            buried: world.buried,
            kept: world.kept,
            backup: eye.backup(&world.backup),
            crashes_left: world.crashes_left,
            told_of_two: world.told_of_two,
            slips: world.slips,
        }
    }
}

struct Eye<'a> {
    now: Moment,
    coupons: &'a [Coupon; COUPONS],
    owners: Vec<Owner>,
}

impl Eye<'_> {
    fn row(&mut self, row: &Attempt) -> Row {
        let (this_tick, now) = (self.now, self.now.as_millis());
        let past = now - i64::try_from((TICK * MEMORY_TICKS).as_millis()).unwrap_or(i64::MAX);
        let from_now = |moment: Moment| moment.as_millis().max(past) - now;
        // What is over by the same tick is over at the same time.
        let ticks_ahead = |moment: Moment| moment.since(this_tick).as_millis().div_ceil(TICK.as_millis());
        let only_if = |states: &[State]| states.contains(&row.state).then_some(());
        let is_asked_for = row.due_at.and(only_if(&[State::Unknown, State::Dead, State::Review]));
        let is_timed = is_asked_for.or(only_if(&[State::Sending]));
        let is_known = self.coupons[coupon_of(row)] != Coupon::None;
        let counts_tries = only_if(&[State::Accepted, State::Sending]).filter(|()| is_known);
        Row {
            attempt: row.attempt,
            state: row.state as u8,
            owner: self.owner(&row.owner),
            due: row.due_at.map(|due_at| is_asked_for.map_or(0, |()| ticks_ahead(due_at))),
            not_before: row.not_before.map(ticks_ahead).filter(|ticks| *ticks > 0),
            settled: is_timed.and_then(|()| row.settled_after(&RULES)).map(from_now),
            tries: counts_tries.map_or(0, |()| row.tries.min(MOST_TRIES)),
            would_be_lost: row.would_be_lost(),
            unclear_duplicate: row.unclear_duplicate && is_known,
            last_event: only_if(&[State::Sent, State::Failed, State::Review]).map(|()| row.last_event.clone()),
        }
    }

    fn backup(&mut self, backup: &Backup) -> (bool, Vec<Row>) {
        match backup {
            Backup::None => (false, Vec::new()),
            Backup::Taken(rows) => (false, rows.iter().map(|row| self.row(row)).collect()),
            Backup::Restored => (true, Vec::new()),
        }
    }

    fn owner(&mut self, owner: &Owner) -> usize {
        self.owners.iter().position(|known| known == owner).unwrap_or_else(|| {
            self.owners.push(owner.clone());
            self.owners.len() - 1
        })
    }

    fn sender(&mut self, sender: &Sender, now: u32) -> Process<SendAnswer> {
        match sender {
            Sender::Idle => Process::Idle,
            Sender::Woken(row) => Process::Has(self.row(row)),
            Sender::Holds(Claimed { row, order, ends }) => {
                Process::HoldsFor(ends.saturating_sub(now), self.row(row), *order)
            }
            Sender::Waits { claimed, left, answer } => Process::WaitsSince(now - left, self.row(&claimed.row), *answer),
        }
    }

    fn sweeper(&mut self, sweeper: &Sweeper, now: u32) -> Process<CancelAnswer> {
        match sweeper {
            Sweeper::Idle => Process::Idle,
            Sweeper::Read(row) => Process::Has(self.row(row)),
            Sweeper::Waits { row, left, answer } => Process::WaitsSince(now - left, self.row(row), *answer),
        }
    }
}

/// The coupon of each attempt, and whether a late cancel may still end it.
fn coupons(world: &World) -> [(Coupon, bool); COUPONS] {
    let World { now, giftishow, .. } = world;
    std::array::from_fn(|attempt| {
        let late_cancel = giftishow.late_cancels[attempt];
        match giftishow.coupons[attempt] {
            Coupon::Live { cancellable_until } => {
                let cancellable_for = (cancellable_until + 1).saturating_sub(*now);
                (Coupon::Live { cancellable_until: cancellable_for }, late_cancel && cancellable_for > 0)
            }
            Coupon::Used => (Coupon::Used, false),
            Coupon::None | Coupon::Cancelled if is_over(world, attempt) => (Coupon::Cancelled, false),
            Coupon::None => (Coupon::None, late_cancel),
            Coupon::Cancelled => (Coupon::Cancelled, false),
        }
    })
}

/// Whether the attempt is dead for good: nobody looks at it again, and no send of it is on its way.
fn is_over(world: &World, attempt: usize) -> bool {
    let is_dead = world.rows.get(attempt).is_some_and(|row| row.state == State::Dead && row.due_at.is_none());
    let may_rise = matches!(world.backup, Backup::Taken(_));
    is_dead && !may_rise && !world.sends_on_their_way().any(|on_its_way| on_its_way == attempt)
}

fn late_sends(giftishow: &Giftishow, now: u32) -> Vec<LateSend> {
    let mut sends = giftishow.late_sends.clone();
    for send in &mut sends {
        send.until = send.until.map(|until| until - now);
        send.counts_from = send.counts_from.map(|from| (from + CANCELLABLE_TICKS + 1).saturating_sub(now));
    }
    sends.sort();
    sends
}
