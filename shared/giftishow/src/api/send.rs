//! 0204, send a coupon (specification 8). The one request that spends money.

use std::borrow::Cow;
use std::time::Duration;

use serde::Deserialize;

use super::Api;
use crate::appendix::{self, Meaning, Meanings};
use crate::codes::{AccountFault, Code};
use crate::credentials::Credentials;
use crate::evidence::TransportFault;
use crate::limits::ClientLimits;
use crate::reserved::ReservedTime;
use crate::types::{
    BannerId, CouponImageUrl, GoodsCode, Gubun, MmsMessage, MmsTitle, OrderNo, PhoneNumber, Pin, TemplateId,
    TransactionId,
};
use crate::wire::{self, Envelope, Heard, Reading};

/// What to send to whom (specification 8.4). Every field carries its own rule, so no invalid request can be built.
///
/// Sender and account come from the [`Credentials`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendRequest {
    /// What to send.
    pub goods_code: GoodsCode,
    /// The title of the MMS.
    pub mms_title: MmsTitle,
    /// The text of the MMS.
    pub mms_msg: MmsMessage,
    /// The recipient.
    pub phone_no: PhoneNumber,
    /// The transaction id, unique for ever.
    pub tr_id: TransactionId,
    /// How the coupon reaches the recipient.
    pub gubun: Gubun,
    /// An order number of the caller's own.
    pub order_no: Option<OrderNo>,
    /// What most sends leave out.
    pub options: SendOptions,
}

/// The options of a send that most leave out (specification 8.4).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SendOptions {
    /// When to send; at once if `None`. What a reserved send answers is not known for sure.
    pub reserved: Option<ReservedTime>,
    /// A card of the account's own.
    pub template_id: Option<TemplateId>,
    /// A banner of the account's own.
    pub banner_id: Option<BannerId>,
}

/// What became of a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The coupon exists and was paid for. Persist this before interpreting anything else.
    Issued(IssuedCoupon),
    /// Proven not to have left this machine: the same `tr_id` may be sent again.
    NotSent,
    /// Refused because of the line; nothing was issued.
    LineRefused(AccountFault),
    /// Refused because the prepaid balance is too low (`E0010`); nothing was issued.
    BalanceTooLow,
    /// Refused because of what was asked for; nothing was issued and asking again will not help.
    InputRefused,
    /// An earlier request with this `tr_id` arrived: look it up, never count it as failed.
    Duplicate,
    /// Nobody can tell whether a coupon was issued: every other answer, every code not listed, no answer.
    Unknown,
}

/// What a successful send answers (specification 8.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedCoupon {
    /// `orderNo`, Giftishow's own.
    pub order_no: OrderNo,
    /// `pinNo`: there with [`Gubun::Pin`] and [`Gubun::BarcodeImage`]. No API gives it a second time.
    pub pin_no: Option<Pin>,
    /// `couponImgUrl`: there with [`Gubun::BarcodeImage`].
    pub coupon_img_url: Option<CouponImageUrl>,
}

impl SendOutcome {
    /// What an answer to a send with this `gubun` means. Pure, for callers that simulate the vendor.
    pub fn read(gubun: Gubun, heard: Heard<'_>) -> Reading<Self> {
        match heard {
            Heard::Fault(fault @ TransportFault::NotConnected) => Reading::faulty(Self::NotSent, fault),
            Heard::Fault(fault) => Reading::faulty(Self::Unknown, fault),
            Heard::Status(status) => Reading::uncoded(Self::meant(appendix::of_status(status))),
            Heard::Body(body) => read_body(gubun, &String::from_utf8_lossy(body)),
        }
    }

    fn meant(meaning: Meaning) -> Self {
        match meaning {
            Meaning::Balance => Self::BalanceTooLow,
            Meaning::Input => Self::InputRefused,
            Meaning::Duplicate => Self::Duplicate,
            Meaning::Line(fault) => Self::LineRefused(fault),
            _ => Self::Unknown,
        }
    }
}

fn read_body(gubun: Gubun, json: &str) -> Reading<SendOutcome> {
    let Some(outer) = Envelope::read(json) else {
        return Reading::faulty(SendOutcome::Unknown, TransportFault::BodyUnreadable);
    };
    match outer.code {
        None => return Reading::uncoded(SendOutcome::Unknown),
        Some(Code::Success) => {}
        Some(code) => return Reading::coded(SendOutcome::meant(Meanings::of(&code).send), code),
    }
    // Success outside alone proves nothing: an inner failure under an outer 0000 exists.
    let inner = outer.result.and_then(|inner| Envelope::read(inner.get()));
    match inner {
        None | Some(Envelope { code: None, .. }) => Reading::coded(SendOutcome::Unknown, Code::Success),
        Some(Envelope { code: Some(Code::Success), result }) => {
            let coupon = result.and_then(|issued| issued_coupon(gubun, issued.get()));
            Reading::coded(coupon.map_or(SendOutcome::Unknown, SendOutcome::Issued), Code::Success)
        }
        Some(Envelope { code: Some(code), .. }) => Reading::coded(SendOutcome::meant(Meanings::of(&code).send), code),
    }
}

/// The fields that prove an issued coupon. Nothing else of the answer is read, so nothing else can spoil it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Issued {
    #[serde(default, deserialize_with = "wire::scalar")]
    order_no: Option<String>,
    #[serde(default, deserialize_with = "wire::scalar")]
    pin_no: Option<String>,
    #[serde(default, deserialize_with = "wire::scalar")]
    coupon_img_url: Option<String>,
}

fn issued_coupon(gubun: Gubun, json: &str) -> Option<IssuedCoupon> {
    let issued: Issued = wire::object(json)?;
    let order_no = OrderNo::received(wire::bounded(issued.order_no, 100)?);
    let pin_no = || wire::bounded(issued.pin_no, 100).map(Pin::received);
    let coupon_img_url = || wire::bounded(issued.coupon_img_url, 2_000).map(CouponImageUrl::received);
    let (pin_no, coupon_img_url) = match gubun {
        Gubun::Mms => (None, None),
        Gubun::Pin => (Some(pin_no()?), None),
        Gubun::BarcodeImage => (Some(pin_no()?), Some(coupon_img_url()?)),
    };
    Some(IssuedCoupon { order_no, pin_no, coupon_img_url })
}

impl Api for SendRequest {
    type Outcome = SendOutcome;
    const CODE: &'static str = "0204";

    fn path(&self) -> Cow<'static, str> {
        "/bizApi/send".into()
    }

    fn deadline(limits: &ClientLimits) -> Duration {
        limits.send_timeout
    }

    fn parameters<'a>(&'a self, credentials: &'a Credentials) -> Vec<(&'static str, &'a str)> {
        let mut parameters = vec![
            ("goods_code", self.goods_code.as_str()),
            ("mms_title", self.mms_title.as_str()),
            ("mms_msg", self.mms_msg.as_str()),
            ("callback_no", credentials.callback_no()),
            ("phone_no", self.phone_no.expose()),
            ("tr_id", self.tr_id.as_str()),
            ("user_id", credentials.user_id()),
            ("gubun", self.gubun.as_str()),
        ];
        let SendOptions { reserved, template_id, banner_id } = &self.options;
        parameters.extend(self.order_no.as_ref().map(|order_no| ("order_no", order_no.as_str())));
        if let Some(reserved) = reserved {
            parameters.extend([
                ("rev_info_yn", "Y"),
                ("rev_info_date", reserved.date()),
                ("rev_info_time", reserved.time()),
            ]);
        }
        parameters.extend(template_id.as_ref().map(|template_id| ("template_id", template_id.as_str())));
        parameters.extend(banner_id.as_ref().map(|banner_id| ("banner_id", banner_id.as_str())));
        parameters
    }

    fn read(&self, heard: Heard<'_>) -> Reading<SendOutcome> {
        SendOutcome::read(self.gubun, heard)
    }
}
