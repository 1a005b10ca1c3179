//! What people ask, among small tables and a Giftishow that says what it is told to say.

mod door;
mod payouts;
mod people;
mod restored;
mod world;
