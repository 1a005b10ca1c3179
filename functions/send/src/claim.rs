use std::time::Duration;

use payout::{Attempt, Event, Evidence, LineEvent, Moment, Transition, counts, transition};
use platform::{ControlLine, Host, Refusal, StoreError, Write, WritePayouts, Written, settle, tell_line};

use crate::Sender;
use crate::lease::Lease;
use crate::request::Order;

impl<L, P: WritePayouts, C: ControlLine, K, R, G, U, S, H: Host> Sender<L, P, C, K, R, G, U, S, H> {
    /// Claims an accepted attempt until the end of the invocation and a margin. `None` if it is not to be sent now.
    ///
    /// With an order in hand, the claim, the line that is open and the caps that are kept are one transaction: two workers
    /// cannot both pass a cap, and nothing is counted that was not claimed.
    pub(crate) async fn claim(
        &self,
        accepted: &Attempt,
        order: Option<&Order>,
        deadline: Moment,
    ) -> Result<Option<Lease>, StoreError> {
        let owner = self.host.new_owner();
        let stamp = self.host.stamp(owner.clone(), Evidence::default());
        let gubun = order.map(|order| order.reward.gubun);
        let claim = Event::Claim { lease_until: deadline.after(self.lease_margin), gubun };
        let Ok(claimed) = transition(accepted, claim, &stamp, &self.rules) else { return Ok(None) };
        let mut conditions = Vec::new();
        if let Some(order) = order {
            conditions.extend([Write::LineIsOpen, Write::NotBuried(accepted.tr_id.clone())]);
            match counts(accepted, &order.reward, &self.fuse, stamp.at) {
                Ok(counts) => conditions.extend(counts.into_iter().map(Write::Count)),
                // One reward that is too dear must not keep the others waiting.
                Err((cap, until)) => {
                    self.hold_back(accepted, Event::Capped { cap, until }).await?;
                    return Ok(None);
                }
            }
        }
        match settle(&self.host, &self.payouts, accepted, &claimed, conditions.clone(), Duration::ZERO).await? {
            Written::Done => Ok(Some(Lease { attempt: claimed.after, owner, deadline })),
            Written::Refused(refusals) => {
                self.not_claimed(accepted, &conditions, &refusals).await?;
                Ok(None)
            }
        }
    }

    /// What kept an attempt from being claimed, and what follows from it.
    async fn not_claimed(
        &self,
        accepted: &Attempt,
        conditions: &[Write],
        refusals: &[Refusal],
    ) -> Result<(), StoreError> {
        // The row is the first write of the list: if it is refused, somebody else was faster, or the record was old.
        if refusals.iter().any(|refusal| refusal.index == 0) {
            return Ok(());
        }
        // One reason is enough: the others show at the next claim.
        let condition = refusals.first().and_then(|refusal| conditions.get(refusal.index - 1));
        match condition {
            // The sweeper drives it on when the line is open again.
            Some(Write::LineIsOpen) => {
                tracing::info!(tr_id = accepted.tr_id.as_str(), "An attempt waits: the line is paused.");
            }
            Some(Write::NotBuried(_)) => self.hold_back(accepted, Event::Buried).await?,
            Some(Write::Count(count)) if count.cap.stops_the_line() => {
                let reached = LineEvent::CapReached { cap: count.cap, until: count.until };
                tell_line(&self.host, &self.control, &self.rules, reached).await?;
            }
            Some(Write::Count(count)) => {
                self.hold_back(accepted, Event::Capped { cap: count.cap, until: count.until }).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// An attempt that is not sent, and must not come again in a minute.
    async fn hold_back(&self, accepted: &Attempt, event: Event) -> Result<(), StoreError> {
        let stamp = self.host.stamp(self.host.new_owner(), Evidence::default());
        let Ok(held): Result<Transition, _> = transition(accepted, event, &stamp, &self.rules) else { return Ok(()) };
        settle(&self.host, &self.payouts, accepted, &held, Vec::new(), Duration::ZERO).await?;
        Ok(())
    }
}
