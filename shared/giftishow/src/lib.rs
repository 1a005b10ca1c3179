//! Typed client of the Giftishow Biz API (specification V0.0.95, as corrected by what the live service was seen to do).
//!
//! Knows the wire and nothing else: no store, no schedule, no policy. Every call answers with an enum that has one variant per
//! decision of the caller, plus the [`Evidence`] for it. Codes decide, messages never; whatever is not proven is
//! [`SendOutcome::Unknown`] or `Unanswered`.
//!
//! | API | call | request | outcome | specification |
//! | --- | --- | --- | --- | --- |
//! | 0101 | [`Client::goods`] | [`PageRequest`] → `POST /bizApi/goods` | [`GoodsListOutcome`] | 1 |
//! | 0111 | [`Client::goods_detail`] | [`GoodsCode`] → `POST /bizApi/goods/{goods_code}` | [`GoodsOutcome`] | 2 |
//! | 0102 | [`Client::brands`] | nothing → `POST /bizApi/brands` | [`BrandListOutcome`] | 3 |
//! | 0112 | [`Client::brand_detail`] | [`BrandCode`] → `POST /bizApi/brands/{brand_code}` | [`BrandOutcome`] | 4 |
//! | 0201 | [`Client::coupon`] | [`TransactionId`] → `POST /bizApi/coupons` | [`CouponOutcome`] | 5 |
//! | 0202 | [`Client::cancel`] | [`TransactionId`] → `POST /bizApi/cancel` | [`CancelOutcome`] | 6 |
//! | 0203 | [`Client::resend`] | [`TransactionId`], [`ResendBy`] → `POST /bizApi/resend` | [`ResendOutcome`] | 7 |
//! | 0204 | [`Client::send`] | [`SendRequest`] → `POST /bizApi/send` | [`SendOutcome`] | 8 |
//! | 0205 | [`Client::cancel_failed_send`] | [`TransactionId`], [`FailedSendCancel`] → `POST /bizApi/sendFail/cancel` | [`FailedSendOutcome`] | later than V0.0.95 |
//! | 0301 | [`Client::balance`] | nothing → `POST /bizApi/bizmoney` | [`BalanceOutcome`] | 9 |
//!
//! Every outcome has a pure `read`: [`Heard`] in, [`Reading`] out. Codes ([`Code`]) and coupon states ([`PinStatus`]) are those of
//! appendix 1 and section 5.5.
//!
//! ```no_run
//! # async fn example(secret: &str) -> Result<(), Box<dyn std::error::Error>> {
//! use giftishow::{BaseUrl, BalanceOutcome, Client, ClientLimits, Credentials};
//!
//! let credentials = Credentials::from_secret_json(secret)?;
//! let client = Client::new(BaseUrl::parse("http://127.0.0.1:8080")?, ClientLimits::default())?;
//! let answer = client.balance(&credentials).await;
//! if let BalanceOutcome::Balance(won) = answer.outcome {
//!     println!("{} won after {:?}", won.0, answer.evidence.elapsed);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Promises
//! - One call is one HTTP request: no retry, no redirect, no pooled connection, no proxy.
//! - One deadline from before the name look-up to the last byte of the body.
//! - Plain HTTP only to loopback ([`BaseUrl`]).
//! - [`SendOutcome::NotSent`] only if no byte of the request can have left; [`SendOutcome::Issued`] only if both envelopes say
//!   `0000` and every field that the delivery needs is there.
//! - One bad item of a list costs that item: [`Listing`] reports it with its index, and every [`Goods`] and [`Brand`] keeps its JSON.
//! - Credentials, phone numbers, PINs and coupon links appear in no `Debug` and no `Display`.

mod api;
mod appendix;
mod base_url;
mod catalog;
mod client;
mod codes;
mod credentials;
mod crypto;
mod evidence;
mod limits;
mod pin_status;
mod reserved;
mod transport;
mod types;
mod wire;

pub use api::balance::BalanceOutcome;
pub use api::brand_detail::BrandOutcome;
pub use api::brands::BrandListOutcome;
pub use api::cancel::CancelOutcome;
pub use api::coupon::{Coupon, CouponOutcome};
pub use api::failed_send::{FailedSendCancel, FailedSendOutcome};
pub use api::goods::{GoodsListOutcome, PageRequest};
pub use api::goods_detail::GoodsOutcome;
pub use api::resend::{ResendBy, ResendOutcome};
pub use api::send::{IssuedCoupon, SendOptions, SendOutcome, SendRequest};
pub use base_url::{BaseUrl, BaseUrlError};
pub use catalog::{Brand, Goods, GoodsState, ItemFault, Listing, RawItem, UnreadableItem, Validity};
pub use client::{Client, ClientError};
pub use codes::{AccountFault, Code};
pub use credentials::{Credentials, CredentialsError};
pub use evidence::{Answer, Evidence, TransportFault};
pub use limits::ClientLimits;
pub use pin_status::{PinStatus, Standing};
pub use reserved::ReservedTime;
pub use types::{
    BannerId, BrandCode, CouponImageUrl, GoodsCode, Gubun, InvalidValue, MmsMessage, MmsTitle, OrderNo, PhoneNumber,
    Pin, RecipientNumber, TemplateId, TransactionId, Won,
};
pub use wire::{Heard, Reading};
