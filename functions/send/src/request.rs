use giftishow::{GoodsCode, Gubun, MmsMessage, MmsTitle, PhoneNumber, SendOptions, SendRequest, TrId};
use payout::{Attempt, Delivery, Evidence, Reward};
use platform::{Host, ReadRecipient, ReadRewards, StoreError};
use secrecy::{ExposeSecret, SecretString};

use crate::Sender;

/// Why nothing can be asked of Giftishow for an attempt.
#[derive(Debug)]
pub(crate) enum NoRequest {
    /// A table could not be read just now.
    NotNow(StoreError),
    /// What the payout needs is missing or wrong; a person must mend it. The code is ours.
    Wrong(&'static str),
}

impl NoRequest {
    pub(crate) fn evidence(&self) -> Evidence {
        let code = match self {
            Self::NotNow(_) => "table_unavailable",
            Self::Wrong(code) => code,
        };
        Evidence { code: Some(code.to_owned()), http_status: None }
    }
}

impl<L, P, R: ReadRewards, U: ReadRecipient, H: Host> Sender<L, P, R, U, H> {
    /// What to ask of Giftishow: the reward's goods for the recipient's phone.
    pub(crate) async fn request(&self, attempt: &Attempt) -> Result<SendRequest, NoRequest> {
        let now = self.host.now();
        let code = std::slice::from_ref(&attempt.code);
        let rewards = self.rewards.rewards(code, now).await.map_err(NoRequest::NotNow)?;
        let reward = rewards.get(&attempt.code).ok_or(NoRequest::Wrong("reward_missing"))?;
        let phone = match self.recipients.phone(&attempt.user_key, now).await {
            Ok(phone) => phone.ok_or(NoRequest::Wrong("recipient_missing"))?,
            Err(StoreError::Malformed { .. }) => return Err(NoRequest::Wrong("recipient_malformed")),
            Err(error) => return Err(NoRequest::NotNow(error)),
        };
        build(attempt, reward, &phone)
    }
}

fn build(attempt: &Attempt, reward: &Reward, phone: &SecretString) -> Result<SendRequest, NoRequest> {
    let wrong_reward = |_| NoRequest::Wrong("reward_malformed");
    Ok(SendRequest {
        goods_code: GoodsCode::parse(&*reward.goods_code).map_err(wrong_reward)?,
        mms_title: MmsTitle::parse(&*reward.mms_title).map_err(wrong_reward)?,
        mms_msg: MmsMessage::parse(&*reward.mms_msg).map_err(wrong_reward)?,
        phone_no: PhoneNumber::parse(phone.expose_secret()).map_err(|_| NoRequest::Wrong("recipient_malformed"))?,
        tr_id: TrId::parse(attempt.tr_id.as_str()).map_err(|_| NoRequest::Wrong("tr_id_malformed"))?,
        gubun: match reward.gubun {
            Delivery::Mms => Gubun::Mms,
        },
        order_no: None,
        options: SendOptions::default(),
    })
}
