//! The model: all that can happen next.

use std::sync::Arc;

use payout::{Attempt, Event, Evidence, Stamp, State};
use stateright::{Model, Property};

use crate::giftishow::Coupon;
use crate::operate::OperatorStep;
use crate::policy::{self, Repair};
use crate::promises::promises;
use crate::send::SenderStep;
use crate::sweep::SweeperStep;
use crate::world::{Backup, Fate, Halves, Held, Payout, RULES, Sender, World};

/// One thing that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// One tick of time passes.
    TimePasses,
    Sender(usize, SenderStep),
    Sweeper(SweeperStep),
    Operator(OperatorStep),
    /// Giftishow acts on a send that nobody waits for.
    LateSend(usize),
    /// Giftishow acts on a cancel that nobody waits for.
    LateCancel(usize),
    /// A write lands whose writer is gone, or goes on without it.
    LateWrite,
    /// The winner uses a coupon.
    Used(usize),
    /// A callback, or a person, re-opens the payout: it failed, or was never asked for.
    Reopened,
    /// The table is backed up.
    BackedUp,
    /// The table is as it was when it was backed up, and may hold half of what came then.
    Restored(Held),
    /// A person has the restored table repaired, and the line is open again.
    Repaired,
}

impl Model for Payout {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![self.accepted()]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        let mut own = Vec::new();
        for sender in 0..world.senders.len() {
            self.sender_steps(world, sender, &mut own);
            steps.extend(own.drain(..).map(|step| Step::Sender(sender, step)));
        }
        let mut own = Vec::new();
        self.sweeper_steps(world, &mut own);
        steps.extend(own.into_iter().map(Step::Sweeper));
        let mut own = Vec::new();
        self.operator_steps(world, &mut own);
        steps.extend(own.into_iter().map(Step::Operator));
        steps.extend((0..world.giftishow.late_sends.len()).map(Step::LateSend));
        for (attempt, coupon) in world.giftishow.coupons.iter().enumerate() {
            if world.giftishow.late_cancels[attempt] && world.giftishow.would_cancel(attempt, world.now) {
                steps.push(Step::LateCancel(attempt));
            }
            // A winner can only use a PIN that was shown.
            let is_shown = !self.gubun.is_in_the_answer() || world.kept[attempt];
            if matches!(coupon, Coupon::Live { .. }) && is_shown {
                steps.push(Step::Used(attempt));
            }
        }
        steps.extend(world.late_write.is_some().then_some(Step::LateWrite));
        let last = world.last();
        steps.extend((last.state == State::Failed || last.was_not_asked_for()).then_some(Step::Reopened));
        match &world.backup {
            Backup::None if self.policy.backup != policy::Backup::NotUsed => steps.push(Step::BackedUp),
            Backup::Taken { halves, .. } if world.nothing_is_on_its_way() => {
                steps.push(Step::Restored(Held::Nothing));
                let held = [Held::TheDeadOne, Held::TheNextOne];
                steps.extend(held.map(Step::Restored).into_iter().filter(|_| halves.is_some()));
            }
            Backup::Restored => steps.push(Step::Repaired),
            _ => {}
        }
        let pressed = self.sweeper_is_pressed(world)
            || (0..world.senders.len()).any(|sender| self.sender_is_pressed(world, sender));
        steps.extend((world.is_waiting() && !pressed).then_some(Step::TimePasses));
    }

    fn next_state(&self, world: &World, step: Step) -> Option<World> {
        let mut world = world.clone();
        match step {
            Step::TimePasses => {
                world.now += 1;
                world.giftishow.drop_overdue(world.now);
            }
            Step::Sender(sender, step) => self.sender_step(&mut world, sender, step),
            Step::Sweeper(step) => self.sweeper_step(&mut world, step),
            Step::Operator(step) => self.operator_step(&mut world, step),
            Step::LateSend(index) => {
                let send = world.giftishow.late_sends.remove(index);
                world.giftishow.send(send.attempt, send.counts_from.unwrap_or(world.now));
            }
            Step::LateCancel(attempt) => {
                world.giftishow.cancel(attempt, world.now);
            }
            Step::LateWrite => {
                if let Some(write) = world.late_write.take() {
                    write.apply(&mut world, self.policy.table);
                }
            }
            Step::Used(attempt) => world.giftishow.coupons[attempt] = Coupon::Used,
            Step::Reopened => {
                let failed = Arc::clone(world.last());
                let owner = world.new_owner();
                self.settle(&mut world, &failed, Event::Reopen, owner, Fate::Lands);
            }
            Step::BackedUp => world.backup = Backup::Taken { rows: world.rows.clone(), halves: None },
            Step::Restored(held) => {
                restore(&mut world, held);
                world.giftishow.late_cancels = Default::default();
                if self.policy.backup == policy::Backup::RestoredWithoutGraves {
                    world.buried = Default::default();
                }
            }
            Step::Repaired => self.repair(&mut world),
        }
        self.forget(&mut world);
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        promises()
    }
}

impl Payout {
    /// As `platform::repair` does it. Until then nothing is claimed and nothing cancelled, so it is one step.
    fn repair(&self, world: &mut World) {
        world.backup = Backup::Repaired;
        if self.policy.repair == Repair::IsSkipped {
            return;
        }
        for row in world.rows.clone() {
            if matches!(row.state, State::Sending | State::Unknown) {
                self.drive(world, &row, Event::Restored, Fate::Lands);
            }
        }
        let last = world.last().clone();
        if last.state == State::Dead {
            let stamp = Stamp { owner: world.new_owner(), at: world.time(), evidence: Evidence::default() };
            world.rows.push(Arc::new(last.following(self.next_id(&last), &stamp, &RULES)));
        }
    }

    /// Owners' tokens never come again: a table that compares them will never take what was made from an older row.
    fn forget(&self, world: &mut World) {
        if !self.compares_owners() {
            return;
        }
        let World { rows, senders, late_write, operator, .. } = world;
        let is_current = |old: &Attempt| rows.iter().any(|row| row.owner == old.owner && row.state == old.state);
        late_write.take_if(|write| !is_current(&write.before));
        operator.take_if(|looked| !is_current(&looked.row));
        for sender in senders {
            if matches!(sender, Sender::Woken { row, .. } if !is_current(row)) {
                *sender = Sender::Idle;
            }
        }
    }
}

fn restore(world: &mut World, held: Held) {
    let Backup::Taken { mut rows, halves } = std::mem::replace(&mut world.backup, Backup::Restored) else { return };
    if let Some(Halves { dead, next }) = halves {
        match held {
            Held::Nothing => {}
            Held::TheDeadOne => rows.retain(|row| row.tr_id != dead.tr_id),
            Held::TheNextOne => rows.push(next),
        }
        rows.extend((held == Held::TheDeadOne).then_some(dead));
    }
    world.rows = rows;
}
