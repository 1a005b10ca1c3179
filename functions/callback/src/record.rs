use std::collections::HashMap;
use std::time::Duration;

use payout::{Attempt, Event, PayoutKey, Rules, Stamp, State, transition};
use platform::{Host, ReadPayout, StoreError, Write, WritePayouts, Written};

use crate::Callback;

/// Rounds of "write, and look at what stood in the way". The second one settles everything unless rows change meanwhile.
const MOST_ROUNDS: usize = 5;
/// Times that a round is written when the table is in conflict, throttled or out of reach, besides the SDK's own.
const MOST_TRIES: u32 = 3;
/// Longest chain of attempts that is followed; more than any `MAX_ATTEMPTS`.
const LONGEST_CHAIN: usize = 10;

/// What became of one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recorded {
    /// A new payout.
    Accepted,
    /// The payout was promised before; it was noted, or re-opened if it had failed.
    Duplicate,
}

impl Recorded {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
        }
    }
}

/// Records all payouts or none, in their order. A payout that is named twice is one payout; the second naming is a
/// duplicate of the first.
pub(crate) async fn record<R, P: WritePayouts + ReadPayout, H: Host>(
    callback: &Callback<R, P, H>,
    wins: &[PayoutKey],
    stamp: &Stamp,
) -> Result<Vec<Recorded>, StoreError> {
    let Callback { scheme, rules, payouts, host, .. } = callback;
    let first =
        |payout: &PayoutKey, salt| Attempt::first(scheme.tr_id(payout, 1, salt), salt, payout.clone(), stamp, rules);
    let mut place = HashMap::new();
    let mut writes = Vec::new();
    for win in wins {
        if !place.contains_key(win) {
            place.insert(win, writes.len());
            writes.push(Write::Put(first(win, 0)));
        }
    }

    for _ in 0..MOST_ROUNDS {
        let refusals = match write(host, payouts, &writes).await? {
            Written::Done => {
                log_accepted(&writes);
                return Ok(told_apart(wins, &place, &writes));
            }
            Written::Refused(refusals) => refusals,
        };
        for refusal in refusals {
            let write = &mut writes[refusal.index];
            *write = match (&*write, refusal.current) {
                // The id belongs to somebody else's win.
                (Write::Put(mine), Some(row)) if row.payout() != mine.payout() => {
                    Write::Put(first(&mine.payout(), mine.salt.saturating_add(1)))
                }
                (_, Some(row)) => meet(last_of(payouts, row).await?, rules, stamp),
                (write, None) => {
                    tracing::error!("A row of a payout was removed while it was being recorded.");
                    write.clone()
                }
            };
        }
    }
    Err(StoreError::Unavailable { operation: "record", code: "the rows kept changing".into() })
}

/// Two lists that name the same payout meet as a conflict, which passes in milliseconds. Writing again is safe: what an
/// earlier try has put there is known by its `accepted_by`.
async fn write<H: Host, P: WritePayouts>(host: &H, payouts: &P, writes: &[Write]) -> Result<Written, StoreError> {
    let mut tries = 1;
    loop {
        match payouts.write(writes).await {
            Err(StoreError::Unavailable { .. }) if tries < MOST_TRIES => {
                // Up to 0.2 s, then up to 0.4 s: apart from each other, so that they do not meet again.
                let spread_ms = host.random() % (200 * u128::from(tries));
                host.sleep(Duration::from_millis(50 + u64::try_from(spread_ms).unwrap_or_default())).await;
                tries += 1;
            }
            written => return written,
        }
    }
}

/// The last attempt of the payout that this row is an attempt at.
async fn last_of<P: ReadPayout>(payouts: &P, mut row: Attempt) -> Result<Attempt, StoreError> {
    for _ in 0..LONGEST_CHAIN {
        let Some(next) = &row.next_tr_id else { break };
        let missing = || StoreError::Malformed { table: "payouts", why: "the attempt after a dead one is gone".into() };
        row = payouts.attempt(next).await?.ok_or_else(missing)?;
    }
    Ok(row)
}

/// What a callback does to a payout that it meets: a failed one is re-opened, any other only noted.
fn meet(row: Attempt, rules: &Rules, stamp: &Stamp) -> Write {
    if row.state == State::Failed
        && let Ok(reopened) = transition(&row, Event::Reopen, stamp, rules)
    {
        let mut after = reopened.after;
        after.duplicates = after.duplicates.saturating_add(1);
        after.last_duplicate_at = Some(stamp.at);
        return Write::Change { before: row, after };
    }
    Write::NoteDuplicate { tr_id: row.tr_id, at: stamp.at }
}

fn told_apart(wins: &[PayoutKey], place: &HashMap<&PayoutKey, usize>, writes: &[Write]) -> Vec<Recorded> {
    let mut told = vec![false; writes.len()];
    let recorded = wins.iter().map(|win| {
        let index = place[win];
        let new = matches!(writes[index], Write::Put(_)) && !std::mem::replace(&mut told[index], true);
        if new { Recorded::Accepted } else { Recorded::Duplicate }
    });
    recorded.collect()
}

fn log_accepted(writes: &[Write]) {
    for write in writes {
        match write {
            Write::Put(row) => tracing::info!(
                tr_id = row.tr_id.as_str(),
                attempt = row.attempt,
                to = row.state.as_str(),
                "A win was accepted."
            ),
            Write::Change { before, after } => {
                platform::log_transition(before, after, Duration::ZERO);
            }
            Write::NoteDuplicate { tr_id, .. } => {
                tracing::info!(tr_id = tr_id.as_str(), "A callback named a payout again.");
            }
            // A callback writes no others.
            Write::LineIsOpen | Write::Count(_) | Write::Bury(_) | Write::NotBuried(_) | Write::KeepCoupon(_) => {}
        }
    }
}
