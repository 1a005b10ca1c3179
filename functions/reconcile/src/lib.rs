//! Lambda `reconcile`: whether the prepaid balance is what the rows say it must be, and the morning's letter.
//!
//! At 06:00 in Korea it waits for a quiet moment, asks for the balance (0301), and compares it with the snapshot before:
//! the balance must have moved by − issued + cancelled + top-ups, by the prices that the rows were sent with. What is left
//! is a difference: more money is a top-up that a person confirms, less calls a person, with what could explain it. At
//! 09:00 it writes to the topic of alarms, in Korean, how the day before went. By hand it answers what the money looks like
//! now.

mod digest;
mod explain;
mod given;
mod handle;
mod ledger;
mod letter;
mod look;
mod rows;
mod take;

use payout::{Krw, Rules};

pub use given::{AskMoney, Given, InTheCloud};
pub use handle::{Answer, ReconcileError, Task, handle};

/// What the function is given: made once at start.
pub struct Reconcile<G: Given> {
    /// The way to Giftishow.
    pub line: G::Giftishow,
    /// The rows.
    pub payouts: G::Payouts,
    /// The snapshots.
    pub control: G::Control,
    /// What is sold.
    pub rewards: G::Rewards,
    /// What it costs.
    pub goods: G::Goods,
    /// Who is told.
    pub topic: G::Topic,
    /// The rules of payouts.
    pub rules: Rules,
    /// What may be spent on one Korean day.
    pub daily_budget: Krw,
    /// A balance that lasts for fewer days calls a person.
    pub balance_warn_days: u64,
    /// The machine.
    pub host: G::Host,
}

#[cfg(test)]
mod tests;
