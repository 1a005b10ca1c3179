//! Who and what is in a history: few rewards and users, by number.

use payout::{Attempt, Delivery, Gubun, Krw, RepeatPolicy, Reward, RewardCode, SendHours};

use crate::vendor::{Coupon, Order, PRICE_WON};

/// The number of a reward and of a user: who wins what, however often.
pub(crate) type Pair = (usize, usize);

/// Rewards: how each is delivered, and when a further win counts.
const REWARDS: [(Gubun, RepeatPolicy); 5] = [
    (Gubun::Mms, RepeatPolicy::Once),
    (Gubun::Pin, RepeatPolicy::Once),
    (Gubun::BarcodeImage, RepeatPolicy::Daily),
    (Gubun::Mms, RepeatPolicy::Weekly),
    (Gubun::Mms, RepeatPolicy::EveryTime),
];
/// The hour of the Korean day in which nobody is texted of a reward, if it has one. Histories begin ten minutes before midnight.
const QUIET_HOURS: [Option<i64>; REWARDS.len()] = [None, None, None, Some(23), Some(0)];
pub(crate) const USERS: usize = 64;
/// More than a history has.
const MOST_PER_DAY: u32 = 1_000;

/// How often a reward is won again.
pub(crate) fn repeat(reward: usize) -> RepeatPolicy {
    REWARDS[reward].1
}

/// A reward by a number of any size, the first one most often.
pub(crate) fn reward_of(number: usize) -> usize {
    (number % 8).saturating_sub(3).min(REWARDS.len() - 1)
}

/// The hour in which nobody is texted of it.
pub(crate) fn quiet_hour(reward: usize) -> Option<i64> {
    QUIET_HOURS[reward]
}

/// All hours but the quiet one, as the row of the table `rewards` says it.
pub(crate) fn send_hours(code: &RewardCode) -> Option<SendHours> {
    let quiet = quiet_hour(reward_number(code.as_str())?)?;
    format!("{:02}-{quiet:02}", (quiet + 1) % 24).parse().ok()
}

/// The code of a reward, as Bleepy names it.
pub(crate) fn code(reward: usize) -> String {
    format!("REWARD{reward}")
}

/// Bleepy's key of a user.
pub(crate) fn user_key(user: usize) -> String {
    format!("user{user}")
}

fn reward_number(code: &str) -> Option<usize> {
    code.strip_prefix("REWARD")?.parse().ok().filter(|reward| *reward < REWARDS.len())
}

fn user_number(user_key: &str) -> Option<usize> {
    user_key.strip_prefix("user")?.parse().ok().filter(|user| *user < USERS)
}

/// What the row is a try at. `None` if it is none of this history's.
pub(crate) fn pair_of(row: &Attempt) -> Option<Pair> {
    Some((reward_number(row.code.as_str())?, user_number(row.user_key.as_ref()?.as_str())?))
}

/// Whom a coupon of Giftishow's ledger was for, and what for. `None` if it is none of this history's.
pub(crate) fn pair_paid_by(coupon: &Coupon) -> Option<Pair> {
    pair_of_goods(&coupon.goods, &coupon.phone)
}

/// Whom an order is for, likewise.
pub(crate) fn pair_of_order(order: &Order) -> Option<Pair> {
    pair_of_goods(&order.goods, &order.phone)
}

fn pair_of_goods(goods: &str, phone: &str) -> Option<Pair> {
    let number = |text: &str| text.get(text.len().saturating_sub(2)..)?.parse().ok();
    let (reward, user): (usize, usize) = (number(goods)?, number(phone)?);
    (reward < REWARDS.len() && user < USERS).then_some((reward, user))
}

/// The row of the table `rewards`.
pub(crate) fn reward(code: &RewardCode, max_per_day: Option<u32>) -> Option<Reward> {
    let number = reward_number(code.as_str())?;
    let (gubun, repeat) = REWARDS[number];
    Some(Reward {
        code: code.clone(),
        active: true,
        delivery: Delivery::Giftishow,
        goods_code: format!("G0000000000{number}"),
        gubun,
        mms_title: "당첨 선물".to_owned(),
        mms_msg: "당첨을 축하합니다.".to_owned(),
        repeat,
        max_price_krw: Krw(PRICE_WON),
        max_per_day,
        max_per_user_per_day: (repeat == RepeatPolicy::EveryTime).then_some(MOST_PER_DAY),
        min_valid_days: None,
        template_id: None,
        banner_id: None,
        send_hours: None,
    })
}

/// The row of the table `recipients`: a number that belongs to nobody. Who has moved has another one.
pub(crate) fn phone_of(user_key: &str, moved: &[usize]) -> Option<String> {
    user_number(user_key).map(|user| format!("0100000{:02}{user:02}", u8::from(moved.contains(&user))))
}
