//! The contract of the client: what every code, status, body and broken connection means, and what goes over the wire.
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests may panic like tests")]

mod catalog;
mod classification;
mod fixtures;
mod shapes;
mod socket;
mod values;
mod vendor;

use giftishow::{
    Credentials, GoodsCode, Gubun, MmsMessage, MmsTitle, PhoneNumber, SendOptions, SendRequest, TransactionId,
};

pub(crate) const AUTH_CODE: &str = "REALMARKEDAUTHCODE0000000000000000ab";
pub(crate) const AUTH_TOKEN: &str = "MARKED+TOKEN/MARKED+AB==";
pub(crate) const USER_ID: &str = "marked-user@example.com";
pub(crate) const PHONE: &str = "01000000000";

pub(crate) fn secret() -> String {
    format!(
        r#"{{"custom_auth_code":"{AUTH_CODE}","custom_auth_token":"{AUTH_TOKEN}","user_id":"{USER_ID}","callback_no":"15880000"}}"#
    )
}

pub(crate) fn credentials() -> Credentials {
    Credentials::from_secret_json(&secret()).unwrap()
}

pub(crate) fn tr_id() -> TransactionId {
    TransactionId::parse("t_0123456789ABCDEFGH").unwrap()
}

pub(crate) fn request(gubun: Gubun) -> SendRequest {
    SendRequest {
        goods_code: GoodsCode::parse("G00000000001").unwrap(),
        mms_title: MmsTitle::parse("축하 합니다").unwrap(),
        mms_msg: MmsMessage::parse("한 줄 & 두 줄\n100% = +1").unwrap(),
        phone_no: PhoneNumber::parse(PHONE).unwrap(),
        tr_id: tr_id(),
        gubun,
        order_no: None,
        options: SendOptions::default(),
    }
}
