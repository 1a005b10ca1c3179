//! The real function binaries, end to end, under the faults that the outside world has.

mod audit;
mod callback;
mod caps;
mod catalogue;
mod cost;
mod crashes;
mod delivery;
mod events;
mod frozen;
mod line;
mod people;
mod pictures;
mod recipients;
mod repeat;
mod restored;
mod send;
mod start;
mod sweeper;
mod unknown;
mod withdrawn;
