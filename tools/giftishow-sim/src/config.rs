//! What the fake starts with: the account, its money, the goods on offer, and the choices where nobody knows the real answer.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How a simulator is set up. The default is an account with new random credentials, 1,000,000 won and three goods.
#[derive(Clone, Debug)]
pub struct SimConfig {
    /// Where to listen; loopback only. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// What a request must present.
    pub credentials: SimCredentials,
    /// Prepaid balance in won.
    pub balance_won: u64,
    /// What can be ordered.
    pub goods: Vec<Goods>,
    /// How 0202 answers for a `tr_id` that was never issued.
    pub cancel_unknown_tr_id: UnknownTrId,
    /// How 0201 answers for a `tr_id` that was never issued.
    pub lookup_unknown_tr_id: UnknownTrId,
    /// For how long after issuing 0201 does not see a coupon yet. The live service was seen to lag.
    pub lookup_lag: Duration,
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
            cancel_unknown_tr_id: UnknownTrId::default(),
            lookup_unknown_tr_id: UnknownTrId::default(),
            lookup_lag: Duration::ZERO,
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

/// One product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goods {
    /// `goods_code`, for example `G00000000001`.
    pub code: String,
    /// Product name.
    pub name: String,
    /// Brand name.
    pub brand: String,
    /// What one coupon costs, in won.
    pub price_won: u64,
    /// Whether it can be ordered.
    pub state: GoodsState,
}

impl Goods {
    /// A product that can be ordered.
    pub fn on_sale(code: &str, name: &str, brand: &str, price_won: u64) -> Self {
        Self {
            code: code.to_owned(),
            name: name.to_owned(),
            brand: brand.to_owned(),
            price_won,
            state: GoodsState::OnSale,
        }
    }
}

/// `goodsStateCd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoodsState {
    /// `SALE`.
    OnSale,
    /// `SUS`: known, but refused with `ERR0401`.
    Suspended,
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
