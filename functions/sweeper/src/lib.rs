//! Lambda `sweeper`: ends what a send left open.
//!
//! Every minute it takes the rows whose `due_at` has passed: a lease that ran out becomes unknown (rule 4), an unknown send
//! is cancelled with the same tr_id and followed by the next attempt, and an accepted row that nobody took is handed to
//! `send` again (rule 7). It is the only one that cancels, one after the other (rule 9).

mod redrive;
mod resolve;

use giftishow::{Answer, CancelOutcome, CouponOutcome, TrId};
use lambda_runtime::LambdaEvent;
use line::Line;
use payout::{Attempt, Rules, State, TrIdScheme};
use platform::{Due, FindDue, ReadPayout, ReadSecret, StoreError, WakeSend, WritePayouts, now};
use serde::Serialize;
use serde_json::Value;

/// Most rows of one partition that are looked at in one sweep; the rest is due in the next.
const MOST_ROWS: usize = 1_000;

/// What the function is given: made once at start.
pub struct Sweeper<L, P, W> {
    /// The way to Giftishow.
    pub line: L,
    /// The rows.
    pub payouts: P,
    /// The function that sends.
    pub send: W,
    /// How tr_ids are made.
    pub scheme: TrIdScheme,
    /// The rules of payouts.
    pub rules: Rules,
}

/// Cancels one coupon, and looks one up.
pub trait CancelCoupon {
    /// 0202.
    fn cancel(&self, tr_id: &TrId) -> impl Future<Output = Answer<CancelOutcome>>;
    /// 0201.
    fn look_up(&self, tr_id: &TrId) -> impl Future<Output = Answer<CouponOutcome>>;
}

impl<S: ReadSecret> CancelCoupon for Line<S> {
    async fn cancel(&self, tr_id: &TrId) -> Answer<CancelOutcome> {
        Line::cancel(self, tr_id).await
    }

    async fn look_up(&self, tr_id: &TrId) -> Answer<CouponOutcome> {
        self.coupon(tr_id).await
    }
}

/// What one sweep did.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Rows that were due.
    pub due: usize,
    /// Rows that were written.
    pub settled: usize,
    /// Accepted rows handed to `send` again.
    pub redriven: usize,
    /// Rows left for the next sweep because the time was up or a table could not be reached.
    pub left: usize,
}

/// One sweep. A row that cannot be driven just now stays due and does not keep the others waiting; only if the rows cannot
/// even be found does the invocation fail.
pub async fn handle<L, P, W>(sweeper: &Sweeper<L, P, W>, event: LambdaEvent<Value>) -> Result<Swept, StoreError>
where
    L: CancelCoupon,
    P: FindDue + ReadPayout + WritePayouts,
    W: WakeSend,
{
    let deadline = platform::deadline(event.context.deadline);
    let mut rows = Vec::new();
    for shard in 0..Attempt::DUE_SHARDS {
        rows.extend(sweeper.payouts.due(shard, now(), MOST_ROWS).await?);
    }
    let mut swept = Swept { due: rows.len(), ..Swept::default() };
    // Handing over takes no time and cancelling may take long.
    let (accepted, open): (Vec<Due>, Vec<Due>) = rows.into_iter().partition(|row| row.state == State::Accepted);
    swept.redriven = sweeper.redrive(&accepted).await;
    for row in open {
        if !sweeper.has_time(deadline) {
            tracing::warn!("This sweep's time is up; what is left is due in the next.");
            swept.left += 1;
            continue;
        }
        match sweeper.drive(&row).await {
            Ok(settled) => swept.settled += usize::from(settled),
            Err(error) => {
                tracing::warn!(tr_id = row.tr_id.as_str(), "A due row could not be driven: {error}.");
                swept.left += 1;
            }
        }
    }
    Ok(swept)
}
