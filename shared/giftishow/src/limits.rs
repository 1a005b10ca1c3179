//! How long and how much: the limits of every exchange.

use std::time::Duration;

/// The limits of every exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientLimits {
    /// Name look-up, TCP and TLS together. Failing this proves that nothing was sent, so it should be well below the others.
    /// Default 5 s.
    pub connect_timeout: Duration,
    /// A send (0204) from before connecting to the last byte. Default 15 s, the specification's own (8).
    pub send_timeout: Duration,
    /// A cancel (0202), likewise. Default 15 s.
    pub cancel_timeout: Duration,
    /// A look-up (0201, 0301), likewise. Default 10 s.
    pub lookup_timeout: Duration,
    /// A resend (0203) or the cancel of a failed send (0205), likewise. Default 15 s.
    pub resend_timeout: Duration,
    /// A request of the catalogue (0101, 0111, 0102, 0112), likewise. Default 1 minute.
    pub catalog_timeout: Duration,
    /// The longest body that is read, in bytes. Default 1 MiB.
    pub body_limit_bytes: usize,
    /// The same for the catalogue. Default 32 MiB.
    pub catalog_body_limit_bytes: usize,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            send_timeout: Duration::from_secs(15),
            cancel_timeout: Duration::from_secs(15),
            lookup_timeout: Duration::from_secs(10),
            resend_timeout: Duration::from_secs(15),
            catalog_timeout: Duration::from_mins(1),
            body_limit_bytes: 1 << 20,
            catalog_body_limit_bytes: 32 << 20,
        }
    }
}
