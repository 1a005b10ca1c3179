use std::collections::HashMap;

use payout::{EarlierSlot, Moment, PayoutKey, Reward, RewardCode, TrId};
use platform::{FindPayouts, StoreError};

use crate::Callback;
use crate::wins::Win;

/// The payouts that the wins stand for, in their order: where the reward's repeat policy says so, one that was recorded in
/// an earlier slot.
pub(crate) async fn payouts<R, P: FindPayouts, H>(
    callback: &Callback<R, P, H>,
    wins: &[Win],
    rewards: &HashMap<RewardCode, Reward>,
    request_id: &str,
    at: Moment,
) -> Result<Vec<PayoutKey>, StoreError> {
    let mut payouts = Vec::with_capacity(wins.len());
    let mut earlier = Vec::new();
    for (index, Win { code, user_key }) in wins.iter().enumerate() {
        let repeat = rewards.get(code).map(|reward| reward.repeat).unwrap_or_default();
        let win = payout::Win { at, request_id, index, entries: wins.len() };
        let payout = PayoutKey { code: code.clone(), user_key: user_key.clone(), slot: repeat.slot(&win) };
        for EarlierSlot { slot, not_before } in repeat.earlier_slots(&win) {
            let payout = PayoutKey { slot, ..payout.clone() };
            let tr_id = callback.scheme.tr_id(&payout, 1, 0);
            earlier.push(Earlier { index, payout, tr_id, not_before });
        }
        payouts.push(payout);
    }
    if earlier.is_empty() {
        return Ok(payouts);
    }
    let tr_ids = earlier.iter().map(|earlier| earlier.tr_id.clone()).collect::<Vec<_>>();
    let found = callback.payouts.find(&tr_ids).await?;
    let found: HashMap<_, _> = found.iter().map(|row| (&row.tr_id, row)).collect();
    // The latest slot stands first, so it must be the last to decide.
    for Earlier { index, payout, tr_id, not_before } in earlier.into_iter().rev() {
        let counts = |moment: Moment| not_before.is_none_or(|not_before| moment >= not_before);
        if found.get(&tr_id).is_some_and(|row| row.payout() == payout && counts(row.accepted_at)) {
            payouts[index] = payout;
        }
    }
    Ok(payouts)
}

/// A payout that the win may have been recorded as already.
struct Earlier {
    index: usize,
    payout: PayoutKey,
    tr_id: TrId,
    not_before: Option<Moment>,
}
