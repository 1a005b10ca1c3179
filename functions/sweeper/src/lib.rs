//! Lambda `sweeper`: ends what a send left open.
//!
//! Every minute it takes the rows whose `due_at` has passed: a lease that ran out becomes unknown (rule 4), an unknown send
//! is cancelled with the same tr_id and followed by the next attempt, and an accepted row that nobody took is handed to
//! `send` again (rule 7), unless the line is paused (rule 8). What was not found is looked up again, hours and days later
//! (rule 5). It is the only one that cancels, one after the other, and only one sweep is under way (rule 9).
//!
//! It also keeps the heartbeat by which a restored table is recognised, and says what waits for a person.

mod attention;
mod audit;
mod given;
mod lease;
mod line_health;
mod redrive;
mod resolve;
mod sweep;
#[cfg(test)]
mod tests;

use std::time::Duration;

use payout::{Rules, TrIdScheme};

pub use given::{CancelCoupon, Given, InTheCloud};
pub use sweep::{Swept, handle};

/// What the function is given: made once at start.
pub struct Sweeper<G: Given> {
    /// The way to Giftishow.
    pub line: G::Giftishow,
    /// The rows.
    pub payouts: G::Payouts,
    /// Whether the line is open.
    pub control: G::Control,
    /// The heartbeat of the table of payouts, and the lease of the one sweep.
    pub time: G::Time,
    /// The function that sends.
    pub send: G::Send,
    /// How tr_ids are made.
    pub scheme: TrIdScheme,
    /// The rules of payouts.
    pub rules: Rules,
    /// How long the lease of a sweep outlives what it is about to do.
    pub lease_margin: Duration,
    /// The machine.
    pub host: G::Host,
}
