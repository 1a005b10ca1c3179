use std::cell::RefCell;
use std::rc::Rc;

use payout::{Attempt, Fuse, Krw, Moment, RewardCode, Rules, State, TrId, TrIdScheme};
use platform::{Beat, Write, Written};

use crate::bleepy::Bleepy;
use crate::caps::FirstSend;
use crate::clock::{Clock, MINUTE_MS, What};
use crate::deliveries::Deliveries;
use crate::faults::Faults;
use crate::judge::{Judge, Violation};
use crate::pace::Pace;
use crate::profile::Profile;
use crate::random::Random;
use crate::requests::Request;
use crate::store::{Tables, key, told};
use crate::story::Story;
use crate::trace::Trace;
use crate::vendor::{Standing, Vendor};
use crate::weakness::Weakness;
use crate::windows::Windows;
use crate::wins::Wins;
use crate::workers::Workers;

/// The world as its processes share it. One thread, and nobody keeps it borrowed while waiting.
pub(crate) type Shared = Rc<RefCell<World>>;

/// Everything that is not the production code.
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) scheme: TrIdScheme,
    pub(crate) rules: Rules,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) windows: Windows,
    pub(crate) random: Random,
    pub(crate) tables: Tables,
    pub(crate) backup: Vec<Attempt>,
    pub(crate) backup_beat: Option<Beat>,
    pub(crate) backup_ms: i64,
    /// A person has had the table repaired that was put back.
    pub(crate) repaired: bool,
    /// Users whose number was changed.
    pub(crate) moved: Vec<usize>,
    /// Rewards that a person has switched off.
    pub(crate) switched_off: Vec<RewardCode>,
    /// The caps of this history.
    pub(crate) fuse: Fuse,
    pub(crate) max_per_day: Option<u32>,
    /// Whether they are so low that they are reached, and then what has left so far.
    pub(crate) capped: bool,
    pub(crate) first_sends: Vec<FirstSend>,
    /// Writes that the table gets to after their callers have given up.
    pub(crate) late_writes: Vec<Vec<Write>>,
    pub(crate) vendor: Vendor,
    /// Requests that have left for Giftishow.
    pub(crate) requests: Vec<Request>,
    pub(crate) workers: Workers,
    pub(crate) deliveries: Deliveries,
    pub(crate) bleepy: Bleepy,
    pub(crate) wins: Wins,
    pub(crate) judge: Judge,
    pub(crate) pace: Pace,
    pub(crate) trace: Trace,
    /// The earliest moment at which a row is due.
    due_ms: Option<i64>,
    pub(crate) swept_ms: i64,
    last_sweeps: u8,
}

/// How histories are made.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// What may go wrong.
    pub profile: Profile,
    /// What is left out of the rules.
    pub weakness: Option<Weakness>,
    /// Sends at once.
    pub send_concurrency: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { profile: Profile::Every, weakness: None, send_concurrency: 1 }
    }
}

/// A sweep that was ended holds its lease for a few minutes.
const MOST_LAST_SWEEPS: u8 = 10;

impl World {
    pub(crate) fn new(settings: Settings, scheme: TrIdScheme) -> Self {
        let mut rules = Rules::default();
        if settings.weakness == Some(Weakness::Grace) {
            rules.grace = std::time::Duration::ZERO;
        }
        Self {
            settings,
            scheme,
            rules,
            clock: Clock::new(),
            faults: Faults::new(),
            windows: Windows::default(),
            random: Random::of(0, 0),
            tables: Tables::default(),
            backup: Vec::new(),
            backup_beat: None,
            backup_ms: 0,
            repaired: false,
            moved: Vec::new(),
            switched_off: Vec::new(),
            fuse: Fuse { daily_budget: Krw(0), sends_per_hour: 0 },
            max_per_day: None,
            capped: false,
            first_sends: Vec::new(),
            late_writes: Vec::new(),
            vendor: Vendor::new(),
            requests: Vec::new(),
            workers: Workers::default(),
            deliveries: Deliveries::default(),
            bleepy: Bleepy::default(),
            wins: Wins::default(),
            judge: Judge::default(),
            pace: Pace::default(),
            trace: Trace::new(),
            due_ms: None,
            swept_ms: 0,
            last_sweeps: 0,
        }
    }

    /// A new history: one that the seed brings, or the one that is told.
    pub(crate) fn begin(&mut self, seed: u64, story: Option<&Story>) {
        self.random = Random::of(seed, 0);
        self.clock.begin();
        self.faults.begin(self.settings.profile, &mut self.random);
        self.tables = Tables::weakened(self.settings.weakness);
        self.backup.clear();
        self.backup_beat = None;
        self.repaired = false;
        self.moved.clear();
        self.switched_off.clear();
        self.late_writes.clear();
        self.vendor.begin();
        self.requests.clear();
        self.first_sends.clear();
        self.workers.begin(seed, self.settings.profile);
        self.deliveries.begin();
        self.judge.begin();
        self.pace.begin();
        self.trace.begin(seed);
        self.due_ms = None;
        self.swept_ms = self.clock.now_ms;
        self.last_sweeps = 0;
        self.bleepy.begin();
        self.wins.begin();
        match story {
            Some(story) => self.plan_story(story),
            None => self.plan(),
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms
    }

    /// What happens next, and goes there. `None` if nothing ever will.
    pub(crate) fn next(&mut self) -> Option<What> {
        match (self.clock.next_at(), self.sweep_at()) {
            (next_at, Some(sweep_at)) if next_at.is_none_or(|next_at| sweep_at <= next_at) => {
                self.clock.pass(sweep_at);
                self.swept_ms = sweep_at;
                Some(What::Sweep)
            }
            _ => self.clock.next().or_else(|| self.last_sweep()),
        }
    }

    /// Whether nothing is planned until then, and at that moment.
    pub(crate) fn nothing_happens_until(&self, until_ms: i64) -> bool {
        let is_later = |at_ms: i64| at_ms > until_ms;
        self.clock.next_at().is_none_or(is_later) && self.sweep_at().is_none_or(is_later)
    }

    /// Sweeps that find nothing to do are left out, but for the last: it tells what waits for a person. Not at once if one
    /// before it ended without a word.
    fn last_sweep(&mut self) -> Option<What> {
        let goes_on = self.gauge_is_old() && self.last_sweeps < MOST_LAST_SWEEPS;
        goes_on.then(|| {
            self.last_sweeps += 1;
            self.clock.pass(self.clock.now_ms + MINUTE_MS);
            self.swept_ms = self.clock.now_ms;
            What::Sweep
        })
    }

    /// The whole minute in which a sweep may find something to do: those in which it cannot are left out.
    fn sweep_at(&self) -> Option<i64> {
        let due_ms = self.due_ms? - self.workers.sweeper_ahead_ms();
        let at = due_ms.max(self.swept_ms + 1).max(self.windows.down_until_ms);
        Some(at + (MINUTE_MS - at % MINUTE_MS) % MINUTE_MS)
    }

    /// What the table makes of a write, and what follows from it.
    pub(crate) fn write(&mut self, worker: usize, writes: &[Write]) -> Written {
        self.judge_list(worker, writes);
        let rewritten = self.settings.weakness.and_then(|weakness| weakness.rewrite(writes, &self.scheme));
        let writes = rewritten.as_deref().unwrap_or(writes);
        let before = self.trace.is_kept().then(|| self.shown(writes));
        let result = self.tables.write(writes);
        let written = result.is_ok();
        if written {
            self.trace.mix(0x5_7012);
            for tr_id in writes.iter().filter_map(key) {
                self.changed(tr_id, worker);
            }
            self.decided(worker, writes);
            self.due_again();
        }
        if let Some(before) = before {
            let after = self.shown(writes);
            self.trace.rows(self.clock.now_ms, &self.workers.name(worker), written, &before, &after);
        }
        told(writes, result)
    }

    fn shown(&self, writes: &[Write]) -> Vec<Option<Attempt>> {
        writes.iter().filter_map(key).map(|tr_id| self.tables.attempt(tr_id).cloned()).collect()
    }

    /// A row was written.
    fn changed(&mut self, tr_id: &TrId, worker: usize) {
        let Some(row) = self.tables.attempt(tr_id) else { return };
        self.trace.mix(row.state as u64 | u64::from(row.attempt) << 8 | u64::from(row.tries) << 16);
        self.judge.row(row);
        self.wins.row(row);
        self.pace.row(row, self.settings.profile, self.clock.now_ms);
        if row.state == State::Accepted {
            let row = row.clone();
            self.record(row, worker);
        }
    }

    /// Rows have changed: when is the next of them due?
    pub(crate) fn due_again(&mut self) {
        let pause = self.tables.line().pause.as_ref();
        let due = |row: &Attempt| match (row.state, pause) {
            // Not before the line is asked whether it is open again.
            (State::Accepted, Some(pause)) => Some(row.due_at?.max(pause.probe_at)),
            _ => row.due_at,
        };
        self.due_ms = self.tables.rows().iter().filter_map(due).min().map(Moment::as_millis);
    }

    /// What a person writes of a row that waited is a decision.
    fn decided(&mut self, worker: usize, writes: &[Write]) {
        if self.workers.is_a_person(worker)
            && let Some(Write::Change { before, .. }) = writes.first()
            && let Some(row) = self.tables.attempt(&before.tr_id)
        {
            self.judge.decided(before, row.duplicates);
            // Held without a reward, nobody knew in which slot: documented to be looked at before it is re-opened, since the
            // same win may have come again.
            if before.last_event == "held" && row.state == State::Accepted {
                self.wins.grant(row);
            }
        }
    }

    /// Rule R6: who writes a new promise writes its whole list in one go.
    fn judge_list(&mut self, worker: usize, writes: &[Write]) {
        let Some(post) = self.workers.post_of(worker) else { return };
        let new = writes.iter().any(|write| matches!(write, Write::Put(_)));
        let named = |write: &Write| match write {
            Write::Put(row) => 1 + row.duplicates,
            Write::NoteDuplicate { times, .. } => *times,
            Write::Change { before, after } => after.duplicates - before.duplicates,
            Write::Absent { .. } | Write::Bury(_) | Write::KeepCoupon(_) | Write::Audit(_) => 0,
        };
        let named: u32 = writes.iter().map(named).sum();
        if new && usize::try_from(named) != Ok(self.bleepy.post(post).wins.len()) {
            self.judge.found(Violation::ListInPart);
        }
    }

    /// The table gets to a write that nobody waits for any more.
    pub(crate) fn write_late(&mut self, index: usize) {
        let writes = std::mem::take(&mut self.late_writes[index]);
        if !writes.is_empty() {
            self.trace.line(self.clock.now_ms, || "table      gets to a write that nobody waits for".to_owned());
            self.write(Workers::NOBODY, &writes);
        }
    }

    /// A winner uses a coupon.
    pub(crate) fn use_coupon(&mut self, place: usize) {
        let now_ms = self.clock.now_ms;
        let coupon = &mut self.vendor.coupons[place];
        if coupon.standing == Standing::Live {
            coupon.standing = Standing::Used;
            self.trace.line(now_ms, || "winner     uses the coupon".to_owned());
        }
    }
}
