//! What people can ask of the function `operate`, what it answers, and who may ask: all that a front end needs to know.
//!
//! Pure: no I/O, no clock. `operate` carries out an [`Operation`] and answers an [`Outcome`] or a [`Refusal`]; `giftctl` and
//! the back office render both. A new operation is a variant of [`Operation`], its [`Outcome`], a line of [`may`], and a file
//! in `operate`.
//!
//! | word | meaning |
//! | --- | --- |
//! | order | a request that changes something; named by its [`OrderId`], by which the same order twice is one |
//! | way | an order that ends the waiting of a payout for a person ([`Way`]) |
//! | role | what a person may do; a group of the identity provider ([`Role`]) |

mod audit;
mod caller;
mod language;
mod operation;
mod outcome;
mod phone;
mod refusal;
mod request;
mod role;
mod text;
mod timeline;
mod way;

pub use audit::{AuditRecord, Ended};
pub use caller::{Caller, Person, Via};
pub use language::{Language, Say};
pub use operation::{Filter, FindBy, Kind, Listing, NewRecipient, Operation, Which};
pub use outcome::{
    Check, CheckState, Day, Giftishow, ImportProblem, Imported, LineView, Many, MoneyDay, MoneyView, Outcome, Page,
    PayoutLine, PayoutView, RecipientView, ReportLine, RewardView, Row, Seen, StackView, Standing,
};
pub use phone::{Phone, PhoneError, mask};
pub use refusal::Refusal;
pub use request::{Answer, FromBackoffice, OrderId, OrderIdError, PROTOCOL, Reply, Request};
pub use role::{May, Role, may};
pub use text::reason;
pub use timeline::{Sentence, timeline};
pub use way::{BETWEEN_RESENDS, Facts, RESENDS_A_DAY, Way, WayOut, WhyNot, ways};
