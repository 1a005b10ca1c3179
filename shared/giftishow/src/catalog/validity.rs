//! How long a coupon is valid.

use jiff::civil::Date;

/// How long a coupon of some goods is valid (specification 1.5: `validPrdTypeCd`, `limitDay`, `validPrdDay`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Validity {
    /// For so many days after it was issued (`validPrdTypeCd` 01).
    Days(u32),
    /// To the end of this day in Korea, whenever it was issued (`validPrdTypeCd` 02).
    Until(Date),
}

impl Validity {
    /// The specification's table and its sample give the two fields each other's meaning, and the live service puts a date
    /// into `limitDay` for goods of a fixed period: the value's form tells which it is, the type only which form counts.
    pub(super) fn of(type_code: Option<&str>, limit_day: Option<&str>, valid_period_day: Option<&str>) -> Option<Self> {
        let mut found = [limit_day, valid_period_day].into_iter().flatten().filter_map(Self::by_form);
        match type_code.map(str::trim) {
            Some("01" | "1") => found.find(|validity| matches!(validity, Self::Days(_))),
            Some("02" | "2") => found.find(|validity| matches!(validity, Self::Until(_))),
            _ => found.next(),
        }
    }

    /// Eight digits are a date, up to five are days.
    fn by_form(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.len() {
            1..=5 => text.parse().ok().map(Self::Days),
            8 if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                let date = Date::new(text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?);
                date.ok().map(Self::Until)
            }
            _ => None,
        }
    }
}
