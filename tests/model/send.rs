//! The driver `send`: what an instance of it does with a row that it was handed.

use std::sync::Arc;
use std::time::Duration;

use payout::{Attempt, Cap, CouponStanding, Event, Line, LineFault, Purchase, State};

use crate::giftishow::{Coupon, Giftishow, LateSend, SendAnswer};
use crate::policy::{Graves, Lateness, Lease, SevenDays};
use crate::world::{Backup, Claimed, Fate, Payout, Sender, World, at, coupon_of};

/// Ticks for which an invocation can go on after it claimed a row: one send.
const INVOCATION_TICKS: u32 = 1;
/// Deadline of a send.
const SEND_TICKS: u32 = 1;
/// How much later Giftishow may act on it.
const GRACE_TICKS: u32 = 1;
/// The last whole tick before the last audit, which is six days after a send's deadline.
const LAST_AUDIT_TICKS: u32 = 2;

/// A step of an instance of `send`, or one of Giftishow's for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SenderStep {
    /// The stream or the sweeper hands it the row.
    Wakes,
    /// Has read that it was buried.
    HoldsItBack(Fate),
    /// Looks up what is to be sent, and claims the row.
    Claims(Order, Fate),
    /// Is kept from claiming by a cap.
    IsCapped,
    /// Has nothing to send, or no time for it.
    DoesNotSend(Fate),
    Sends,
    /// Giftishow acts on the request.
    Reaches(Reception),
    /// Hears the answer, and looks a duplicate up.
    Hears(LookUp, Fate),
    /// Hears that the line is refused, while others are answered.
    HearsThatItIsAlone(Fate),
    /// Hears of a coupon whose PIN it cannot seal.
    CannotKeepIt(Fate),
    /// The answer is lost or late.
    HearsNothing(Fate),
    IsKilled,
}

/// What a sender finds to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Order {
    Found,
    /// It cannot be looked up just now.
    NotNow,
    /// The recipient or the reward is missing or wrong.
    Wrong,
}

/// What Giftishow does with a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reception {
    Takes,
    /// One part of it asks another twice, and passes on the second answer.
    TakesTwice,
    /// Issues a tr_id that was cancelled once more.
    TakesAnew,
    RefusesInput,
    RefusesLine,
}

/// How much a look-up (0201) tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LookUp {
    Truth,
    /// There is no answer.
    Nothing,
    /// The coupon cannot be seen yet.
    NotYet,
}

impl Payout {
    pub(crate) fn sender_steps(&self, world: &World, sender: usize, steps: &mut Vec<SenderStep>) {
        use SenderStep as Step;
        let fates = self.fates(world);
        match &world.senders[sender] {
            Sender::Idle => {
                let row = world.last();
                let waits = row.state == State::Accepted;
                let is_older = world.backup == Backup::Restored;
                if waits && !is_older && row.not_before.is_none_or(|moment| moment <= world.time()) {
                    steps.push(Step::Wakes);
                }
            }
            Sender::Woken { buried: true, .. } => steps.extend(fates.into_iter().map(Step::HoldsItBack)),
            Sender::Woken { .. } => {
                for order in [Order::Found, Order::NotNow, Order::Wrong] {
                    steps.extend(fates.iter().map(|fate| Step::Claims(order, *fate)));
                }
                steps.push(Step::IsCapped);
            }
            Sender::Holds(claimed) => {
                if claimed.order == Order::Found && self.has_time(world, claimed) {
                    steps.push(Step::Sends);
                } else {
                    steps.extend(fates.into_iter().map(Step::DoesNotSend));
                }
                steps.extend((world.crashes_left > 0).then_some(Step::IsKilled));
            }
            Sender::Waits { claimed, answer, .. } => {
                match answer {
                    None if world.giftishow.coupons[coupon_of(&claimed.row)] == Coupon::None => {
                        use Reception::{RefusesInput, RefusesLine, Takes, TakesTwice};
                        steps.extend([Takes, TakesTwice, RefusesInput, RefusesLine].map(Step::Reaches));
                    }
                    None => {
                        let was_cancelled = world.giftishow.coupons[coupon_of(&claimed.row)] == Coupon::Cancelled;
                        steps.push(Step::Reaches(Reception::Takes));
                        steps.extend(was_cancelled.then_some(Step::Reaches(Reception::TakesAnew)));
                        steps.push(Step::Reaches(Reception::RefusesInput));
                        steps.extend(self.refused_alone.then_some(Step::Reaches(Reception::RefusesLine)));
                    }
                    Some(SendAnswer::Duplicate) => {
                        for look_up in [LookUp::Truth, LookUp::Nothing, LookUp::NotYet] {
                            steps.extend(fates.iter().map(|fate| Step::Hears(look_up, *fate)));
                        }
                    }
                    Some(SendAnswer::Issued) if self.gubun.is_in_the_answer() => {
                        steps.extend(fates.iter().map(|fate| Step::Hears(LookUp::Truth, *fate)));
                        steps.extend(fates.iter().map(|fate| Step::CannotKeepIt(*fate)));
                    }
                    Some(SendAnswer::LineRefused) if self.refused_alone && is_alone(&claimed.row, world) => {
                        steps.extend(fates.iter().map(|fate| Step::Hears(LookUp::Truth, *fate)));
                        steps.extend(fates.iter().map(|fate| Step::HearsThatItIsAlone(*fate)));
                    }
                    Some(_) => steps.extend(fates.iter().map(|fate| Step::Hears(LookUp::Truth, *fate))),
                }
                steps.extend(fates.into_iter().map(Step::HearsNothing));
                steps.extend((world.crashes_left > 0).then_some(Step::IsKilled));
            }
        }
    }

    /// Rule 3: a send that starts now must be over when the invocation ends.
    fn has_time(&self, world: &World, claimed: &Claimed) -> bool {
        self.policy.lease == Lease::MayEndEarlier || world.now + SEND_TICKS <= claimed.ends
    }

    /// Whether it must act before time can pass: its request or its invocation is over.
    pub(crate) fn sender_is_pressed(&self, world: &World, sender: usize) -> bool {
        match &world.senders[sender] {
            Sender::Idle => false,
            // Handed over later is as good as looked at later.
            Sender::Woken { row, .. } => row == world.last(),
            Sender::Holds(claimed) => self.policy.lease == Lease::OutlivesItsHolder && world.now >= claimed.ends,
            Sender::Waits { left, .. } => world.now >= left + SEND_TICKS,
        }
    }

    pub(crate) fn sender_step(&self, world: &mut World, sender: usize, step: SenderStep) {
        let state = std::mem::replace(&mut world.senders[sender], Sender::Idle);
        match (step, state) {
            (SenderStep::Wakes, _) => {
                let row = world.last().clone();
                let buried = self.policy.graves == Graves::Consulted && world.buried[coupon_of(&row)];
                world.senders[sender] = Sender::Woken { row, buried };
            }
            (SenderStep::HoldsItBack(fate), Sender::Woken { row, .. }) => self.drive(world, &row, Event::Buried, fate),
            (SenderStep::Claims(order, fate), Sender::Woken { row, .. }) => {
                self.claim(world, sender, &row, order, fate);
            }
            (SenderStep::IsCapped, Sender::Woken { row, .. }) => {
                let until = at(world.now + 1);
                self.drive(world, &row, Event::Capped { cap: Cap::RewardPerDay, until }, Fate::Lands);
            }
            (SenderStep::DoesNotSend(fate), Sender::Holds(claimed)) => {
                let event = if claimed.order == Order::Wrong { Event::InputRefused } else { Event::NotSent };
                self.record(world, &claimed, event, fate);
            }
            (SenderStep::Sends, Sender::Holds(claimed)) => {
                world.senders[sender] = Sender::Waits { claimed, left: world.now, answer: None };
            }
            (SenderStep::Reaches(reception), Sender::Waits { claimed, left, .. }) => {
                let counts_from = self.counts_from(left).unwrap_or(world.now);
                let answer = Some(receive(&mut world.giftishow, &claimed, reception, counts_from));
                world.senders[sender] = Sender::Waits { claimed, left, answer };
            }
            (SenderStep::Hears(look_up, fate), Sender::Waits { claimed, answer: Some(answer), .. }) => {
                let event = meaning(world, &claimed, answer, look_up, self.line_fault());
                self.record(world, &claimed, event, fate);
            }
            (SenderStep::HearsThatItIsAlone(fate), Sender::Waits { claimed, .. }) => {
                self.record(world, &claimed, Event::RefusedAlone(LineFault::Configuration), fate);
            }
            (SenderStep::CannotKeepIt(fate), Sender::Waits { claimed, .. }) => {
                self.record(world, &claimed, Event::CouponLost, fate);
            }
            (SenderStep::HearsNothing(fate), Sender::Waits { claimed, left, answer }) => {
                self.leave_behind(world, &claimed, left, answer);
                self.record(world, &claimed, Event::NoAnswer { send_started_at: at(left) }, fate);
            }
            (SenderStep::IsKilled, state) => {
                world.crashes_left -= 1;
                if let Sender::Waits { claimed, left, answer } = state {
                    self.leave_behind(world, &claimed, left, answer);
                }
            }
            (step, state) => unreachable!("{step:?} of {state:?}"),
        }
    }

    /// One conditional write.
    fn claim(&self, world: &mut World, sender: usize, row: &Arc<Attempt>, order: Order, fate: Fate) {
        let ends = world.now + INVOCATION_TICKS;
        // The margin of a lease is longer than clocks differ: here, longer than nothing.
        let lease_until = at(ends).after(Duration::from_millis(1));
        let goods = || Purchase { gubun: self.gubun, goods_code: "G00000000001".to_owned(), price_krw: None };
        let purchase = (order == Order::Found).then(goods);
        let owner = world.new_owner();
        if let Some(row) = self.settle(world, row, Event::Claim { lease_until, purchase }, owner, fate) {
            world.senders[sender] = Sender::Holds(Claimed { row, order, ends });
        }
    }

    /// Writes down what came of a send. Nobody else may have changed the row: that is what a lease is.
    fn record(&self, world: &mut World, claimed: &Claimed, event: Event, fate: Fate) {
        let written = self.settle(world, &claimed.row, event, claimed.row.owner.clone(), fate);
        world.slips.lost_lease |= written.is_none() && fate != Fate::OutlivesItsWriter && !world.slips.illegal_event;
    }

    /// A low balance is no fault of an attempt's, and is not counted.
    fn line_fault(&self) -> LineFault {
        if self.refused_alone { LineFault::Configuration } else { LineFault::Balance }
    }

    /// When the seven days of a coupon begin; none if that is when it is issued.
    fn counts_from(&self, left: u32) -> Option<u32> {
        (self.policy.seven_days == SevenDays::FromTheSend).then_some(left + SEND_TICKS)
    }

    /// A request that nobody waits for any longer may still be acted on.
    fn leave_behind(&self, world: &mut World, claimed: &Claimed, left: u32, answer: Option<SendAnswer>) {
        if answer.is_none() {
            let until = match self.policy.lateness {
                Lateness::Bounded => Some(left + SEND_TICKS + GRACE_TICKS),
                Lateness::UntilTheLastAudit => Some(left + SEND_TICKS + LAST_AUDIT_TICKS),
                Lateness::Unbounded => None,
            };
            let (attempt, counts_from) = (coupon_of(&claimed.row), self.counts_from(left));
            world.giftishow.late_sends.push(LateSend { attempt, counts_from, until });
        }
    }
}

/// Rule 8, as production finds it out, if another send has just been answered.
fn is_alone(refused: &Attempt, world: &World) -> bool {
    let answering = Line { answered_at: Some(world.time()), ..Line::default() };
    answering.tells_apart(refused, world.time())
}

fn receive(giftishow: &mut Giftishow, claimed: &Claimed, reception: Reception, counts_from: u32) -> SendAnswer {
    let attempt = coupon_of(&claimed.row);
    match reception {
        Reception::Takes => giftishow.send(attempt, counts_from),
        Reception::TakesTwice => {
            giftishow.send(attempt, counts_from);
            giftishow.send(attempt, counts_from)
        }
        Reception::TakesAnew => giftishow.issue(attempt, counts_from),
        Reception::RefusesInput => SendAnswer::InputRefused,
        Reception::RefusesLine => SendAnswer::LineRefused,
    }
}

fn meaning(world: &World, claimed: &Claimed, answer: SendAnswer, look_up: LookUp, fault: LineFault) -> Event {
    use CouponStanding::Live;
    match answer {
        SendAnswer::Issued => Event::Issued { order_no: "1".to_owned() },
        SendAnswer::InputRefused => Event::InputRefused,
        SendAnswer::LineRefused => Event::LineRefused(fault),
        SendAnswer::Duplicate => match look(world, coupon_of(&claimed.row), look_up) {
            Live if claimed.row.would_be_lost() && world.kept[coupon_of(&claimed.row)] => Event::DuplicateOfKept,
            standing => Event::DuplicateOfOurs(standing),
        },
    }
}

/// What a look-up (0201) says.
pub(crate) fn look(world: &World, attempt: usize, look_up: LookUp) -> CouponStanding {
    match look_up {
        LookUp::Truth => world.giftishow.standing(attempt),
        LookUp::Nothing => CouponStanding::Unanswered,
        LookUp::NotYet => CouponStanding::Absent,
    }
}
