//! The client against the fake Giftishow, and the recorded answers, over real sockets. Two independent readings of one specification must agree, and what
//! the client calls certain must be what the fake's ledger says.

mod catalogue;
mod coupons;
mod desk;
mod faults;
mod outcomes;
mod recorded;
