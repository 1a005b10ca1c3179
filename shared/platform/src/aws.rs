use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

/// The SDK sets no operation time-out of its own: a hanging connection would eat the whole invocation.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(3);

/// The SDK's configuration, read once from the environment (`AWS_REGION`, `AWS_ENDPOINT_URL_…`, credentials).
#[derive(Clone)]
pub struct Aws(SdkConfig);

impl Aws {
    /// Reads it.
    pub async fn from_env() -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(ATTEMPT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        Self(aws_config::defaults(BehaviorVersion::v2026_01_12()).timeout_config(timeouts).load().await)
    }

    pub(crate) fn config(&self) -> &SdkConfig {
        &self.0
    }
}

impl From<SdkConfig> for Aws {
    fn from(config: SdkConfig) -> Self {
        Self(config)
    }
}
