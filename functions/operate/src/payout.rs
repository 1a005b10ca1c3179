//! What is known of a payout, for whoever decides on it.

use giftishow::{Coupon, CouponOutcome, PhoneNumber, TransactionId};
use operation::{Facts, Refusal, Seen, Standing, Way, WhyNot};
use payout::{Attempt, Delivery, Evidence, Krw, Moment, Reward, RewardCode, TrId, UserKey};
use platform::{
    FindPayouts as _, Host as _, LimitResends as _, ReadCoupon as _, ReadPayout as _, ReadRegistrations as _,
    Registration,
};
use secrecy::ExposeSecret;

use crate::order::unavailable;
use crate::orders::{looks_up, spends};
use crate::{AskGiftishow as _, Given, Operate};

/// Salts that an attempt's id may have.
const MOST_SALTS: u8 = 3;
/// Attempts that follow each other at one payout are not more.
const MOST_ATTEMPTS: usize = 256;

/// What a code stands for, and what keeps it from being paid now.
#[derive(Clone, Debug)]
pub(crate) struct RewardNow {
    pub(crate) reward: Option<Reward>,
    pub(crate) in_order: Result<(), WhyNot>,
}

impl RewardNow {
    /// The most that one of these can cost.
    pub(crate) fn cost(&self) -> Krw {
        let paid = self.reward.as_ref().filter(|reward| reward.delivery == Delivery::Giftishow);
        paid.map_or(Krw(0), |reward| reward.max_price_krw)
    }
}

/// All that decides what may be done with an attempt.
pub(crate) struct Known {
    pub(crate) attempt: Attempt,
    pub(crate) reward: RewardNow,
    /// Who is registered for its user key.
    pub(crate) registration: Option<Registration>,
    pub(crate) has_recipient: bool,
    pub(crate) seen: Option<Seen>,
    pub(crate) evidence: Evidence,
    pub(crate) pin_kept: bool,
    /// When its message was sent again, as the table has it.
    pub(crate) resends: Vec<Moment>,
}

impl Known {
    /// As the rules ask for it.
    pub(crate) fn facts<'a>(&'a self, now: Moment, rules: &'a payout::Rules) -> Facts<'a> {
        Facts {
            attempt: &self.attempt,
            seen: self.seen.as_ref(),
            reward: self.reward.in_order.as_ref().copied(),
            has_recipient: self.has_recipient,
            pin_kept: self.pin_kept,
            resent: &self.resends,
            now,
            rules,
        }
    }

    /// The most that going this way can cost.
    pub(crate) fn cost(&self, way: Way) -> Krw {
        if spends(way) { self.reward.cost() } else { Krw(0) }
    }
}

impl<G: Given> Operate<G> {
    /// The row of an attempt.
    pub(crate) async fn attempt(&self, tr_id: &TrId) -> Result<Attempt, Refusal> {
        let row = self.payouts.attempt(tr_id).await.map_err(|error| unavailable(&error))?;
        row.ok_or_else(|| Refusal::NotFound { what: "payout".to_owned() })
    }

    /// What is known of an attempt, as far as it matters for this way; for `None` all of it.
    pub(crate) async fn known(&self, attempt: Attempt, way: Option<Way>) -> Result<Known, Refusal> {
        let reward = self.reward_now(&attempt.code).await?;
        let registration = match &attempt.user_key {
            Some(user) => self.registration(user).await?,
            None => None,
        };
        self.known_with(attempt, reward, registration, way).await
    }

    /// Likewise, with its reward and registration read before.
    pub(crate) async fn known_with(
        &self,
        attempt: Attempt,
        reward: RewardNow,
        registration: Option<Registration>,
        way: Option<Way>,
    ) -> Result<Known, Refusal> {
        let now = self.host.now();
        let (seen, evidence) = match way {
            Some(way) if !looks_up(way) => (None, Evidence::default()),
            _ => self.look_up(&attempt, registration.as_ref()).await?,
        };
        let pin_kept = attempt.would_be_lost() && {
            let kept = self.coupons.coupon(&attempt.tr_id, now).await.map_err(|error| unavailable(&error))?;
            kept.is_some()
        };
        let resends = match way {
            None | Some(Way::Resend) => {
                self.control.resends(&attempt.tr_id).await.map_err(|error| unavailable(&error))?
            }
            Some(_) => Vec::new(),
        };
        Ok(Known {
            has_recipient: registration.is_some() || self.settings.has_recipient_service,
            attempt,
            reward,
            registration,
            seen,
            evidence,
            pin_kept,
            resends,
        })
    }

    /// 0201: what Giftishow says of it just now. No answer is an answer, too: [`Standing::Unanswered`].
    async fn look_up(
        &self,
        attempt: &Attempt,
        registration: Option<&Registration>,
    ) -> Result<(Option<Seen>, Evidence), Refusal> {
        let tr_id = TransactionId::parse(attempt.tr_id.as_str());
        let tr_id = tr_id.map_err(|error| Refusal::bad_input("tr_id", error))?;
        let answer = match self.giftishow.look_up(&tr_id).await {
            Ok(answer) => answer,
            Err(why) => {
                tracing::warn!("Giftishow could not be asked: {why}.");
                return Ok((Some(unanswered()), Evidence::default()));
            }
        };
        let evidence = line::seen(&answer);
        let seen = Seen { standing: line::standing(&answer.outcome).into(), ..unanswered() };
        let seen = match &answer.outcome {
            CouponOutcome::Found(coupon) => described(&seen, coupon, attempt, registration),
            _ => seen,
        };
        Ok((Some(seen), evidence))
    }

    /// Who is registered for a user key now.
    pub(crate) async fn registration(&self, user: &UserKey) -> Result<Option<Registration>, Refusal> {
        let found = self.recipients.registrations(std::slice::from_ref(user)).await;
        let now = self.host.now();
        Ok(found.map_err(|error| unavailable(&error))?.pop().filter(|one| !has_expired(one, now)))
    }

    /// What a code stands for now, by its row and by the catalogue.
    pub(crate) async fn reward_now(&self, code: &RewardCode) -> Result<RewardNow, Refusal> {
        let reward = self.reward_row_if_any(code).await?.and_then(|row| row.reward.ok());
        let Some(reward) = reward else {
            return Ok(RewardNow { reward: None, in_order: Err(WhyNot::RewardMissing) });
        };
        let in_order = match reward.check() {
            _ if !reward.active => Err(WhyNot::RewardInactive),
            Err(error) => Err(WhyNot::RewardWrong(error.to_string())),
            Ok(()) => self.sold(&reward).await?.map_or(Ok(()), |why| Err(WhyNot::RewardWrong(why))),
        };
        Ok(RewardNow { reward: Some(reward), in_order })
    }

    /// All attempts at a payout, first to last. Of one whose user key is erased, those from this one on.
    pub(crate) async fn chain(&self, attempt: Attempt) -> Result<Vec<Attempt>, Refusal> {
        let mut chain = Vec::new();
        if let Some(payout) = attempt.payout().filter(|_| attempt.attempt > 1) {
            let salted = |number| (0..=MOST_SALTS).map(move |salt| (number, salt));
            let ids =
                (1..attempt.attempt).flat_map(salted).map(|(number, salt)| self.scheme.tr_id(&payout, number, salt));
            let ids: Vec<TrId> = ids.collect();
            for ids in ids.chunks(90) {
                chain.extend(self.payouts.find(ids).await.map_err(|error| unavailable(&error))?.rows);
            }
            chain.retain(|row: &Attempt| row.payout_id == attempt.payout_id && row.attempt < attempt.attempt);
            chain.sort_by_key(|row| row.attempt);
        }
        chain.push(attempt);
        while let Some(next) =
            chain.last().and_then(|row| row.next_tr_id.clone()).filter(|_| chain.len() < MOST_ATTEMPTS)
        {
            match self.payouts.attempt(&next).await.map_err(|error| unavailable(&error))? {
                Some(row) => chain.push(row),
                // A restored table holds half of a transaction: its repair completes it.
                None => break,
            }
        }
        Ok(chain)
    }
}

/// The service removes expired rows hours later: until then they must not count.
pub(crate) fn has_expired(registration: &Registration, now: Moment) -> bool {
    registration.expires_at.is_some_and(|at| at <= now)
}

fn unanswered() -> Seen {
    Seen {
        standing: Standing::Unanswered,
        status: None,
        same_goods: None,
        same_phone: None,
        valid_until: None,
        send_result_code: None,
    }
}

fn described(seen: &Seen, coupon: &Coupon, attempt: &Attempt, registration: Option<&Registration>) -> Seen {
    let phone = registration.and_then(|one| PhoneNumber::parse(one.phone.expose_secret()).ok());
    let goods = coupon.goods_code.as_deref().zip(attempt.goods_code.as_deref());
    Seen {
        status: Some(coupon.status.to_string()),
        same_goods: goods.map(|(theirs, ours)| theirs == ours),
        same_phone: coupon.recipient.as_ref().zip(phone.as_ref()).map(|(theirs, ours)| theirs.is(ours)),
        valid_until: coupon.valid_until.clone(),
        send_result_code: coupon.send_result_code.clone(),
        ..seen.clone()
    }
}
