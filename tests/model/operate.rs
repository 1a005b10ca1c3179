//! A person: looks at a row and at its coupon, and decides something about it later, if the row is still the same.

use std::sync::Arc;

use payout::{Attempt, CouponStanding, Event, Evidence, Owner, Rules, Stamp, State, Then, transition};

use crate::policy::Orders;
use crate::table::Write;
use crate::world::{Fate, Payout, RULES, World, coupon_of};

/// What a person has seen. What 0201 said may not be true any more.
#[derive(Clone, Debug)]
pub(crate) struct Looked {
    pub(crate) row: Arc<Attempt>,
    pub(crate) standing: CouponStanding,
}

/// What a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OperatorStep {
    Looks,
    Decides(Decision),
}

/// The ways of `operation::Way` that matter to a coupon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Confirms,
    Reissues,
    Closes,
}

impl Payout {
    pub(crate) fn operator_steps(&self, world: &World, steps: &mut Vec<OperatorStep>) {
        let Some(looked) = &world.operator else {
            let is_over = matches!(world.last().state, State::Sent | State::Failed | State::Review);
            steps.extend((world.orders_left > 0 && is_over).then_some(OperatorStep::Looks));
            return;
        };
        for decision in [Decision::Confirms, Decision::Reissues, Decision::Closes] {
            // Nobody is offered what the transition refuses.
            let stamp = Stamp { owner: Owner::new("person"), at: world.time(), evidence: Evidence::default() };
            let rules = Rules { max_attempts: self.attempts, ..RULES };
            let fits = decision != Decision::Reissues || coupon_of(&looked.row) + 1 < self.next_ids.len();
            if fits && transition(&looked.row, event(world, looked, decision), &stamp, &rules).is_ok() {
                steps.push(OperatorStep::Decides(decision));
            }
        }
    }

    pub(crate) fn operator_step(&self, world: &mut World, step: OperatorStep) {
        match (step, world.operator.take()) {
            (OperatorStep::Looks, _) => {
                world.orders_left -= 1;
                let row = world.last().clone();
                let standing = world.giftishow.standing(coupon_of(&row));
                world.operator = Some(Looked { row, standing });
            }
            (OperatorStep::Decides(Decision::Reissues), Some(looked)) if self.policy.orders == Orders::DoneAtOnce => {
                self.reissue_at_once(world, &looked.row);
            }
            (OperatorStep::Decides(decision), Some(looked)) => {
                let event = event(world, &looked, decision);
                self.drive(world, &looked.row, event, Fate::Lands);
            }
            (step, looked) => unreachable!("{step:?} of {looked:?}"),
        }
    }

    /// What production cannot do: no line of its transition table leads from `sent` to `dead`.
    fn reissue_at_once(&self, world: &mut World, row: &Arc<Attempt>) {
        let owner = world.new_owner();
        let stamp = Stamp { owner: owner.clone(), at: world.time(), evidence: Evidence::default() };
        let next = row.following(self.next_id(row), &stamp, &RULES);
        let dead = Attempt { state: State::Dead, owner, next_tr_id: Some(next.tr_id.clone()), ..row.as_ref().clone() };
        let (after, next) = (Arc::new(dead), Some(Arc::new(next)));
        self.write(world, Write { before: row.clone(), after, next, buries: true, keeps: false }, Fate::Lands);
    }
}

fn event(world: &World, Looked { row, standing }: &Looked, decision: Decision) -> Event {
    let standing = *standing;
    match decision {
        Decision::Confirms => Event::Confirmed { standing, kept: world.kept[coupon_of(row)] },
        Decision::Reissues => Event::Ordered { then: Then::Reissue, standing },
        Decision::Closes => Event::Ordered { then: Then::Close, standing },
    }
}
