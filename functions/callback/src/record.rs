use std::collections::HashMap;
use std::time::Duration;

use payout::{Attempt, Event, Held, PayoutKey, Stamp, State, transition};
use platform::{Host, Metric, ReadPayout, Refusal, StoreError, Write, WritePayouts, Written, write_again};

use crate::Callback;
use crate::entries::{AsNew, Entry};

/// From so long after it came on, a request is not recorded any more: its slot may be over, and Bleepy was told that it
/// failed, or is about to be.
const TOO_LATE: Duration = Duration::from_secs(15);
/// Rounds of "write, and look at what stood in the way". The second one settles everything unless rows change meanwhile.
const MOST_ROUNDS: u32 = 12;
/// Longest chain of attempts that is followed; more than any `MAX_ATTEMPTS`.
const LONGEST_CHAIN: usize = 10;
/// Most payouts beside that of a slot: more than a person would look through.
const MOST_LISTED: u8 = 50;

/// What became of one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recorded {
    /// A new payout.
    Accepted,
    /// The payout was promised before; it was noted, or re-opened if it had failed.
    Duplicate,
    /// Recorded, and waits for a person.
    Held,
}

impl Recorded {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Held => "held",
        }
    }
}

/// Records all entries or none, in their order.
pub(crate) async fn record<R, P: WritePayouts + ReadPayout, H: Host>(
    callback: &Callback<R, P, H>,
    entries: Vec<Entry>,
    stamp: &Stamp,
) -> Result<Vec<Recorded>, StoreError> {
    let mut plan = Plan::new(callback, entries, stamp);
    for round in 0..MOST_ROUNDS {
        if round > 0 {
            // Lists that overlap heavily change each other's rows: not all at the same moment.
            let spread_ms = callback.host.random() % (20 * u128::from(round));
            callback.host.sleep(Duration::from_millis(1 + u64::try_from(spread_ms).unwrap_or_default())).await;
        }
        if callback.host.now().since(stamp.at) >= TOO_LATE {
            return Err(StoreError::Unavailable { operation: "record", code: "it took too long".into() });
        }
        match write_again(&callback.host, &callback.payouts, &plan.writes()).await? {
            Written::Done => {
                plan.tell();
                return Ok(plan.recorded());
            }
            Written::Refused(refusals) => {
                for refusal in refusals {
                    plan.give_way(refusal).await?;
                }
            }
        }
    }
    Err(StoreError::Unavailable { operation: "record", code: "the rows kept changing".into() })
}

/// What is to be written of a list.
struct Plan<'a, R, P, H> {
    callback: &'a Callback<R, P, H>,
    stamp: &'a Stamp,
    /// The entries that are payouts of their own.
    lines: Vec<PlanLine>,
    /// Which of them each entry of the list is; a payout that is named twice is one payout.
    places: Vec<usize>,
}

struct PlanLine {
    entry: Entry,
    /// How often the list names it.
    named: u32,
    write: Write,
}

impl<'a, R, P: WritePayouts + ReadPayout, H: Host> Plan<'a, R, P, H> {
    fn new(callback: &'a Callback<R, P, H>, entries: Vec<Entry>, stamp: &'a Stamp) -> Self {
        let mut plan = Self { callback, stamp, lines: Vec::new(), places: Vec::new() };
        let mut known: HashMap<PayoutKey, usize> = HashMap::new();
        for entry in entries {
            let place = *known.entry(entry.key()).or_insert(plan.lines.len());
            plan.places.push(place);
            if let Some(line) = plan.lines.get_mut(place) {
                line.named += 1;
                plan.put(place, 0);
            } else {
                let write = Write::Put(plan.new_row(&entry, 1, 0));
                plan.lines.push(PlanLine { entry, named: 1, write });
            }
        }
        plan
    }

    fn new_row(&self, entry: &Entry, named: u32, salt: u8) -> Attempt {
        let Callback { scheme, rules, .. } = self.callback;
        let first = Attempt::first(scheme, &entry.key(), salt, self.stamp, rules);
        // Of a code that stands for no reward, each may be a win of its own: whoever looks after it sees how many.
        let (duplicates, last_duplicate_at) = (named - 1, (named > 1).then_some(self.stamp.at));
        let first = Attempt { by_list: !entry.told_by_its_slot, duplicates, last_duplicate_at, ..first };
        match entry.as_new {
            AsNew::Taken(delivery) => first.delivered_by(delivery),
            AsNew::Held(why) => first.held(why),
        }
    }

    /// The lines in their order, then what must not be there.
    fn writes(&self) -> Vec<Write> {
        let scheme = &self.callback.scheme;
        let absent = |payout: &PayoutKey| Write::Absent {
            tr_id: scheme.tr_id(payout, 1, 0),
            payout_id: scheme.payout_id(payout),
        };
        let lines = self.lines.iter().map(|line| line.write.clone());
        lines.chain(self.meetings().map(|(_, payout)| absent(payout))).collect()
    }

    /// The new lines that must not meet another payout.
    fn meetings(&self) -> impl Iterator<Item = (usize, &PayoutKey)> {
        self.lines.iter().enumerate().filter_map(move |(place, line)| {
            let payout = line.entry.meets.as_ref().filter(|_| matches!(line.write, Write::Put(_)))?;
            Some((place, payout))
        })
    }

    /// A condition has failed: what is written instead.
    async fn give_way(&mut self, Refusal { index, current }: Refusal) -> Result<(), StoreError> {
        if index >= self.lines.len() {
            let met = self.meetings().nth(index - self.lines.len()).map(|(place, _)| place);
            if let Some(place) = met {
                self.lines[place].entry.is_doubtful();
                self.put(place, 0);
            }
            return Ok(());
        }
        let Some(row) = current else {
            tracing::error!("A row of a payout was removed while it was being recorded.");
            return Ok(());
        };
        match &self.lines[index].write {
            // The id belongs to somebody else's win.
            Write::Put(mine) if mine.payout_id != row.payout_id => {
                let salt = mine.salt.saturating_add(1);
                self.put(index, salt);
            }
            _ => {
                let last = last_of(&self.callback.payouts, row).await?;
                self.meet(index, last)?;
            }
        }
        Ok(())
    }

    /// The payout is there already; this is its last attempt.
    fn meet(&mut self, place: usize, row: Attempt) -> Result<(), StoreError> {
        let entry = &self.lines[place].entry;
        if (row.by_list || !entry.told_by_its_slot) && !row.may_be_repeated() {
            return self.put_beside(place);
        }
        // What its code would count as a win nobody knows: it is noted where a person sees it, or put before one.
        if entry.as_new == AsNew::Held(Held::RewardMissing) && !row.state.waits_for_a_person() {
            return self.put_beside(place);
        }
        let reopens = row.state == State::Failed || row.awaits_other_goods();
        if reopens
            && entry.reopens
            && let Ok(reopened) = transition(&row, Event::Reopen, self.stamp, &self.callback.rules)
        {
            let mut after = reopened.after;
            after.duplicates = after.duplicates.saturating_add(self.lines[place].named);
            after.last_duplicate_at = Some(self.stamp.at);
            self.lines[place].write = Write::Change { before: row, after };
            return Ok(());
        }
        let times = self.lines[place].named;
        self.lines[place].write = Write::NoteDuplicate { tr_id: row.tr_id, times, at: self.stamp.at, seen: row.state };
        Ok(())
    }

    /// Nobody can tell a retry of what is there from a win: a payout beside it, for a person.
    fn put_beside(&mut self, place: usize) -> Result<(), StoreError> {
        let slot = &self.lines[place].entry.payout;
        let of_slot = self.lines.iter().filter(|line| line.entry.payout == *slot);
        let last = of_slot.map(|line| line.entry.listed).max().unwrap_or_default();
        if last >= MOST_LISTED {
            return Err(StoreError::Unavailable {
                operation: "record",
                code: "too many payouts beside this one".into(),
            });
        }
        let entry = &mut self.lines[place].entry;
        entry.listed = last + 1;
        entry.is_doubtful();
        self.put(place, 0);
        Ok(())
    }

    fn put(&mut self, place: usize, salt: u8) {
        let PlanLine { entry, named, .. } = &self.lines[place];
        self.lines[place].write = Write::Put(self.new_row(entry, *named, salt));
    }

    /// What became of each entry of the list.
    fn recorded(&self) -> Vec<Recorded> {
        let mut told = vec![false; self.lines.len()];
        let recorded = self.places.iter().map(|place| {
            let again = std::mem::replace(&mut told[*place], true);
            match &self.lines[*place].write {
                Write::Put(row) if !again && row.state.waits_for_a_person() => Recorded::Held,
                Write::Put(_) if !again => Recorded::Accepted,
                // Noted on a row that asks a person just this.
                Write::NoteDuplicate { .. } if !self.lines[*place].entry.told_by_its_slot => Recorded::Held,
                _ => Recorded::Duplicate,
            }
        });
        recorded.collect()
    }

    /// Tells of what is durable now. A person is called here, too: the row stays in front of a person, and the gauge of such
    /// rows tells of it again should this process end just now.
    fn tell(&self) {
        for line in &self.lines {
            match &line.write {
                Write::Put(row) => self.tell_new(row),
                Write::Change { before, after } => platform::log_transition(before, after, Duration::ZERO),
                Write::NoteDuplicate { tr_id, .. } => {
                    tracing::info!(tr_id = tr_id.as_str(), "A callback named a payout again.");
                }
                // A callback writes no others.
                Write::Absent { .. } | Write::Bury(_) | Write::KeepCoupon(_) | Write::Audit(_) => {}
            }
        }
    }

    fn tell_new(&self, row: &Attempt) {
        let (tr_id, code) = (row.tr_id.as_str(), row.last_code.as_deref());
        let metric = match row.state {
            State::Failed => Metric::PayoutsFailed,
            State::Review => Metric::PayoutsInReview,
            _ => {
                self.callback.host.count(Metric::PayoutsHandedOver, usize::from(row.state == State::HandedOver));
                let (attempt, to) = (row.attempt, row.state.as_str());
                return tracing::info!(tr_id, attempt, to, "A win was accepted.");
            }
        };
        self.callback.host.count(metric, 1);
        let reward = row.code.as_str();
        if row.may_be_repeated() {
            let what = "A win may be one that was recorded before; a person must grant or close it.";
            tracing::error!(tr_id, code, reward, "{what}");
        } else {
            let what = "A win is held: its code stands for no active reward. Mend the reward, then re-open it.";
            tracing::error!(tr_id, code, reward, "{what}");
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
