//! The real function binaries, end to end, under the faults that the outside world has.

mod audit;
mod callback;
mod caps;
mod catalogue;
mod cloud;
mod company;
mod concurrency;
mod cost;
mod crashes;
mod delivery;
mod events;
mod frozen;
mod held;
mod line;
mod midnight;
mod people;
mod pictures;
mod recipients;
mod registers;
mod repeat;
mod restored;
mod send;
mod start;
mod sweeper;
mod unknown;
mod withdrawn;
