//! What codes stand for.

use catalog::{Goods, Risk, risks};
use operation::{Outcome, Refusal, RewardView};
use payout::{Delivery, Krw, RepeatPolicy, Reward, RewardCode};
use platform::{GoodsState, Host as _, ReadGoodsState as _, ReadRewardRows as _, RewardRow, View, WriteRewards as _};

use crate::gate::Estimate;
use crate::order::{Order, unavailable};
use crate::{Given, Operate};

/// Korean tax is withheld from a prize above this.
const TAX_FREE: Krw = Krw(50_000);

/// What the catalogue says of a reward.
struct Judged {
    problems: Vec<String>,
    hints: Vec<String>,
    goods: Option<Goods>,
}

impl<G: Given> Operate<G> {
    pub(crate) async fn reward_row_if_any(&self, code: &RewardCode) -> Result<Option<RewardRow>, Refusal> {
        self.rewards.reward_row(code).await.map_err(|error| unavailable(&error))
    }

    pub(crate) async fn reward_row(&self, code: &RewardCode) -> Result<(Reward, RewardRow), Refusal> {
        let row = self.reward_row_if_any(code).await?;
        let row = row.ok_or_else(|| Refusal::NotFound { what: "reward".to_owned() })?;
        match row.reward.clone() {
            Ok(reward) => Ok((reward, row)),
            Err((_, why)) => Err(Refusal::RewardWrong { problems: vec![format!("its row cannot be read: {why}")] }),
        }
    }

    pub(crate) async fn reward_list(&self) -> Result<Outcome, Refusal> {
        let rows = self.rewards.reward_rows().await.map_err(|error| unavailable(&error))?;
        let mut views = Vec::new();
        for row in rows {
            match row.reward {
                Ok(reward) => views.push(self.view(reward).await?),
                Err((code, why)) => tracing::error!(code, why, "A reward's row cannot be read; put it anew."),
            }
        }
        views.sort_by(|a, b| a.reward.code.cmp(&b.reward.code));
        Ok(Outcome::Rewards(views))
    }

    pub(crate) async fn reward_show(&self, code: &RewardCode) -> Result<Outcome, Refusal> {
        let (reward, _) = self.reward_row(code).await?;
        Ok(Outcome::Rewards(vec![self.view(reward).await?]))
    }

    /// Whether a reward may be written as it is.
    pub(crate) async fn estimate_reward(&self, reward: &Reward) -> Result<Estimate, Refusal> {
        let before = self.reward_row_if_any(&reward.code).await?;
        self.may_be_put(reward, before.as_ref()).await.map(|()| Estimate::ONE)
    }

    async fn may_be_put(&self, reward: &Reward, before: Option<&RewardRow>) -> Result<(), Refusal> {
        if let Some(Ok(before)) = before.map(|row| &row.reward)
            && before.repeat != reward.repeat
        {
            // Whether it has payouts no index tells; and a held win of a reward that was never active has its slot, too.
            let why = "cannot change once the code is known, or a win could be paid twice: make a new code";
            return Err(Refusal::bad_input("repeat", why));
        }
        let problems = match reward.check() {
            Err(error) => vec![error.to_string()],
            // One that is switched off may wait for its goods.
            Ok(()) if !reward.active => Vec::new(),
            Ok(()) => self.judged(reward).await?.problems,
        };
        if problems.is_empty() { Ok(()) } else { Err(Refusal::RewardWrong { problems }) }
    }

    pub(crate) async fn reward_put(&self, order: &Order<'_>, reward: &Reward) -> Result<Outcome, Refusal> {
        let before = self.reward_row_if_any(&reward.code).await?;
        self.may_be_put(reward, before.as_ref()).await?;
        self.put(order, reward, before.as_ref(), "put").await
    }

    pub(crate) async fn reward_disable(&self, order: &Order<'_>, code: &RewardCode) -> Result<Outcome, Refusal> {
        let (reward, row) = self.reward_row(code).await?;
        self.put(order, &Reward { active: false, ..reward }, Some(&row), "disabled").await
    }

    async fn put(
        &self,
        order: &Order<'_>,
        reward: &Reward,
        before: Option<&RewardRow>,
        result: &str,
    ) -> Result<Outcome, Refusal> {
        self.intend(order).await?;
        let put = self.rewards.put_reward(reward, before, &self.host.new_owner()).await;
        if !put.map_err(|error| unavailable(&error))? {
            return Err(Refusal::ChangedMeanwhile { what: "reward".to_owned() });
        }
        self.did(order, result).await;
        Ok(Outcome::Rewards(vec![self.view(reward.clone()).await?]))
    }

    async fn view(&self, reward: Reward) -> Result<RewardView, Refusal> {
        let Judged { mut problems, hints, goods } = self.judged(&reward).await?;
        problems.extend(reward.check().err().map(|error| error.to_string()));
        let price = goods.as_ref().and_then(Goods::price).and_then(|price| u64::try_from(price.0).ok());
        Ok(RewardView {
            reward,
            problems,
            hints,
            goods_name: goods.and_then(|goods| goods.name),
            price_krw: price.map(Krw),
        })
    }

    async fn judged(&self, reward: &Reward) -> Result<Judged, Refusal> {
        let mut judged = Judged { problems: Vec::new(), hints: Vec::new(), goods: None };
        if reward.repeat == RepeatPolicy::EveryTime {
            judged
                .hints
                .push("repeat = every_time: a repeated callback is paid, too, up to max_per_user_per_day".into());
        }
        if reward.delivery == Delivery::Company {
            return Ok(judged);
        }
        if reward.max_price_krw > TAX_FREE {
            judged.hints.push(format!("above {TAX_FREE} won a prize is subject to withholding tax (원천징수)"));
        }
        let state = self.goods(reward).await?;
        let found = state.as_ref().map(|state| (state.presence, &state.goods));
        for risk in risks(reward, found, self.host.now()) {
            let what = format!("{}: {}", risk.name(), risk.detail());
            if matches!(risk, Risk::SaleEnds(_) | Risk::Unlisted) {
                judged.hints.push(what);
            } else {
                judged.problems.push(what);
            }
        }
        judged.goods = state.map(|state| state.goods);
        Ok(judged)
    }

    async fn goods(&self, reward: &Reward) -> Result<Option<GoodsState>, Refusal> {
        let state = self.catalog.goods_state(&reward.goods_code, View::Committed).await;
        state.map_err(|error| unavailable(&error))
    }

    /// What keeps its goods from being bought now, by the catalogue. Goods that it has never had are tried.
    pub(crate) async fn sold(&self, reward: &Reward) -> Result<Option<String>, Refusal> {
        if reward.delivery == Delivery::Company {
            return Ok(None);
        }
        let state = self.goods(reward).await?;
        let found = state.as_ref().map(|state| (state.presence, &state.goods));
        let risks = risks(reward, found, self.host.now());
        let keeps = |risk: &&Risk| matches!(risk, Risk::Withdrawn | Risk::NotOnSale(_) | Risk::TooDear { .. });
        Ok(risks.iter().find(keeps).map(|risk| format!("{}: {}", risk.name(), risk.detail())))
    }
}
