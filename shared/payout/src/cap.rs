/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cap {
    /// [`crate::Fuse::daily_budget`].
    DailyBudget,
    /// [`crate::Fuse::sends_per_hour`].
    SendsPerHour,
    /// A reward's `max_per_day`.
    RewardPerDay,
    /// A reward's `max_per_user_per_day`.
    UserPerDay,
    /// A reward's `max_price_krw`: the catalogue has its goods at a higher price (rule 12).
    Price,
}

impl Cap {
    /// The name that rows and logs write.
    pub fn name(self) -> &'static str {
        match self {
            Self::DailyBudget => "daily_budget_reached",
            Self::SendsPerHour => "sends_per_hour_reached",
            Self::RewardPerDay => "max_per_day_reached",
            Self::UserPerDay => "max_per_user_per_day_reached",
            Self::Price => "dearer_than_allowed",
        }
    }

    /// Whether it stops everything, or only the payouts of one reward or user.
    pub fn stops_the_line(self) -> bool {
        matches!(self, Self::DailyBudget | Self::SendsPerHour)
    }
}
