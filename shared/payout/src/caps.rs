use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::attempt::Attempt;
use crate::ids::UserKey;
use crate::krw::Krw;
use crate::kst;
use crate::moment::Moment;
use crate::reward::Reward;

/// Counters are kept this long after their day, for a person who asks what happened.
const KEPT: Duration = Duration::from_hours(7 * 24);

/// The fuse of the whole line: what a leaked callback URL can cost at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fuse {
    /// Most that may be spent on one Korean day, counted with each reward's `max_price_krw`.
    pub daily_budget: Krw,
    /// Most attempts that may be sent in one hour.
    pub sends_per_hour: u64,
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cap {
    /// [`Fuse::daily_budget`].
    DailyBudget,
    /// [`Fuse::sends_per_hour`].
    SendsPerHour,
    /// A reward's `max_per_day`.
    RewardPerDay,
    /// A reward's `max_per_user_per_day`.
    UserPerDay,
}

impl Cap {
    /// The name that rows and logs write.
    pub fn name(self) -> &'static str {
        match self {
            Self::DailyBudget => "daily_budget_reached",
            Self::SendsPerHour => "sends_per_hour_reached",
            Self::RewardPerDay => "max_per_day_reached",
            Self::UserPerDay => "max_per_user_per_day_reached",
        }
    }

    /// Whether it stops everything, or only the payouts of one reward or user.
    pub fn stops_the_line(self) -> bool {
        matches!(self, Self::DailyBudget | Self::SendsPerHour)
    }
}

/// What must be counted, on condition that the cap is kept, together with the claim of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Which cap it is for.
    pub cap: Cap,
    /// The counter's name: a row of the table `control`.
    pub counter: String,
    /// How much is added.
    pub by: u64,
    /// The highest value of the counter that still leaves room for it.
    pub room_up_to: u64,
    /// When the cap begins anew.
    pub until: Moment,
    /// When nobody needs the counter any more.
    pub expires_at: Moment,
}

/// What the claim of this attempt counts; else the cap that never has room for it, and when to look again.
///
/// An attempt counts once, with its first claim: one tr_id can issue one coupon, so trying it again spends nothing more.
pub fn counts(attempt: &Attempt, reward: &Reward, fuse: &Fuse, now: Moment) -> Result<Vec<Count>, (Cap, Moment)> {
    if attempt.gubun.is_some() {
        return Ok(Vec::new());
    }
    let (day, day_ends) = (kst::day(now), kst::end_of_day(now));
    let (hour, hour_ends) = kst::hour(now);
    let count = |cap, counter, by, most: u64, until: Moment| {
        let room_up_to = most.checked_sub(by).ok_or((cap, until))?;
        Ok(Count { cap, counter, by, room_up_to, until, expires_at: until.after(KEPT) })
    };
    let mut counts = vec![
        count(Cap::DailyBudget, format!("won/{day}"), reward.max_price_krw.0, fuse.daily_budget.0, day_ends)?,
        count(Cap::SendsPerHour, format!("sends/{hour}"), 1, fuse.sends_per_hour, hour_ends)?,
    ];
    let code = attempt.code.as_str();
    if let Some(most) = reward.max_per_day {
        counts.push(count(Cap::RewardPerDay, format!("reward/{day}/{code}"), 1, most.into(), day_ends)?);
    }
    if let Some(most) = reward.max_per_user_per_day {
        let counter = format!("user/{day}/{}/{code}", digest(&attempt.user_key));
        counts.push(count(Cap::UserPerDay, counter, 1, most.into(), day_ends)?);
    }
    Ok(counts)
}

/// A counter does not name a person.
fn digest(user: &UserKey) -> String {
    hex::encode(&Sha256::digest(user.as_str())[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Delivery, Evidence, Owner, PayoutKey, RepeatPolicy, RewardCode, Rules, Slot, Stamp, TrIdScheme};

    const FUSE: Fuse = Fuse { daily_budget: Krw(10_000), sends_per_hour: 3 };

    fn reward() -> Reward {
        Reward {
            code: RewardCode::try_from("AD3FYTFS".to_owned()).unwrap(),
            active: true,
            goods_code: "G00000000001".into(),
            gubun: Delivery::Mms,
            mms_title: "hello".into(),
            mms_msg: "hello".into(),
            repeat: RepeatPolicy::Once,
            max_price_krw: Krw(4_500),
            max_per_day: Some(7),
            max_per_user_per_day: Some(1),
            min_valid_days: None,
        }
    }

    fn attempt() -> Attempt {
        let user_key = UserKey::try_from("2eew35da".to_owned()).unwrap();
        let payout = PayoutKey { code: reward().code, user_key, slot: Slot::new("once") };
        let tr_id = TrIdScheme::new("bg", "test").unwrap().tr_id(&payout, 1, 0);
        let stamp = Stamp { owner: Owner::new("callback"), at: at(), evidence: Evidence::default() };
        Attempt::first(tr_id, 0, payout, &stamp, &Rules::default())
    }

    fn at() -> Moment {
        "2026-11-22T14:30:00Z".parse().unwrap()
    }

    #[test]
    fn a_first_claim_counts_for_every_cap_in_korean_days_and_names_no_person() {
        let counts = counts(&attempt(), &reward(), &FUSE, at()).unwrap();
        let told: Vec<_> =
            counts.iter().map(|count| (count.cap, count.counter.as_str(), count.by, count.room_up_to)).collect();
        assert_eq!(
            told,
            [
                (Cap::DailyBudget, "won/2026-11-22", 4_500, 5_500),
                (Cap::SendsPerHour, "sends/2026-11-22T23", 1, 2),
                (Cap::RewardPerDay, "reward/2026-11-22/AD3FYTFS", 1, 6),
                (Cap::UserPerDay, "user/2026-11-22/f26c283e240661198e17c5693ce02fe0/AD3FYTFS", 1, 0),
            ]
        );
        assert!(counts.iter().all(|count| count.until == "2026-11-22T15:00:00Z".parse().unwrap()));
        let week = "2026-11-29T15:00:00Z".parse().unwrap();
        assert!(counts.iter().all(|count| count.expires_at == week));
    }

    #[test]
    fn a_fuse_stops_the_line_and_a_cap_of_a_reward_or_user_does_not() {
        let caps = [Cap::DailyBudget, Cap::SendsPerHour, Cap::RewardPerDay, Cap::UserPerDay];
        assert_eq!(caps.map(Cap::stops_the_line), [true, true, false, false]);
        let names = ["daily_budget", "sends_per_hour", "max_per_day", "max_per_user_per_day"];
        assert_eq!(caps.map(|cap| cap.name().to_owned()), names.map(|name| format!("{name}_reached")));
    }

    #[test]
    fn an_attempt_that_was_claimed_before_counts_no_more() {
        let again = Attempt { gubun: Some(Delivery::Mms), ..attempt() };
        assert_eq!(counts(&again, &reward(), &FUSE, at()), Ok(Vec::new()));
    }

    #[test]
    fn what_costs_more_than_the_whole_budget_never_has_room() {
        let dear = Reward { max_price_krw: Krw(10_001), max_per_day: None, max_per_user_per_day: None, ..reward() };
        let midnight = "2026-11-22T15:00:00Z".parse().unwrap();
        assert_eq!(counts(&attempt(), &dear, &FUSE, at()), Err((Cap::DailyBudget, midnight)));
    }
}
