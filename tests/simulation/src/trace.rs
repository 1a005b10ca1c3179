use payout::Attempt;

use crate::clock::START_MS;
use crate::random::mixed;

/// What happened in a history: always a digest, and every line if somebody wants to read it.
pub(crate) struct Trace {
    digest: u64,
    lines: Option<Vec<String>>,
}

impl Trace {
    pub(crate) fn new() -> Self {
        Self { digest: 0, lines: None }
    }

    pub(crate) fn begin(&mut self, seed: u64) {
        self.digest = seed;
        if let Some(lines) = &mut self.lines {
            lines.clear();
        }
    }

    /// Keeps the lines from the next history on.
    pub(crate) fn keep_lines(&mut self) {
        self.lines = Some(Vec::new());
    }

    /// The lines; none are kept from now on.
    pub(crate) fn take_lines(&mut self) -> Vec<String> {
        self.lines.take().unwrap_or_default()
    }

    /// Adds to the digest.
    pub(crate) fn mix(&mut self, bits: u64) {
        self.digest = mixed(self.digest.rotate_left(5) ^ bits);
    }

    pub(crate) fn digest(&self) -> u64 {
        self.digest
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.lines.is_some()
    }

    /// Adds what a write did to its rows.
    pub(crate) fn rows(
        &mut self,
        now_ms: i64,
        who: &str,
        written: bool,
        before: &[Option<Attempt>],
        after: &[Option<Attempt>],
    ) {
        for (before, after) in before.iter().zip(after) {
            let verb = if written { "writes" } else { "may not write" };
            self.line(now_ms, || format!("{who:<10} {verb} {} → {}", row(before.as_ref()), row(after.as_ref())));
        }
    }

    /// Adds a line, if lines are kept.
    pub(crate) fn line(&mut self, now_ms: i64, text: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{}  {}", clock(now_ms), text()));
        }
    }
}

/// A row as traces show it.
fn row(row: Option<&Attempt>) -> String {
    let Some(row) = row else { return "nothing".to_owned() };
    let owner = row.owner.as_str().get(..4).unwrap_or_default();
    let due = row.due_at.map(|due| format!(", due {}", clock(due.as_millis()))).unwrap_or_default();
    let Attempt { tr_id, attempt, state, last_event, .. } = row;
    format!("[{tr_id} attempt {attempt}: {} by {owner} ({last_event}){due}]", state.as_str())
}

/// Virtual time since the beginning of the history.
fn clock(now_ms: i64) -> String {
    let ms = now_ms - START_MS;
    let (days, hours, minutes) = (ms / 86_400_000, ms / 3_600_000 % 24, ms / 60_000 % 60);
    let rest = format!("{minutes:02}:{:02}.{:03}", ms / 1_000 % 60, ms % 1_000);
    match (days, hours) {
        (0, 0) => rest,
        (0, hours) => format!("{hours:02}:{rest}"),
        (days, hours) => format!("{days}d {hours:02}:{rest}"),
    }
}
