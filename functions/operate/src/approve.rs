//! The second pair of eyes.

use std::time::Duration;

use operation::{Caller, OrderId, Outcome, Refusal, Request};
use payout::Krw;
use platform::{Host as _, ReadAudit as _};

use crate::gate::Estimate;
use crate::order::{DONE, Order, Step, WAITS, step_of, unavailable};
use crate::{Given, Operate};

/// How long an order waits for a second person.
const WAITS_FOR: Duration = Duration::from_hours(24);

/// An order that waits, with its records.
struct Waiting {
    steps: Vec<Step>,
    request: Request,
    caller: Caller,
    cost: Krw,
}

impl Waiting {
    fn order<'a>(&'a self, approval: &Order<'a>) -> Order<'a> {
        Order {
            id: &self.request.id,
            caller: &self.caller,
            reason: self.request.reason.as_deref(),
            operation: &self.request.operation,
            at: approval.at,
            deadline: approval.deadline,
            steps: &self.steps,
        }
    }
}

impl<G: Given> Operate<G> {
    pub(crate) async fn estimate_approval(&self, approval: &Order<'_>, other: &OrderId) -> Result<Estimate, Refusal> {
        let waiting = self.waiting(approval, other).await?;
        let estimate = Box::pin(self.estimate(&waiting.order(approval))).await?;
        if estimate.cost > waiting.cost {
            return Err(Refusal::ChangedMeanwhile { what: "cost".to_owned() });
        }
        Ok(estimate)
    }

    /// Carries the order out under its own id, as its own person's; that somebody has approved is recorded under the approval's.
    pub(crate) async fn approve(&self, approval: &Order<'_>, other: &OrderId) -> Result<Outcome, Refusal> {
        let waiting = self.waiting(approval, other).await?;
        self.intend(approval).await?;
        let order = waiting.order(approval);
        let estimate = Box::pin(self.estimate(&order)).await?;
        if estimate.cost > waiting.cost {
            return Err(Refusal::ChangedMeanwhile { what: "cost".to_owned() });
        }
        let outcome = Box::pin(self.carry_out(&order, estimate)).await?;
        // One about many rows that the time did not suffice for still waits: the same approval goes on with it.
        if !matches!(&outcome, Outcome::Many(many) if many.left > 0) {
            self.did(approval, "approved").await;
        }
        Ok(outcome)
    }

    async fn waiting(&self, approval: &Order<'_>, other: &OrderId) -> Result<Waiting, Refusal> {
        let lines = self.audit.of_order(other.as_str()).await.map_err(|error| unavailable(&error))?;
        if lines.is_empty() {
            return Err(Refusal::NotFound { what: "order".to_owned() });
        }
        let steps: Vec<Step> =
            lines.into_iter().map(step_of).collect::<Result<_, _>>().map_err(|error| unavailable(&error))?;
        let waits = steps.iter().find(|step| step.name == WAITS).map(|step| step.recorded.clone());
        let recorded = waits.filter(|_| steps.iter().all(|step| step.name != DONE)).ok_or(Refusal::NotWaiting)?;
        let request = recorded.request.ok_or(Refusal::NotWaiting)?;
        let audit = recorded.audit;
        if audit.caller.who == approval.caller.who {
            return Err(Refusal::SamePerson);
        }
        if self.host.now().since(audit.at) > WAITS_FOR {
            return Err(Refusal::Expired { asked_at: audit.at });
        }
        Ok(Waiting { steps, request, caller: audit.caller, cost: audit.cost })
    }
}
