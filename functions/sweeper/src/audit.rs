use giftishow::{Answer, CancelOutcome, TransactionId};
use payout::{Attempt, CouponStanding, Event, Evidence, State};
use platform::Host as _;

use crate::resolve::Ended;
use crate::{CancelCoupon as _, Given, Sweeper};

impl<G: Given> Sweeper<G> {
    /// Rule 5: an attempt that was not found is looked up again. If it turned up after all, it is cancelled: its successor
    /// was sent meanwhile, or a person has decided that nothing is owed.
    pub(crate) async fn audit(&self, row: &Attempt, tr_id: &TransactionId) -> Ended {
        let (standing, evidence) = self.look_up(row, tr_id).await;
        // In a review a person has been asked already, and may have granted the win: the machine cancels nothing there.
        let decided = matches!(row.state, State::Dead | State::Closed);
        let ours_to_cancel = decided && row.is_cancellable(self.host.now(), &self.rules);
        if standing != CouponStanding::Live || !ours_to_cancel {
            return Ended { event: Event::Audited(standing), evidence, answered: true };
        }
        let Answer { outcome, evidence: answer } = self.line.cancel(tr_id).await;
        let answered = !answer.lacks_whole_answer();
        let audited = |standing, evidence: Evidence| Ended { event: Event::Audited(standing), evidence, answered };
        match outcome {
            CancelOutcome::Cancelled => {
                Ended { event: Event::LateCancelled, evidence: line::evidence(&answer), answered }
            }
            CancelOutcome::AlreadyUsed => audited(CouponStanding::Used, line::evidence(&answer)),
            CancelOutcome::NotCancellable => {
                let (standing, evidence) = self.look_up(row, tr_id).await;
                audited(standing, evidence)
            }
            CancelOutcome::LineRefused(fault) => {
                self.refused(fault).await;
                audited(CouponStanding::Unanswered, line::evidence(&answer))
            }
            // It was live a moment ago: one of the two answers is wrong, so both are asked for again.
            CancelOutcome::NotFound | CancelOutcome::Unanswered => {
                audited(CouponStanding::Unanswered, line::evidence(&answer))
            }
        }
    }
}
