//! A stateful fake of Giftishow Biz: it shows a catalogue, takes money, issues coupons, cancels them, and keeps a ledger of what it really did.
//!
//! It reads the specification (V0.0.95) on its own and shares no code with the client it judges. `vendor` is what the
//! service does (pure, no I/O, no clock), `wire` how it says so, `faults` how that goes wrong, `server` and `control`
//! the two faces over HTTP. [`Sim`] puts them together.

mod api;
mod body;
mod books;
mod catalogue;
mod codes;
mod config;
mod control;
mod faults;
mod ledger;
mod params;
mod private;
mod script;
mod server;
mod sim;
mod state;
mod vendor;
mod wire;

pub use api::Api;
pub use catalogue::{CatalogueChange, Goods, GoodsState, PriceForm, Retired, Validity};
pub use codes::Code;
pub use config::{CatalogueConfig, ListNum, ResendLimits, SimConfig, SimCredentials, UnknownTrId};
pub use faults::{Fault, UnknownFault};
pub use ledger::{Entry, Event, FailedSend, Ledger, PinStatus, Resend};
pub use script::ScriptedFault;
pub use sim::Sim;
pub use vendor::ControlError;
