//! What is asked of a store, and what it says.

use payout::{Cap, Counter, Line, Moment, Owner, SHARDS, State, TrId};
use platform::{SealedCoupon, StoreError, Write, Written};

use crate::generate::{Marks, NOW_MS, payout_id, row, tr_id};
use crate::stores::Store;

/// Times that a write is repeated that failed for a reason that passes.
const MOST_TRIES: usize = 5;
/// Attempts that a sequence is about.
pub(crate) const ATTEMPTS: usize = 3;

/// One write of a list. Attempts are named by their number in the sequence.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Put {
        attempt: usize,
        marks: Marks,
    },
    /// From the row as it is, or from one that never was, to one with other marks.
    Change {
        attempt: usize,
        stale: Option<Marks>,
        after: Marks,
    },
    NoteDuplicate {
        attempt: usize,
        times: u32,
        seen: State,
    },
    /// That a payout has no row: the one whose rows these are, or another one.
    Absent {
        attempt: usize,
        of_another: bool,
    },
    Bury {
        attempt: usize,
    },
    KeepCoupon {
        attempt: usize,
        byte: u8,
    },
}

/// One question.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    Write(Vec<Step>),
    /// Pauses or opens the line, from the version that it has or another one.
    ChangeLine {
        paused: bool,
        stale: bool,
    },
    Line,
    Attempt(usize),
    Find,
    Due {
        shard: u8,
        later_ms: i64,
    },
    Coupon(usize),
    Attention(u8),
    Draw {
        counter: usize,
        wanted: u64,
        most: u64,
    },
    GiveBack {
        counter: usize,
        unused: u64,
    },
}

impl Question {
    pub(crate) fn is_a_transaction(&self) -> bool {
        let alone = |step: &Step| matches!(step, Step::Put { .. } | Step::Change { .. } | Step::NoteDuplicate { .. });
        matches!(self, Self::Write(steps) if steps.len() > 1 || steps.iter().any(|step| !alone(step)))
    }

    pub(crate) fn is_a_put(&self) -> bool {
        matches!(self, Self::Write(steps) if matches!(steps.as_slice(), [Step::Put { .. }]))
    }
}

/// Every row that a sequence can have left behind.
pub(crate) fn everything() -> Vec<Question> {
    let each = (0..ATTEMPTS).flat_map(|attempt| [Question::Attempt(attempt), Question::Coupon(attempt)]);
    let due = (0..SHARDS).map(|shard| Question::Due { shard, later_ms: 3_000_000 });
    each.chain(due).chain((0..SHARDS).map(Question::Attention)).chain([Question::Find, Question::Line]).collect()
}

/// What the store says, as text. A failure that passes is asked again, as the functions do.
pub(crate) async fn ask(store: &impl Store, sequence: usize, question: &Question) -> String {
    let ids: Vec<TrId> = (0..ATTEMPTS).map(|attempt| tr_id(sequence, attempt)).collect();
    let now = Moment::from_millis(NOW_MS);
    match question {
        Question::Write(steps) => write(store, sequence, steps).await,
        Question::ChangeLine { paused, stale } => change_line(store, *paused, *stale).await,
        Question::Line => format!("{:?}", store.line().await),
        Question::Attempt(attempt) => format!("{:?}", store.attempt(&ids[*attempt]).await),
        Question::Find => match store.find(&ids).await {
            Ok(mut found) => {
                found.rows.sort_by(|one, other| one.tr_id.cmp(&other.tr_id));
                format!("{found:?}")
            }
            Err(error) => error.to_string(),
        },
        Question::Due { shard, later_ms } => {
            let now = Moment::from_millis(NOW_MS + later_ms);
            match store.due(*shard, now, 10_000).await {
                Ok(mut due) => {
                    assert!(due.is_sorted_by_key(|row| row.due_at), "the longest due first: {due:?}");
                    due.sort_by(|one, other| (one.due_at, &one.tr_id).cmp(&(other.due_at, &other.tr_id)));
                    format!("{due:?}")
                }
                Err(error) => error.to_string(),
            }
        }
        Question::Coupon(attempt) => format!("{:?}", store.coupon(&ids[*attempt], now).await),
        Question::Attention(shard) => format!("{:?}", store.attention(*shard).await),
        Question::Draw { counter: number, wanted, most } => {
            format!("{:?}", store.draw(&counter(sequence, *number, *most), *wanted).await)
        }
        // Giving back more than was counted is refused, or gives back what there is: the functions never do.
        Question::GiveBack { counter: number, unused } => {
            let counter = counter(sequence, *number, u64::MAX);
            match store.draw(&counter, *unused).await {
                Ok(_) => format!("{:?}", store.give_back(&counter, *unused).await),
                Err(error) => error.to_string(),
            }
        }
    }
}

fn counter(sequence: usize, number: usize, most: u64) -> Counter {
    let at = Moment::from_millis(NOW_MS);
    Counter { cap: Cap::DailyBudget, name: format!("{sequence}/{number}"), most, until: at, expires_at: at }
}

async fn write(store: &impl Store, sequence: usize, steps: &[Step]) -> String {
    let mut writes = Vec::new();
    for step in steps {
        match write_of(store, sequence, step).await {
            Some(write) => writes.push(write),
            None => return "nothing to change".to_owned(),
        }
    }
    for _ in 0..MOST_TRIES {
        match store.write(&writes).await {
            Err(StoreError::Unavailable { .. }) => {}
            Ok(Written::Done) => return "done".to_owned(),
            Ok(refused) => return format!("{refused:?}"),
            Err(error) => return error.to_string(),
        }
    }
    "unavailable".to_owned()
}

async fn write_of(store: &impl Store, sequence: usize, step: &Step) -> Option<Write> {
    let id = |attempt: &usize| tr_id(sequence, *attempt);
    Some(match step {
        Step::Put { attempt, marks } => Write::Put(row(id(attempt), *attempt, marks)),
        Step::Change { attempt, stale, after } => {
            let before = match stale {
                Some(stale) => row(id(attempt), *attempt, stale),
                None => store.attempt(&id(attempt)).await.ok()??,
            };
            Write::Change { after: row(id(attempt), *attempt, after), before }
        }
        Step::NoteDuplicate { attempt, times, seen } => {
            Write::NoteDuplicate { tr_id: id(attempt), times: *times, at: Moment::from_millis(NOW_MS), seen: *seen }
        }
        Step::Absent { attempt, of_another } => {
            Write::Absent { tr_id: id(attempt), payout_id: payout_id(attempt + usize::from(*of_another) * ATTEMPTS) }
        }
        Step::Bury { attempt } => Write::Bury(id(attempt)),
        Step::KeepCoupon { attempt, byte } => Write::KeepCoupon(SealedCoupon {
            tr_id: id(attempt),
            sealed: vec![*byte; 40],
            key_id: "key".to_owned(),
            expires_at: Moment::from_seconds(NOW_MS / 1_000 + 60),
        }),
    })
}

async fn change_line(store: &impl Store, paused: bool, stale: bool) -> String {
    let Ok(line) = store.line().await else { return "unavailable".to_owned() };
    let version = line.version + if stale { 3 } else { 1 };
    let pause = paused.then(|| payout::Pause {
        reason: payout::PauseReason::Balance,
        since: Moment::from_millis(NOW_MS),
        probe_at: Moment::from_millis(NOW_MS),
        probes: 2,
        needed: Some(payout::Krw(4_230)),
    });
    format!(
        "{:?}",
        store.change_line(&Line { version, pause, owner: Some(Owner::new(version.to_string())), ..line }).await
    )
}
