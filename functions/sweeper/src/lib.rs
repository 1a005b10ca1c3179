//! Lambda `sweeper`: ends what a send left open.
//!
//! Every minute it takes the rows whose `due_at` has passed: a lease that ran out becomes unknown (rule 4), an unknown send
//! is cancelled with the same tr_id and followed by the next attempt, and an accepted row that nobody took is handed to
//! `send` again (rule 7), unless the line is paused (rule 8). What was not found is looked up again, hours and days later
//! (rule 5). It is the only one that cancels, one after the other (rule 9).

mod audit;
mod line_health;
mod redrive;
mod resolve;

use giftishow::{Answer, BalanceOutcome, CancelOutcome, CouponOutcome, TrId};
use lambda_runtime::LambdaEvent;
use line::Line;
use payout::{Attempt, Rules, State, TrIdScheme};
use platform::{ControlLine, Due, FindDue, Host, Metric, ReadPayout, ReadSecret, StoreError, WakeSend, WritePayouts};
use resolve::Driven;
use serde::Serialize;
use serde_json::Value;

/// Most rows of one partition that are looked at in one sweep; the rest is due in the next.
const MOST_ROWS: usize = 1_000;

/// What the function is given: made once at start.
pub struct Sweeper<L, P, C, W, H> {
    /// The way to Giftishow.
    pub line: L,
    /// The rows.
    pub payouts: P,
    /// Whether the line is open.
    pub control: C,
    /// The function that sends.
    pub send: W,
    /// How tr_ids are made.
    pub scheme: TrIdScheme,
    /// The rules of payouts.
    pub rules: Rules,
    /// The machine.
    pub host: H,
}

/// Cancels one coupon, looks one up, and asks for the balance.
pub trait CancelCoupon {
    /// 0202.
    fn cancel(&self, tr_id: &TrId) -> impl Future<Output = Answer<CancelOutcome>>;
    /// 0201.
    fn look_up(&self, tr_id: &TrId) -> impl Future<Output = Answer<CouponOutcome>>;
    /// 0301: the probe of a paused line.
    fn balance(&self) -> impl Future<Output = Answer<BalanceOutcome>>;
    /// For when the credentials were refused. Whether there are others to try now.
    fn read_credentials_again(&self) -> impl Future<Output = bool>;
}

impl<S: ReadSecret> CancelCoupon for Line<S> {
    async fn cancel(&self, tr_id: &TrId) -> Answer<CancelOutcome> {
        Line::cancel(self, tr_id).await
    }

    async fn look_up(&self, tr_id: &TrId) -> Answer<CouponOutcome> {
        self.coupon(tr_id).await
    }

    async fn balance(&self) -> Answer<BalanceOutcome> {
        Line::balance(self).await
    }

    async fn read_credentials_again(&self) -> bool {
        Line::read_credentials_again(self).await
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
pub async fn handle<L, P, C, W, H>(
    sweeper: &Sweeper<L, P, C, W, H>,
    event: LambdaEvent<Value>,
) -> Result<Swept, StoreError>
where
    L: CancelCoupon,
    P: FindDue + ReadPayout + WritePayouts,
    C: ControlLine,
    W: WakeSend,
    H: Host,
{
    let deadline = sweeper.host.deadline(event.context.deadline);
    let mut rows = Vec::new();
    for shard in 0..Attempt::DUE_SHARDS {
        rows.extend(sweeper.payouts.due(shard, sweeper.host.now(), MOST_ROWS).await?);
    }
    let mut swept = Swept { due: rows.len(), ..Swept::default() };
    let (accepted, mut open): (Vec<Due>, Vec<Due>) = rows.into_iter().partition(|row| row.state == State::Accepted);
    // Bounded, and usually a matter of milliseconds: cancelling may take the rest of the time.
    if let Some(line) = sweeper.open_line().await {
        swept.redriven = sweeper.redrive(accepted, &line).await;
    }
    // Audits can wait, an unknown send cannot.
    open.sort_by_key(|row| (matches!(row.state, State::Dead | State::Review), row.due_at));
    for (index, row) in open.iter().enumerate() {
        match sweeper.drive(row, deadline).await {
            Ok(Driven::Settled) => swept.settled += 1,
            Ok(Driven::LeftAlone) => {}
            Ok(Driven::Stop) => {
                swept.left += open.len() - index;
                tracing::warn!(left = swept.left, "This sweep ends early; what is left is due in the next.");
                break;
            }
            Err(error) => {
                sweeper.not_driven(row, &error);
                swept.left += 1;
            }
        }
    }
    Ok(swept)
}

impl<L, P, C, W, H: Host> Sweeper<L, P, C, W, H> {
    fn not_driven(&self, row: &Due, error: &StoreError) {
        let tr_id = row.tr_id.as_str();
        match error {
            StoreError::Unavailable { .. } => tracing::warn!(tr_id, "A due row could not be driven: {error}."),
            StoreError::Malformed { .. } => {
                self.host.count(Metric::RowsUnreadable, 1);
                tracing::error!(tr_id, "A due row cannot be driven until a person mends it: {error}.");
            }
        }
    }
}
