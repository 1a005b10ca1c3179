use std::time::Duration;

use giftishow::{Answer, CouponOutcome, IssuedCoupon, SendOutcome};
use payout::{CouponStanding, Event, Evidence, LineFault, Moment, transition};
use platform::{Coupon, Host as _, ReadCoupon as _, Write, Written, call_a_person, write_settled};

use crate::claim::Claimed;
use crate::lease::Lease;
use crate::line_health::{Health, KnownLine};
use crate::request::{NoOrder, Order};
use crate::{Given, SendCoupon as _, Sender};

/// Pause between two tries to write down what came of a send.
const WRITE_AGAIN_AFTER: Duration = Duration::from_millis(200);

/// What came of a send: what it means for the attempt, what it shows of the line, and what must be kept with it.
struct Told {
    event: Event,
    evidence: Evidence,
    health: Health,
    keep: Option<Write>,
}

impl<G: Given> Sender<G> {
    /// Sends once, and records what came of it.
    pub(crate) async fn deliver(&self, Claimed { lease, order }: Claimed, line: &KnownLine) {
        let started = self.host.now();
        let (told, needed) = match &order {
            Ok(order) => (self.send_once(&lease, order, line).await, Some(order.reward.max_price_krw)),
            Err(no_order) => (not_asked(no_order), None),
        };
        let health = told.health;
        self.record(&lease, told, started).await;
        // After the write, which must not wait for a secret or a table that hangs.
        self.note(line, health, needed).await;
    }

    async fn send_once(&self, lease: &Lease, order: &Order, line: &KnownLine) -> Told {
        // Rule 3, right before the request leaves.
        if !self.has_time_for_a_send(lease.deadline()) {
            let evidence = Evidence { code: Some("no_time_left".into()), http_status: None };
            return Told { event: Event::NotSent, evidence, health: Health::NotAsked, keep: None };
        }
        let send_started_at = self.host.now();
        let Answer { outcome, evidence: answer } = self.line.send(lease, &order.request).await;
        let evidence = line::evidence(&answer);
        let told = |event, health| Told { event, evidence: evidence.clone(), health, keep: None };
        match outcome {
            SendOutcome::Issued(issued) => {
                let (event, keep) = self.issued(lease, order, &issued).await;
                Told { keep, ..told(event, Health::Answers) }
            }
            SendOutcome::NotSent => told(Event::NotSent, Health::Silent),
            SendOutcome::LineRefused(fault) => {
                let fault = line::fault(fault);
                // Rule 8: one payout that Giftishow will never take must not stop the others for ever.
                if line.tells_apart(lease.attempt(), self.host.now()) {
                    told(Event::RefusedAlone(fault), Health::NotAsked)
                } else {
                    told(Event::LineRefused(fault), Health::LineRefused(fault))
                }
            }
            SendOutcome::BalanceTooLow => {
                told(Event::LineRefused(LineFault::Balance), Health::LineRefused(LineFault::Balance))
            }
            SendOutcome::InputRefused => told(Event::InputRefused, Health::Answers),
            SendOutcome::Duplicate => {
                let (event, evidence) = self.look_up(lease, order, evidence).await;
                Told { event, evidence, health: Health::Answers, keep: None }
            }
            SendOutcome::Unknown => told(Event::NoAnswer { send_started_at }, Health::Silent),
        }
    }

    /// What only this answer tells is sealed, to be kept with the row in one transaction.
    async fn issued(&self, lease: &Lease, order: &Order, issued: &IssuedCoupon) -> (Event, Option<Write>) {
        let event = Event::Issued { order_no: issued.order_no.as_str().to_owned() };
        let Some(pin_no) = &issued.pin_no else { return (event, None) };
        let coupon = Coupon {
            pin_no: pin_no.expose().into(),
            coupon_img_url: issued.coupon_img_url.as_ref().map(|url| url.expose().into()),
        };
        // The key was read before the claim.
        let key = self.sealer.key().await.ok();
        let expires_at = self.sealer.expires_at(self.host.now(), order.valid_until);
        match key.and_then(|key| key.seal(&lease.attempt().tr_id, &coupon, expires_at)) {
            Some(sealed) => (event, Some(Write::KeepCoupon(sealed))),
            None => (Event::CouponLost, None),
        }
    }

    /// Giftishow knows the tr_id already: whose coupon is it, and how does it stand?
    async fn look_up(&self, lease: &Lease, order: &Order, duplicate: Evidence) -> (Event, Evidence) {
        if !self.has_time_for_a_send(lease.deadline()) {
            return (Event::DuplicateOfOurs(CouponStanding::Unanswered), duplicate);
        }
        let request = &order.request;
        let answer = self.line.look_up(&request.tr_id).await;
        let event = match &answer.outcome {
            CouponOutcome::Found(coupon) if !coupon.is_for(&request.goods_code, &request.phone_no) => {
                Event::DuplicateOfForeign
            }
            outcome => self.duplicate(lease, line::standing(outcome)).await,
        };
        (event, line::seen(&answer))
    }

    /// A live coupon whose PIN only the first answer told is worth something only if that is kept.
    async fn duplicate(&self, lease: &Lease, standing: CouponStanding) -> Event {
        let attempt = lease.attempt();
        if standing != CouponStanding::Live || !attempt.would_be_lost() {
            return Event::DuplicateOfOurs(standing);
        }
        match self.coupons.coupon(&attempt.tr_id, self.host.now()).await {
            Ok(Some(_)) => Event::DuplicateOfKept,
            Ok(None) => Event::DuplicateOfOurs(standing),
            Err(error) => {
                tracing::warn!("Whether a coupon is kept could not be read: {error}.");
                Event::DuplicateOfOurs(CouponStanding::Unanswered)
            }
        }
    }

    /// Writes down what came of the send, again and again until the invocation ends: the next best is a lease that runs out
    /// and a coupon that is cancelled for nothing.
    async fn record(&self, lease: &Lease, told: Told, started: Moment) {
        let attempt = lease.attempt();
        let stamp = self.host.stamp(lease.owner().clone(), told.evidence);
        let settled = match transition(attempt, told.event, &stamp, &self.rules) {
            Ok(settled) => settled,
            Err(illegal) => return tracing::error!(tr_id = attempt.tr_id.as_str(), "{illegal}."),
        };
        let (tr_id, event) = (attempt.tr_id.as_str(), settled.after.last_event.as_str());
        let more: Vec<Write> = told.keep.into_iter().collect();
        call_a_person(&self.host, &settled);
        loop {
            let took = stamp.at.since(started);
            match write_settled(&self.host, &self.payouts, attempt, &settled, more.clone(), took).await {
                Ok(Written::Done) => return,
                Ok(Written::Refused(_)) => {
                    return tracing::error!(tr_id, event, "A lease was lost before its end.");
                }
                Err(error) if self.host.now().after(WRITE_AGAIN_AFTER) >= lease.deadline() => {
                    return tracing::error!(tr_id, event, "What came of a send was not written: {error}.");
                }
                Err(_) => self.host.sleep(WRITE_AGAIN_AFTER).await,
            }
        }
    }
}

fn not_asked(no_order: &NoOrder) -> Told {
    let event = match no_order {
        NoOrder::HandedOver => Event::HandedOver,
        NoOrder::Withdrawn => Event::GoodsWithdrawn,
        NoOrder::Wrong(_) => Event::InputRefused,
        NoOrder::NotNow(_) | NoOrder::NoKey(_) | NoOrder::TooDear | NoOrder::NotYet(_) => {
            tracing::warn!("A coupon could not be asked for: {no_order}. It is tried again later.");
            Event::NotSent
        }
    };
    Told { event, evidence: no_order.evidence(), health: Health::NotAsked, keep: None }
}
