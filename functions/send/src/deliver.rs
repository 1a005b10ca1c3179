use std::time::Duration;

use giftishow::{Answer, CouponOutcome, SendOutcome, SendRequest};
use payout::{Attempt, CouponStanding, Effect, Event, Evidence, LineFault, Moment, Stamp, transition};
use platform::{Host, ReadRecipient, ReadRewards, StoreError, WritePayouts, Written, settle};

use crate::lease::{Lease, wants_sending};
use crate::{SendCoupon, Sender};

/// Pause between two tries to write down what came of a send.
const WRITE_AGAIN_AFTER: Duration = Duration::from_millis(200);

/// Why a record must come again. Its row was not touched.
#[derive(Debug)]
pub(crate) enum Again {
    NoTimeLeft,
    NotClaimed(StoreError),
}

impl std::fmt::Display for Again {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoTimeLeft => f.write_str("this invocation has no time left for a send"),
            Self::NotClaimed(error) => write!(f, "its row could not be claimed ({error})"),
        }
    }
}

impl<L, P, R, U, H> Sender<L, P, R, U, H>
where
    L: SendCoupon,
    P: WritePayouts,
    R: ReadRewards,
    U: ReadRecipient,
    H: Host,
{
    /// Claims, sends once, records. A row that is not waiting to be sent is left alone.
    pub(crate) async fn deliver(&self, accepted: Attempt, deadline: Moment) -> Result<(), Again> {
        if !wants_sending(&accepted, self.host.now()) {
            return Ok(());
        }
        if !self.has_time_for_a_send(deadline) {
            return Err(Again::NoTimeLeft);
        }
        let claim = self.claim(&accepted, deadline).await;
        let Some(lease) = claim.map_err(Again::NotClaimed)? else { return Ok(()) };
        let started = self.host.now();
        let (event, evidence) = match self.request(lease.attempt()).await {
            Ok(request) => self.send_once(&lease, &request).await,
            Err(no_request) => (refused_here(&no_request), no_request.evidence()),
        };
        self.record(&lease, event, evidence, started).await;
        Ok(())
    }

    async fn send_once(&self, lease: &Lease, request: &SendRequest) -> (Event, Evidence) {
        // Rule 3, right before the request leaves.
        if !self.has_time_for_a_send(lease.deadline()) {
            return (Event::NotSent, Evidence { code: Some("no_time_left".into()), http_status: None });
        }
        let send_started_at = self.host.now();
        let Answer { outcome, evidence } = self.line.send(lease, request).await;
        let event = match outcome {
            SendOutcome::Issued(coupon) => Event::Issued { order_no: coupon.order_no.as_str().to_owned() },
            SendOutcome::NotSent => Event::NotSent,
            SendOutcome::LineRefused(fault) => Event::LineRefused(line::fault(fault)),
            SendOutcome::BalanceTooLow => Event::LineRefused(LineFault::Balance),
            SendOutcome::InputRefused => Event::InputRefused,
            SendOutcome::Duplicate => return self.look_up(lease, request, line::evidence(&evidence)).await,
            SendOutcome::Unknown => Event::NoAnswer { send_started_at },
        };
        (event, line::evidence(&evidence))
    }

    /// Giftishow knows the tr_id already: whose coupon is it, and how does it stand?
    async fn look_up(&self, lease: &Lease, request: &SendRequest, duplicate: Evidence) -> (Event, Evidence) {
        if !self.has_time_for_a_send(lease.deadline()) {
            return (Event::DuplicateOfOurs(CouponStanding::Unanswered), duplicate);
        }
        let answer = self.line.look_up(&request.tr_id).await;
        let event = match &answer.outcome {
            CouponOutcome::Found(coupon) if !coupon.is_for(&request.goods_code, &request.phone_no) => {
                Event::DuplicateOfForeign
            }
            outcome => Event::DuplicateOfOurs(line::standing(outcome)),
        };
        (event, line::seen(&answer))
    }

    /// Writes down what came of the send, again and again until the invocation ends: the next best is a lease that runs out
    /// and a coupon that is cancelled for nothing.
    async fn record(&self, lease: &Lease, event: Event, evidence: Evidence, started: Moment) {
        let attempt = lease.attempt();
        let stamp = self.host.stamp(lease.owner().clone(), evidence);
        let settled = match transition(attempt, event, &stamp, &self.rules) {
            Ok(settled) => settled,
            Err(illegal) => return tracing::error!(tr_id = attempt.tr_id.as_str(), "{illegal}."),
        };
        loop {
            let Stamp { at, .. } = stamp;
            match settle(&self.host, &self.payouts, attempt, &settled, at.since(started)).await {
                Ok(Written::Done) => break,
                Ok(Written::Refused(_)) => {
                    let event = settled.after.last_event;
                    tracing::error!(tr_id = attempt.tr_id.as_str(), event, "A lease was lost before its end.");
                    return;
                }
                Err(error) if self.host.now().after(WRITE_AGAIN_AFTER) >= lease.deadline() => {
                    let event = settled.after.last_event;
                    tracing::error!(
                        tr_id = attempt.tr_id.as_str(),
                        event,
                        "What came of a send was not written: {error}."
                    );
                    return;
                }
                Err(_) => self.host.sleep(WRITE_AGAIN_AFTER).await,
            }
        }
        // After the write, which must not wait for a secret that hangs.
        if settled.effects.contains(&Effect::LineRefused(LineFault::Credentials)) {
            self.line.read_credentials_again().await;
        }
    }
}

fn refused_here(no_request: &crate::request::NoRequest) -> Event {
    match no_request {
        crate::request::NoRequest::NotNow(error) => {
            tracing::warn!("A coupon could not be asked for: {error}. It is tried again later.");
            Event::NotSent
        }
        crate::request::NoRequest::Wrong(_) => Event::InputRefused,
    }
}
