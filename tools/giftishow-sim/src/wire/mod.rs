//! How answers are written: the envelopes and shapes of the live service.

mod brands;
mod goods;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::api::Api;
use crate::codes::Code;
use crate::vendor::{Answer, CouponInfo, Issued, List, Standing, kst};

/// The JSON of an answer; `None` is HTTP 204.
pub(crate) fn render(api: Api, answer: &Answer) -> Option<String> {
    let value = match answer {
        Answer::NoContent => return None,
        Answer::GoodsPage(page) => return Some(goods_page(page)),
        Answer::Goods(item) => return Some(succeeded(&Described { goods_detail: goods::detail(item) })),
        Answer::Brands(list) => {
            let written: Vec<_> = list.items.iter().map(|brand| brands::written(brand)).collect();
            json!({ "code": Code::OK, "message": null, "result": { "listNum": list.list_num, "brandList": written } })
        }
        Answer::Brand(brand) => {
            json!({ "code": Code::OK, "message": null, "result": { "brandDetail": brands::written(brand) } })
        }
        Answer::Refused(code) => refused(api, code),
        Answer::Issued(issued) | Answer::Reserved(issued) => double_envelope(&Code::OK, &issued_result(issued)),
        Answer::Charged => inner_error(api, Code::SEND_FAILED),
        Answer::Cancelled => json!({ "code": Code::OK, "message": Code::OK.message() }),
        Answer::Refunded => double_envelope(&Code::OK, &Value::Null),
        Answer::Resent => json!({ "code": Code::OK, "message": null, "result": null }),
        Answer::Coupon(coupon) => coupons(&Code::OK, &[coupon_info(coupon)]),
        Answer::NoCoupon => coupons(&Code::OK, &[]),
        Answer::Balance(won) => {
            json!({ "code": Code::OK, "message": null, "result": { "balance": won.to_string() } })
        }
    };
    Some(value.to_string())
}

/// Pages are long: they are written without building a tree first.
#[derive(Serialize)]
struct Succeeded<'r, T> {
    code: Code,
    message: Option<()>,
    result: &'r T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'i> {
    list_num: Option<i64>,
    goods_list: Vec<goods::Listed<'i>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Described<'i> {
    goods_detail: goods::Detail<'i>,
}

fn goods_page(page: &List<crate::catalogue::Item>) -> String {
    let goods_list = page.items.iter().map(|item| goods::listed(item)).collect();
    succeeded(&Page { list_num: page.list_num, goods_list })
}

fn succeeded<T: Serialize>(result: &T) -> String {
    // Structs of texts and numbers: writing them cannot fail.
    serde_json::to_string(&Succeeded { code: Code::OK, message: None, result }).unwrap_or_default()
}

/// A code instead of an answer. 0202 is flat, all others have a `result`.
pub(crate) fn refused(api: Api, code: &Code) -> Value {
    match api {
        Api::Cancel => json!({ "code": code, "message": code.message() }),
        _ => json!({ "code": code, "message": code.message(), "result": null }),
    }
}

/// 0201, 0204 or 0205 that went well outside and not inside.
pub(crate) fn inner_error(api: Api, code: impl Into<Code>) -> Value {
    let code = code.into();
    match api {
        Api::Lookup => coupons(&code, &[]),
        _ => double_envelope(&code, &Value::Null),
    }
}

/// 0204 that went well, but does not say under which number.
pub(crate) fn without_order_no() -> Value {
    double_envelope(&Code::OK, &json!({}))
}

fn double_envelope(inner: &Code, result: &Value) -> Value {
    let message = if *inner == Code::OK { Value::Null } else { inner.message().into() };
    let inner = json!({ "code": inner, "message": message, "result": result });
    json!({ "code": Code::OK, "message": null, "result": inner })
}

fn issued_result(issued: &Issued) -> Value {
    let mut result = Map::new();
    result.insert("orderNo".to_owned(), issued.order_no.as_str().into());
    if let Some(pin) = &issued.pin_no {
        result.insert("pinNo".to_owned(), pin.expose().into());
    }
    if let Some(url) = &issued.image_url {
        result.insert("couponImgUrl".to_owned(), url.expose().into());
    }
    result.into()
}

fn coupons(inner: &Code, list: &[Value]) -> Value {
    json!({
        "code": Code::OK,
        "message": null,
        "result": [{ "couponInfoList": list, "resCode": inner, "resMsg": inner.message() }],
    })
}

fn coupon_info(coupon: &CouponInfo) -> Value {
    let waits = coupon.standing == Standing::Reserved;
    json!({
        "goodsCd": coupon.goods.code,
        "goodsNm": coupon.goods.name,
        "brandNm": coupon.goods.brand,
        "sellPriceAmt": coupon.paid_won.to_string(),
        "cnsmPriceAmt": coupon.goods.list_price().to_string(),
        "remainAmt": "0",
        "pinStatusCd": coupon.standing.code(),
        "pinStatusNm": coupon.standing.label(),
        "sendBasicCd": coupon.basic_code,
        "sendRstCd": if waits { Value::Null } else { "1000".into() },
        "sendRstMsg": null,
        "sendStatusCd": if waits { "발송대기" } else { "발송완료" },
        "senderTelNo": coupon.sender,
        "recverTelNo": coupon.phone.expose(),
        "correcDtm": kst(coupon.changed_at).strftime("%Y%m%d").to_string(),
        "validPrdEndDt": coupon.valid_until.strftime("%Y%m%d%H%M%S").to_string(),
        "mmsBrandThumImg": null,
    })
}
