use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::ids::RewardCode;
use crate::krw::Krw;
use crate::repeat::RepeatPolicy;
use crate::send_hours::SendHours;

/// Longest `goods_code`.
const MAX_GOODS_CODE: usize = 20;
/// Longest `mms_title` in characters: specification §8, confirmed by live refusals.
const MAX_TITLE: usize = 10;
/// Longest `template_id` and `banner_id`: no limit is documented, this is ours.
const MAX_ID: usize = 50;
/// Longest `mms_msg` in characters: no limit is confirmed, this is ours.
const MAX_MESSAGE: usize = 1_500;

/// Who hands a reward over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Giftishow, as a mobile coupon.
    #[default]
    Giftishow,
    /// The company itself: points of its own, goods that it ships. A win is recorded once and told to the company.
    Company,
}

/// How the coupon reaches the winner: `gubun` of 0204 (specification §8.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Gubun {
    /// Giftishow sends an MMS to the phone (`N`).
    #[default]
    #[serde(rename = "N")]
    Mms,
    /// The company shows the PIN itself (`Y`).
    #[serde(rename = "Y")]
    Pin,
    /// The company shows the PIN and its barcode image itself (`I`).
    #[serde(rename = "I")]
    BarcodeImage,
}

impl Gubun {
    /// Whether the answer to a send carries what no API gives a second time. If that answer is lost, so is the coupon.
    pub fn is_in_the_answer(self) -> bool {
        match self {
            Self::Mms => false,
            Self::Pin | Self::BarcodeImage => true,
        }
    }
}

/// What a Bleepy `code` stands for: one row of the table `rewards`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reward {
    /// The code that Bleepy sends.
    pub code: RewardCode,
    /// Whether wins of it are taken.
    pub active: bool,
    /// Who hands it over; Giftishow if the row does not say. Of the fields below, those that Giftishow needs mean nothing
    /// for a reward that the company hands over.
    #[serde(default)]
    pub delivery: Delivery,
    /// Giftishow's goods code, as the catalogue writes it.
    #[serde(default)]
    pub goods_code: String,
    /// How the coupon reaches the winner; by MMS if the row does not say.
    #[serde(default)]
    pub gubun: Gubun,
    /// Title of the MMS, 1 to 10 characters.
    #[serde(default)]
    pub mms_title: String,
    /// Text of the MMS, 1 to 1,500 characters.
    #[serde(default)]
    pub mms_msg: String,
    /// When a further win counts; `once` if the row does not say.
    #[serde(default)]
    pub repeat: RepeatPolicy,
    /// The most that one of these may cost, in won; what the daily budget is counted with. What the catalogue has at a higher
    /// price is not sent (rule 12).
    #[serde(default)]
    pub max_price_krw: Krw,
    /// Most attempts sent on one Korean day; no limit if the row does not say.
    #[serde(default)]
    pub max_per_day: Option<u32>,
    /// Most attempts sent to one user on one Korean day; no limit if the row does not say.
    #[serde(default)]
    pub max_per_user_per_day: Option<u32>,
    /// For how many days its coupons must be valid at least, if it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_valid_days: Option<u32>,
    /// A card of the company's own, made on Giftishow's site (specification §8.4); 1 to 50 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_id: Option<String>,
    /// A banner, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub banner_id: Option<String>,
    /// In which hours of the Korean day its winners are texted; those of the whole stack if the row does not say. Only an MMS
    /// waits for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_hours: Option<SendHours>,
}

/// Which field of a reward's row cannot be used, and what it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RewardError {
    /// Empty, longer than 20 characters, or with others than ASCII letters, digits, `_` and `-`.
    #[error("goods_code must have 1 to 20 ASCII letters, digits, underscores or hyphens")]
    GoodsCode,
    /// Blank, longer than 10 characters, or with control characters.
    #[error("mms_title must have 1 to 10 characters on one line")]
    MmsTitle,
    /// Blank, longer than 1,500 characters, or with control characters other than line breaks and tabs.
    #[error("mms_msg must have 1 to 1,500 characters")]
    MmsMsg,
    /// Empty, longer than 50 characters, or with others than ASCII letters, digits, `_` and `-`.
    #[error("template_id must have 1 to 50 ASCII letters, digits, underscores or hyphens, or not be there")]
    TemplateId,
    /// Likewise.
    #[error("banner_id must have 1 to 50 ASCII letters, digits, underscores or hyphens, or not be there")]
    BannerId,
    /// Nothing, although it costs money.
    #[error("max_price_krw must be at least 1")]
    MaxPrice,
    /// A cap of 0 keeps every payout waiting for ever.
    #[error("max_per_day and max_per_user_per_day must be at least 1; switch a reward off with active = false")]
    NoRoom,
    /// Without it a repeated callback could pay without end.
    #[error("repeat = every_time needs max_per_user_per_day")]
    EveryTimeUncapped,
}

impl Reward {
    /// Checks what the types cannot, so that a mistake shows at the callback and not after the win was taken.
    pub fn check(&self) -> Result<(), RewardError> {
        if self.delivery == Delivery::Company {
            return self.check_caps();
        }
        if !is_word(&self.goods_code, MAX_GOODS_CODE) {
            return Err(RewardError::GoodsCode);
        }
        let is_id = |id: &Option<String>| id.as_ref().is_none_or(|id| is_word(id, MAX_ID));
        if !is_id(&self.template_id) {
            return Err(RewardError::TemplateId);
        }
        if !is_id(&self.banner_id) {
            return Err(RewardError::BannerId);
        }
        if !is_text(&self.mms_title, MAX_TITLE) || self.mms_title.contains(char::is_control) {
            return Err(RewardError::MmsTitle);
        }
        let forbidden = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if !is_text(&self.mms_msg, MAX_MESSAGE) || self.mms_msg.contains(forbidden) {
            return Err(RewardError::MmsMsg);
        }
        if self.max_price_krw == Krw(0) {
            return Err(RewardError::MaxPrice);
        }
        self.check_caps()
    }

    fn check_caps(&self) -> Result<(), RewardError> {
        if self.max_per_day == Some(0) || self.max_per_user_per_day == Some(0) {
            return Err(RewardError::NoRoom);
        }
        if self.repeat == RepeatPolicy::EveryTime && self.max_per_user_per_day.is_none() {
            return Err(RewardError::EveryTimeUncapped);
        }
        Ok(())
    }
}

fn is_word(text: &str, most: usize) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    (1..=most).contains(&text.len()) && text.bytes().all(letter)
}

fn is_text(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reward() -> Reward {
        Reward {
            code: RewardCode::try_from("AD3FYTFS".to_owned()).unwrap(),
            active: true,
            delivery: Delivery::Giftishow,
            goods_code: "G00000000001".into(),
            gubun: Gubun::Mms,
            mms_title: "가나다라마바사아자차".into(),
            mms_msg: "hello".into(),
            repeat: RepeatPolicy::Once,
            max_price_krw: Krw(5_000),
            max_per_day: None,
            max_per_user_per_day: None,
            min_valid_days: None,
            template_id: None,
            banner_id: None,
            send_hours: None,
        }
    }

    #[test]
    fn a_title_of_ten_characters_is_taken_and_of_eleven_refused() {
        assert_eq!(reward().check(), Ok(()));
        let long = Reward { mms_title: "가".repeat(11), ..reward() };
        assert_eq!(long.check(), Err(RewardError::MmsTitle));
        let blank = Reward { mms_msg: " \n".into(), ..reward() };
        assert_eq!(blank.check(), Err(RewardError::MmsMsg));
        let lines = Reward { mms_msg: "one\r\ntwo".into(), ..reward() };
        assert_eq!(lines.check(), Ok(()));
        let korean = Reward { goods_code: "상품".into(), ..reward() };
        assert_eq!(korean.check(), Err(RewardError::GoodsCode));
    }

    #[test]
    fn a_card_and_a_banner_are_optional_and_what_giftishow_would_not_take_is_refused() {
        let with = |template: Option<&str>, banner: Option<&str>| Reward {
            template_id: template.map(Into::into),
            banner_id: banner.map(Into::into),
            ..reward()
        };
        let longest = "x".repeat(50);
        assert_eq!(with(Some("202611220000001"), Some(&longest)).check(), Ok(()));
        for wrong in ["", " ", "카드", "a b", &"x".repeat(51)] {
            assert_eq!(with(Some(wrong), None).check(), Err(RewardError::TemplateId), "{wrong}");
            assert_eq!(with(None, Some(wrong)).check(), Err(RewardError::BannerId), "{wrong}");
        }
    }

    #[test]
    fn a_row_says_in_which_hours_its_winners_are_texted_or_leaves_it_to_the_stack() {
        let row = r#"{"code":"COFFEE","active":true,"send_hours":"08-22"}"#;
        let coffee: Reward = serde_json::from_str(row).unwrap();
        assert_eq!(coffee.send_hours, "08-22".parse().ok());
        assert_eq!(serde_json::from_str::<Reward>(r#"{"code":"COFFEE","active":true}"#).unwrap().send_hours, None);
    }

    #[test]
    fn a_reward_that_the_company_hands_over_needs_nothing_of_giftishow() {
        let row = r#"{"code":"POINTS","active":true,"delivery":"company"}"#;
        let points: Reward = serde_json::from_str(row).unwrap();
        assert_eq!((points.delivery, points.check()), (Delivery::Company, Ok(())));
        let uncapped = Reward { repeat: RepeatPolicy::EveryTime, ..points };
        assert_eq!(uncapped.check(), Err(RewardError::EveryTimeUncapped));
        let incomplete: Reward = serde_json::from_str(r#"{"code":"COFFEE","active":true}"#).unwrap();
        assert_eq!(incomplete.check(), Err(RewardError::GoodsCode));
    }

    #[test]
    fn a_reward_that_could_pay_without_end_or_never_is_refused() {
        let every_time = Reward { repeat: RepeatPolicy::EveryTime, ..reward() };
        assert_eq!(every_time.check(), Err(RewardError::EveryTimeUncapped));
        assert_eq!(Reward { max_per_user_per_day: Some(1), ..every_time }.check(), Ok(()));
        assert_eq!(Reward { max_per_day: Some(0), ..reward() }.check(), Err(RewardError::NoRoom));
        assert_eq!(Reward { max_price_krw: Krw(0), ..reward() }.check(), Err(RewardError::MaxPrice));
    }
}
