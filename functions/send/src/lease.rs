use std::time::Duration;

use payout::{Attempt, Moment, Owner, State};
use platform::Host as _;

use crate::{Given, Sender};

/// Time kept at the end of an invocation for writing down what came of a send.
/// Longer than one write may take with all of the SDK's tries.
const TIME_TO_SETTLE: Duration = Duration::from_secs(5);

/// The proof that a claim was won: nobody else may send this attempt until the lease ends, and the invocation that holds it
/// ends before that (rule 3).
#[derive(Debug)]
pub struct Lease {
    pub(crate) attempt: Attempt,
    pub(crate) owner: Owner,
    pub(crate) deadline: Moment,
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

impl<G: Given> Sender<G> {
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
