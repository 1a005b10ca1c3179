use std::time::Duration;

use super::{Write, WritePayouts, Written};
use crate::error::StoreError;
use crate::host::Host;

/// Times that the same writes are tried when the table is throttled or out of reach, besides the SDK's own.
const MOST_TRIES: u32 = 3;
/// Times that they are tried when they meet others' transactions, which are over in milliseconds.
const MOST_MEETINGS: u32 = 12;

/// Writes, and writes again in place: what conflicts with another transaction passes in milliseconds, what is throttled in
/// less than a second. Writing again is safe: what an earlier try has put there is known by its owner (rule 6).
pub async fn write_again<H: Host, P: WritePayouts>(
    host: &H,
    payouts: &P,
    writes: &[Write],
) -> Result<Written, StoreError> {
    let (mut tries, mut meetings) = (1, 1);
    loop {
        // Apart from each other, so that those who have met do not meet again.
        let longest_ms = match payouts.write(writes).await {
            Err(error) if error.is_conflict() && meetings < MOST_MEETINGS => {
                meetings += 1;
                10 * u128::from(meetings)
            }
            Err(StoreError::Unavailable { .. }) if tries < MOST_TRIES => {
                tries += 1;
                200 * u128::from(tries)
            }
            written => return written,
        };
        let spread_ms = 5 + host.random() % longest_ms;
        host.sleep(Duration::from_millis(u64::try_from(spread_ms).unwrap_or_default())).await;
    }
}
