//! Brands as 0102 and 0112 write them.

use serde::Serialize;

use super::goods::image_host;
use crate::catalogue::Brand;

/// An element of `brandList` (section 3.5), and `brandDetail` (section 4.5).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Written<'b> {
    brand_name: &'b str,
    brand_seq: u32,
    category1_name: &'static str,
    sort: u32,
    content: &'static str,
    brand_banner_img: String,
    /// Section 3 calls it `mmsThumbImg` in its table; its sample and the live service do not.
    mms_thum_img: String,
    category2_seq: u32,
    /// Misspelt by the live service; in goods it is `brandIconImg`.
    #[serde(rename = "brandIConImg")]
    brand_icon_img: String,
    category1_seq: u32,
    brand_code: &'b str,
    category2_name: Option<&'static str>,
}

pub(super) fn written(brand: &Brand) -> Written<'_> {
    Written {
        brand_name: &brand.name,
        brand_seq: brand.number,
        category1_name: brand.kind.category_name,
        sort: brand.number % 100,
        content: "",
        brand_banner_img: image(brand, 1),
        mms_thum_img: image(brand, 4),
        category2_seq: 0,
        brand_icon_img: image(brand, 3),
        category1_seq: brand.kind.category,
        brand_code: &brand.code,
        category2_name: brand.number.is_multiple_of(3).then_some("편의점/마트"),
    }
}

pub(super) fn image(brand: &Brand, which: u8) -> String {
    format!("{}/Resource/brand/{}_{which}.jpg", image_host(brand.number), brand.code)
}
