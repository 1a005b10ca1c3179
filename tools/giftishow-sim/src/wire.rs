//! How answers are written: the envelopes and shapes of the live service.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::api::Api;
use crate::codes::Code;
use crate::vendor::{Answer, CouponInfo, Issued, kst};

/// The JSON of an answer; `None` is HTTP 204.
pub(crate) fn render(api: Api, answer: &Answer) -> Option<Value> {
    Some(match answer {
        Answer::NoContent => return None,
        Answer::Refused(code) => refused(api, code),
        Answer::Issued(issued) => double_envelope(&Code::OK, &issued_result(issued)),
        Answer::Cancelled => json!({ "code": Code::OK, "message": Code::OK.message() }),
        Answer::Coupon(coupon) => coupons(&[coupon_info(coupon)]),
        Answer::NoCoupon => coupons(&[]),
        Answer::Balance(won) => {
            json!({ "code": Code::OK, "message": null, "result": { "balance": won.to_string() } })
        }
    })
}

/// A code instead of an answer. 0202 is flat, all others have a `result`.
pub(crate) fn refused(api: Api, code: &Code) -> Value {
    match api {
        Api::Cancel => json!({ "code": code, "message": code.message() }),
        Api::Send | Api::Lookup | Api::Balance => json!({ "code": code, "message": code.message(), "result": null }),
    }
}

/// 0204 that went well outside and not inside.
pub(crate) fn inner_error(code: Cow<'static, str>) -> Value {
    double_envelope(&Code::any(code), &Value::Null)
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

fn coupons(list: &[Value]) -> Value {
    json!({
        "code": Code::OK,
        "message": null,
        "result": [{ "couponInfoList": list, "resCode": Code::OK, "resMsg": Code::OK.message() }],
    })
}

fn coupon_info(coupon: &CouponInfo) -> Value {
    let price = coupon.goods.price_won.to_string();
    json!({
        "goodsCd": coupon.goods.code,
        "goodsNm": coupon.goods.name,
        "brandNm": coupon.goods.brand,
        "sellPriceAmt": price,
        "cnsmPriceAmt": price,
        "remainAmt": "0",
        "pinStatusCd": coupon.status.code(),
        "pinStatusNm": coupon.status.label(),
        "sendBasicCd": coupon.basic_code,
        "sendRstCd": "1000",
        "sendRstMsg": null,
        "sendStatusCd": "발송완료",
        "senderTelNo": coupon.sender,
        "recverTelNo": coupon.phone.expose(),
        "correcDtm": kst(coupon.changed_at).strftime("%Y%m%d").to_string(),
        "validPrdEndDt": coupon.valid_until.strftime("%Y%m%d%H%M%S").to_string(),
        "mmsBrandThumImg": null,
    })
}
