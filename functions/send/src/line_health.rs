use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use payout::{Attempt, Krw, Line, LineEvent, LineFault, Moment};
use platform::ControlLine as _;
use platform::{Host, StoreError, tell_line};

use crate::{Given, SendCoupon as _, Sender};

/// For so long what was read of the line is believed: a pause works within this and what is in flight.
const FRESH_FOR: Duration = Duration::from_secs(2);

/// What a send showed of the line (rule 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// Nothing: no request left for a reason of our own.
    NotAsked,
    /// It answers.
    Answers,
    /// It does not.
    Silent,
    /// It takes nothing from us.
    LineRefused(LineFault),
}

/// The line as it was last read or written, and when.
#[derive(Debug)]
pub(crate) struct KnownLine(Mutex<(Line, Moment)>);

impl KnownLine {
    pub(crate) fn new(line: Line, at: Moment) -> Self {
        Self(Mutex::new((line, at)))
    }

    fn set(&self, line: Line, at: Moment) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (line, at);
    }

    fn get(&self) -> (Line, Moment) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Rule 8: whether the attempt is alone with its refusals.
    pub(crate) fn tells_apart(&self, attempt: &Attempt, now: Moment) -> bool {
        self.get().0.tells_apart(attempt, now)
    }
}

impl<G: Given> Sender<G> {
    /// Whether anything may be sent now.
    pub(crate) async fn is_open(&self, known: &KnownLine) -> Result<bool, StoreError> {
        let now = self.host.now();
        let (line, at) = known.get();
        if now.since(at) < FRESH_FOR && at.since(now) < FRESH_FOR {
            return Ok(line.is_open());
        }
        let line = self.control.line().await?;
        let open = line.is_open();
        known.set(line, self.host.now());
        Ok(open)
    }

    /// Tells the line what a send showed of it. Best effort: what cannot be written now shows with the next send.
    pub(crate) async fn note(&self, known: &KnownLine, health: Health, needed: Option<Krw>) {
        let event = match health {
            Health::NotAsked => return,
            // Usually there is nothing to mend, and nothing is asked of the table.
            Health::Answers if !known.get().0.is_disturbed() => return,
            Health::Answers => LineEvent::Answered,
            Health::Silent => LineEvent::Unanswered,
            // Rotated since they were read: the attempt is sent again with the new ones.
            Health::LineRefused(LineFault::Credentials) if self.line.read_credentials_again().await => return,
            Health::LineRefused(fault) => LineEvent::Refused { fault, needed },
        };
        self.tell(known, event).await;
    }

    /// Tells the line of something.
    pub(crate) async fn tell(&self, known: &KnownLine, event: LineEvent) {
        match tell_line(&self.host, &self.control, &self.rules, event).await {
            Ok(line) => known.set(line, self.host.now()),
            Err(error) => tracing::warn!("How the line does could not be written: {error}."),
        }
    }
}
