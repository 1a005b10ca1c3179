use giftishow::{BalanceOutcome, CouponOutcome, TrId};
use payout::{CouponStanding, EndsBy, Evidence, Krw, Line, LineEvent, LineFault};
use platform::{ControlLine, Host, Metric, StoreError, tell_line};

use crate::{CancelCoupon, Sweeper};

impl<L: CancelCoupon, P, C: ControlLine, W, H: Host> Sweeper<L, P, C, W, H> {
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
        };
        tell_line(&self.host, &self.control, &self.rules, event).await.map(Some)
    }

    /// Asks for the balance: what costs nothing shows whether Giftishow talks to us.
    async fn probe(&self) -> LineEvent {
        let mut outcome = self.line.balance().await.outcome;
        if outcome == BalanceOutcome::LineRefused(giftishow::LineFault::Credentials)
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
    pub(crate) async fn refused(&self, fault: giftishow::LineFault) {
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

    /// 0201.
    pub(crate) async fn look_up(&self, tr_id: &TrId) -> (CouponStanding, Evidence) {
        let answer = self.line.look_up(tr_id).await;
        if let CouponOutcome::LineRefused(fault) = answer.outcome {
            self.refused(fault).await;
        }
        (line::standing(&answer.outcome), line::seen(&answer))
    }
}
