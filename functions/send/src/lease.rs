use std::time::Duration;

use payout::{Attempt, Event, Evidence, Moment, Owner, Rules, Stamp, State, transition};
use platform::{StoreError, WritePayouts, Written, new_owner, now, settle};

/// Time kept at the end of an invocation for writing down what came of a send.
/// Longer than one write may take with all of the SDK's tries.
const TIME_TO_SETTLE: Duration = Duration::from_secs(5);

/// The proof that a claim was won: nobody else may send this attempt until the lease ends, and the invocation that holds it
/// ends before that (rule 3).
#[derive(Debug)]
pub struct Lease {
    attempt: Attempt,
    owner: Owner,
    deadline: Moment,
}

impl Lease {
    /// Claims an accepted attempt until the end of the invocation and a margin. `None` if it is not to be claimed now.
    pub(crate) async fn claim<P: WritePayouts>(
        payouts: &P,
        accepted: &Attempt,
        deadline: Moment,
        margin: Duration,
        rules: &Rules,
    ) -> Result<Option<Self>, StoreError> {
        let owner = new_owner();
        let stamp = Stamp { owner: owner.clone(), at: now(), evidence: Evidence::default() };
        let claim = Event::Claim { lease_until: deadline.after(margin) };
        let Ok(claimed) = transition(accepted, claim, &stamp, rules) else { return Ok(None) };
        match settle(payouts, accepted, &claimed, Duration::ZERO).await? {
            Written::Done => Ok(Some(Self { attempt: claimed.after, owner, deadline })),
            // Somebody else was faster, or the record was old.
            Written::Refused(_) => Ok(None),
        }
    }

    /// The claimed attempt.
    pub fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// The stamp of the holder, now.
    pub(crate) fn stamp(&self, evidence: Evidence) -> Stamp {
        Stamp { owner: self.owner.clone(), at: now(), evidence }
    }

    /// When the invocation that holds it ends.
    pub(crate) fn deadline(&self) -> Moment {
        self.deadline
    }
}

/// Whether a send that starts now is over, and written down, before the invocation ends. Asked before a claim and again
/// right before the request leaves: a process may have been frozen in between.
pub(crate) fn time_for_a_send(deadline: Moment, rules: &Rules) -> bool {
    now().after(rules.send_timeout).after(TIME_TO_SETTLE) <= deadline
}

/// Whether the row is one that wants sending.
pub(crate) fn wants_sending(attempt: &Attempt) -> bool {
    attempt.state == State::Accepted && attempt.not_before.is_none_or(|moment| moment <= now())
}
