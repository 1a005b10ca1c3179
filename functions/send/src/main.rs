//! Lambda `send`: wiring only.

use std::process::ExitCode;

use lambda_runtime::{run, service_fn};
use line::Giftishow;
use platform::{Aws, CatalogTable, ControlTable, CouponsTable, Env, Machine, PayoutsTable, RewardCache, RewardsTable};
use platform::{Secret, SituationTables, StartError, coupon_sealer};
use send::{GoodsCache, InTheCloud, Recipients, Sender, handle};

fn main() -> ExitCode {
    platform::main_of(start())
}

async fn start() -> Result<(), StartError> {
    let env = Env::process();
    let base_url = line::base_url(&env)?;
    let (rules, fuse) = (platform::rules(&env, base_url.is_https())?, platform::fuse(&env)?);
    let (payouts, control) = (env.required("PAYOUTS_TABLE")?, env.required("CONTROL_TABLE")?);
    let (aws, coupons) = (Aws::from_env().await, env.required("COUPONS_TABLE")?);
    let sender = Sender::<InTheCloud> {
        lease_margin: platform::lease_margin(&env, base_url.is_https())?,
        recipient_wait: platform::recipient_wait(&env)?,
        send_hours: platform::send_hours(&env)?,
        concurrency: platform::send_concurrency(&env)?,
        goods: GoodsCache::new(CatalogTable::new(&aws, env.required("CATALOG_TABLE")?)),
        recipients: Recipients::open(&env, &aws).await?,
        line: Giftishow::open(base_url, &rules, Secret::new(&aws, env.required("GIFTISHOW_SECRET_ID")?)).await?,
        situation: SituationTables::new(&aws, payouts.clone(), control.clone()),
        payouts: PayoutsTable::new(&aws, payouts).with_control(control.clone()).with_coupons(coupons.clone()),
        coupons: CouponsTable::new(&aws, coupons),
        control: ControlTable::new(&aws, control),
        rewards: RewardCache::new(RewardsTable::new(&aws, env.required("REWARDS_TABLE")?)),
        sealer: coupon_sealer(&env, &aws)?,
        rules,
        fuse,
        host: Machine,
    };
    run(service_fn(|event| handle(&sender, event))).await.map_err(StartError::runtime)
}
