//! Goods.

use super::item::catalog_item;
use super::text::{FromSlot, Slot};
use super::validity::Validity;
use crate::codes::wire_codes;
use crate::types::{GoodsCode, Won};

wire_codes! {
    /// `goodsStateCd`: whether goods can be sent (specification 1.5).
    pub enum GoodsState {
        /// On sale.
        Sale = "SALE",
        /// Sale suspended: sending is refused.
        Suspended = "SUS",
    }
    otherwise
    /// Any other state; nothing should be sent. `(missing)` if the answer has none.
    Other
}

impl FromSlot for GoodsState {
    fn from_slot(slot: Slot<'_>) -> Self {
        slot.map_or_else(|| Self::Other("(missing)".to_owned()), |state| Self::from_wire(state.trim()))
    }
}

catalog_item! {
    /// Goods (specification 1.5 and 2.5). Everything but its code may be missing: a list (0101) and a detail (0111) fill
    /// different fields, and the live service is not consistent. Codes are retired and replaced while name, brand and price stay.
    pub struct Goods as GoodsFields {
        /// `goodsCode`: what a send asks for.
        goods_code: GoodsCode = "goodscode",
        /// `goodsNo`, its serial number.
        goods_no: Option<i64> = "goodsno",
        /// `goodsName`.
        goods_name: Option<String> = "goodsname",
        /// `goodsStateCd`.
        goods_state: GoodsState = "goodsstatecd",
        /// `brandCode`, as answered.
        brand_code: Option<String> = "brandcode",
        /// `brandName`.
        brand_name: Option<String> = "brandname",
        /// `brandIconImg`, the address of an image.
        brand_icon_img: Option<String> = "brandiconimg" | "brandiconlmg" | "brandconimg" | "brandconlmg",
        /// `salePrice`: the recommended consumer price, before discounts.
        sale_price: Option<Won> = "saleprice",
        /// `realPrice`: the supplier's price.
        real_price: Option<Won> = "realprice",
        /// `discountPrice`: what a send costs this account.
        discount_price: Option<Won> = "discountprice",
        /// `goldPrice`: what it costs an account of that grade (0111).
        gold_price: Option<Won> = "goldprice",
        /// `vipPrice`, likewise.
        vip_price: Option<Won> = "vipprice",
        /// `platinumPrice`, likewise.
        platinum_price: Option<Won> = "platinumprice",
        /// `discountRate`, in percent.
        discount_rate: Option<f64> = "discountrate",
        /// `goldDiscountRate`, in percent (0111).
        gold_discount_rate: Option<f64> = "golddiscountrate",
        /// `vipDiscountRate`, likewise.
        vip_discount_rate: Option<f64> = "vipdiscountrate",
        /// `platinumDiscountRate`, likewise.
        platinum_discount_rate: Option<f64> = "platinumdiscountrate",
        /// `content`, a description.
        content: Option<String> = "content",
        /// `contentAddDesc`, more of it.
        content_add_desc: Option<String> = "contentadddesc",
        /// `srchKeyword`, words to find it by, separated by commas.
        srch_keyword: Option<String> = "srchkeyword",
        /// `goodsTypeCd`, its kind.
        goods_type_cd: Option<String> = "goodstypecd",
        /// `goodsTypeNm`, the kind's name.
        goods_type_nm: Option<String> = "goodstypenm",
        /// `goodsTypeDtlNm`, the name of the kind within the kind.
        goods_type_dtl_nm: Option<String> = "goodstypedtlnm" | "goodstypedtnm",
        /// `category1Seq` (0111: `categorySeq1`).
        category1_seq: Option<i64> = "category1seq" | "categoryseq1",
        /// `categoryName1` (0111).
        category1_name: Option<String> = "categoryname1" | "category1name",
        /// `goodsImgS`, the address of an image of 250 × 250.
        goods_img_s: Option<String> = "goodsimgs" | "goodslmgs" | "oodsimgs" | "sgoodsimg",
        /// `goodsImgB`, the address of an image of 500 × 500.
        goods_img_b: Option<String> = "goodsimgb" | "goodslmgb" | "oodsimgb",
        /// `mmsGoodsImg`, the address of the image in the MMS.
        mms_goods_img: Option<String> = "mmsgoodsimg" | "mmsgoodslmg",
        /// `goodsDescImgWeb`, the address of the describing image.
        goods_desc_img_web: Option<String> = "goodsdescimgweb" | "goodsdesclmgweb",
        /// `endDate`: when its sale ends, as answered.
        end_date: Option<String> = "enddate",
        /// `goodsComId`, its supplier.
        goods_com_id: Option<String> = "goodscomid" | "goodscomld",
        /// `goodsComName`, the supplier's name.
        goods_com_name: Option<String> = "goodscomname",
        /// `affiliateId`, where it is redeemed.
        affiliate_id: Option<String> = "affiliateid" | "affliateid" | "affiliateld" | "affliateld",
        /// `affiliate`, the name of that place.
        affiliate: Option<String> = "affiliate" | "affliate",
        /// `exhGenderCd`, whom it is shown to.
        exh_gender_cd: Option<String> = "exhgendercd",
        /// `exhAgeCd`, whom it is shown to.
        exh_age_cd: Option<String> = "exhagecd",
        /// `mmsReserveFlag`: whether reserved sending is offered.
        mms_reserve_flag: Option<bool> = "mmsreserveflag",
        /// `mmsBarcdCreateYn`: whether the supplier makes the barcode.
        mms_barcd_create_yn: Option<bool> = "mmsbarcdcreateyn",
        /// `rmCntFlag`: whether the total number on sale is limited.
        rm_cnt_flag: Option<bool> = "rmcntflag",
        /// `saleDateFlag`: whether the time on sale is limited.
        sale_date_flag: Option<bool> = "saledateflag",
        /// `saleDateFlagCd`: how the time on sale is limited.
        sale_date_flag_cd: Option<String> = "saledateflagcd",
        /// `rmIdBuyCntFlagCd`: whether the number per account is limited.
        rm_id_buy_cnt_flag_cd: Option<String> = "rmidbuycntflagcd" | "rmldbuycntflagcd",
        /// `mdCode`: who looks after it.
        md_code: Option<String> = "mdcode",
        /// `popular`: its rank.
        popular: Option<i64> = "popular",
    }
    computed {
        /// How long its coupons are valid.
        validity: Option<Validity> = |fields: &GoodsFields<'_>| {
            Validity::of(
                fields.valid_prd_type_cd.as_deref(),
                fields.limit_day.as_deref(),
                fields.valid_prd_day.as_deref(),
            )
        },
    }
    from {
        valid_prd_type_cd = "validprdtypecd",
        limit_day = "limitday",
        valid_prd_day = "validprdday",
    }
}
