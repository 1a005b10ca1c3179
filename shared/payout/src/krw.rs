use std::fmt;

use serde::{Deserialize, Serialize};

/// Whole won.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Krw(pub u64);

/// As a person reads it.
impl fmt::Display for Krw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} won", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn won_are_said_so() {
        assert_eq!(Krw(4_500).to_string(), "4500 won");
    }
}
