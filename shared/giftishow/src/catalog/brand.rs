//! Brands.

use super::item::catalog_item;
use crate::types::BrandCode;

catalog_item! {
    /// A brand (specification 3.5 and 4.5). Everything but its code may be missing.
    pub struct Brand as BrandFields {
        /// `brandCode`.
        brand_code: BrandCode = "brandcode",
        /// `brandSeq`, its serial number.
        brand_seq: Option<i64> = "brandseq",
        /// `brandName`.
        brand_name: Option<String> = "brandname",
        /// `brandBannerImg`, the address of an image.
        brand_banner_img: Option<String> = "brandbannerimg",
        /// `brandIConImg` or `brandIconImg`, the address of an image.
        brand_icon_img: Option<String> = "brandiconimg" | "brandiconlmg" | "brandconimg" | "brandconlmg",
        /// `mmsThumImg` or `mmsThumbImg`, the address of an image.
        mms_thumb_img: Option<String> = "mmsthumimg" | "mmsthumbimg" | "mmsthumlmg" | "mmsthumblmg",
        /// `content`, a description.
        content: Option<String> = "content",
        /// `category1Seq`.
        category1_seq: Option<i64> = "category1seq" | "categoryseq1",
        /// `category1Name`.
        category1_name: Option<String> = "category1name" | "categoryname1",
        /// `category2Seq`.
        category2_seq: Option<i64> = "category2seq" | "categoryseq2",
        /// `category2Name`.
        category2_name: Option<String> = "category2name" | "categoryname2",
        /// `sort`, its place when shown.
        sort: Option<i64> = "sort",
    }
    computed {}
    from {}
}
