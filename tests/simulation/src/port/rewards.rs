use std::collections::HashMap;

use payout::{Reward, RewardCode};
use platform::{ReadRewards, StoreError};

use super::Port;
use crate::faults::Fault;
use crate::names;
use crate::weakness::Weakness;
use crate::world::World;

impl ReadRewards for Port {
    async fn rewards(&self, codes: &[RewardCode]) -> Result<HashMap<RewardCode, Reward>, StoreError> {
        let mut found: HashMap<RewardCode, Reward> = self.reading("BatchGetItem", |world| named(codes, world)).await?;
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

fn named(codes: &[RewardCode], world: &World) -> HashMap<RewardCode, Reward> {
    let named = codes.iter().filter_map(|code| names::reward(code, world.max_per_day));
    let as_it_is = named.map(|reward| Reward { active: !world.switched_off.contains(&reward.code), ..reward });
    as_it_is.map(|reward| (reward.code.clone(), reward)).collect()
}
