use std::time::Duration;

use giftishow::CouponOutcome;
use operation::{Facts, Seen, Way, WhyNot, ways};
use payout::{Attempt, CouponStanding, Event, Evidence, PayoutKey, Rules, Slot, TrId, TrIdScheme, UserKey, transition};
use platform::{
    Host as _, ReadCoupon as _, ReadPayout as _, ReadRecipient as _, ReadRewards as _, StoreError, Write, settle,
    write_again,
};

use super::Port;
use crate::operator::{THINKS_MS, Task, seen};
use crate::weakness::Weakness;

/// More payouts than one user is granted by hand.
const MOST_GRANTED: u32 = 8;

impl Port {
    /// What a person has in mind is done, or fails: then the person sees it, and may come again.
    pub(crate) async fn carry_out(&self, task: Task, scheme: &TrIdScheme, rules: &Rules) {
        let done = match task {
            Task::Decide(tr_id) => self.decide(&tr_id, scheme, rules).await,
            Task::GrantNew(tr_id) => self.grant_new(&tr_id, scheme, rules).await,
            Task::Erase(user) => self.erase(&user, rules).await,
        };
        if let Err(error) = done {
            self.trace(|| format!("is told that it failed: {error}"));
        }
    }

    /// As `operate` does it: the row, 0201, what follows from both, and one write on condition that the row is as it was.
    async fn decide(&self, tr_id: &TrId, scheme: &TrIdScheme, rules: &Rules) -> Result<(), StoreError> {
        let Some(attempt) = self.attempt(tr_id).await? else { return Ok(()) };
        let seen = self.look(&attempt).await;
        let why = self.what_is_wrong(&attempt).await?;
        let has_recipient = match &attempt.user_key {
            Some(user) => self.phone(user, self.now()).await?.is_some(),
            None => false,
        };
        let pin_kept = self.coupon(tr_id, self.now()).await?.is_some();
        let thinks_ms = self.with(|_, random| random.one(THINKS_MS));
        let facts = Facts {
            attempt: &attempt,
            seen: Some(&seen),
            reward: why.as_ref().map_or(Ok(()), Err),
            has_recipient,
            pin_kept,
            resent: &[],
            now: self.now(),
            rules,
        };
        let open: Vec<Way> = ways(&facts).into_iter().filter(|way| way.why_not.is_none()).map(|way| way.way).collect();
        self.trace(|| format!("sees {:?}, and may {open:?}", seen.standing));
        if open.is_empty() {
            return Ok(());
        }
        let way = open[self.with(|_, random| random.index(open.len()))];
        let Some(event) = facts.event(way, attempt.next_id(scheme, 0)) else { return Ok(()) };
        // What was seen is what is written, however long it is thought over.
        self.wait(thinks_ms).await;
        self.settle_once(&attempt, event, rules).await
    }

    async fn settle_once(&self, attempt: &Attempt, event: Event, rules: &Rules) -> Result<(), StoreError> {
        let stamp = self.stamp(self.new_owner(), Evidence::default());
        match transition(attempt, event, &stamp, rules) {
            Ok(settled) => drop(settle(self, self, attempt, &settled, Vec::new(), Duration::ZERO).await?),
            Err(illegal) => self.trace(|| format!("is refused: {illegal}")),
        }
        Ok(())
    }

    /// 0201.
    async fn look(&self, attempt: &Attempt) -> Seen {
        let answer = self.look_up_coupon(attempt.tr_id.as_str()).await;
        let goods = match &answer.outcome {
            CouponOutcome::Found(coupon) => coupon.goods_code.as_deref(),
            _ => None,
        };
        let standing = match self.world.borrow().settings.weakness {
            Some(Weakness::Unlooked) => CouponStanding::Live,
            _ => line::standing(&answer.outcome),
        };
        seen(attempt, Some(standing), goods)
    }

    async fn what_is_wrong(&self, attempt: &Attempt) -> Result<Option<WhyNot>, StoreError> {
        let reward = self.rewards(std::slice::from_ref(&attempt.code)).await?.remove(&attempt.code);
        Ok(match reward {
            None => Some(WhyNot::RewardMissing),
            Some(reward) if !reward.active => Some(WhyNot::RewardInactive),
            Some(_) => None,
        })
    }

    /// The first number that is free is taken, and by one person only.
    async fn grant_new(&self, beside: &TrId, scheme: &TrIdScheme, rules: &Rules) -> Result<(), StoreError> {
        let Some(beside) = self.attempt(beside).await? else { return Ok(()) };
        let Some(PayoutKey { code, user_key, .. }) = beside.payout() else { return Ok(()) };
        for number in 1..MOST_GRANTED {
            let payout = PayoutKey { code: code.clone(), user_key: user_key.clone(), slot: Slot::granted(number) };
            if self.attempt(&scheme.tr_id(&payout, 1, 0)).await?.is_some() {
                continue;
            }
            let stamp = self.stamp(self.new_owner(), Evidence::default());
            let first = Attempt::first(scheme, &payout, 0, &stamp, rules);
            write_again(self, self, &[Write::Put(first)]).await?;
            break;
        }
        Ok(())
    }

    /// Row by row; what is still under way is left for another time.
    async fn erase(&self, user: &UserKey, rules: &Rules) -> Result<(), StoreError> {
        let of_user = |row: &&Attempt| row.user_key.as_ref() == Some(user);
        let rows: Vec<Attempt> =
            self.reading("Query", |world| world.tables.rows().iter().filter(of_user).cloned().collect()).await?;
        for row in rows {
            self.settle_once(&row, Event::Erased, rules).await?;
        }
        Ok(())
    }
}
