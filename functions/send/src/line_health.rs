use std::sync::atomic::Ordering;

use payout::{Krw, LineEvent, LineFault};
use platform::{ControlLine, Host, tell_line};

use crate::{SendCoupon, Sender};

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
    Refuses(LineFault),
}

impl<L: SendCoupon, P, C: ControlLine, K, R, G, U, S, H: Host> Sender<L, P, C, K, R, G, U, S, H> {
    /// Tells the line what a send showed of it. Best effort: what cannot be written now shows with the next send.
    pub(crate) async fn note(&self, health: Health, needed: Option<Krw>) {
        let event = match health {
            Health::NotAsked => return,
            // Usually there is nothing to mend, and nothing is asked of the table.
            Health::Answers if !self.disturbed.load(Ordering::Relaxed) => return,
            Health::Answers => LineEvent::Answered,
            Health::Silent => LineEvent::Unanswered,
            // Rotated since they were read: the attempt is sent again with the new ones.
            Health::Refuses(LineFault::Credentials) if self.line.read_credentials_again().await => return,
            Health::Refuses(fault) => LineEvent::Refused { fault, needed },
        };
        match tell_line(&self.host, &self.control, &self.rules, event).await {
            Ok(line) => self.disturbed.store(line.unanswered > 0, Ordering::Relaxed),
            Err(error) => tracing::warn!("How the line does could not be written: {error}."),
        }
    }
}
