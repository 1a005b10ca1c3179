use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::attempt::Attempt;
use crate::cap::Cap;
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

/// A counter of a cap: a row of the table `control`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Counter {
    /// Which cap it is for.
    pub cap: Cap,
    /// Its name.
    pub name: String,
    /// The most that it may come to.
    pub most: u64,
    /// When the cap begins anew.
    pub until: Moment,
    /// When nobody needs the counter any more.
    pub expires_at: Moment,
}

/// What an attempt takes of a counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Which.
    pub counter: Counter,
    /// How much, in won or attempts.
    pub by: u64,
}

/// What the claim of this attempt counts; else the cap that never has room for it, and when to look again. The caps that
/// stop only this payout come first.
///
/// An attempt counts once, with its first claim: one tr_id can issue one coupon, so trying it again spends nothing more.
pub fn counts(attempt: &Attempt, reward: &Reward, fuse: &Fuse, now: Moment) -> Result<Vec<Count>, (Cap, Moment)> {
    if attempt.gubun.is_some() {
        return Ok(Vec::new());
    }
    let (day, day_ends) = (kst::day(now), kst::end_of(kst::day(now)));
    let (hour, hour_ends) = kst::hour(now);
    let count = |cap, name, by, most: u64, until: Moment| {
        if by > most {
            return Err((cap, until));
        }
        Ok(Count { counter: Counter { cap, name, most, until, expires_at: until.after(KEPT) }, by })
    };
    let mut counts = Vec::new();
    let code = attempt.code.as_str();
    if let Some(most) = reward.max_per_day {
        counts.push(count(Cap::RewardPerDay, format!("reward/{day}/{code}"), 1, most.into(), day_ends)?);
    }
    if let Some(most) = reward.max_per_user_per_day {
        let counter = format!("user/{day}/{}/{code}", attempt.user_key.as_ref().map(digest).unwrap_or_default());
        counts.push(count(Cap::UserPerDay, counter, 1, most.into(), day_ends)?);
    }
    counts.push(count(Cap::DailyBudget, format!("won/{day}"), reward.max_price_krw.0, fuse.daily_budget.0, day_ends)?);
    counts.push(count(Cap::SendsPerHour, format!("sends/{hour}"), 1, fuse.sends_per_hour, hour_ends)?);
    Ok(counts)
}

/// A counter does not name a person.
fn digest(user: &UserKey) -> String {
    hex::encode(&Sha256::digest(user.as_str())[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Delivery, Evidence, Gubun, Owner, PayoutKey, RepeatPolicy, RewardCode, Rules, Slot, Stamp, TrIdScheme,
    };

    const FUSE: Fuse = Fuse { daily_budget: Krw(10_000), sends_per_hour: 3 };

    fn reward() -> Reward {
        Reward {
            code: RewardCode::try_from("AD3FYTFS".to_owned()).unwrap(),
            active: true,
            delivery: Delivery::Giftishow,
            goods_code: "G00000000001".into(),
            gubun: Gubun::Mms,
            mms_title: "hello".into(),
            mms_msg: "hello".into(),
            repeat: RepeatPolicy::Once,
            max_price_krw: Krw(4_500),
            max_per_day: Some(7),
            max_per_user_per_day: Some(1),
            min_valid_days: None,
            template_id: None,
            banner_id: None,
            send_hours: None,
        }
    }

    fn attempt() -> Attempt {
        let user_key = UserKey::try_from("2eew35da".to_owned()).unwrap();
        let payout = PayoutKey { code: reward().code, user_key, slot: Slot::new("once") };
        let scheme = TrIdScheme::new("bg", "test").unwrap();
        let stamp = Stamp { owner: Owner::new("callback"), at: at(), evidence: Evidence::default() };
        Attempt::first(&scheme, &payout, 0, &stamp, &Rules::default())
    }

    fn at() -> Moment {
        "2026-11-22T14:30:00Z".parse().unwrap()
    }

    #[test]
    fn a_first_claim_counts_for_every_cap_in_korean_days_and_names_no_person() {
        let counts = counts(&attempt(), &reward(), &FUSE, at()).unwrap();
        let told: Vec<_> = counts
            .iter()
            .map(|Count { counter, by }| (counter.cap, counter.name.as_str(), *by, counter.most))
            .collect();
        assert_eq!(
            told,
            [
                (Cap::RewardPerDay, "reward/2026-11-22/AD3FYTFS", 1, 7),
                (Cap::UserPerDay, "user/2026-11-22/f26c283e240661198e17c5693ce02fe0/AD3FYTFS", 1, 1),
                (Cap::DailyBudget, "won/2026-11-22", 4_500, 10_000),
                (Cap::SendsPerHour, "sends/2026-11-22T23", 1, 3),
            ]
        );
        assert!(counts.iter().all(|count| count.counter.until == "2026-11-22T15:00:00Z".parse().unwrap()));
        let week = "2026-11-29T15:00:00Z".parse().unwrap();
        assert!(counts.iter().all(|count| count.counter.expires_at == week));
    }

    #[test]
    fn a_fuse_stops_the_line_and_a_cap_of_a_reward_or_user_does_not() {
        let caps = [Cap::DailyBudget, Cap::SendsPerHour, Cap::RewardPerDay, Cap::UserPerDay];
        assert_eq!(caps.map(Cap::stops_the_line), [true, true, false, false]);
        let names = ["daily_budget", "sends_per_hour", "max_per_day", "max_per_user_per_day"];
        assert_eq!(caps.map(|cap| cap.name().to_owned()), names.map(|name| format!("{name}_reached")));
        assert_eq!((Cap::Price.stops_the_line(), Cap::Price.name()), (false, "dearer_than_allowed"));
    }

    #[test]
    fn an_attempt_that_was_claimed_before_counts_no_more() {
        let again = Attempt { gubun: Some(Gubun::Mms), ..attempt() };
        assert_eq!(counts(&again, &reward(), &FUSE, at()), Ok(Vec::new()));
    }

    #[test]
    fn what_costs_more_than_the_whole_budget_never_has_room() {
        let dear = Reward { max_price_krw: Krw(10_001), max_per_day: None, max_per_user_per_day: None, ..reward() };
        let midnight = "2026-11-22T15:00:00Z".parse().unwrap();
        assert_eq!(counts(&attempt(), &dear, &FUSE, at()), Err((Cap::DailyBudget, midnight)));
    }
}
