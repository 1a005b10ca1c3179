use std::time::Duration;

use thiserror::Error;

/// Which variable of the environment cannot be used, and why. The value is never shown: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// Not set, or empty.
    #[error("the variable {0} is missing")]
    Missing(&'static str),
    /// Set, but not to what it must be.
    #[error("the variable {name} is malformed: {why}")]
    Malformed {
        /// The variable.
        name: &'static str,
        /// What it must be.
        why: String,
    },
}

/// The environment as the configuration reads it: once, at start.
pub struct Env(Lookup);

type Lookup = Box<dyn Fn(&str) -> Option<String>>;

impl Env {
    /// The process's own.
    pub fn process() -> Self {
        Self(Box::new(|name| std::env::var(name).ok()))
    }

    /// A made-up one.
    pub fn of(variables: &'static [(&'static str, &'static str)]) -> Self {
        Self(Box::new(move |name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())))
    }

    /// The variable's value; empty counts as not set.
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    /// The variable's value, which must be there.
    pub fn required(&self, name: &'static str) -> Result<String, ConfigError> {
        self.optional(name).ok_or(ConfigError::Missing(name))
    }

    /// A whole number from `least` to `most`, or `default` if the variable is not set.
    pub fn number(&self, name: &'static str, default: u64, least: u64, most: u64) -> Result<u64, ConfigError> {
        let Some(text) = self.optional(name) else { return Ok(default) };
        text.parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(|| ConfigError::Malformed {
            name,
            why: format!("must be a whole number from {least} to {most}"),
        })
    }

    /// Whole seconds, at least 1 and at most a day, or `default`.
    pub fn seconds(&self, name: &'static str, default: Duration) -> Result<Duration, ConfigError> {
        self.number(name, default.as_secs(), 1, 86_400).map(Duration::from_secs)
    }
}

impl ConfigError {
    /// Wraps why a variable was refused by the type that it configures.
    pub fn malformed(name: &'static str, why: impl std::fmt::Display) -> Self {
        Self::Malformed { name, why: why.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_malformed_variable_is_named() {
        let env = Env::of(&[("EMPTY", ""), ("GRACE_SECONDS", "ten")]);
        assert_eq!(env.required("EMPTY").unwrap_err().to_string(), "the variable EMPTY is missing");
        assert_eq!(
            env.seconds("GRACE_SECONDS", Duration::from_secs(1)).unwrap_err().to_string(),
            "the variable GRACE_SECONDS is malformed: must be a whole number from 1 to 86400"
        );
        assert_eq!(env.number("UNSET", 3, 1, 9), Ok(3));
    }
}
