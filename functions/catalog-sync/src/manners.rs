use std::time::Duration;

use giftishow::PageRequest;
use platform::{ConfigError, Env};

/// Time between two requests, in milliseconds.
const GAP_MS: u64 = 500;
/// The least of it against the real Giftishow.
const LEAST_GAP_MS: u64 = 100;
/// Goods on one page: a megabyte or so, which is parsed as a whole.
const PAGE_SIZE: u64 = 500;

/// How politely to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manners {
    /// Time between two requests.
    pub gap: Duration,
    /// Goods on one page, 1 to 5,000.
    pub page_size: u32,
}

/// `CATALOG_GAP_MS` and `CATALOG_PAGE_SIZE`. The `real` Giftishow is not asked without a pause.
pub fn manners(env: &Env, real: bool) -> Result<Manners, ConfigError> {
    let page_size = env.number("CATALOG_PAGE_SIZE", PAGE_SIZE, 1, PageRequest::MAX_SIZE.into())?;
    let least = if real { LEAST_GAP_MS } else { 0 };
    Ok(Manners {
        gap: Duration::from_millis(env.number("CATALOG_GAP_MS", GAP_MS, least, 60_000)?),
        page_size: u32::try_from(page_size).unwrap_or(PageRequest::MAX_SIZE),
    })
}

/// `IMAGE_BUCKET`: where copies of the goods' pictures go; nowhere if it is not set.
pub fn image_bucket(env: &Env) -> Option<String> {
    env.optional("IMAGE_BUCKET")
}
