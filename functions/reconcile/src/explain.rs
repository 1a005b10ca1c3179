//! What could explain a difference, in Korean sentences: staff read them.

use std::collections::{BTreeMap, BTreeSet};

use operation::MoneyDay;
use payout::{Attempt, CouponStanding, Krw, Moment, Spent, State};
use platform::{ReadGoodsState as _, StoreError, View};

use crate::ledger::Seen;
use crate::letter::won;
use crate::take::Reading;
use crate::{Given, Reconcile};

/// Goods whose price is compared, and coupons that are named, at most.
const MOST_GOODS: usize = 20;
const MOST_NAMED: usize = 5;

impl<G: Given> Reconcile<G> {
    /// The sentences; with at most `look_ups` questions to Giftishow.
    pub(crate) async fn explain(
        &self,
        reading: &Reading,
        seen: &mut Seen,
        money: &MoneyDay,
        since: Moment,
        look_ups: usize,
    ) -> Result<Vec<String>, StoreError> {
        let difference = money.difference.unwrap_or_default();
        let mut told = Vec::new();
        if !reading.quiet {
            told.push("확인하는 동안에도 발송이 진행되어, 일시적인 차이일 수 있습니다.".to_owned());
        }
        if difference > 0 {
            let how = format!("giftctl money top-up --day {} --amount {difference}", money.day);
            told.push(format!("충전한 금액이라면 확인해 주십시오: {how}"));
        }
        told.extend(by_the_rows(reading, seen));
        told.extend(self.changed_prices(reading, since).await?);
        let sample = sample(reading, difference, since, look_ups);
        seen.extend(self.look_up(&sample).await);
        told.extend(disagreeing(&sample, seen));
        if difference < 0 && told.is_empty() {
            told.push(
                "기록된 지급으로는 설명되지 않습니다. 같은 계정으로 다른 곳에서 산 쿠폰이 있는지 확인해 주십시오."
                    .to_owned(),
            );
        }
        Ok(told)
    }

    /// Goods that were sent since then at another price than the catalogue has now.
    async fn changed_prices(&self, reading: &Reading, since: Moment) -> Result<Vec<String>, StoreError> {
        let mut prices: BTreeMap<&str, BTreeSet<Krw>> = BTreeMap::new();
        for row in reading.all().filter(|row| row.state_since >= since && row.spent() != Spent::Nothing) {
            if let Some((goods, price)) = row.goods_code.as_deref().zip(row.price_krw) {
                prices.entry(goods).or_default().insert(price);
            }
        }
        let mut told = Vec::new();
        for (goods, sent_at) in prices.into_iter().take(MOST_GOODS) {
            let state = self.goods.goods_state(goods, View::Committed).await?;
            let now = state.and_then(|state| u64::try_from(state.goods.price()?.0).ok()).map(Krw);
            if let Some(now) = now.filter(|now| sent_at.iter().any(|price| price != now)) {
                let sent_at: Vec<String> = sent_at.into_iter().map(won).collect();
                let (sent_at, now) = (sent_at.join("·"), won(now));
                told.push(format!("상품 {goods}의 가격이 바뀌었습니다: 발송 기록 {sent_at}, 지금 {now}."));
            }
        }
        Ok(told)
    }
}

/// What the rows themselves cannot tell.
fn by_the_rows(reading: &Reading, seen: &Seen) -> Vec<String> {
    let mut told = Vec::new();
    let sum = |rows: &[&Attempt]| won(Krw(rows.iter().filter_map(|row| row.price_krw).map(|price| price.0).sum()));
    let unpriced = |row: &&Attempt| row.price_krw.is_none() && row.spent() == Spent::Kept;
    let unpriced = reading.all().filter(unpriced).count();
    if unpriced > 0 {
        told.push(format!("가격이 기록되지 않은 발송이 {unpriced}건 있습니다."));
    }
    let unheard_of = |row: &&Attempt| matches!(row.state, State::Dead | State::Closed) && row.due_at.is_some();
    let unheard_of: Vec<&Attempt> = reading.all().filter(unheard_of).collect();
    if !unheard_of.is_empty() {
        let (count, won) = (unheard_of.len(), sum(&unheard_of));
        told.push(format!("결과를 받지 못해 무효로 한 발송 {count}건({won})이 늦게 발행되었을 수 있습니다."));
    }
    let settles = [CouponStanding::Live, CouponStanding::Used, CouponStanding::Cancelled, CouponStanding::Absent];
    let is_unclear = |row: &&Attempt| {
        row.spent() == Spent::Unclear && !seen.get(&row.tr_id).is_some_and(|standing| settles.contains(standing))
    };
    let unclear: Vec<&Attempt> = reading.all().filter(is_unclear).collect();
    if !unclear.is_empty() {
        let (count, won) = (unclear.len(), sum(&unclear));
        told.push(format!("쿠폰이 발행되었는지 알 수 없는 건이 {count}건({won}) 있습니다."));
    }
    told
}

/// Sent coupons to look up: those that cost just as much as is missing first, then the latest.
fn sample(reading: &Reading, difference: i64, since: Moment, most: usize) -> Vec<&Attempt> {
    let mut sent: Vec<&Attempt> = reading.all().filter(|row| row.state == State::Sent).collect();
    let fits = |row: &Attempt| row.price_krw.is_some_and(|price| price.0 == difference.unsigned_abs());
    sent.sort_by_key(|row| (!fits(row), row.state_since < since, std::cmp::Reverse(row.state_since)));
    sent.truncate(most);
    sent
}

fn disagreeing(sample: &[&Attempt], seen: &Seen) -> Option<String> {
    let says = |row: &&&Attempt| {
        let what = match seen.get(&row.tr_id)? {
            CouponStanding::Cancelled => "취소됨",
            CouponStanding::Absent => "없음",
            CouponStanding::Ambiguous => "확인 필요",
            CouponStanding::Live | CouponStanding::Used | CouponStanding::Unanswered => return None,
        };
        Some(format!("{}({what})", row.tr_id))
    };
    let all: Vec<String> = sample.iter().filter_map(|row| says(&row)).collect();
    let named = all.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
    (!all.is_empty()).then(|| {
        let (looked_up, differ) = (sample.len(), all.len());
        format!("발송된 쿠폰 {looked_up}건을 조회하니 {differ}건이 기록과 다릅니다: {named}.")
    })
}
