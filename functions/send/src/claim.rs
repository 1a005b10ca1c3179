use std::time::Duration;

use payout::{Attempt, Cap, Delivery, Event, Evidence, LineEvent, Moment, Purchase, Reward, Transition, transition};
use platform::{Host as _, StoreError, Written, settle};

use crate::drawn::{Counted, Drawn, Full, NotDrawn};
use crate::handle::Known;
use crate::lease::Lease;
use crate::request::{NoOrder, Order};
use crate::{Given, Sender};

/// A claimed attempt, and what to ask of Giftishow for it; else why nothing is to be asked.
pub(crate) struct Claimed {
    pub(crate) lease: Lease,
    pub(crate) order: Result<Order, NoOrder>,
}

impl<G: Given> Sender<G> {
    /// Claims an accepted attempt until the end of the invocation and a margin. `None` if it is not to be sent now. Nothing is
    /// drawn while the line is paused.
    pub(crate) async fn take_on(
        &self,
        accepted: &Attempt,
        counted: &Counted,
        known: &Known,
        drawn: Option<&mut Drawn>,
        deadline: Moment,
    ) -> Result<Option<Claimed>, StoreError> {
        let reward = known.rewards.get(&accepted.code);
        // What the company hands over itself need not wait for Giftishow.
        if reward.is_some_and(|reward| reward.delivery == Delivery::Company) {
            let lease = self.claim(accepted, None, deadline).await?;
            return Ok(lease.map(|lease| Claimed { lease, order: Err(NoOrder::HandedOver) }));
        }
        let is_open = self.is_open(&known.line).await?;
        let Some(drawn) = drawn.filter(|_| is_open) else {
            tracing::info!(tr_id = accepted.tr_id.as_str(), "An attempt waits: the line is paused.");
            return Ok(None);
        };
        if let Some(event) = self.kept_from(accepted, reward, counted, known) {
            self.hold_back(accepted, event).await?;
            return Ok(None);
        }
        let order = match self.order(accepted, reward).await {
            Ok(order) => order,
            Err(NoOrder::TooDear) => {
                let until = self.host.now().after(self.rules.longest_back_off());
                self.hold_back(accepted, Event::Capped { cap: Cap::Price, until }).await?;
                return Ok(None);
            }
            Err(NoOrder::NotYet(until)) => {
                self.hold_back(accepted, Event::AwaitsRecipient { until }).await?;
                return Ok(None);
            }
            Err(no_order) => {
                let lease = self.claim(accepted, None, deadline).await?;
                return Ok(lease.map(|lease| Claimed { lease, order: Err(no_order) }));
            }
        };
        let counts = match counted {
            Ok(counts) => counts,
            Err(NotDrawn::Full(full)) => return self.full(accepted, known, *full, false).await,
            Err(NotDrawn::OutsideHours(_)) => return Ok(None),
        };
        if let Err(full) = drawn.take(counts) {
            return self.full(accepted, known, full, full.cap.stops_the_line()).await;
        }
        let lease = self.claim(accepted, Some(order.purchase()), deadline).await?;
        if lease.is_none() {
            drawn.put_back(counts);
        }
        Ok(lease.map(|lease| Claimed { lease, order: Ok(order) }))
    }

    /// What keeps an attempt from being sent now, whatever else there is to it: nobody needs to be asked.
    fn kept_from(
        &self,
        accepted: &Attempt,
        reward: Option<&Reward>,
        counted: &Counted,
        known: &Known,
    ) -> Option<Event> {
        if known.situation.buried.contains(&accepted.tr_id) {
            return Some(Event::Buried);
        }
        let until = match counted {
            // The hours may have begun while the batch was in hand: nothing was drawn, so it waits for the next.
            Err(NotDrawn::OutsideHours(until)) => *until,
            _ => self.opens_at(reward?)?,
        };
        Some(Event::OutsideHours { until })
    }

    /// One conditional write, and nothing else.
    async fn claim(
        &self,
        accepted: &Attempt,
        purchase: Option<Purchase>,
        deadline: Moment,
    ) -> Result<Option<Lease>, StoreError> {
        let owner = self.host.new_owner();
        let stamp = self.host.stamp(owner.clone(), Evidence::default());
        let claim = Event::Claim { lease_until: deadline.after(self.lease_margin), purchase };
        let Ok(claimed) = transition(accepted, claim, &stamp, &self.rules) else { return Ok(None) };
        // Tried again with the same owner: a claim whose answer was lost is known again.
        match settle(&self.host, &self.payouts, accepted, &claimed, Vec::new(), Duration::ZERO).await? {
            Written::Done => Ok(Some(Lease { attempt: claimed.after, owner, deadline })),
            // Somebody else was faster, or the record was old.
            Written::Refused(_) => Ok(None),
        }
    }

    /// A cap has no room. One reward that costs more than the whole budget must not keep the others waiting.
    async fn full(
        &self,
        accepted: &Attempt,
        known: &Known,
        Full { cap, until }: Full,
        stops_the_line: bool,
    ) -> Result<Option<Claimed>, StoreError> {
        if stops_the_line {
            self.tell(&known.line, LineEvent::CapReached { cap, until }).await;
        } else {
            self.hold_back(accepted, Event::Capped { cap, until }).await?;
        }
        Ok(None)
    }

    /// An attempt that is not sent, and must not come again in a minute.
    async fn hold_back(&self, accepted: &Attempt, event: Event) -> Result<(), StoreError> {
        let stamp = self.host.stamp(self.host.new_owner(), Evidence::default());
        let Ok(held): Result<Transition, _> = transition(accepted, event, &stamp, &self.rules) else { return Ok(()) };
        settle(&self.host, &self.payouts, accepted, &held, Vec::new(), Duration::ZERO).await?;
        Ok(())
    }
}
