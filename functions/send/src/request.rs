use giftishow::{GoodsCode, Gubun, MmsMessage, MmsTitle, PhoneNumber, SendOptions, SendRequest, TrId};
use payout::{Attempt, Delivery, Evidence, Reward};
use platform::{Host, ReadGoodsState, ReadRecipient, ReadRewards, ReadSecret, SecretError, StoreError};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use crate::Sender;

/// What to ask of Giftishow, and the reward that says so.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) request: SendRequest,
    pub(crate) reward: Reward,
}

/// Why nothing can be asked of Giftishow for an attempt.
#[derive(Debug, Error)]
pub(crate) enum NoOrder {
    /// A table or the company's own service could not be read just now.
    #[error("{0}")]
    NotNow(#[from] StoreError),
    /// What comes back could not be kept.
    #[error("{0}")]
    NoKey(#[from] SecretError),
    /// Giftishow has withdrawn the goods; a person must choose others.
    #[error("the goods are withdrawn")]
    Withdrawn,
    /// What the payout needs is missing or wrong; a person must mend it. The code is ours.
    #[error("{0}")]
    Wrong(&'static str),
}

impl NoOrder {
    pub(crate) fn evidence(&self) -> Evidence {
        let code = match self {
            Self::NotNow(_) => "table_unavailable",
            Self::NoKey(_) => "coupon_key_unavailable",
            Self::Withdrawn => "goods_withdrawn",
            Self::Wrong(code) => code,
        };
        Evidence { code: Some(code.to_owned()), http_status: None }
    }
}

impl<L, P, C, K, R, G, U, S, H> Sender<L, P, C, K, R, G, U, S, H>
where
    R: ReadRewards,
    G: ReadGoodsState,
    U: ReadRecipient,
    S: ReadSecret,
    H: Host,
{
    /// What to ask of Giftishow: the reward's goods for the recipient's phone.
    pub(crate) async fn order(&self, attempt: &Attempt) -> Result<Order, NoOrder> {
        let now = self.host.now();
        let code = std::slice::from_ref(&attempt.code);
        let mut rewards = self.rewards.rewards(code, now).await?;
        let reward = rewards.remove(&attempt.code).ok_or(NoOrder::Wrong("reward_missing"))?;
        if self.goods.are_withdrawn(&reward, now).await? {
            return Err(NoOrder::Withdrawn);
        }
        let phone = match self.recipients.phone(&attempt.user_key, now).await {
            Ok(phone) => phone.ok_or(NoOrder::Wrong("recipient_missing"))?,
            Err(StoreError::Malformed { .. }) => return Err(NoOrder::Wrong("recipient_malformed")),
            Err(error) => return Err(NoOrder::NotNow(error)),
        };
        if reward.gubun.is_in_the_answer() {
            self.sealer.key().await?;
        }
        Ok(Order { request: build(attempt, &reward, &phone)?, reward })
    }
}

fn build(attempt: &Attempt, reward: &Reward, phone: &SecretString) -> Result<SendRequest, NoOrder> {
    let wrong_reward = |_| NoOrder::Wrong("reward_malformed");
    Ok(SendRequest {
        goods_code: GoodsCode::parse(&*reward.goods_code).map_err(wrong_reward)?,
        mms_title: MmsTitle::parse(&*reward.mms_title).map_err(wrong_reward)?,
        mms_msg: MmsMessage::parse(&*reward.mms_msg).map_err(wrong_reward)?,
        phone_no: PhoneNumber::parse(phone.expose_secret()).map_err(|_| NoOrder::Wrong("recipient_malformed"))?,
        tr_id: TrId::parse(attempt.tr_id.as_str()).map_err(|_| NoOrder::Wrong("tr_id_malformed"))?,
        gubun: match reward.gubun {
            Delivery::Mms => Gubun::Mms,
            Delivery::Pin => Gubun::Pin,
            Delivery::BarcodeImage => Gubun::BarcodeImage,
        },
        order_no: None,
        options: SendOptions::default(),
    })
}
