//! What is on offer.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goods {
    /// `goodsCode`, for example `G00000000001`.
    pub code: String,
    /// Product name.
    pub name: String,
    /// Brand name.
    pub brand: String,
    /// What one coupon costs, in won (`discountPrice`).
    pub price_won: u64,
    /// What the shop asks for it, in won (`salePrice`); counts only if it is more than the price.
    #[serde(default)]
    pub list_price_won: u64,
    /// Whether it can be ordered.
    #[serde(default)]
    pub state: GoodsState,
    /// For how long a coupon can be used.
    #[serde(default)]
    pub validity: Validity,
}

impl Goods {
    /// A product that can be ordered, without a discount, whose coupons are good for 30 days.
    pub fn on_sale(code: &str, name: &str, brand: &str, price_won: u64) -> Self {
        Self {
            code: code.to_owned(),
            name: name.to_owned(),
            brand: brand.to_owned(),
            price_won,
            list_price_won: price_won,
            state: GoodsState::OnSale,
            validity: Validity::default(),
        }
    }

    /// What the shop asks for it, in won.
    pub fn list_price(&self) -> u64 {
        self.list_price_won.max(self.price_won)
    }
}

/// `goodsStateCd`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GoodsState {
    /// `SALE`.
    #[default]
    #[serde(rename = "SALE")]
    OnSale,
    /// `SUS`: known, but refused with `ERR0401`.
    #[serde(rename = "SUS")]
    Suspended,
}

impl GoodsState {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::OnSale => "SALE",
            Self::Suspended => "SUS",
        }
    }
}

/// `validPrdTypeCd` and `limitDay`. A coupon is good to the end of its last day in Korea.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Validity {
    /// `01`: so many days from issuing.
    Days(u16),
    /// `02`: until a day that is the same for every coupon.
    Until(Date),
}

impl Default for Validity {
    /// The usual 30 days of a coupon from this API.
    fn default() -> Self {
        Self::Days(30)
    }
}

/// How the prices of a product are written. The live catalogue has numbers; other shapes were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PriceForm {
    /// `4500`.
    #[default]
    Number,
    /// `"4500"`.
    Text,
    /// `null`.
    Null,
}

/// A code that is gone and the one that took its place: same name, same brand, same price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    /// Not listed, not described, not orderable any more.
    pub code: String,
    /// On offer instead.
    pub successor: String,
}
