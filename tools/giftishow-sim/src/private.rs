//! What must not be printed.

use std::fmt;

/// A phone number or a PIN: compared and sent, never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Private(String);

impl Private {
    pub(crate) fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[private]")
    }
}
