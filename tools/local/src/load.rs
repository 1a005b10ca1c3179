//! What a burst needs to look like one: a vendor that takes its time, sends side by side, items that are held.

use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use crate::StackOptions;
use crate::template::Template;

/// The template's name for sends at a time.
const SEND_CONCURRENCY: &str = "SendConcurrency";

/// Options that `demo` and `serve` share.
#[derive(Debug, Clone, Args)]
pub struct LoadArgs {
    /// How many sends run side by side; without it, what the template says.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=20))]
    concurrency: Option<u8>,
    /// How long Giftishow takes to answer a send.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    vendor_ms: u64,
    /// How long after a transaction its items stay held: who touches one meanwhile is refused, as by the real DynamoDB.
    #[arg(long, value_name = "MILLISECONDS")]
    hold_items_ms: Option<u64>,
}

impl LoadArgs {
    /// These options with what was asked for.
    ///
    /// # Errors
    /// If the template has no parameter for it.
    pub(crate) fn apply(&self, mut options: StackOptions) -> Result<StackOptions> {
        options.sim.send_latency = Duration::from_millis(self.vendor_ms);
        options.hold_items = self.hold_items_ms.map(Duration::from_millis);
        let Some(concurrency) = self.concurrency else { return Ok(options) };
        if Template::load(&[].into())?.raw()["Parameters"][SEND_CONCURRENCY].is_null() {
            if concurrency == 1 {
                return Ok(options);
            }
            bail!("the template has no parameter {SEND_CONCURRENCY}: one send at a time");
        }
        Ok(options.parameter(SEND_CONCURRENCY, concurrency.to_string()))
    }

    /// Whether transactions hold their items.
    pub(crate) fn holds_items(&self) -> bool {
        self.hold_items_ms.is_some()
    }
}
