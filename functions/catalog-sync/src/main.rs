//! Lambda `catalog-sync`: wiring only.

use std::process::ExitCode;

use catalog_sync::{CatalogSync, Gallery, handle, image_bucket, manners};
use lambda_runtime::service_fn;
use line::Giftishow;
use payout::Rules;
use platform::{Aws, CatalogTable, Env, Machine, PayoutsTable, PictureBucket, RewardsTable, Secret, StartError};

fn main() -> ExitCode {
    platform::main_of(start())
}

async fn start() -> Result<(), StartError> {
    let env = Env::process();
    let base_url = line::base_url(&env)?;
    let manners = manners(&env, base_url.is_https())?;
    let (payouts, rewards) = (env.required("PAYOUTS_TABLE")?, env.required("REWARDS_TABLE")?);
    let (catalog, secret) = (env.required("CATALOG_TABLE")?, env.required("GIFTISHOW_SECRET_ID")?);
    let (bucket, home) = (image_bucket(&env), base_url.clone());

    let aws = Aws::from_env().await;
    let bucket = bucket.map(|name| PictureBucket::new(&aws, name));
    let sync = CatalogSync {
        // The catalogue's requests have a time limit of their own.
        line: Giftishow::open(base_url, &Rules::default(), Secret::new(&aws, secret)).await?,
        catalog: CatalogTable::new(&aws, catalog),
        rewards: RewardsTable::new(&aws, rewards),
        payouts: PayoutsTable::new(&aws, payouts),
        gallery: bucket.map(|bucket| Gallery::new(bucket, &home)).transpose()?,
        host: Machine,
        manners,
    };
    let sync = async |event| Box::pin(handle(&sync, event)).await.map_err(lambda_runtime::Error::from);
    let ended = lambda_runtime::run(service_fn(sync)).await;
    ended.map_err(|error| StartError::Runtime(error.to_string()))
}
