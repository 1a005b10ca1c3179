//! The real function binaries, end to end, under the faults that the outside world has.

mod callback;
mod cost;
mod events;
mod people;
mod send;
mod start;
mod sweeper;
mod unknown;
