//! What the fake starts with: the account, its money, the goods on offer, and the choices where nobody knows the real answer.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::catalogue::{Goods, GoodsState};

/// How a simulator is set up. The default is an account with new random credentials, 1,000,000 won, three
/// goods of known codes, and a catalogue around them.
#[derive(Clone, Debug)]
pub struct SimConfig {
    /// Where to listen; loopback only. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// What a request must present.
    pub credentials: SimCredentials,
    /// Prepaid balance in won.
    pub balance_won: u64,
    /// What can be ordered for certain; the catalogue lists it first.
    pub goods: Vec<Goods>,
    /// What else can be. It is made when somebody first asks for it.
    pub catalogue: CatalogueConfig,
    /// How 0202 and 0205 answer for a `tr_id` that was never issued.
    pub cancel_unknown_tr_id: UnknownTrId,
    /// How 0201 answers for a `tr_id` that was never issued.
    pub lookup_unknown_tr_id: UnknownTrId,
    /// For how long after issuing 0201 does not see a coupon yet. The live service was seen to lag.
    pub lookup_lag: Duration,
    /// How often a message can be sent again.
    pub resend: ResendLimits,
    /// How long the answer to every 0204 takes, once the service has done its work.
    pub send_latency: Duration,
    /// Where the account, its money and its coupons are kept from run to run; `None` forgets them. A file that is there already
    /// counts more than `balance_won` and `credentials`. Requests, refusals, events and the catalogue are those of one run.
    pub books: Option<PathBuf>,
}

impl Default for SimConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            credentials: SimCredentials::random(),
            balance_won: 1_000_000,
            goods: vec![
                Goods::on_sale("G00000000001", "아메리카노", "시험카페", 4_500),
                Goods::on_sale("G00000000002", "초코우유", "시험편의점", 1_800),
                Goods {
                    state: GoodsState::Suspended,
                    ..Goods::on_sale("G00000000003", "치킨세트", "시험치킨", 21_000)
                },
            ],
            catalogue: CatalogueConfig::default(),
            cancel_unknown_tr_id: UnknownTrId::default(),
            lookup_unknown_tr_id: UnknownTrId::default(),
            lookup_lag: Duration::ZERO,
            resend: ResendLimits::default(),
            send_latency: Duration::ZERO,
            books: None,
        }
    }
}

/// What an account presents with every request; the fields of the secret that the functions read. `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimCredentials {
    /// 36 ASCII characters.
    pub custom_auth_code: String,
    /// 24 base64 characters, compared as they are.
    pub custom_auth_token: String,
    /// Login of the account.
    pub user_id: String,
    /// Registered sender number, digits only. Another one is refused as `COUPON.0010`.
    pub callback_no: String,
}

impl SimCredentials {
    /// New credentials of the live shape. The token always holds `+`, `/` and `=`, which a client must get through a form.
    pub fn random() -> Self {
        let mut block = Uuid::new_v4().into_bytes();
        // 0xFB 0xFF 0xBF encodes to "+/+/".
        block[..3].copy_from_slice(&[0xFB, 0xFF, 0xBF]);
        Self {
            custom_auth_code: format!("REAL{}", Uuid::new_v4().simple()),
            custom_auth_token: STANDARD.encode(block),
            user_id: format!("operator-{}@example.invalid", &Uuid::new_v4().simple().to_string()[..8]),
            callback_no: "0200000000".to_owned(),
        }
    }
}

impl fmt::Debug for SimCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimCredentials([private])")
    }
}

/// The goods that are generated around those of [`SimConfig::goods`], which come first and count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatalogueConfig {
    /// The same seed gives the same catalogue.
    pub seed: u64,
    /// How many goods there are in all, at most [`CatalogueConfig::GOODS_MAX`].
    pub goods: usize,
    /// How many brands there are in all.
    pub brands: usize,
    /// What `listNum` says.
    pub list_num: ListNum,
}

impl CatalogueConfig {
    /// More goods than the live service has ever had, by far.
    pub const GOODS_MAX: usize = 20_000;
    /// Likewise.
    pub const BRANDS_MAX: usize = 1_000;

    /// Nothing is generated.
    pub fn none() -> Self {
        Self { goods: 0, brands: 0, ..Self::default() }
    }
}

impl Default for CatalogueConfig {
    /// As many as the live service has.
    fn default() -> Self {
        Self { seed: 1, goods: 2_300, brands: 134, list_num: ListNum::default() }
    }
}

/// What `listNum` of 0101 and 0102 says. Integrators report different things, so nobody may steer by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListNum {
    /// How many there are in all.
    #[default]
    Total,
    /// How many are in this answer.
    OfThisAnswer,
    /// Always this.
    Fixed(i64),
    /// `null`.
    Null,
}

/// How often 0203 may be asked for one coupon; more is refused with `COUPON.0009`. The service names no limit: these are what
/// operators keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResendLimits {
    /// From one to the next.
    pub pause: Duration,
    /// On one day in Korea.
    pub per_day: usize,
}

impl Default for ResendLimits {
    /// Five minutes apart, three a day.
    fn default() -> Self {
        Self { pause: Duration::from_mins(5), per_day: 3 }
    }
}

/// How a lookup or a cancel answers when there is no such `tr_id`. Nobody has seen the live answer, so every candidate can be chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownTrId {
    /// `ERR0214`.
    #[default]
    Err0214,
    /// `COUPON.0004`.
    Coupon0004,
    /// HTTP 204 without a body.
    NoContent,
    /// `0000` with an empty list; 0202 has no list and answers `ERR0214`.
    EmptyList,
}
