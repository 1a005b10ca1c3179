use giftishow::{
    BannerId, GoodsCode, Gubun, MmsMessage, MmsTitle, PhoneNumber, SendOptions, SendRequest, TemplateId, TransactionId,
};
use payout::{Attempt, Evidence, Krw, Moment, Purchase, Reward};
use platform::{Host as _, ReadRecipient as _, SecretError, StoreError};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use crate::goods::Known;
use crate::{Given, Sender};

/// What to ask of Giftishow, and the reward that says so.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) request: SendRequest,
    pub(crate) reward: Reward,
    /// The catalogue's purchase price.
    pub(crate) price_krw: Option<Krw>,
    /// Until when a coupon that is issued now is valid, as far as the catalogue says.
    pub(crate) valid_until: Option<Moment>,
}

impl Order {
    /// What the row keeps of it.
    pub(crate) fn purchase(&self) -> Purchase {
        let (gubun, goods_code) = (self.reward.gubun, self.reward.goods_code.clone());
        Purchase { gubun, goods_code, price_krw: self.price_krw }
    }
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
    /// The company hands it over itself.
    #[error("the company hands it over")]
    HandedOver,
    /// Giftishow has withdrawn the goods; a person must choose others.
    #[error("the goods are withdrawn")]
    Withdrawn,
    /// Rule 12: the catalogue has the goods at a price above the reward's `max_price_krw`.
    #[error("the goods are dearer than the reward allows")]
    TooDear,
    /// Nobody has registered yet, and may do so until then.
    #[error("its recipient has not registered yet")]
    NotYet(Moment),
    /// What the payout needs is missing or wrong; a person must mend it. The code is ours.
    #[error("{0}")]
    Wrong(&'static str),
}

impl NoOrder {
    pub(crate) fn evidence(&self) -> Evidence {
        let code = match self {
            Self::NotNow(_) => "table_unavailable",
            Self::NoKey(_) => "coupon_key_unavailable",
            Self::HandedOver => "delivered_by_company",
            Self::Withdrawn => "goods_withdrawn",
            Self::TooDear => "dearer_than_allowed",
            Self::NotYet(_) => "recipient_missing",
            Self::Wrong(code) => code,
        };
        Evidence { code: Some(code.to_owned()), http_status: None }
    }
}

impl<G: Given> Sender<G> {
    /// What to ask of Giftishow: the reward's goods for the recipient's phone.
    pub(crate) async fn order(&self, attempt: &Attempt, reward: Option<&Reward>) -> Result<Order, NoOrder> {
        let now = self.host.now();
        let reward = reward.ok_or(NoOrder::Wrong("reward_missing"))?;
        let known = self.goods.look_up(reward, now).await?.ok_or(NoOrder::Withdrawn)?;
        let Known { price_krw, valid_until } = known;
        if price_krw.is_some_and(|price| price > reward.max_price_krw) {
            return Err(NoOrder::TooDear);
        }
        let user_key = attempt.user_key.as_ref().ok_or(NoOrder::Wrong("recipient_erased"))?;
        let phone = match self.recipients.phone(user_key, now).await {
            Ok(Some(phone)) => phone,
            Ok(None) => {
                let until = attempt.accepted_at.after(self.recipient_wait);
                return Err(if now < until { NoOrder::NotYet(until) } else { NoOrder::Wrong("recipient_missing") });
            }
            Err(StoreError::Malformed { .. }) => return Err(NoOrder::Wrong("recipient_malformed")),
            Err(error) => return Err(NoOrder::NotNow(error)),
        };
        if reward.gubun.is_in_the_answer() {
            self.sealer.key().await?;
        }
        Ok(Order { request: build(attempt, reward, &phone)?, reward: reward.clone(), price_krw, valid_until })
    }
}

fn build(attempt: &Attempt, reward: &Reward, phone: &SecretString) -> Result<SendRequest, NoOrder> {
    let wrong_reward = |_| NoOrder::Wrong("reward_malformed");
    let template_id = reward.template_id.as_deref().map(TemplateId::parse).transpose().map_err(wrong_reward)?;
    let banner_id = reward.banner_id.as_deref().map(BannerId::parse).transpose().map_err(wrong_reward)?;
    Ok(SendRequest {
        goods_code: GoodsCode::parse(&*reward.goods_code).map_err(wrong_reward)?,
        mms_title: MmsTitle::parse(&*reward.mms_title).map_err(wrong_reward)?,
        mms_msg: MmsMessage::parse(&*reward.mms_msg).map_err(wrong_reward)?,
        phone_no: PhoneNumber::parse(phone.expose_secret()).map_err(|_| NoOrder::Wrong("recipient_malformed"))?,
        tr_id: TransactionId::parse(attempt.tr_id.as_str()).map_err(|_| NoOrder::Wrong("tr_id_malformed"))?,
        gubun: match reward.gubun {
            payout::Gubun::Mms => Gubun::Mms,
            payout::Gubun::Pin => Gubun::Pin,
            payout::Gubun::BarcodeImage => Gubun::BarcodeImage,
        },
        order_no: None,
        options: SendOptions { template_id, banner_id, ..SendOptions::default() },
    })
}
