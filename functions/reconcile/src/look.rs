use std::time::Duration;

use giftishow::{AccountFault, BalanceOutcome, CouponOutcome, TransactionId};
use payout::{Attempt, CouponStanding, Krw};
use platform::Host as _;

use crate::ledger::Seen;
use crate::{AskMoney as _, Given, Reconcile};

/// Look-ups of one invocation, at most.
pub(crate) const MOST_LOOK_UPS: usize = 20;
/// Between two of them.
const MANNERS: Duration = Duration::from_millis(500);

impl<G: Given> Reconcile<G> {
    /// 0301; `None` if Giftishow does not say.
    pub(crate) async fn balance(&self) -> Option<Krw> {
        let mut outcome = self.line.balance().await.outcome;
        if outcome == BalanceOutcome::LineRefused(AccountFault::Credentials) && self.line.read_credentials_again().await
        {
            outcome = self.line.balance().await.outcome;
        }
        match outcome {
            // An overdrawn account has nothing left.
            BalanceOutcome::Balance(won) => Some(Krw(u64::try_from(won.0).unwrap_or_default())),
            BalanceOutcome::LineRefused(fault) => {
                tracing::warn!("Giftishow does not tell the balance: {}.", line::fault(fault).name());
                None
            }
            BalanceOutcome::Unanswered => {
                tracing::warn!("Giftishow does not tell the balance.");
                None
            }
        }
    }

    /// 0201 of these rows, one after the other, politely.
    pub(crate) async fn look_up(&self, rows: &[&Attempt]) -> Seen {
        let mut seen = Seen::new();
        for row in rows.iter().take(MOST_LOOK_UPS) {
            let Ok(tr_id) = TransactionId::parse(row.tr_id.as_str()) else { continue };
            if !seen.is_empty() {
                self.host.sleep(MANNERS).await;
            }
            let outcome = self.line.look_up(&tr_id).await.outcome;
            let standing = match &outcome {
                // Other goods than were asked for: somebody else's.
                CouponOutcome::Found(coupon) if coupon.goods_code.is_some() && coupon.goods_code != row.goods_code => {
                    CouponStanding::Ambiguous
                }
                outcome => line::standing(outcome),
            };
            seen.insert(row.tr_id.clone(), standing);
        }
        seen
    }
}
