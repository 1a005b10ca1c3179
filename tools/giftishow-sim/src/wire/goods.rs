//! Goods as 0101 and 0111 write them: numbers as numbers, keys as misspelt as the live service has them.

use serde::Serialize;

use crate::catalogue::{Item, PriceForm, Validity};

/// Of the form of the real ones, one of them without TLS, and `.invalid`: nobody may fetch anything there.
const HOSTS: [&str; 4] = [
    "https://biz.giftishow.invalid",
    "https://bizimg.giftishow.invalid",
    "http://t.giftishow.invalid",
    "https://imgs.giftishow.invalid",
];
/// Where no end was set.
const NO_END: &str = "2999-12-30T15:00:00.000+0000";

/// Base of the images of what has this number.
pub(super) fn image_host(number: u32) -> &'static str {
    HOSTS[usize::try_from(number).unwrap_or(0) % HOSTS.len()]
}

/// A price in whatever form.
#[derive(Serialize)]
#[serde(untagged)]
enum Price {
    Number(u64),
    Text(String),
    Null,
}

impl Price {
    fn of(won: u64, form: PriceForm) -> Self {
        match form {
            PriceForm::Number => Self::Number(won),
            PriceForm::Text => Self::Text(won.to_string()),
            PriceForm::Null => Self::Null,
        }
    }
}

/// `limitDay`: days, or the last day as a number or a text. No list says which; both were seen.
#[derive(Serialize)]
#[serde(untagged)]
enum LimitDay {
    Days(u16),
    Date(u32),
    DateText(String),
}

/// What 0101 and 0111 have in common.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Common<'i> {
    rm_id_buy_cnt_flag_cd: &'static str,
    discount_rate: u64,
    md_code: &'static str,
    discount_price: Price,
    mms_goods_img: String,
    limit_day: LimitDay,
    content: Option<String>,
    goods_desc_img_web: Option<String>,
    goods_img_b: String,
    goods_type_nm: &'static str,
    goods_name: &'i str,
    mms_reserve_flag: &'static str,
    goods_state_cd: &'static str,
    brand_code: &'i str,
    goods_no: u32,
    brand_name: &'i str,
    sale_price: Price,
    /// Not every brand has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    brand_icon_img: Option<String>,
    rm_cnt_flag: &'static str,
    sale_date_flag_cd: &'static str,
    content_add_desc: &'static str,
    goods_code: &'i str,
    goods_type_dtl_nm: &'static str,
    goods_img_s: String,
    affiliate: &'i str,
    sale_date_flag: &'static str,
    real_price: Price,
}

/// An element of `goodsList`, section 1.5.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listed<'i> {
    #[serde(flatten)]
    common: Common<'i>,
    end_date: &'static str,
    /// Misspelt by the live service.
    affliate_id: &'i str,
    srch_keyword: String,
    exh_gender_cd: &'static str,
    exh_age_cd: &'static str,
    valid_prd_day: Option<String>,
    goods_com_name: &'i str,
    popular: u32,
    mms_barcd_create_yn: &'static str,
    goods_com_id: String,
    category1_seq: u32,
    valid_prd_type_cd: &'static str,
}

/// `goodsDetail`, section 2.5: without `validPrdTypeCd`, with the prices of every grade.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Detail<'i> {
    #[serde(flatten)]
    common: Common<'i>,
    category_name1: &'static str,
    category_seq1: u32,
    goods_type_cd: &'static str,
    gold_price: u64,
    gold_discount_rate: u64,
    vip_price: u64,
    vip_discount_rate: u64,
    platinum_price: u64,
    platinum_discount_rate: u64,
}

pub(super) fn listed(item: &Item) -> Listed<'_> {
    let (kind, goods) = (item.brand.kind, &item.goods);
    let (valid_prd_type_cd, valid_prd_day) = match goods.validity {
        Validity::Days(_) => ("01", None),
        Validity::Until(date) => ("02", Some(date.strftime("%Y%m%d").to_string())),
    };
    Listed {
        common: common(item),
        end_date: NO_END,
        affliate_id: &item.brand.code,
        srch_keyword: format!("{}, {}, {}", goods.name, goods.brand, kind.category_name),
        exh_gender_cd: if item.number.is_multiple_of(2) { "WOMAN" } else { "MAN" },
        exh_age_cd: "10",
        valid_prd_day,
        goods_com_name: &goods.brand,
        popular: item.number % 100,
        mms_barcd_create_yn: "Y",
        goods_com_id: format!("S{:09}", item.brand.number),
        category1_seq: kind.category,
        valid_prd_type_cd,
    }
}

pub(super) fn detail(item: &Item) -> Detail<'_> {
    let kind = item.brand.kind;
    let grade = |discount: u64| item.goods.list_price() * (100 - discount) / 1_000 * 10;
    Detail {
        common: common(item),
        category_name1: kind.category_name,
        category_seq1: kind.category,
        goods_type_cd: "GNR",
        gold_price: grade(6),
        gold_discount_rate: 6,
        vip_price: grade(9),
        vip_discount_rate: 9,
        platinum_price: grade(11),
        platinum_discount_rate: 11,
    }
}

fn common(item: &Item) -> Common<'_> {
    let (goods, brand) = (&item.goods, &item.brand);
    let (list_price, price) = (goods.list_price(), goods.price_won);
    let image =
        |size: &str| format!("{}/Resource/goods/{code}/{code}{size}.jpg", image_host(item.number), code = goods.code);
    let price_of = |won| Price::of(won, item.price_form);
    // Some of everything: no text, no picture, no icon.
    let every = |count: u32| item.number.is_multiple_of(count);
    Common {
        rm_id_buy_cnt_flag_cd: "N",
        discount_rate: (list_price - price) * 100 / list_price.max(1),
        md_code: "M000000000",
        discount_price: price_of(price),
        mms_goods_img: image("_250"),
        limit_day: limit_day(item),
        content: (!every(11)).then(|| content(item)),
        goods_desc_img_web: every(5).then(|| image("_desc")),
        goods_img_b: image(""),
        goods_type_nm: brand.kind.goods_type,
        goods_name: &goods.name,
        mms_reserve_flag: "Y",
        goods_state_cd: goods.state.code(),
        brand_code: &brand.code,
        goods_no: item.number,
        brand_name: &brand.name,
        sale_price: price_of(list_price),
        brand_icon_img: (!every(13)).then(|| super::brands::image(brand, 3)),
        rm_cnt_flag: "N",
        sale_date_flag_cd: "PERIOD_SALE",
        content_add_desc: "",
        goods_code: &goods.code,
        goods_type_dtl_nm: brand.kind.shop,
        goods_img_s: image("_250"),
        affiliate: &brand.name,
        sale_date_flag: "N",
        real_price: price_of(list_price),
    }
}

fn limit_day(item: &Item) -> LimitDay {
    match item.goods.validity {
        Validity::Days(days) => LimitDay::Days(days),
        Validity::Until(date) => {
            let text = date.strftime("%Y%m%d").to_string();
            match text.parse() {
                Ok(number) if item.number.is_multiple_of(2) => LimitDay::Date(number),
                _ => LimitDay::DateText(text),
            }
        }
    }
}

/// Line breaks, quotes and tabs, as people write such texts.
fn content(item: &Item) -> String {
    let goods = &item.goods;
    format!("▶상품설명\r\n\"{}\"\r\n\r\n▶유의사항\r\n- 일부 매장 제외\t({})", goods.name, goods.brand)
}
