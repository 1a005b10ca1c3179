use std::time::Duration;

use payout::{Attempt, Event, Evidence, Moment, Owner, State, transition};
use platform::{Host, StoreError, WritePayouts, Written, settle};

use crate::Sender;

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
    /// The claimed attempt.
    pub fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// The token of its holder.
    pub(crate) fn owner(&self) -> &Owner {
        &self.owner
    }

    /// When the invocation that holds it ends.
    pub(crate) fn deadline(&self) -> Moment {
        self.deadline
    }
}

impl<L, P: WritePayouts, R, U, H: Host> Sender<L, P, R, U, H> {
    /// Claims an accepted attempt until the end of the invocation and a margin. `None` if it is not to be claimed now.
    pub(crate) async fn claim(&self, accepted: &Attempt, deadline: Moment) -> Result<Option<Lease>, StoreError> {
        let owner = self.host.new_owner();
        let stamp = self.host.stamp(owner.clone(), Evidence::default());
        let claim = Event::Claim { lease_until: deadline.after(self.lease_margin) };
        let Ok(claimed) = transition(accepted, claim, &stamp, &self.rules) else { return Ok(None) };
        match settle(&self.host, &self.payouts, accepted, &claimed, Duration::ZERO).await? {
            Written::Done => Ok(Some(Lease { attempt: claimed.after, owner, deadline })),
            // Somebody else was faster, or the record was old.
            Written::Refused(_) => Ok(None),
        }
    }
}

impl<L, P, R, U, H: Host> Sender<L, P, R, U, H> {
    /// Whether a send that starts now is over, and written down, before the invocation ends. Asked before a claim and again
    /// right before the request leaves: a process may have been frozen in between.
    pub(crate) fn has_time_for_a_send(&self, deadline: Moment) -> bool {
        self.host.now().after(self.rules.send_timeout).after(TIME_TO_SETTLE) <= deadline
    }
}

/// Whether the row is one that wants sending.
pub(crate) fn wants_sending(attempt: &Attempt, now: Moment) -> bool {
    attempt.state == State::Accepted && attempt.not_before.is_none_or(|moment| moment <= now)
}
