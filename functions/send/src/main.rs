//! Lambda `send`: wiring only.

use std::process::ExitCode;

use lambda_runtime::{run, service_fn};
use line::Line;
use platform::{Aws, CatalogTable, Env, Machine, PayoutsTable, RewardCache, Secret, StartError};
use platform::{ControlTable, CouponsTable, RewardsTable, coupon_sealer, fuse, lease_margin, rules};
use send::{GoodsCache, Recipients, Sender, handle};

fn main() -> ExitCode {
    platform::main_of(start())
}

async fn start() -> Result<(), StartError> {
    let env = Env::process();
    let base_url = line::base_url(&env)?;
    let (rules, fuse) = (rules(&env, base_url.is_https())?, fuse(&env)?);
    let (payouts, rewards) = (env.required("PAYOUTS_TABLE")?, env.required("REWARDS_TABLE")?);
    let (control, coupons) = (env.required("CONTROL_TABLE")?, env.required("COUPONS_TABLE")?);
    let (catalog, secret) = (env.required("CATALOG_TABLE")?, env.required("GIFTISHOW_SECRET_ID")?);
    let aws = Aws::from_env().await;
    let sender = Sender {
        lease_margin: lease_margin(&env, base_url.is_https())?,
        goods: GoodsCache::new(CatalogTable::new(&aws, catalog)),
        recipients: Recipients::open(&env, &aws).await?,
        line: Line::open(base_url, &rules, Secret::new(&aws, secret)).await?,
        payouts: PayoutsTable::new(&aws, payouts).with_control(control.clone()).with_coupons(coupons.clone()),
        coupons: CouponsTable::new(&aws, coupons),
        control: ControlTable::new(&aws, control),
        rewards: RewardCache::new(RewardsTable::new(&aws, rewards)),
        sealer: coupon_sealer(&env, &aws)?,
        rules,
        fuse,
        host: Machine,
        disturbed: true.into(),
    };
    run(service_fn(|event| handle(&sender, event))).await.map_err(StartError::runtime)
}
