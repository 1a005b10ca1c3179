use std::fmt;

use jiff::Span;
use jiff::civil::Date;
use payout::{Moment, end_of_korean_day, korean_day};
use serde::{Deserialize, Serialize};

/// An amount in whole won.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Krw(pub i64);

impl fmt::Display for Krw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What a row of the catalogue is about; the first half of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Goods (0101, 0111).
    Goods,
    /// A brand (0102, 0112).
    Brand,
}

impl Kind {
    /// As the key writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Goods => "goods",
            Self::Brand => "brand",
        }
    }

    /// The key of the row of this code.
    pub fn key(self, code: &str) -> String {
        format!("{}#{code}", self.as_str())
    }

    /// Kind and code of a key; `None` for a row that is no item.
    pub fn of_key(key: &str) -> Option<(Self, &str)> {
        let (kind, code) = key.split_once('#')?;
        [Self::Goods, Self::Brand].into_iter().find(|one| one.as_str() == kind).map(|kind| (kind, code))
    }
}

/// `goodsStateCd` (specification 1.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SaleState {
    /// Can be sent.
    #[serde(rename = "SALE")]
    OnSale,
    /// Sale suspended: a send is refused.
    #[serde(rename = "SUS")]
    Suspended,
    /// None, or one that no list knows; the raw JSON has it. Nothing should be sent.
    #[default]
    #[serde(rename = "OTHER")]
    Other,
}

impl SaleState {
    /// As the row writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnSale => "SALE",
            Self::Suspended => "SUS",
            Self::Other => "OTHER",
        }
    }
}

/// How long a coupon of some goods is valid (specification 1.5: `validPrdTypeCd`, `limitDay`, `validPrdDay`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// For so many days after it was issued.
    Days(u32),
    /// To the end of this day in Korea, whenever it was issued.
    Until(Date),
}

impl Validity {
    /// Until when a coupon that is issued now is valid: to the end of its last day in Korea, as Giftishow answers it
    /// (`validPrdEndDt` ends with `235959`). The day on which it was issued does not count.
    pub fn ends(self, issued: Moment) -> Moment {
        let last = match self {
            // More days than the calendar has are no span.
            Self::Days(days) => {
                let span = Span::new().try_days(days);
                span.map_or(Date::MAX, |span| korean_day(issued).saturating_add(span))
            }
            Self::Until(day) => day,
        };
        end_of_korean_day(last)
    }
}

/// A picture that was copied into our own store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Where Giftishow has it.
    pub url: String,
    /// Key of the copy: `goods/`, the SHA-256 of its bytes, and the ending of its type.
    pub key: String,
}

/// Declares a plain row: a struct whose fields may all be missing, but for its code and what is given in full.
macro_rules! plain_row {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $(#[$code_doc:meta])* $code:ident,
            given { $($(#[$given_doc:meta])* $given:ident: $given_type:ty,)* }
            $($(#[$doc:meta])* $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub struct $name {
            $(#[$code_doc])* pub $code: String,
            $($(#[$given_doc])* #[serde(default)] pub $given: $given_type,)*
            $($(#[$doc])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<$type>,)*
        }

        impl $name {
            /// This list's item with what only the detail has.
            #[must_use]
            pub fn completed_by(self, detail: Self) -> Self {
                Self { $code: self.$code, $($given: self.$given,)* $($field: self.$field.or(detail.$field),)* }
            }
        }
    };
}

plain_row! {
    /// Goods, from a list (0101, specification 1.5) and a detail (0111, specification 2.5). Anything but the code may be missing.
    pub struct Goods {
        /// `goodsCode`: what a send asks for.
        code,
        given {
            /// `goodsStateCd`.
            state: SaleState,
            /// Copies of its pictures, if they are mirrored.
            pictures: Vec<Picture>,
        }
        /// `goodsNo`, its serial number.
        goods_no: i64,
        /// `goodsName`.
        name: String,
        /// `brandCode`.
        brand_code: String,
        /// `brandName`.
        brand_name: String,
        /// `brandIconImg`, the address of an image.
        brand_icon_img: String,
        /// `salePrice`: the recommended consumer price, before discounts.
        sale_price: Krw,
        /// `realPrice`: the supplier's price.
        real_price: Krw,
        /// `discountPrice`: what a send costs this account. Internal, not for end users.
        discount_price: Krw,
        /// `goldPrice`: what it costs an account of that grade. Internal, not for end users.
        gold_price: Krw,
        /// `vipPrice`, likewise.
        vip_price: Krw,
        /// `platinumPrice`, likewise.
        platinum_price: Krw,
        /// `discountRate`, in percent. Internal, not for end users.
        discount_rate: f64,
        /// `goldDiscountRate`, likewise.
        gold_discount_rate: f64,
        /// `vipDiscountRate`, likewise.
        vip_discount_rate: f64,
        /// `platinumDiscountRate`, likewise.
        platinum_discount_rate: f64,
        /// `content`, a description.
        content: String,
        /// `contentAddDesc`, more of it.
        content_add_desc: String,
        /// `srchKeyword`, words to find it by, separated by commas.
        srch_keyword: String,
        /// `goodsTypeCd`, its kind.
        goods_type_cd: String,
        /// `goodsTypeNm`, the kind's name.
        goods_type_nm: String,
        /// `goodsTypeDtlNm`, the name of the kind within the kind.
        goods_type_dtl_nm: String,
        /// `category1Seq`.
        category1_seq: i64,
        /// `categoryName1`.
        category1_name: String,
        /// `goodsImgS`, the address of an image of 250 × 250.
        goods_img_s: String,
        /// `goodsImgB`, the address of an image of 500 × 500.
        goods_img_b: String,
        /// `mmsGoodsImg`, the address of the image in the MMS.
        mms_goods_img: String,
        /// `goodsDescImgWeb`, the address of the describing image.
        goods_desc_img_web: String,
        /// `endDate`: when its sale ends, as answered.
        end_date: String,
        /// How long its coupons are valid.
        validity: Validity,
        /// `goodsComId`, its supplier.
        goods_com_id: String,
        /// `goodsComName`, the supplier's name.
        goods_com_name: String,
        /// `affiliateId`, where it is redeemed.
        affiliate_id: String,
        /// `affiliate`, the name of that place.
        affiliate: String,
        /// `exhGenderCd`, whom it is shown to.
        exh_gender_cd: String,
        /// `exhAgeCd`, whom it is shown to.
        exh_age_cd: String,
        /// `mmsReserveFlag`: whether reserved sending is offered.
        mms_reserve_flag: bool,
        /// `mmsBarcdCreateYn`: whether the supplier makes the barcode.
        mms_barcd_create_yn: bool,
        /// `rmCntFlag`: whether the total number on sale is limited.
        rm_cnt_flag: bool,
        /// `saleDateFlag`: whether the time on sale is limited.
        sale_date_flag: bool,
        /// `saleDateFlagCd`: how the time on sale is limited.
        sale_date_flag_cd: String,
        /// `rmIdBuyCntFlagCd`: whether the number per account is limited.
        rm_id_buy_cnt_flag_cd: String,
        /// `mdCode`: who looks after it.
        md_code: String,
        /// `popular`: its rank when its row was written.
        popular: i64,
    }
}

impl Goods {
    /// What a send of it costs, as far as is known: `discountPrice`, else `salePrice`, which is never less.
    pub fn price(&self) -> Option<Krw> {
        self.discount_price.or(self.sale_price)
    }

    /// Until when a coupon of these goods is valid that is issued now; `None` if the catalogue does not say.
    pub fn coupon_valid_until(&self, issued: Moment) -> Option<Moment> {
        self.validity.map(|validity| validity.ends(issued))
    }
}

plain_row! {
    /// A brand, from a list (0102, specification 3.5) and a detail (0112, specification 4.5). Anything but the code may be missing.
    pub struct Brand {
        /// `brandCode`.
        code,
        given {}
        /// `brandSeq`, its serial number.
        brand_seq: i64,
        /// `brandName`.
        name: String,
        /// `brandBannerImg`, the address of an image.
        brand_banner_img: String,
        /// `brandIConImg` or `brandIconImg`, the address of an image.
        brand_icon_img: String,
        /// `mmsThumImg` or `mmsThumbImg`, the address of an image.
        mms_thumb_img: String,
        /// `content`, a description.
        content: String,
        /// `category1Seq`.
        category1_seq: i64,
        /// `category1Name`.
        category1_name: String,
        /// `category2Seq`.
        category2_seq: i64,
        /// `category2Name`.
        category2_name: String,
        /// `sort`, its place when shown.
        sort: i64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    fn valid_until(validity: Option<Validity>, issued: &str) -> Option<String> {
        let goods = Goods { validity, ..Goods::default() };
        goods.coupon_valid_until(at(issued)).map(|end| end.to_string())
    }

    #[test]
    fn a_coupon_of_some_days_is_valid_to_the_end_of_the_last_day_in_korea() {
        // 23:59:59.999 on 22 November in Korea, and the next millisecond.
        let thirty = Some(Validity::Days(30));
        assert_eq!(valid_until(thirty, "2026-11-22T14:59:59.999Z").unwrap(), "2026-12-22T15:00:00.000Z");
        assert_eq!(valid_until(thirty, "2026-11-22T15:00:00Z").unwrap(), "2026-12-23T15:00:00.000Z");
        assert_eq!(valid_until(Some(Validity::Days(0)), "2026-11-22T15:00:00Z").unwrap(), "2026-11-23T15:00:00.000Z");
    }

    #[test]
    fn a_coupon_of_a_fixed_period_is_valid_to_the_end_of_that_day_whenever_it_is_issued() {
        let fixed = Some(Validity::Until(jiff::civil::date(2026, 9, 4)));
        for issued in ["2026-01-01T00:00:00Z", "2026-09-04T14:59:59.999Z", "2027-01-01T00:00:00Z"] {
            assert_eq!(valid_until(fixed, issued).unwrap(), "2026-09-04T15:00:00.000Z", "{issued}");
        }
    }

    #[test]
    fn a_coupon_of_goods_that_do_not_say_has_no_known_end_and_nonsense_stays_in_the_calendar() {
        assert_eq!(valid_until(None, "2026-11-22T15:00:00Z"), None);
        for nonsense in [Validity::Days(u32::MAX), Validity::Until(Date::MAX)] {
            assert!(nonsense.ends(at("2026-11-22T15:00:00Z")) > at("9999-12-30T00:00:00Z"), "{nonsense:?}");
        }
    }
}
