//! Which stack this is, whose money it spends, and how much there is.

use giftishow::BalanceOutcome;
use operation::{Caller, Giftishow, Outcome, Refusal, StackView};
use payout::Krw;

use crate::{AskGiftishow as _, Given, Operate};

impl<G: Given> Operate<G> {
    pub(crate) async fn stack(&self, caller: &Caller) -> Outcome {
        Outcome::Stack(StackView {
            name: self.settings.stack.clone(),
            giftishow: if self.settings.real { Giftishow::Real } else { Giftishow::Simulated },
            account: self.giftishow.account().await.ok(),
            namespace: self.scheme.namespace().to_owned(),
            caller: caller.who.clone(),
            roles: caller.roles.clone(),
            four_eyes_above: self.settings.four_eyes_above,
        })
    }

    pub(crate) async fn balance(&self) -> Result<Outcome, Refusal> {
        self.balance_now()
            .await
            .map(|balance| Outcome::Balance { balance })
            .map_err(|what| Refusal::Unavailable { what })
    }

    /// 0301, or in a few words why there is no answer.
    pub(crate) async fn balance_now(&self) -> Result<Krw, String> {
        match self.giftishow.balance().await?.outcome {
            // Overdrawn is nothing left.
            BalanceOutcome::Balance(won) => Ok(Krw(u64::try_from(won.0).unwrap_or_default())),
            BalanceOutcome::LineRefused(fault) => Err(format!("Giftishow refuses us: {}", line::fault(fault).name())),
            BalanceOutcome::Unanswered => Err("Giftishow does not answer".to_owned()),
        }
    }
}
