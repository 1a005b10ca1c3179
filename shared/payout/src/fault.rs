/// Why Giftishow takes nothing from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFault {
    /// The credentials.
    Credentials,
    /// The account, or how it is asked.
    Configuration,
    /// The prepaid balance is too low.
    Balance,
}

impl LineFault {
    /// The name that rows, logs and metrics write.
    pub fn name(self) -> &'static str {
        match self {
            Self::Credentials => "credentials_refused",
            Self::Configuration => "configuration_refused",
            Self::Balance => "balance_too_low",
        }
    }
}
