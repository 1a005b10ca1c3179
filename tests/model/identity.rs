//! When two states of the model are the same: what no step and no promise can tell apart does not count. Moments count as
//! distances from now, owners by who equals whom, senders in any order; what a state of a row has no use for is left out.

use std::hash::{Hash, Hasher};

use payout::{Attempt, Moment, Owner, State, Then};

use crate::giftishow::{CANCELLABLE_TICKS, COUPONS, CancelAnswer, Coupon, Giftishow, LateSend, SendAnswer};
use crate::send::Order;
use crate::world::{Backup, Claimed, Halves, RULES, Sender, Slips, Sweeper, TICK, World, coupon_of};

/// Ticks after a grace period from when on all is the same: Giftishow cancels no more, and we ask for it no more.
const MEMORY_TICKS: u32 = CANCELLABLE_TICKS + 1;
/// Unclear duplicates after which all are the same: the next one goes to a person.
const MOST_UNCLEAR: u32 = 5;
/// Refusals of the line after which all are the same: one more may be the attempt's own.
const MOST_REFUSALS: u32 = 2;

/// What can be told apart of a state.
#[derive(PartialEq, Hash)]
struct Identity {
    rows: Vec<Row>,
    senders: [Process<SendAnswer>; 2],
    sweeper: Process<CancelAnswer>,
    coupons: [(Coupon, bool); COUPONS],
    late_sends: Vec<LateSend>,
    late_write: Option<(Row, Row)>,
    operator: Option<(Row, u8)>,
    orders_left: u8,
    buried: [bool; COUPONS],
    kept: [bool; COUPONS],
    backup: (u8, Vec<Row>, Vec<Row>),
    ever_sent: [bool; COUPONS],
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
    waits_since: Option<i64>,
    would_be_lost: bool,
    unclear_duplicates: u32,
    line_refusals: u32,
    restored: bool,
    order: Option<(bool, u8)>,
    last_event: Option<String>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Process<A> {
    Idle,
    Has(Row, bool),
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
        let orders = world.orders_left > 0 || world.operator.is_some();
        let mut eye = Eye { now: world.time(), coupons: &world.giftishow.coupons, orders, owners: Vec::new() };
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
            operator: world.operator.as_ref().map(|looked| (eye.row(&looked.row), looked.standing as u8)),
            orders_left: world.orders_left,
            buried: world.buried,
            kept: world.kept,
            backup: eye.backup(&world.backup),
            ever_sent: world.ever_sent,
            crashes_left: world.crashes_left,
            told_of_two: world.told_of_two,
            slips: world.slips,
        }
    }
}

struct Eye<'a> {
    now: Moment,
    coupons: &'a [Coupon; COUPONS],
    /// Whether a person may still decide something.
    orders: bool,
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
        let is_asked_for = row.due_at.and(only_if(&[State::Unknown, State::Dead, State::Review, State::Closed]));
        let may_be_ordered = only_if(&[State::Sent, State::Review]).filter(|()| self.orders);
        let is_timed = is_asked_for.or(only_if(&[State::Sending])).or(may_be_ordered);
        let is_known = self.coupons[coupon_of(row)] != Coupon::None;
        let is_to_be_sent = only_if(&[State::Accepted, State::Sending]);
        Row {
            attempt: row.attempt,
            state: row.state as u8,
            owner: self.owner(&row.owner),
            due: row.due_at.map(|due_at| is_asked_for.map_or(0, |()| ticks_ahead(due_at))),
            not_before: row.not_before.map(ticks_ahead).filter(|ticks| *ticks > 0),
            settled: is_timed.and_then(|()| row.settled_after(&RULES)).map(from_now),
            waits_since: may_be_ordered.map(|()| from_now(row.state_since)),
            would_be_lost: row.would_be_lost(),
            // Before there is a coupon, they can only bring the end nearer.
            unclear_duplicates: row.unclear_duplicates.min(match row.state {
                _ if !is_known => 0,
                State::Accepted | State::Sending => MOST_UNCLEAR,
                State::Unknown | State::Review => 1,
                _ => 0,
            }),
            line_refusals: is_to_be_sent.map_or(0, |()| row.line_refusals.min(MOST_REFUSALS)),
            restored: row.restored_at.is_some(),
            order: row.order.map(|order| (order.then == Then::Close, order.from as u8)),
            last_event: only_if(&[State::Sent, State::Failed, State::Review]).map(|()| row.last_event.clone()),
        }
    }

    fn backup(&mut self, backup: &Backup) -> (u8, Vec<Row>, Vec<Row>) {
        match backup {
            Backup::None => (0, Vec::new(), Vec::new()),
            Backup::Taken { rows, halves } => {
                let halves = halves.iter().flat_map(|Halves { dead, next }| [dead, next]);
                let halves = halves.map(|row| self.row(row)).collect();
                (1, rows.iter().map(|row| self.row(row)).collect(), halves)
            }
            Backup::Restored => (2, Vec::new(), Vec::new()),
            Backup::Repaired => (3, Vec::new(), Vec::new()),
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
            Sender::Woken { row, buried } => Process::Has(self.row(row), *buried),
            Sender::Holds(Claimed { row, order, ends }) => {
                Process::HoldsFor(ends.saturating_sub(now), self.row(row), *order)
            }
            Sender::Waits { claimed, left, answer } => Process::WaitsSince(now - left, self.row(&claimed.row), *answer),
        }
    }

    fn sweeper(&mut self, sweeper: &Sweeper, now: u32) -> Process<CancelAnswer> {
        match sweeper {
            Sweeper::Idle => Process::Idle,
            Sweeper::Read(row) => Process::Has(self.row(row), false),
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
    let may_rise = matches!(world.backup, Backup::Taken { .. });
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
