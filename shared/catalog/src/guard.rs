//! What is wrong with what is sold, before a winner learns it.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use payout::{Moment, Reward, korean_day};

use crate::item::{Goods, Krw, SaleState, Validity};
use crate::version::Presence;

/// A sale that ends this soon is told.
const ENDS_SOON_DAYS: i64 = 7;

/// Something that is wrong with what a reward pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Risk {
    /// The catalogue has never had such goods.
    Unknown,
    /// Giftishow has withdrawn them.
    Withdrawn,
    /// They were missing in the list for the first time.
    Unlisted,
    /// Their sale is suspended, or they have no state that is known: a send is refused.
    NotOnSale(SaleState),
    /// They cost more than the reward allows.
    TooDear {
        /// What a send costs.
        price: Krw,
        /// `max_price_krw` of the reward.
        most: u64,
    },
    /// Nobody can say what they cost.
    NoPrice,
    /// Their sale ends soon, or has ended.
    SaleEnds(Date),
    /// Their coupons are valid for less than the reward wants.
    TooShort {
        /// Days from today to the end of a coupon that is issued today.
        days: i64,
        /// `min_valid_days` of the reward.
        least: u32,
    },
}

impl Risk {
    /// A short name for logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown_goods",
            Self::Withdrawn => "withdrawn",
            Self::Unlisted => "unlisted",
            Self::NotOnSale(_) => "not_on_sale",
            Self::TooDear { .. } => "price_above_limit",
            Self::NoPrice => "no_price",
            Self::SaleEnds(_) => "sale_ends",
            Self::TooShort { .. } => "validity_too_short",
        }
    }

    /// The figures, as a person reads them.
    pub fn detail(&self) -> String {
        match self {
            Self::Unknown => "no goods have this code".into(),
            Self::Withdrawn => "Giftishow no longer has them".into(),
            Self::Unlisted => "missing in the list, but still described".into(),
            Self::NotOnSale(state) => format!("state {}", state.as_str()),
            Self::TooDear { price, most } => format!("{price} won, at most {most}"),
            Self::NoPrice => "the catalogue has no price".into(),
            Self::SaleEnds(on) => format!("sale ends on {on}"),
            Self::TooShort { days, least } => format!("valid for {days} days, at least {least} wanted"),
        }
    }

    /// Whether goods like these should take their place: they will not come back by themselves.
    pub fn wants_successor(&self) -> bool {
        matches!(self, Self::Withdrawn | Self::Unlisted)
    }
}

/// Everything that is wrong with what this reward pays. `goods` is its row, if there is one; `now` is the moment of the check.
pub fn risks(reward: &Reward, goods: Option<(Presence, &Goods)>, now: Moment) -> Vec<Risk> {
    let Some((presence, goods)) = goods else { return vec![Risk::Unknown] };
    let mut risks = Vec::new();
    match presence {
        Presence::Withdrawn => return vec![Risk::Withdrawn],
        Presence::Unlisted => risks.push(Risk::Unlisted),
        Presence::Listed => {}
    }
    if goods.state != SaleState::OnSale {
        risks.push(Risk::NotOnSale(goods.state));
    }
    match goods.price() {
        None => risks.push(Risk::NoPrice),
        Some(price) if u64::try_from(price.0).is_ok_and(|won| won <= reward.max_price_krw.0) => {}
        Some(price) => risks.push(Risk::TooDear { price, most: reward.max_price_krw.0 }),
    }
    let today = korean_day(now);
    let ends = goods.end_date.as_deref().and_then(sale_ends_on);
    if let Some(on) = ends.filter(|on| days_between(today, *on) <= ENDS_SOON_DAYS) {
        risks.push(Risk::SaleEnds(on));
    }
    let days = goods.validity.map(|validity| match validity {
        Validity::Days(days) => days.into(),
        Validity::Until(day) => days_between(today, day),
    });
    if let Some((days, least)) = days.zip(reward.min_valid_days).filter(|(days, least)| *days < i64::from(*least)) {
        risks.push(Risk::TooShort { days, least });
    }
    risks
}

/// Whether `other` can take the place of `gone`: Giftishow retires codes and gives the same thing a new one, with the same
/// brand, name and price.
pub fn is_successor(gone: &Goods, presence: Presence, other: &Goods) -> bool {
    let brand = |goods: &Goods| goods.brand_code.clone().or_else(|| goods.brand_name.clone());
    presence == Presence::Listed
        && other.state == SaleState::OnSale
        && other.code != gone.code
        && gone.name.is_some()
        && other.name == gone.name
        && brand(other) == brand(gone)
        && other.price() == gone.price()
}

/// The day in Korea on which a sale ends: `endDate` comes as `2999-12-30T15:00:00.000+0000` or as `29991231`.
pub fn sale_ends_on(end_date: &str) -> Option<Date> {
    let text = end_date.trim();
    if text.len() == 8 {
        return Date::strptime("%Y%m%d", text).ok();
    }
    // Written without a colon in the offset, which RFC 3339 wants.
    let moment = Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).or_else(|_| text.parse());
    moment.ok().map(|ends| korean_day(Moment::new(ends)))
}

fn days_between(from: Date, to: Date) -> i64 {
    let span = from.until((jiff::Unit::Day, to)).unwrap_or_else(|_| 0.days());
    i64::from(span.get_days())
}

#[cfg(test)]
mod tests {
    use payout::{Delivery, Gubun, RepeatPolicy, RewardCode};

    use super::*;

    fn reward() -> Reward {
        Reward {
            code: RewardCode::try_from("AD3FYTFS".to_owned()).unwrap(),
            active: true,
            goods_code: "G1".into(),
            delivery: Delivery::Giftishow,
            gubun: Gubun::Mms,
            mms_title: "t".into(),
            mms_msg: "m".into(),
            repeat: RepeatPolicy::Once,
            max_price_krw: payout::Krw(5_000),
            max_per_day: None,
            max_per_user_per_day: None,
            min_valid_days: Some(30),
            template_id: None,
            banner_id: None,
            send_hours: None,
        }
    }

    fn goods() -> Goods {
        Goods {
            code: "G1".into(),
            state: SaleState::OnSale,
            name: Some("아메리카노".into()),
            brand_code: Some("BR1".into()),
            discount_price: Some(Krw(5_000)),
            sale_price: Some(Krw(9_000)),
            end_date: Some("2999-12-30T15:00:00.000+0000".into()),
            validity: Some(Validity::Days(30)),
            ..Goods::default()
        }
    }

    fn now() -> Moment {
        // Half past eight in the morning of the 23rd, in Korea.
        "2026-11-22T23:30:00.000Z".parse().unwrap()
    }

    fn found(goods: &Goods) -> Vec<Risk> {
        risks(&reward(), Some((Presence::Listed, goods)), now())
    }

    #[test]
    fn everything_that_would_fail_or_cost_too_much_is_told_and_nothing_else() {
        assert_eq!(found(&goods()), []);
        assert_eq!(risks(&reward(), None, now()), [Risk::Unknown]);
        assert_eq!(risks(&reward(), Some((Presence::Withdrawn, &goods())), now()), [Risk::Withdrawn]);
        assert_eq!(risks(&reward(), Some((Presence::Unlisted, &goods())), now()), [Risk::Unlisted]);
        let suspended = Goods { state: SaleState::Suspended, ..goods() };
        assert_eq!(found(&suspended), [Risk::NotOnSale(SaleState::Suspended)]);
        let dear = Goods { discount_price: Some(Krw(5_001)), ..goods() };
        assert_eq!(found(&dear), [Risk::TooDear { price: Krw(5_001), most: 5_000 }]);
        let unpriced = Goods { discount_price: None, sale_price: None, ..goods() };
        assert_eq!(found(&unpriced), [Risk::NoPrice]);
        let short = Goods { validity: Some(Validity::Days(29)), ..goods() };
        assert_eq!(found(&short), [Risk::TooShort { days: 29, least: 30 }]);
    }

    #[test]
    fn days_are_counted_in_korea() {
        let ending = |on: &str| found(&Goods { end_date: Some(on.into()), ..goods() });
        assert_eq!(ending("20261130"), [Risk::SaleEnds(Date::constant(2026, 11, 30))], "in 7 days");
        assert_eq!(ending("20261201"), [], "in 8 days");
        assert_eq!(ending("2026-11-29T15:00:00.000+0000"), [Risk::SaleEnds(Date::constant(2026, 11, 30))]);
        assert_eq!(ending("2026-11-30T15:00:00.000+0000"), []);
        assert_eq!(ending("20261101"), [Risk::SaleEnds(Date::constant(2026, 11, 1))], "long over");
        assert_eq!(ending("sometime"), []);
        let until = |day| found(&Goods { validity: Some(Validity::Until(day)), ..goods() });
        assert_eq!(until(Date::constant(2026, 12, 23)), []);
        assert_eq!(until(Date::constant(2026, 12, 22)), [Risk::TooShort { days: 29, least: 30 }]);
    }

    #[test]
    fn a_successor_has_the_same_brand_name_and_price_and_can_be_sent() {
        let other = Goods { code: "G2".into(), content: Some("new".into()), ..goods() };
        assert!(is_successor(&goods(), Presence::Listed, &other));
        assert!(!is_successor(&goods(), Presence::Withdrawn, &other));
        for other in [
            goods(),
            Goods { name: Some("카페라떼".into()), ..other.clone() },
            Goods { brand_code: Some("BR2".into()), ..other.clone() },
            Goods { discount_price: Some(Krw(5_100)), ..other.clone() },
            Goods { state: SaleState::Suspended, ..other.clone() },
        ] {
            assert!(!is_successor(&goods(), Presence::Listed, &other), "{other:?}");
        }
    }
}
