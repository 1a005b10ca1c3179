//! What Giftishow answers, as the table keeps it.

use catalog::{Brand, Goods, Krw, SaleState, Validity};
use giftishow::{GoodsState, Won};

fn krw(won: Option<Won>) -> Option<Krw> {
    won.map(|Won(won)| Krw(won))
}

fn state(state: &GoodsState) -> SaleState {
    match state {
        GoodsState::Sale => SaleState::OnSale,
        GoodsState::Suspended => SaleState::Suspended,
        GoodsState::Other(_) => SaleState::Other,
    }
}

fn validity(validity: giftishow::Validity) -> Validity {
    match validity {
        giftishow::Validity::Days(days) => Validity::Days(days),
        giftishow::Validity::Until(day) => Validity::Until(day),
    }
}

/// Goods of a page, or a detail.
pub(crate) fn goods(from: giftishow::Goods) -> Goods {
    Goods {
        code: from.goods_code.as_str().to_owned(),
        state: state(&from.goods_state),
        pictures: Vec::new(),
        goods_no: from.goods_no,
        name: from.goods_name,
        brand_code: from.brand_code,
        brand_name: from.brand_name,
        brand_icon_img: from.brand_icon_img,
        sale_price: krw(from.sale_price),
        real_price: krw(from.real_price),
        discount_price: krw(from.discount_price),
        gold_price: krw(from.gold_price),
        vip_price: krw(from.vip_price),
        platinum_price: krw(from.platinum_price),
        discount_rate: from.discount_rate,
        gold_discount_rate: from.gold_discount_rate,
        vip_discount_rate: from.vip_discount_rate,
        platinum_discount_rate: from.platinum_discount_rate,
        content: from.content,
        content_add_desc: from.content_add_desc,
        srch_keyword: from.srch_keyword,
        goods_type_cd: from.goods_type_cd,
        goods_type_nm: from.goods_type_nm,
        goods_type_dtl_nm: from.goods_type_dtl_nm,
        category1_seq: from.category1_seq,
        category1_name: from.category1_name,
        goods_img_s: from.goods_img_s,
        goods_img_b: from.goods_img_b,
        mms_goods_img: from.mms_goods_img,
        goods_desc_img_web: from.goods_desc_img_web,
        end_date: from.end_date,
        validity: from.validity.map(validity),
        goods_com_id: from.goods_com_id,
        goods_com_name: from.goods_com_name,
        affiliate_id: from.affiliate_id,
        affiliate: from.affiliate,
        exh_gender_cd: from.exh_gender_cd,
        exh_age_cd: from.exh_age_cd,
        mms_reserve_flag: from.mms_reserve_flag,
        mms_barcd_create_yn: from.mms_barcd_create_yn,
        rm_cnt_flag: from.rm_cnt_flag,
        sale_date_flag: from.sale_date_flag,
        sale_date_flag_cd: from.sale_date_flag_cd,
        rm_id_buy_cnt_flag_cd: from.rm_id_buy_cnt_flag_cd,
        md_code: from.md_code,
        popular: from.popular,
    }
}

/// A brand of the list, or a detail.
pub(crate) fn brand(from: giftishow::Brand) -> Brand {
    Brand {
        code: from.brand_code.as_str().to_owned(),
        brand_seq: from.brand_seq,
        name: from.brand_name,
        brand_banner_img: from.brand_banner_img,
        brand_icon_img: from.brand_icon_img,
        mms_thumb_img: from.mms_thumb_img,
        content: from.content,
        category1_seq: from.category1_seq,
        category1_name: from.category1_name,
        category2_seq: from.category2_seq,
        category2_name: from.category2_name,
        sort: from.sort,
    }
}
