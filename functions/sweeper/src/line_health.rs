use giftishow::{BalanceOutcome, Coupon, CouponOutcome, TransactionId};
use payout::{Attempt, CouponStanding, EndsBy, Evidence, Krw, Line, LineEvent, LineFault};
use platform::{ControlLine as _, Host as _, Metric, StoreError, tell_line};

use crate::{CancelCoupon as _, Given, Sweeper};

impl<G: Given> Sweeper<G> {
    /// The line, if anything may be sent; after looking whether a pause can end (rule 8).
    pub(crate) async fn open_line(&self) -> Option<Line> {
        let line = match self.control.line().await {
            Ok(line) => line,
            Err(error) => {
                // `send` cannot claim anything without this row, either: that is a pause, too.
                self.host.count(Metric::LinePaused, 1);
                tracing::error!("Whether the line is open could not be read, so nothing is sent: {error}.");
                return None;
            }
        };
        let line = match self.end_pause(&line).await {
            Ok(Some(changed)) => changed,
            Ok(None) => line,
            Err(error) => {
                tracing::warn!("How the line does could not be written: {error}.");
                line
            }
        };
        if let Some(pause) = &line.pause {
            self.host.count(Metric::LinePaused, 1);
            tracing::error!(
                reason = pause.reason.as_str(),
                since = pause.since.to_string(),
                "The line is paused: payouts wait, and none is lost."
            );
        }
        Some(line).filter(Line::is_open)
    }

    async fn end_pause(&self, line: &Line) -> Result<Option<Line>, StoreError> {
        let event = match line.to_be_ended(self.host.now()) {
            None | Some(EndsBy::Person) => return Ok(None),
            Some(EndsBy::Time) => LineEvent::WaitOver,
            Some(EndsBy::Probe) => self.probe().await,
            // A sweep begins only with a table that is no older copy of itself.
            Some(EndsBy::Repair) => LineEvent::TableRepaired,
        };
        tell_line(&self.host, &self.control, &self.rules, event).await.map(Some)
    }

    /// Asks for the balance: what costs nothing shows whether Giftishow talks to us.
    async fn probe(&self) -> LineEvent {
        let mut outcome = self.line.balance().await.outcome;
        if outcome == BalanceOutcome::LineRefused(giftishow::AccountFault::Credentials)
            && self.line.read_credentials_again().await
        {
            outcome = self.line.balance().await.outcome;
        }
        match outcome {
            BalanceOutcome::Balance(won) => {
                LineEvent::ProbeAnswered { balance: Krw(u64::try_from(won.0).unwrap_or_default()) }
            }
            BalanceOutcome::LineRefused(fault) => LineEvent::ProbeRefused(line::fault(fault)),
            BalanceOutcome::Unanswered => LineEvent::ProbeUnanswered,
        }
    }

    /// Giftishow takes no cancel or look-up from us. With the same credentials it would take no send, either; whatever else it
    /// does not like about a cancel says nothing about sends.
    pub(crate) async fn refused(&self, fault: giftishow::AccountFault) {
        let fault = line::fault(fault);
        self.host.count(Metric::LineRefused, 1);
        tracing::error!("Giftishow takes no cancel and no look-up from us: {}.", fault.name());
        if fault != LineFault::Credentials || self.line.read_credentials_again().await {
            return;
        }
        let refused = LineEvent::Refused { fault, needed: None };
        if let Err(error) = tell_line(&self.host, &self.control, &self.rules, refused).await {
            tracing::warn!("How the line does could not be written: {error}.");
        }
    }

    /// 0201. A coupon of other goods than the row's is somebody else's: only a person can judge it.
    pub(crate) async fn look_up(&self, row: &Attempt, tr_id: &TransactionId) -> (CouponStanding, Evidence) {
        let answer = self.line.look_up(tr_id).await;
        if let CouponOutcome::LineRefused(fault) = answer.outcome {
            self.refused(fault).await;
        }
        let standing = match &answer.outcome {
            CouponOutcome::Found(coupon) if is_of_others(coupon, row) => CouponStanding::Ambiguous,
            outcome => line::standing(outcome),
        };
        (standing, line::seen(&answer))
    }
}

/// Whether its goods are not those that were asked for; a row without goods never asked for any.
fn is_of_others(coupon: &Coupon, row: &Attempt) -> bool {
    coupon.goods_code.is_some() && coupon.goods_code != row.goods_code
}

#[cfg(test)]
mod tests {
    use payout::{Moment, Owner, PayoutKey, RepeatPolicy, RewardCode, Rules, Stamp, TrIdScheme, UserKey, Win};

    use super::*;

    #[test]
    fn a_coupon_is_anothers_if_its_goods_were_never_asked_for() {
        let at = Moment::from_millis(1_790_000_000_000);
        let payout = PayoutKey {
            code: RewardCode::try_from("CODE".to_owned()).unwrap(),
            user_key: UserKey::try_from("user".to_owned()).unwrap(),
            slot: RepeatPolicy::Once.slot(&Win { at, request_id: "", index: 0, entries: 1 }),
        };
        let scheme = TrIdScheme::new("bg", "test").unwrap();
        let stamp = Stamp { owner: Owner::new("sweeper"), at, evidence: Evidence::default() };
        let row = Attempt::first(&scheme, &payout, 0, &stamp, &Rules::default());
        let of = |goods: Option<&str>| Attempt { goods_code: goods.map(ToOwned::to_owned), ..row.clone() };
        let coupon = |goods: Option<&str>| Coupon {
            status: giftishow::PinStatus::Issued,
            goods_code: goods.map(ToOwned::to_owned),
            recipient: None,
            sell_price: None,
            consumer_price: None,
            valid_until: None,
            send_result_code: None,
        };
        assert!(!is_of_others(&coupon(Some("G1")), &of(Some("G1"))));
        assert!(!is_of_others(&coupon(None), &of(Some("G1"))), "the answer does not say");
        assert!(is_of_others(&coupon(Some("G2")), &of(Some("G1"))));
        assert!(is_of_others(&coupon(Some("G1")), &of(None)), "nothing was asked for");
    }
}
