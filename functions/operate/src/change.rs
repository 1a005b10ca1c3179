//! A person's decision about one payout: the transition, and its record, in one transaction.

use std::time::Duration;

use operation::{Outcome, Refusal, Way, WhyNot};
use payout::{Attempt, Effect, Event, State, TrId, Transition, transition};
use platform::{Host as _, ReadAudit as _, Write, Written, settle};

use crate::gate::Estimate;
use crate::order::{DONE, Ending, Order, unavailable};
use crate::payout::Known;
use crate::{Given, Operate, orders};

/// Ids tried for the next attempt.
const MOST_SALTS: u8 = 3;

impl<G: Given> Operate<G> {
    /// Whether the order is possible, and what it can cost.
    pub(crate) async fn estimate_one(&self, order: &Order<'_>, tr_id: &TrId) -> Result<Estimate, Refusal> {
        let way = the_way(order)?;
        let known = self.known(self.attempt(tr_id).await?, Some(way)).await?;
        self.possible(&known, way)?;
        Ok(Estimate { rows: 1, cost: known.cost(way) })
    }

    /// Carries it out, recorded as this step of the order.
    pub(crate) async fn change_one(&self, order: &Order<'_>, tr_id: &TrId, step: &str) -> Result<Outcome, Refusal> {
        let way = the_way(order)?;
        let known = self.known(self.attempt(tr_id).await?, Some(way)).await?;
        let after = self.change(order, &known, way, step).await?;
        let Some(after) = after else { return self.done_meanwhile(order).await };
        Ok(Outcome::Changed { tr_id: after.tr_id, state: after.state, next: after.next_tr_id })
    }

    pub(crate) fn possible(&self, known: &Known, way: Way) -> Result<(), Refusal> {
        match known.facts(self.host.now(), &self.rules).why_not(way) {
            None => Ok(()),
            Some(why) => Err(not_possible(&known.attempt, why)),
        }
    }

    /// What the way makes of the row; `None` if somebody else has changed it meanwhile.
    pub(crate) async fn change(
        &self,
        order: &Order<'_>,
        known: &Known,
        way: Way,
        step: &str,
    ) -> Result<Option<Attempt>, Refusal> {
        self.possible(known, way)?;
        let row = &known.attempt;
        for salt in 0..=MOST_SALTS {
            let next = row.next_id(&self.scheme, salt);
            let facts = known.facts(self.host.now(), &self.rules);
            let Some(event) = facts.event(way, next) else { return Ok(None) };
            let settled = self.transition(known, event)?;
            match self.write(order, known, way, step, &settled).await? {
                Written::Done => return Ok(Some(settled.after)),
                Written::Refused(refusals) => match &refusals[..] {
                    // The id of the next attempt belongs to another payout.
                    [one] if one.current.as_ref().is_some_and(|other| other.payout_id != row.payout_id) => {}
                    // A restored table held half of the transaction that made the next attempt.
                    [one] if one.current.as_ref().is_some_and(|other| other.tr_id != row.tr_id) => {
                        let adopted = adopting(settled);
                        let written = self.write(order, known, way, step, &adopted).await?;
                        return Ok((written == Written::Done).then_some(adopted.after));
                    }
                    _ => return Ok(None),
                },
            }
        }
        Ok(None)
    }

    fn transition(&self, known: &Known, event: Event) -> Result<Transition, Refusal> {
        let stamp = self.host.stamp(self.host.new_owner(), known.evidence.clone());
        let row = &known.attempt;
        transition(row, event, &stamp, &self.rules).map_err(|illegal| {
            tracing::error!(tr_id = row.tr_id.as_str(), "The rules allow what the transition does not: {illegal}.");
            not_possible(row, WhyNot::State(row.state))
        })
    }

    async fn write(
        &self,
        order: &Order<'_>,
        known: &Known,
        way: Way,
        step: &str,
        settled: &Transition,
    ) -> Result<Written, Refusal> {
        let row = &known.attempt;
        let ending = Ending::done(settled.after.state.as_str(), known.cost(way));
        let line = self.line_about(order, step, Some(row.tr_id.as_str().to_owned()), ending);
        let line = line.map_err(|error| unavailable(&error))?;
        let written = settle(&self.host, &self.payouts, row, settled, vec![Write::Audit(line)], Duration::ZERO).await;
        written.map_err(|error| unavailable(&error))
    }

    /// Somebody was faster: with this very order, or with another change.
    pub(crate) async fn done_meanwhile(&self, order: &Order<'_>) -> Result<Outcome, Refusal> {
        let lines = self.audit.of_order(order.id.as_str()).await.map_err(|error| unavailable(&error))?;
        let done = lines.into_iter().find(|line| line.step == DONE).map(crate::order::step_of).transpose();
        match done.map_err(|error| unavailable(&error))? {
            Some(step) => {
                let audit = step.recorded.audit;
                Ok(Outcome::AlreadyDone { at: audit.at, result: audit.result })
            }
            None => Err(Refusal::ChangedMeanwhile { what: "payout".to_owned() }),
        }
    }
}

fn adopting(settled: Transition) -> Transition {
    let effects = settled.effects.into_iter().filter(|effect| !matches!(effect, Effect::StartAttempt(_))).collect();
    Transition { effects, ..settled }
}

fn the_way(order: &Order<'_>) -> Result<Way, Refusal> {
    orders::way(order.operation).ok_or_else(|| Refusal::bad_input("operation", "is not about one payout"))
}

pub(crate) fn not_possible(row: &Attempt, why: WhyNot) -> Refusal {
    Refusal::NotPossible { tr_id: row.tr_id.clone(), state: row.state, why }
}

/// Whether a payout is under way: it must come to its end first.
pub(crate) fn is_open(state: State) -> bool {
    matches!(state, State::Accepted | State::Sending | State::Unknown)
}
