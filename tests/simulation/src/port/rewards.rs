use std::collections::HashMap;

use payout::{Reward, RewardCode};
use platform::{ReadRewards, StoreError};

use super::Port;
use crate::faults::Fault;
use crate::names;
use crate::weakness::Weakness;

impl ReadRewards for Port {
    async fn rewards(&self, codes: &[RewardCode]) -> Result<HashMap<RewardCode, Reward>, StoreError> {
        let mut found: HashMap<RewardCode, Reward> =
            self.reading("BatchGetItem", |world| named(codes, world.max_per_day)).await?;
        self.with(|world, random| {
            if world.settings.profile.has_send_hours() && world.settings.weakness != Some(Weakness::SendHours) {
                for (code, reward) in &mut found {
                    reward.send_hours = names::send_hours(code);
                }
            }
            if world.faults.hit(Fault::RewardMissing, random) {
                for reward in found.values_mut() {
                    reward.active = false;
                }
                if random.once_in(2) {
                    found.clear();
                }
            }
        });
        Ok(found)
    }
}

fn named(codes: &[RewardCode], max_per_day: Option<u32>) -> HashMap<RewardCode, Reward> {
    codes.iter().filter_map(|code| Some((code.clone(), names::reward(code, max_per_day)?))).collect()
}
