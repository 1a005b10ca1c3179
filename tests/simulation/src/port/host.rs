use std::time::Duration;

use payout::Moment;
use platform::{Host, Metric};

use super::Port;
use crate::weakness::Weakness;

impl Host for Port {
    fn now(&self) -> Moment {
        let world = self.world.borrow();
        Moment::from_millis(world.now_ms() + world.workers[self.worker].ahead_ms)
    }

    fn random(&self) -> u128 {
        self.with(|_, random| u128::from(random.next()) << 64 | u128::from(random.next()))
    }

    async fn sleep(&self, time: Duration) {
        self.wait(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)).await;
    }

    fn gauge(&self, metric: Metric, value: u64) {
        let mut world = self.world.borrow_mut();
        if world.settings.weakness != Some(Weakness::Alarm) {
            world.judge.gauge(metric, value);
        }
    }

    fn count(&self, metric: Metric, count: usize) {
        let mut world = self.world.borrow_mut();
        if count > 0 && world.settings.weakness != Some(Weakness::Alarm) {
            world.trace.mix(metric as u64);
            world.judge.count(metric, count);
        }
    }
}
