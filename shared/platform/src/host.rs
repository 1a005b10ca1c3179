use std::time::Duration;

use jiff::Timestamp;
use payout::{Evidence, Moment, Owner, Stamp};
use uuid::Uuid;

use crate::telemetry::Metric;

/// What the machine gives a function: a clock, randomness, waiting, and a place to count.
///
/// [`Machine`] is the real one. A simulation brings a clock of its own, so that the very same handlers run in virtual time
/// and a run can be repeated.
pub trait Host {
    /// The wall clock, in whole milliseconds. It may differ from that of another worker, and may jump.
    fn now(&self) -> Moment;
    /// 128 bits that nobody can guess.
    fn random(&self) -> u128;
    /// Lets the time pass.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()>;
    /// Counts `count` of them now; nothing for zero.
    fn count(&self, metric: Metric, count: usize);
    /// Says what a gauge stands at now, zero included.
    fn gauge(&self, metric: Metric, value: u64);

    /// A token that nobody has had before.
    fn new_owner(&self) -> Owner {
        Owner::new(format!("{:032x}", self.random()))
    }

    /// Told now, by `owner`, on this ground.
    fn stamp(&self, owner: Owner, evidence: Evidence) -> Stamp {
        Stamp { owner, at: self.now(), evidence }
    }

    /// When the platform ends an invocation, from what it says in `Lambda-Runtime-Deadline-Ms`.
    ///
    /// Unix time in milliseconds. `cargo lambda watch` sends the time that is left instead: a moment of the first day of
    /// 1970 can only be that.
    fn deadline(&self, deadline_ms: u64) -> Moment {
        const DAY_MS: u64 = 24 * 60 * 60 * 1000;
        if deadline_ms < DAY_MS {
            return self.now().after(Duration::from_millis(deadline_ms));
        }
        Moment::from_millis(i64::try_from(deadline_ms).unwrap_or(i64::MAX))
    }
}

/// The machine that this process runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine;

impl Host for Machine {
    fn now(&self) -> Moment {
        Moment::new(Timestamp::now())
    }

    fn random(&self) -> u128 {
        Uuid::new_v4().as_u128()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn count(&self, metric: Metric, count: usize) {
        if count > 0 {
            self.gauge(metric, count as u64);
        }
    }

    fn gauge(&self, metric: Metric, value: u64) {
        println!("{}", metric.embedded(value, self.now()));
    }
}
