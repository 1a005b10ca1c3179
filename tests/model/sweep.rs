//! The driver `sweeper`: what the one instance of it does with rows that are due.

use std::sync::Arc;

use payout::{Attempt, CouponStanding, Event, Moment, State};

use crate::giftishow::CancelAnswer;
use crate::policy::{Lateness, LostWorker, NotFoundCounts, RestoredRows, UnansweredCancel};
use crate::send::{LookUp, look};
use crate::table::Write;
use crate::world::{Backup, Fate, Payout, RULES, Sweeper, World, at, coupon_of};

/// Deadline of a cancel.
const CANCEL_TICKS: u32 = 1;

/// A step of the sweeper, or one of Giftishow's for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SweeperStep {
    /// Reads the row of an attempt that is due.
    Reads(usize),
    /// Finds that the lease ran out.
    FindsLeaseExpired(Fate),
    /// Asks for a cancel.
    Cancels,
    /// Giftishow acts on the cancel.
    CancelArrives,
    /// Hears the answer, and looks the coupon up where that decides.
    Hears(LookUp, Fate),
    /// The answer is lost or late.
    HearsNothing(Fate),
    /// It is too late for a cancel, or an audit is due: looks the coupon up.
    LooksUp(LookUp, Fate),
    IsKilled,
}

impl Payout {
    pub(crate) fn sweeper_steps(&self, world: &World, steps: &mut Vec<SweeperStep>) {
        use SweeperStep as Step;
        let fates = self.fates(world);
        let looks = |steps: &mut Vec<Step>, step: fn(LookUp, Fate) -> Step| {
            for look_up in [LookUp::Truth, LookUp::Nothing] {
                steps.extend(self.fates(world).into_iter().map(|fate| step(look_up, fate)));
            }
        };
        match &world.sweeper {
            Sweeper::Idle if world.backup == Backup::Restored => {}
            Sweeper::Idle => {
                for (index, row) in world.rows.iter().enumerate() {
                    if row.is_due(world.time()) && row.state != State::Accepted {
                        steps.push(Step::Reads(index));
                    }
                }
            }
            Sweeper::Read(row) => {
                match row.state {
                    State::Sending => steps.extend(fates.into_iter().map(Step::FindsLeaseExpired)),
                    State::Unknown if self.is_looked_up_first(row) => looks(steps, Step::LooksUp),
                    State::Unknown if row.is_cancellable(world.time(), &RULES) => steps.push(Step::Cancels),
                    State::Dead | State::Review | State::Closed if self.audits_find_nothing() => {
                        steps.push(Step::LooksUp(LookUp::Truth, Fate::Lands));
                    }
                    _ => looks(steps, Step::LooksUp),
                }
                steps.extend((world.crashes_left > 0).then_some(Step::IsKilled));
            }
            Sweeper::Waits { row, left, answer } => {
                match answer {
                    None => steps.push(Step::CancelArrives),
                    Some(CancelAnswer::NotFound) if row.not_found_counts(at(*left), &RULES) => {
                        looks(steps, Step::Hears);
                    }
                    Some(CancelAnswer::NotCancellable) => looks(steps, Step::Hears),
                    Some(_) => steps.extend(fates.iter().map(|fate| Step::Hears(LookUp::Truth, *fate))),
                }
                steps.extend(fates.into_iter().map(Step::HearsNothing));
                steps.extend((world.crashes_left > 0).then_some(Step::IsKilled));
            }
        }
    }

    /// Whether it must act before time can pass: its request is over.
    pub(crate) fn sweeper_is_pressed(&self, world: &World) -> bool {
        match &world.sweeper {
            Sweeper::Idle => {
                let is_audit = |row: &Arc<Attempt>| matches!(row.state, State::Dead | State::Review | State::Closed);
                let is_due = |row: &Arc<Attempt>| is_audit(row) && row.is_due(world.time());
                self.audits_find_nothing() && world.rows.iter().any(is_due)
            }
            // Read later is as good as looked at later.
            Sweeper::Read(_) => true,
            Sweeper::Waits { left, .. } => world.now >= left + CANCEL_TICKS,
        }
    }

    /// Where nothing is later than the grace period, audits change nothing: they come in time and are answered.
    fn audits_find_nothing(&self) -> bool {
        self.policy.lateness == Lateness::Bounded
    }

    pub(crate) fn sweeper_step(&self, world: &mut World, step: SweeperStep) {
        let state = std::mem::replace(&mut world.sweeper, Sweeper::Idle);
        match (step, state) {
            (SweeperStep::Reads(index), _) => world.sweeper = Sweeper::Read(world.rows[index].clone()),
            (SweeperStep::FindsLeaseExpired(fate), Sweeper::Read(row)) => self.end_lease(world, &row, fate),
            (SweeperStep::Cancels, Sweeper::Read(row)) => {
                world.sweeper = Sweeper::Waits { row, left: world.now, answer: None };
            }
            (SweeperStep::CancelArrives, Sweeper::Waits { row, left, .. }) => {
                let answer = Some(world.giftishow.cancel(coupon_of(&row), world.now));
                world.sweeper = Sweeper::Waits { row, left, answer };
            }
            (SweeperStep::LooksUp(look_up, fate), Sweeper::Read(row)) => {
                let standing = look(world, coupon_of(&row), look_up);
                match row.state {
                    State::Dead | State::Review | State::Closed => self.audit(world, row, standing, fate),
                    _ if self.is_looked_up_first(&row) && standing != CouponStanding::Absent => {
                        let found = Event::FoundAfterRestore { standing, next: self.next_id(&row) };
                        self.drive(world, &row, found, fate);
                    }
                    _ if self.is_looked_up_first(&row) && row.is_cancellable(world.time(), &RULES) => {
                        world.sweeper = Sweeper::Waits { row, left: world.now, answer: None };
                    }
                    _ => self.drive(world, &row, Event::NotCancellable { standing, next: self.next_id(&row) }, fate),
                }
            }
            (SweeperStep::Hears(look_up, fate), Sweeper::Waits { row, left, answer: Some(answer) }) => {
                self.hear(world, &row, (answer, left), look_up, fate);
            }
            (SweeperStep::HearsNothing(fate), Sweeper::Waits { row, answer, .. }) => {
                leave_behind(world, &row, answer);
                match self.policy.unanswered_cancel {
                    _ if is_decided(&row) => {
                        self.drive(world, &row, Event::Audited(CouponStanding::Unanswered), fate);
                    }
                    UnansweredCancel::IsRepeated => self.drive(world, &row, Event::CancelUnanswered, fate),
                    UnansweredCancel::SendsAgain => self.back_to_accepted(world, &row, fate),
                }
            }
            (SweeperStep::IsKilled, state) => {
                world.crashes_left -= 1;
                if let Sweeper::Waits { row, answer, .. } = state {
                    leave_behind(world, &row, answer);
                }
            }
            (step, state) => unreachable!("{step:?} of {state:?}"),
        }
    }

    /// What a restored table holds as open may have come to its end since.
    fn is_looked_up_first(&self, row: &Attempt) -> bool {
        row.restored_at.is_some() && self.policy.restored == RestoredRows::LookedUpFirst
    }

    /// Rule 4. A sweep that has written it goes on with the row.
    fn end_lease(&self, world: &mut World, row: &Arc<Attempt>, fate: Fate) {
        if self.policy.lost_worker == LostWorker::SentNothing {
            return self.back_to_accepted(world, row, fate);
        }
        let owner = world.new_owner();
        let Some(unknown) = self.settle(world, row, Event::LeaseExpired, owner, fate) else { return };
        match self.policy.lost_worker {
            LostWorker::RunsAgain => {
                self.drive(world, &unknown, Event::Cancelled { next: self.next_id(&unknown) }, Fate::Lands);
            }
            _ => world.sweeper = Sweeper::Read(unknown),
        }
    }

    fn hear(
        &self,
        world: &mut World,
        row: &Arc<Attempt>,
        (answer, left): (CancelAnswer, u32),
        look_up: LookUp,
        fate: Fate,
    ) {
        let next = self.next_id(row);
        let standing = look(world, coupon_of(row), look_up);
        let is_audit = is_decided(row);
        let event = match answer {
            CancelAnswer::Cancelled if is_audit => Event::LateCancelled,
            CancelAnswer::AlreadyUsed if is_audit => Event::Audited(CouponStanding::Used),
            CancelAnswer::NotCancellable if is_audit => Event::Audited(standing),
            CancelAnswer::NotFound if is_audit => Event::Audited(CouponStanding::Unanswered),
            CancelAnswer::Cancelled => Event::Cancelled { next },
            CancelAnswer::AlreadyUsed => Event::AlreadyUsed,
            CancelAnswer::NotCancellable => Event::NotCancellable { standing, next },
            CancelAnswer::NotFound => {
                let (cancel_started_at, second_opinion) = match self.policy.not_found {
                    NotFoundCounts::IfCancelledLate => (at(left), standing),
                    NotFoundCounts::IfReadLate => (world.time(), CouponStanding::Absent),
                    NotFoundCounts::AtOnce => (end_of_time(), standing),
                    NotFoundCounts::AtOnceForTheSameId => return self.back_to_accepted(world, row, fate),
                };
                Event::NotFound { cancel_started_at, second_opinion, next }
            }
        };
        self.drive(world, row, event, fate);
    }

    /// Rule 5: what turned up after all is cancelled, unless a person has been asked already.
    fn audit(&self, world: &mut World, row: Arc<Attempt>, standing: CouponStanding, fate: Fate) {
        let ours_to_cancel = is_decided(&row) && row.is_cancellable(world.time(), &RULES);
        if standing == CouponStanding::Live && ours_to_cancel {
            world.sweeper = Sweeper::Waits { row, left: world.now, answer: None };
        } else {
            self.drive(world, &row, Event::Audited(standing), fate);
        }
    }

    /// Writes what an event makes of a row that has no holder.
    pub(crate) fn drive(&self, world: &mut World, row: &Arc<Attempt>, event: Event, fate: Fate) {
        let owner = world.new_owner();
        self.settle(world, row, event, owner, fate);
    }

    /// What production cannot do: no line of its transition table leads from `unknown`, or from an expired lease, to
    /// `accepted`.
    fn back_to_accepted(&self, world: &mut World, row: &Arc<Attempt>, fate: Fate) {
        let again = Attempt {
            state: State::Accepted,
            owner: world.new_owner(),
            due_at: Some(world.time()),
            lease_until: None,
            send_started_at: None,
            ..row.as_ref().clone()
        };
        self.write(
            world,
            Write { before: row.clone(), after: Arc::new(again), next: None, buries: false, keeps: false },
            fate,
        );
    }
}

/// Whether nothing of it may live any more.
fn is_decided(row: &Attempt) -> bool {
    matches!(row.state, State::Dead | State::Closed)
}

/// A cancel that nobody waits for any longer may still be acted on.
fn leave_behind(world: &mut World, row: &Attempt, answer: Option<CancelAnswer>) {
    world.giftishow.late_cancels[coupon_of(row)] |= answer.is_none();
}

/// Later than any grace period.
fn end_of_time() -> Moment {
    at(u32::from(u16::MAX))
}
