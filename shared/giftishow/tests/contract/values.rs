//! Credentials, addresses and validated values: what is refused, and that nothing secret shows.

use giftishow::{
    BannerId, BaseUrl, BaseUrlError, BrandCode, Client, ClientLimits, Credentials, CredentialsError, GoodsCode, Gubun,
    MmsMessage, MmsTitle, OrderNo, PageRequest, PhoneNumber, ReservedTime, TemplateId, TransactionId,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{AUTH_CODE, AUTH_TOKEN, PHONE, USER_ID, credentials, request, secret};

/// The good secret with some fields replaced.
fn changed(fields: &Value) -> Result<Credentials, CredentialsError> {
    let mut secret: Value = serde_json::from_str(&secret()).unwrap();
    for (field, value) in fields.as_object().unwrap() {
        secret[field] = value.clone();
    }
    Credentials::from_secret_json(&secret.to_string())
}

#[test]
fn a_bad_secret_is_refused_with_the_fields_name_and_without_its_value() {
    for (fields, field) in [
        (json!({"custom_auth_code": null}), "custom_auth_code"),
        (json!({"custom_auth_code": "MARKED VALUE"}), "custom_auth_code"),
        (json!({"user_id": ""}), "user_id"),
        (json!({"user_id": "MARKED VALUE"}), "user_id"),
        (json!({"callback_no": null}), "callback_no"),
        (json!({"callback_no": "1588-MARKED"}), "callback_no"),
        (json!({"callback_no": 15_880_000}), "callback_no"),
        (json!({"custom_auth_token": "MARKED"}), "custom_auth_token"),
        (json!({"custom_auth_token": "MARKED TOKEN/MARKED+AB=="}), "custom_auth_token"),
        (json!({"custom_auth_token": "MARKED=TOKEN/MARKED+ABC="}), "custom_auth_token"),
        (json!({"custom_auth_token": null, "token_key": "MARKED"}), "token_key"),
    ] {
        let message = changed(&fields).unwrap_err().to_string();
        assert!(message.contains(field), "{message}");
        assert!(!message.contains("MARKED"), "{message}");
    }
    let neither = changed(&json!({"custom_auth_token": null})).unwrap_err().to_string();
    assert!(neither.contains("custom_auth_token") && neither.contains("token_key"), "{neither}");
    for json in ["", "MARKED", "[]", "\"MARKED\"", "{\"user_id\":\"MARKED\""] {
        assert_eq!(Credentials::from_secret_json(json), Err(CredentialsError::NotAnObject));
    }
}

#[test]
fn the_issued_token_wins_over_the_key() {
    let key = "0123456789abcdef0123456789abcdef";
    let both = changed(&json!({"token_key": key})).unwrap();
    assert_eq!(both, credentials());
    let derived = changed(&json!({"token_key": key, "custom_auth_token": null, "user_id": "owner@shop.kr"})).unwrap();
    // Made with `openssl enc -aes-256-ecb`.
    let issued =
        changed(&json!({"custom_auth_token": "Em9atQ/xCN21MfDE9pcuaA==", "user_id": "owner@shop.kr"})).unwrap();
    assert_eq!(derived, issued);
    assert_ne!(derived, both);
}

#[test]
fn only_https_or_loopback_is_spoken_to() {
    for url in [
        BaseUrl::PRODUCTION,
        "https://example.com:8443/",
        "http://127.0.0.1:1",
        "http://127.8.9.1",
        "http://[::1]:8080",
        "http://localhost:8080",
    ] {
        let base_url = BaseUrl::parse(url).unwrap();
        assert_eq!(base_url.as_str(), url.trim_end_matches('/'));
        assert_eq!(base_url.is_loopback(), !base_url.is_https());
        Client::new(base_url, ClientLimits::default()).unwrap();
    }
    for url in [
        "http://bizapi.giftishow.com",
        "http://0.0.0.0:80",
        "http://10.0.0.1",
        "http://128.0.0.1",
        "http://[::ffff:127.0.0.1]",
        "http://[::2]",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
    ] {
        assert!(matches!(BaseUrl::parse(url), Err(BaseUrlError::PlainHttp { .. })), "{url}");
    }
    for url in ["ftp://127.0.0.1", "ws://localhost"] {
        assert!(matches!(BaseUrl::parse(url), Err(BaseUrlError::Scheme { .. })), "{url}");
    }
    for url in ["", "127.0.0.1:80", "/bizApi", "https://", "unix:/tmp/x"] {
        assert!(BaseUrl::parse(url).is_err(), "{url}");
    }
    for url in ["https://a/bizApi", "https://a/?x=1", "https://a/#x", "https://user:MARKED@a"] {
        let error = BaseUrl::parse(url).unwrap_err();
        assert!(matches!(error, BaseUrlError::Surplus { .. }), "{url}");
        assert!(!error.to_string().contains("MARKED"));
    }
}

#[test]
fn values_of_the_wire_keep_their_limits() {
    assert!(TransactionId::parse("a").is_ok() && TransactionId::parse("A_9".repeat(6)).is_ok());
    for bad in ["", "012345678901234567890", "a-b", "a b", "가"] {
        assert!(TransactionId::parse(bad).is_err(), "{bad}");
    }
    assert!(
        GoodsCode::parse("G00000280811").is_ok() && GoodsCode::parse("").is_err() && GoodsCode::parse("G&x=1").is_err()
    );
    assert!(OrderNo::parse("o-1").is_ok() && OrderNo::parse("o".repeat(51)).is_err());
    assert!(BrandCode::parse("BR00046").is_ok() && BrandCode::parse("../goods").is_err());
    assert!(TemplateId::parse("202310110229460").is_ok() && TemplateId::parse("a&b").is_err());
    assert!(BannerId::parse("1").is_ok() && BannerId::parse("").is_err());
    assert!(MmsTitle::parse("가".repeat(10)).is_ok() && MmsTitle::parse("가".repeat(11)).is_err());
    assert!(MmsTitle::parse(" ").is_err() && MmsTitle::parse("a\nb").is_err());
    assert!(MmsMessage::parse("가\r\n".repeat(500)).is_ok() && MmsMessage::parse("가".repeat(1_501)).is_err());
    assert!(MmsMessage::parse("").is_err() && MmsMessage::parse("a\0").is_err());
    for good in ["000000000", "0000000000", PHONE] {
        assert!(PhoneNumber::parse(good).is_ok(), "{good}");
    }
    for bad in ["", "00000000", "000000000000", "10000000000", "010-0000-000", "０１０００００００００"] {
        let error = PhoneNumber::parse(bad).unwrap_err();
        assert_eq!(error.field, "phone_no");
    }
    for gubun in [Gubun::Pin, Gubun::Mms, Gubun::BarcodeImage] {
        assert_eq!(Gubun::parse(gubun.as_str()), Ok(gubun));
    }
    assert!(Gubun::parse("y").is_err());
}

#[test]
fn nothing_secret_shows_in_debug() {
    let client = Client::new(BaseUrl::parse("http://127.0.0.1:1").unwrap(), ClientLimits::default()).unwrap();
    let shown = format!("{:?} {:?} {client:?}", credentials(), request(Gubun::Mms));
    for marked in [AUTH_CODE, AUTH_TOKEN, USER_ID, PHONE, "15880000"] {
        assert!(!shown.contains(marked), "{shown}");
    }
}

#[test]
fn a_page_is_numbered_from_one_and_has_at_most_5000_items() {
    for (number, size, field) in [(0, 1, Some("start")), (1, 0, Some("size")), (1, 5_001, Some("size")), (1, 1, None)] {
        assert_eq!(PageRequest::new(number, size).err().map(|error| error.field), field);
    }
    let page = PageRequest::new(1, PageRequest::MAX_SIZE).unwrap();
    assert_eq!((page.next().number(), page.next().size()), (2, 5_000));
}

#[test]
fn a_reserved_send_is_5_minutes_to_90_days_ahead_in_koreas_time() {
    // 08:59:30 on the next day in Korea.
    let now: Timestamp = "2026-12-31T23:59:30Z".parse().unwrap();
    let at = |ahead| ReservedTime::at(now + ahead, now);
    let minutes = SignedDuration::from_mins;
    let soonest = at(minutes(6)).unwrap();
    assert_eq!((soonest.date(), soonest.time()), ("20270101", "0905"));
    // The minute begins before the moment does: 4 minutes and 30 seconds ahead.
    assert!(at(minutes(5)).is_err());
    assert!(at(minutes(5) + SignedDuration::from_secs(30)).is_ok());
    assert!(at(minutes(90 * 24 * 60)).is_ok() && at(minutes(90 * 24 * 60 + 1)).is_err());
    assert!(at(minutes(-10)).is_err() && ReservedTime::at(now, Timestamp::MIN).is_err());

    assert_eq!(ReservedTime::parse("20270101", "0905", now), Ok(soonest));
    for (date, time, field) in [
        ("2027-01-01", "0905", "rev_info_date"),
        ("20270230", "0905", "rev_info_date"),
        ("２0270101", "0905", "rev_info_date"),
        ("20270101", "905", "rev_info_time"),
        ("20270101", "2400", "rev_info_time"),
        ("20270101", "0960", "rev_info_time"),
        ("20270101", "+905", "rev_info_time"),
        ("20270101", "0903", "rev_info_date"),
        ("20270402", "0000", "rev_info_date"),
    ] {
        assert_eq!(ReservedTime::parse(date, time, now).unwrap_err().field, field, "{date} {time}");
    }
}

#[test]
fn equality_of_secrets_looks_at_every_field() {
    for field in ["custom_auth_code", "user_id"] {
        assert_ne!(changed(&json!({field: "other"})).unwrap(), credentials());
    }
    assert_ne!(changed(&json!({"callback_no": "00000000"})).unwrap(), credentials());
    assert_ne!(changed(&json!({"custom_auth_token": "MARKED+TOKEN/MARKED+AA=="})).unwrap(), credentials());
    assert_ne!(PhoneNumber::parse("0000000000").unwrap(), PhoneNumber::parse("00000000000").unwrap());
}
