use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use payout::{Moment, TrId};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use crate::aws::Aws;
use crate::env::{ConfigError, Env};
use crate::error::StoreError;
use crate::payouts::Item;
use crate::secret::{ReadSecret, Secret, SecretError};

/// Shortest text that a key is made of: 32 characters of 5 bits each.
const SHORTEST_KEY: usize = 32;
/// How long a coupon is kept when it is no longer valid, for a person who looks afterwards.
const AFTERWARDS: Duration = Duration::from_hours(7 * 24);
/// Sets this use of the secret apart from any other.
const PURPOSE: &[u8] = b"bleepy-giftishow/coupon/1";

/// What a company shows its winner: the answer to a send with `gubun` `Y` or `I`. `Debug` shows nothing of it.
#[derive(Debug)]
pub struct Coupon {
    /// The number of the coupon.
    pub pin_no: SecretString,
    /// Where its barcode image is; with `I` only.
    pub coupon_img_url: Option<SecretString>,
}

/// A coupon as it is kept: encrypted, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedCoupon {
    /// The attempt that it came from.
    pub tr_id: TrId,
    /// Nonce, ciphertext and tag (AES-256-GCM), bound to the tr_id.
    pub sealed: Vec<u8>,
    /// Which key it was sealed with.
    pub key_id: String,
    /// When it may be deleted.
    pub expires_at: Moment,
}

/// Seals coupons with a key that is made from a secret of its own. The secret is read when a key is first needed.
pub struct CouponSealer<S> {
    secret: S,
    keep: Duration,
    key: OnceCell<CouponKey>,
}

/// `COUPON_KEY_SECRET_ID`: the secret that the key is made from. `COUPON_DAYS`: how long the PINs and images are kept at
/// least.
pub fn coupon_sealer(env: &Env, aws: &Aws) -> Result<CouponSealer<Secret>, ConfigError> {
    let keep = Duration::from_hours(24 * env.number("COUPON_DAYS", 100, 1, 3_660)?);
    Ok(CouponSealer::new(Secret::new(aws, env.required("COUPON_KEY_SECRET_ID")?), keep))
}

impl<S: ReadSecret> CouponSealer<S> {
    /// Coupons are kept for `keep` at least.
    pub fn new(secret: S, keep: Duration) -> Self {
        Self { secret, keep, key: OnceCell::new() }
    }

    /// The key. To be had before a coupon is asked for: what comes back is told once.
    pub async fn key(&self) -> Result<&CouponKey, SecretError> {
        let key = async || CouponKey::new(&self.secret.read_secret().await?).ok_or(SecretError::TooShort);
        self.key.get_or_try_init(key).await
    }

    /// When a coupon that was issued now may be deleted: never while it is valid, as far as that is known, and for a week
    /// afterwards; never before `COUPON_DAYS`.
    pub fn expires_at(&self, now: Moment, valid_until: Option<Moment>) -> Moment {
        let kept = now.after(self.keep);
        valid_until.map_or(kept, |end| kept.max(end.after(AFTERWARDS)))
    }
}

/// The key that coupons are sealed with.
pub struct CouponKey {
    key: RandomizedNonceKey,
    id: String,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Contents {
    pin_no: String,
    coupon_img_url: Option<String>,
}

impl CouponKey {
    /// The key that is made from this text; `None` if it is shorter than 32 characters.
    pub fn new(text: &SecretString) -> Option<Self> {
        let text = text.expose_secret().trim();
        if text.len() < SHORTEST_KEY {
            return None;
        }
        let bytes = Sha256::new().chain_update(PURPOSE).chain_update(text).finalize();
        let id = hex::encode(&Sha256::digest(bytes)[..4]);
        Some(Self { key: RandomizedNonceKey::new(&AES_256_GCM, &bytes).ok()?, id })
    }

    /// Seals the coupon of an attempt. `None` if the machine has no randomness to give.
    pub fn seal(&self, tr_id: &TrId, coupon: &Coupon, expires_at: Moment) -> Option<SealedCoupon> {
        let contents = Contents {
            pin_no: coupon.pin_no.expose_secret().to_owned(),
            coupon_img_url: coupon.coupon_img_url.as_ref().map(|url| url.expose_secret().to_owned()),
        };
        let mut text = serde_json::to_vec(&contents).ok()?;
        let nonce = self.key.seal_in_place_append_tag(Aad::from(tr_id.as_str()), &mut text).ok()?;
        let sealed = [nonce.as_ref().as_slice(), &text].concat();
        Some(SealedCoupon { tr_id: tr_id.clone(), sealed, key_id: self.id.clone(), expires_at })
    }

    /// Opens it again. `None` if it was sealed with another key, for another attempt, or was changed.
    pub fn open(&self, coupon: &SealedCoupon) -> Option<Coupon> {
        let (nonce, text) = coupon.sealed.split_first_chunk()?;
        let mut text = text.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let text = self.key.open_in_place(nonce, Aad::from(coupon.tr_id.as_str()), &mut text).ok()?;
        let Contents { pin_no, coupon_img_url } = serde_json::from_slice(text).ok()?;
        Some(Coupon { pin_no: pin_no.into(), coupon_img_url: coupon_img_url.map(SecretString::from) })
    }
}

/// Finds the coupon of an attempt, for the company's own service, which shows it to its winner.
pub trait ReadCoupon {
    /// The sealed coupon, if there is one that has not expired.
    fn coupon(&self, tr_id: &TrId, now: Moment) -> impl Future<Output = Result<Option<SealedCoupon>, StoreError>>;
}

/// The table `coupons`: `tr_id`, `sealed`, `key_id`, `expires_at` (seconds since the epoch; the table's TTL). It is written
/// by [`crate::WritePayouts`], in one transaction with the row of the attempt.
pub struct CouponsTable {
    client: Client,
    name: String,
}

impl CouponsTable {
    /// The table of this name.
    pub fn new(aws: &Aws, name: String) -> Self {
        Self { client: Client::new(aws.config()), name }
    }
}

pub(crate) fn item_of(coupon: &SealedCoupon) -> Item {
    Item::from([
        ("tr_id".to_owned(), AttributeValue::S(coupon.tr_id.as_str().to_owned())),
        ("sealed".to_owned(), AttributeValue::B(Blob::new(coupon.sealed.clone()))),
        ("key_id".to_owned(), AttributeValue::S(coupon.key_id.clone())),
        ("expires_at".to_owned(), AttributeValue::N(coupon.expires_at.as_seconds().to_string())),
    ])
}

impl ReadCoupon for CouponsTable {
    async fn coupon(&self, tr_id: &TrId, now: Moment) -> Result<Option<SealedCoupon>, StoreError> {
        let request = self.client.get_item().table_name(&self.name).consistent_read(true);
        let request = request.key("tr_id", AttributeValue::S(tr_id.as_str().to_owned()));
        let answer = request.send().await.map_err(|error| StoreError::unavailable("GetItem", &error))?;
        let Some(item) = answer.item else { return Ok(None) };
        let read = || {
            let seconds: i64 = item.get("expires_at")?.as_n().ok()?.parse().ok()?;
            Some(SealedCoupon {
                tr_id: tr_id.clone(),
                sealed: item.get("sealed")?.as_b().ok()?.clone().into_inner(),
                key_id: item.get("key_id")?.as_s().ok()?.clone(),
                expires_at: Moment::from_seconds(seconds),
            })
        };
        let coupon = read()
            .ok_or_else(|| StoreError::Malformed { table: "coupons", why: "an attribute is missing".to_owned() })?;
        // The service removes expired rows hours later: until then they must not count.
        Ok(Some(coupon).filter(|coupon| coupon.expires_at > now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> CouponKey {
        CouponKey::new(&SecretString::from(text)).unwrap()
    }

    fn tr_id(text: &str) -> TrId {
        TrId::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn a_sealed_coupon_opens_with_its_key_for_its_attempt_and_not_otherwise() {
        let (ours, other) = (key(&"k".repeat(32)), key(&"x".repeat(32)));
        let url = Some(SecretString::from("https://127.0.0.1/coupon.png"));
        let coupon = Coupon { pin_no: "000000000000".into(), coupon_img_url: url };
        let sealed = ours.seal(&tr_id("bg_1"), &coupon, Moment::from_millis(0)).unwrap();
        assert!(!String::from_utf8_lossy(&sealed.sealed).contains("000000000000"));

        let opened = ours.open(&sealed).unwrap();
        assert_eq!(opened.pin_no.expose_secret(), "000000000000");
        assert_eq!(opened.coupon_img_url.unwrap().expose_secret(), "https://127.0.0.1/coupon.png");
        assert!(other.open(&sealed).is_none());
        assert!(ours.open(&SealedCoupon { tr_id: tr_id("bg_2"), ..sealed.clone() }).is_none());
        let mut changed = sealed.clone();
        changed.sealed[20] ^= 1;
        assert!(ours.open(&changed).is_none());
        assert!(ours.open(&SealedCoupon { sealed: vec![0; 5], ..sealed.clone() }).is_none());
        assert_ne!(ours.seal(&tr_id("bg_1"), &coupon, Moment::from_millis(0)).unwrap().sealed, sealed.sealed);
        assert_ne!(ours.id, other.id);
    }

    #[test]
    fn a_short_secret_is_no_key() {
        assert!(CouponKey::new(&SecretString::from("k".repeat(31))).is_none());
    }

    struct NoSecret;
    impl ReadSecret for NoSecret {
        async fn read_secret(&self) -> Result<SecretString, SecretError> {
            Err(SecretError::TooShort)
        }
    }

    #[test]
    fn a_coupon_is_kept_as_long_as_it_is_valid_and_never_shorter_than_was_asked_for() {
        let day = |days: u64| Duration::from_hours(24 * days);
        let now = Moment::from_seconds(1_800_000_000);
        let sealer = CouponSealer::new(NoSecret, day(100));
        assert_eq!(sealer.expires_at(now, None), now.after(day(100)), "the catalogue does not say");
        assert_eq!(sealer.expires_at(now, Some(now.after(day(30)))), now.after(day(100)));
        assert_eq!(sealer.expires_at(now, Some(now.after(day(93)))), now.after(day(100)));
        assert_eq!(sealer.expires_at(now, Some(now.after(day(94)))), now.after(day(101)));
        assert_eq!(sealer.expires_at(now, Some(now.after(day(366)))), now.after(day(373)));
        let ended = Moment::from_seconds(1_700_000_000);
        assert_eq!(sealer.expires_at(now, Some(ended)), now.after(day(100)), "nonsense shortens nothing");
    }
}
