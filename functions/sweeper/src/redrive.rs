use std::time::Duration;

use payout::{Attempt, Line, State};
use platform::{Due, Host as _, Metric, ReadPayout as _, WakeSend as _};

use crate::{Given, Sweeper};

/// Rows handed over at once: as many as the stream hands over. An asynchronous invocation takes 256 KB.
const BATCH: usize = 100;
/// Rows handed over in one sweep. More wait their turn: `send` could not take them within the minute anyway.
const MOST: usize = 1_000;
/// A row that is due for so long although it was handed over with every sweep calls a person.
const STUCK_AFTER: Duration = Duration::from_hours(1);
/// Time spent on reading them in one sweep: cancelling must not wait for a slow table.
const MOST_TIME: Duration = Duration::from_secs(30);

impl<G: Given> Sweeper<G> {
    /// Hands accepted rows that nobody took to `send` again; tells how many. Nothing is written: the row stays due until
    /// `send` has claimed it.
    pub(crate) async fn redrive(&self, mut due: Vec<Due>, line: &Line) -> usize {
        // The longest due first, whichever partition they are in.
        due.sort_by_key(|row| row.due_at);
        let until = self.host.now().after(MOST_TIME);
        let mut rows = Vec::new();
        for row in due.iter().take(MOST).take_while(|_| self.host.now() < until) {
            match self.payouts.attempt(&row.tr_id).await {
                Ok(Some(row)) if row.state == State::Accepted && row.is_due(self.host.now()) => {
                    self.tell_if_stuck(&row, line);
                    rows.push(row);
                }
                Ok(_) => {}
                Err(error) => self.not_driven(row, &error),
            }
        }
        let mut handed_over = 0;
        for batch in rows.chunks(BATCH) {
            handed_over += self.wake(batch).await;
        }
        self.host.count(Metric::AttemptsRedriven, handed_over);
        handed_over
    }

    /// A row that nobody takes, although the line is open, is written by nobody, either: only here can it be noticed.
    fn tell_if_stuck(&self, row: &Attempt, line: &Line) {
        let since = row.due_at.max(line.open_since);
        let waiting = since.map(|since| self.host.now().since(since)).unwrap_or_default();
        if waiting >= STUCK_AFTER {
            self.host.count(Metric::AttemptsStuck, 1);
            tracing::error!(
                tr_id = row.tr_id.as_str(),
                waiting_s = waiting.as_secs(),
                "An accepted attempt is taken by nobody; it is tried again."
            );
        }
    }

    async fn wake(&self, batch: &[Attempt]) -> usize {
        match self.send.wake(batch).await {
            Ok(()) => {
                for row in batch {
                    tracing::info!(
                        tr_id = row.tr_id.as_str(),
                        attempt = row.attempt,
                        "A waiting attempt was handed to send."
                    );
                }
                batch.len()
            }
            Err(error) => {
                tracing::warn!("{error}. The rows stay due.");
                0
            }
        }
    }
}
