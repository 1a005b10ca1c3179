//! The tables of a world, as whoever has the product's own code reaches them: a person's tool, the company's own service.

use anyhow::Result;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::Credentials;
use platform::{Aws, ControlTable, Heartbeat, PayoutsTable};
use tests::World;

/// Where the local DynamoDB is; its requests count as those of nobody.
pub(crate) async fn config(world: &World) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new("ap-northeast-2"))
        .credentials_provider(Credentials::new("company", "company", None, None, "company"))
        .endpoint_url(world.dynamodb().endpoint())
        .load()
        .await
}

/// The same, for what the functions' own code reaches.
pub(crate) async fn aws(world: &World) -> Aws {
    Aws::from(config(world).await)
}

/// What a person's tool repairs.
pub(crate) struct Tables {
    pub(crate) payouts: PayoutsTable,
    pub(crate) time: Heartbeat,
    pub(crate) control: ControlTable,
}

/// Those of this world.
pub(crate) async fn tables(world: &World) -> Result<Tables> {
    let aws = aws(world).await;
    let (payouts, control) = (world.template().reference("PayoutsTable")?, world.template().reference("ControlTable")?);
    Ok(Tables {
        payouts: PayoutsTable::new(&aws, payouts.clone()).with_control(control.clone()),
        time: Heartbeat::new(&aws, payouts, control.clone()),
        control: ControlTable::new(&aws, control),
    })
}
