//! The domain of payouts: what a promise is, which states an attempt at it goes through, and what each event means.
//!
//! Nothing here does I/O, waits or reads a clock: the moment is an argument. The functions, the simulation and the model
//! checker all call the same [`transition`].
//!
//! | word | meaning |
//! | --- | --- |
//! | reward | what a Bleepy `code` stands for: goods, message, repeat policy ([`Reward`]) |
//! | payout | the promise: one gift for one (code, userKey, slot) ([`PayoutKey`]) |
//! | slot | what makes two wins of one code by one user different ([`Slot`]) |
//! | line | the way to Giftishow as a whole, open or paused ([`Line`]) |
//! | attempt | one try at a payout: one `tr_id`, one row ([`Attempt`]) |
//! | lease | the time in which a claimed attempt belongs to one worker |
//! | owner | the token of whoever wrote the row last ([`Owner`]) |

mod attempt;
mod cap;
mod caps;
mod effect;
mod event;
mod fault;
mod ids;
mod krw;
mod kst;
mod line;
mod moment;
mod repeat;
mod reward;
mod rules;
mod send_hours;
mod spent;
mod stamp;
mod tr_id;
mod transition;

pub use attempt::{Attempt, Held, Order, Purchase, State, Then, day_shard};
pub use cap::Cap;
pub use caps::{Count, Counter, Fuse, counts};
pub use effect::{Alarm, Effect};
pub use event::{CouponStanding, Event};
pub use fault::LineFault;
pub use ids::{CodeError, Owner, PayoutId, PayoutKey, RewardCode, Slot, UserKey};
pub use krw::Krw;
pub use kst::{day as korean_day, end_of as end_of_korean_day, start_of as start_of_korean_day, time as korean_time};
pub use line::{EndsBy, Line, LineEvent, Pause, PauseReason};
pub use moment::{CLOCKS_DIFFER, Moment};
pub use repeat::{Doubt, RepeatPolicy, Win};
pub use reward::{Delivery, Gubun, Reward, RewardError};
pub use rules::Rules;
pub use send_hours::{SendHours, SendHoursError};
pub use spent::Spent;
pub use stamp::{Evidence, NextId, Stamp};
pub use tr_id::{SHARDS, TrId, TrIdError, TrIdScheme};
pub use transition::{IllegalEvent, Transition, transition};
