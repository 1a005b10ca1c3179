//! One payout, as a person decides on it.

use operation::{AuditRecord, Outcome, PayoutView, Refusal, mask, ways};
use payout::{State, TrId};
use platform::{Host as _, ReadAudit as _};
use secrecy::ExposeSecret;

use crate::order::{step_of, unavailable};
use crate::{Given, Operate};

/// Records of one attempt that are shown.
const MOST_RECORDS: u8 = 100;

impl<G: Given> Operate<G> {
    pub(crate) async fn look(&self, tr_id: &TrId) -> Result<Outcome, Refusal> {
        let attempts = self.chain(self.attempt(tr_id).await?).await?;
        let Some(last) = attempts.last() else { return Err(Refusal::NotFound { what: "payout".to_owned() }) };
        // Nothing was asked of Giftishow for what has just begun, or is none of its business.
        let is_untouched = matches!(last.state, State::HandedOver) || last.state == State::Accepted && last.tries == 0;
        let way = is_untouched.then_some(operation::Way::Reopen);
        let known = self.known(last.clone(), way).await?;
        let ways = ways(&known.facts(self.host.now(), &self.rules));
        let mut audit: Vec<AuditRecord> = Vec::new();
        for attempt in &attempts {
            let lines = self.audit.about(attempt.tr_id.as_str(), MOST_RECORDS).await;
            for line in lines.map_err(|error| unavailable(&error))? {
                audit.push(step_of(line).map_err(|error| unavailable(&error))?.recorded.audit);
            }
        }
        audit.sort_by_key(|record| record.at);
        Ok(Outcome::Payout(Box::new(PayoutView {
            phone: known.registration.as_ref().map(|one| mask(one.phone.expose_secret())),
            reward: known.reward.reward,
            seen: known.seen,
            audit,
            ways,
            attempts,
        })))
    }
}
