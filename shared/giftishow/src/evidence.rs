//! What is known about an exchange, fit for logs and tables.

use std::fmt;
use std::time::Duration;

use crate::codes::Code;

/// An outcome with the evidence that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T> {
    /// What the caller decides on.
    pub outcome: T,
    /// Why.
    pub evidence: Evidence,
}

/// Facts about one exchange. Survives an answer that cannot be read; holds neither a body nor a message, so it may be logged and stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The HTTP status, if a head of an answer arrived.
    pub http_status: Option<u16>,
    /// The code that decided: the inner one if the outer one was `0000`. `None` if the status decided or no code was found.
    pub code: Option<Code>,
    /// What was wrong with the exchange itself, if anything.
    pub transport: Option<TransportFault>,
    /// From before connecting to the last byte, or to the failure.
    pub elapsed: Duration,
}

impl Evidence {
    /// Whether the request may have left this machine and its answer did not come whole: any fault of the exchange but
    /// [`TransportFault::NotConnected`]. What was asked for may then still be under way.
    pub fn lacks_whole_answer(&self) -> bool {
        self.transport.is_some_and(|fault| fault != TransportFault::NotConnected)
    }
}

/// What went wrong with an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransportFault {
    /// Name lookup, connection or TLS failed: proven before the first byte of the request. The only fault that proves anything.
    NotConnected,
    /// The deadline passed before the last byte.
    Deadline,
    /// The connection broke, or what came was not HTTP, before the last byte.
    Broken,
    /// The body was longer than the limit.
    BodyTooLarge,
    /// The body arrived but is not JSON of the expected form.
    BodyUnreadable,
}

impl TransportFault {
    /// A short name for logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotConnected => "not_connected",
            Self::Deadline => "deadline",
            Self::Broken => "broken",
            Self::BodyTooLarge => "body_too_large",
            Self::BodyUnreadable => "body_unreadable",
        }
    }
}

impl fmt::Display for TransportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
