use payout::{Fuse, Krw};

use crate::clock::{DAY_MS, MINUTE_MS, SECOND_MS, START_MS, What};
use crate::faults::Fault;
use crate::profile::Profile;
use crate::random::Random;
use crate::vendor::PRICE_WON;
use crate::world::World;

/// How old a restored table is at least: point-in-time recovery shows nothing younger, and takes longer than that.
const YOUNGEST_MS: i64 = 5 * MINUTE_MS;

/// When what is out for a while, in true time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Windows {
    stream_off: (i64, i64),
    balance_empty: (i64, i64),
    credentials_refused: (i64, i64),
    outage: (i64, i64),
    /// Nothing of ours runs before.
    pub(crate) down_until_ms: i64,
}

impl Windows {
    /// Nothing is out any more.
    pub(crate) fn calm(self) -> Self {
        Self { down_until_ms: self.down_until_ms, ..Self::default() }
    }
}

fn within((from, until): (i64, i64), now_ms: i64) -> bool {
    from <= now_ms && now_ms < until
}

impl World {
    /// What a history brings, as far as it is known in advance.
    pub(crate) fn plan(&mut self) {
        let mut random = self.random;
        let horizon_ms = START_MS
            + match random.index(64) {
                0..24 => 2 * MINUTE_MS,
                24..48 => 12 * MINUTE_MS,
                48..62 => 40 * MINUTE_MS,
                62 => 4 * 60 * MINUTE_MS,
                _ => DAY_MS,
            };
        let over_days = self.settings.profile == Profile::Retries || random.once_in(16);
        // Rarely for longer than a coupon can be cancelled, but where that is what a run is about.
        let rarely = match self.settings.profile {
            Profile::Retries => 2,
            _ if over_days => 16,
            _ => 2_048,
        };
        let horizon_ms = if random.once_in(rarely) { START_MS + 9 * DAY_MS } else { horizon_ms };
        let mut window = |world: &mut Self, fault| {
            if !world.faults.hit(fault, &mut random) {
                return (0, 0);
            }
            let from = START_MS + random.between(-MINUTE_MS, 5 * MINUTE_MS);
            let longest = random.one(&[30 * SECOND_MS, 10 * MINUTE_MS, 60 * MINUTE_MS, 9 * DAY_MS]);
            (from, (from + random.between(1, longest)).min(horizon_ms))
        };
        self.windows = Windows {
            stream_off: window(self, Fault::StreamOff),
            balance_empty: window(self, Fault::BalanceEmpty),
            credentials_refused: window(self, Fault::CredentialsRefused),
            outage: window(self, Fault::Outage),
            down_until_ms: 0,
        };
        if self.faults.hit(Fault::Restored, &mut random) {
            let soon_ms = START_MS + random.between(0, 3 * MINUTE_MS);
            let backup_ms = if over_days && random.once_in(2) { random.in_days_ms() } else { soon_ms };
            let longest_ms = if over_days { random.one(&[20 * MINUTE_MS, 3 * DAY_MS]) } else { 20 * MINUTE_MS };
            self.clock.at(backup_ms, What::Backup);
            let mut made_ms = backup_ms;
            if self.faults.hit(Fault::BackupTorn, &mut random) {
                made_ms += random.between(0, 2 * MINUTE_MS);
                self.clock.at(made_ms, What::BackupGoesOn);
            }
            self.clock.at(made_ms + random.between(YOUNGEST_MS, longest_ms), What::Restore);
        }
        self.clock.at(horizon_ms, What::Calm);
        self.random = random;
        self.plan_orders(horizon_ms);
        self.plan_posts(over_days);
        self.plan_caps();
        self.plan_strangers();
    }

    /// Usually more than a history needs.
    pub(crate) fn plan_caps(&mut self) {
        let mut random = self.random;
        self.fuse = Fuse { daily_budget: Krw(1_000_000), sends_per_hour: 500 };
        self.max_per_day = None;
        // A day each for a long list would be a long history.
        self.capped = self.faults.hit(Fault::CapReached, &mut random) && self.wins.all().len() < 10;
        if self.capped {
            match random.index(3) {
                0 => self.fuse.daily_budget = Krw(2 * PRICE_WON),
                1 => self.fuse.sends_per_hour = 1,
                _ => self.max_per_day = Some(1),
            }
        }
        self.random = random;
    }

    pub(crate) fn stream_is_off(&self) -> bool {
        within(self.windows.stream_off, self.clock.now_ms)
    }

    /// When the stream is on again.
    pub(crate) fn stream_on_ms(&self) -> i64 {
        self.windows.stream_off.1
    }

    pub(crate) fn balance_is_empty(&self) -> bool {
        within(self.windows.balance_empty, self.clock.now_ms)
    }

    pub(crate) fn credentials_are_refused(&self) -> bool {
        within(self.windows.credentials_refused, self.clock.now_ms)
    }

    pub(crate) fn giftishow_is_out(&self) -> bool {
        within(self.windows.outage, self.clock.now_ms)
    }

    /// Ids of ours that others use, for the first two attempts of the first win.
    fn plan_strangers(&mut self) {
        let mut random = self.random;
        if self.faults.hit(Fault::ForeignRow, &mut random) {
            let attempt = random.one(&[1, 1, 1, 2]);
            self.plant_row(attempt);
        }
        if self.faults.hit(Fault::ForeignCoupon, &mut random)
            && let Some(tr_id) = self.tr_id((0, 0), 1)
        {
            self.vendor.plant(tr_id.as_str(), self.clock.now_ms);
        }
        self.random = random;
    }
}

impl Random {
    /// A moment of the first seconds, minutes or half an hour.
    pub(crate) fn soon_ms(&mut self) -> i64 {
        let longest = self.one(&[1, 1, 2_000, 2 * MINUTE_MS, 30 * MINUTE_MS]);
        self.between(0, longest)
    }
}
