use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use thiserror::Error;

/// Why a table could not be read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Throttled, refused, out of reach or in conflict: nothing is known to be written, trying again is safe.
    #[error("{operation} failed: {code}")]
    Unavailable {
        /// The operation, as the service names it.
        operation: &'static str,
        /// The service's error code, or what kept it from answering.
        code: String,
    },
    /// A row that this version cannot read.
    #[error("a row of the table {table} cannot be read: {why}")]
    Malformed {
        /// Which table.
        table: &'static str,
        /// What is wrong with it; never a value.
        why: String,
    },
}

impl StoreError {
    /// Keeps the service's code and drops everything else: a message may quote an item.
    pub(crate) fn unavailable<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let code = match error {
            SdkError::ServiceError(service) => service.err().code().unwrap_or("unknown error"),
            SdkError::TimeoutError(_) => "time-out",
            SdkError::DispatchFailure(_) => "no connection",
            SdkError::ResponseError(_) => "unreadable answer",
            _ => "could not be asked",
        };
        Self::Unavailable { operation, code: code.to_owned() }
    }
}
