//! The promise of payouts, tried on every order of events.
//!
//! One payout, two senders, one sweeper, three attempts; two crashes and a write that lands late, anywhere; a Giftishow that
//! acts late, out of order, twice or never, and whose answers may be lost. The rows are `payout::Attempt`s, changed by
//! `payout::transition` alone and written on the conditions of the table. What the functions do around it is told again in
//! `send.rs` and `sweep.rs`, with switches (`policy.rs`) that break one rule or one assumption at a time: each must break a
//! promise.
//!
//! Not in it: clocks that differ (the lease's margin and the grace period are longer), a paused line (nothing moves), Giftishow
//! answering about the wrong coupon.
//!
//! `cargo test -p tests --test model -- --nocapture` prints how much was tried and the shortest way to break each promise.

#![expect(clippy::expect_used, clippy::panic, reason = "a model that panics has failed")]

mod broken;
mod check;
mod giftishow;
mod identity;
mod kept;
mod model;
mod operate;
mod policy;
mod promises;
mod send;
mod sweep;
mod table;
mod world;
