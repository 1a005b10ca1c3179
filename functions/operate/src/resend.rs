//! 0203: the message once more. At most one in five minutes and three on a Korean day; what is not known is not repeated.

use giftishow::{ResendOutcome, TransactionId};
use operation::{BETWEEN_RESENDS, Ended, Outcome, RESENDS_A_DAY, Refusal, Way, WhyNot};
use payout::{Krw, TrId};
use platform::{Host as _, LimitResends as _};

use crate::change::not_possible;
use crate::order::{Ending, Order, unavailable};
use crate::{AskGiftishow as _, Given, Operate};

impl<G: Given> Operate<G> {
    pub(crate) async fn resend(&self, order: &Order<'_>, tr_id: &TrId) -> Result<Outcome, Refusal> {
        let known = self.known(self.attempt(tr_id).await?, Some(Way::Resend)).await?;
        self.possible(&known, Way::Resend)?;
        let asked = TransactionId::parse(tr_id.as_str()).map_err(|error| Refusal::bad_input("tr_id", error))?;
        if !self.intend(order).await? {
            return Ok(unknown());
        }
        let now = self.host.now();
        let noted = self.control.note_resend(tr_id, &known.resends, now).await;
        if !noted.map_err(|error| unavailable(&error))? {
            // Somebody else has, just now.
            return Err(not_possible(&known.attempt, WhyNot::TooSoon { again_at: now.after(BETWEEN_RESENDS) }));
        }
        let answer = self.giftishow.resend(&asked).await.map_err(|what| Refusal::Unavailable { what })?;
        let code = answer.evidence.code.as_ref().map(|code| code.as_str().to_owned());
        match answer.outcome {
            ResendOutcome::Accepted => {
                self.did(order, "requested").await;
                let left_today = RESENDS_A_DAY.saturating_sub(known.facts(now, &self.rules).resent_today() + 1);
                Ok(Outcome::ResendRequested { left_today: u8::try_from(left_today).unwrap_or_default() })
            }
            ResendOutcome::NotFound => Err(not_possible(&known.attempt, WhyNot::NoCoupon)),
            ResendOutcome::NothingToResend => Err(not_possible(&known.attempt, WhyNot::NoMessage)),
            ResendOutcome::Refused => Err(Refusal::Unavailable {
                what: format!("Giftishow does not send it again just now ({})", code.unwrap_or_default()),
            }),
            ResendOutcome::LineRefused(fault) => {
                Err(Refusal::Unavailable { what: format!("Giftishow refuses us: {}", line::fault(fault).name()) })
            }
            ResendOutcome::Unanswered => {
                let ending = Ending { ended: Ended::Unknown, result: code, cost: Krw(0) };
                self.record(order, "unknown", ending).await?;
                Ok(unknown())
            }
        }
    }
}

pub(crate) fn unknown() -> Outcome {
    Outcome::Unknown { what: "whether Giftishow has sent the message again".to_owned() }
}
