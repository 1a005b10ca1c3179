//! Lambda `callback`: wiring only.

use std::process::ExitCode;

use callback::{Access, Callback, handle};
use lambda_runtime::{run, service_fn};
use payout::Rules;
use platform::{Aws, ControlTable, Env, Machine, PayoutsTable, RewardCache, RewardsTable, StartError};
use platform::{PinScheme as _, redrive_after, tr_id_scheme};

fn main() -> ExitCode {
    platform::main_of(start())
}

async fn start() -> Result<(), StartError> {
    let env = Env::process();
    let access = Access::from_env(&env)?;
    let scheme = tr_id_scheme(&env)?;
    let rules = Rules { redrive_after: redrive_after(&env)?, ..Rules::default() };
    let (payouts, rewards) = (env.required("PAYOUTS_TABLE")?, env.required("REWARDS_TABLE")?);

    let control = env.required("CONTROL_TABLE")?;

    let aws = Aws::from_env().await;
    ControlTable::new(&aws, control.clone()).start_with(&scheme).await?;
    let callback = Callback {
        access,
        scheme,
        rules,
        rewards: RewardCache::new(RewardsTable::new(&aws, rewards)),
        payouts: PayoutsTable::new(&aws, payouts).with_control(control),
        host: Machine,
    };
    run(service_fn(|event| handle(&callback, event))).await.map_err(StartError::runtime)
}
