use std::collections::HashMap;

use payout::{Delivery, Doubt, Held, Moment, PayoutKey, RepeatPolicy, Reward, RewardCode, TrId, TrIdScheme};
use platform::{FindPayouts, Found, StoreError};

use crate::wins::Win;

/// One entry of a list: which payout it stands for, and what is to be recorded of it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The payout of its own slot.
    pub(crate) payout: PayoutKey,
    /// 0 for that payout; else the number of the one beside it, as [`payout::Slot::listed`] counts them.
    pub(crate) listed: u8,
    /// How it is recorded, if it is new.
    pub(crate) as_new: AsNew,
    /// Whether the payout of its own slot says for sure that it was recorded before.
    pub(crate) told_by_its_slot: bool,
    /// A payout that must not be there when it is recorded: the same win, on another clock.
    pub(crate) meets: Option<PayoutKey>,
    /// Whether its reward is active and in order, so that what failed may be tried again.
    pub(crate) reopens: bool,
}

/// How a new entry is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AsNew {
    Taken(Delivery),
    Held(Held),
}

impl Entry {
    /// The payout under which it is to be recorded.
    pub(crate) fn key(&self) -> PayoutKey {
        match self.listed {
            0 => self.payout.clone(),
            number => PayoutKey { slot: self.payout.slot.listed(number), ..self.payout.clone() },
        }
    }

    /// It may be a win that was recorded before: nobody can tell. Whatever is wrong with its reward, a callback must not
    /// re-open it later.
    pub(crate) fn is_doubtful(&mut self) {
        self.as_new = AsNew::Held(Held::MaybeRepeated);
        self.meets = None;
    }
}

/// The list that a request brought.
pub(crate) struct List<'a> {
    pub(crate) wins: &'a [Win],
    pub(crate) rewards: &'a HashMap<RewardCode, Reward>,
    pub(crate) request_id: &'a str,
    pub(crate) at: Moment,
}

/// What the entries of a list stand for, in their order. Asks the table only where a win may have been recorded in another
/// slot.
pub(crate) async fn entries<P: FindPayouts>(
    list: &List<'_>,
    scheme: &TrIdScheme,
    payouts: &P,
) -> Result<Vec<Entry>, StoreError> {
    let mut entries: Vec<Entry> = (0..list.wins.len()).map(|index| entry(list, index)).collect();
    count_up(&mut entries);
    let doubts: Vec<(usize, Doubt)> =
        (0..entries.len()).flat_map(|index| list.doubts(index).into_iter().map(move |doubt| (index, doubt))).collect();
    if doubts.is_empty() {
        return Ok(entries);
    }
    let of = |(index, doubt): &(usize, Doubt)| PayoutKey { slot: doubt.slot.clone(), ..entries[*index].payout.clone() };
    let others: Vec<PayoutKey> = doubts.iter().map(of).collect();
    let tr_ids: Vec<TrId> = others.iter().map(|payout| scheme.tr_id(payout, 1, 0)).collect();
    let found = payouts.find(&tr_ids).await?;
    for ((index, doubt), other) in doubts.iter().zip(&others) {
        let payout_id = scheme.payout_id(other);
        let Some(row) = found.rows.iter().find(|row| row.payout_id == payout_id && row.attempt == 1) else { continue };
        let entry = &mut entries[*index];
        if doubt.not_before.is_none_or(|not_before| row.accepted_at >= not_before) {
            entry.is_doubtful();
        } else if entry.meets.as_ref() == Some(other) {
            // It is another win for sure.
            entry.meets = None;
        }
    }
    for (index, entry) in entries.iter_mut().enumerate() {
        if list.is_beyond_recall(index, &found) {
            entry.is_doubtful();
        }
    }
    Ok(entries)
}

fn entry(list: &List<'_>, index: usize) -> Entry {
    let Win { code, user_key } = &list.wins[index];
    let (repeat, win) = (list.repeat(index), list.win(index));
    let payout = |slot| PayoutKey { code: code.clone(), user_key: user_key.clone(), slot };
    let (as_new, reopens) = match list.rewards.get(code) {
        None => (AsNew::Held(Held::RewardMissing), false),
        Some(reward) if !reward.active => (AsNew::Held(Held::RewardInactive), false),
        Some(reward) => (AsNew::Taken(reward.delivery), true),
    };
    Entry {
        payout: payout(repeat.slot(&win)),
        listed: 0,
        as_new,
        told_by_its_slot: repeat.is_told_by_its_slot(&win),
        meets: repeat.meets(&win).map(payout),
        reopens,
    }
}

/// A list that names a pair twice, in a slot that tells nothing, names two wins.
fn count_up(entries: &mut [Entry]) {
    let mut named: HashMap<PayoutKey, u8> = HashMap::new();
    for entry in entries.iter_mut().filter(|entry| !entry.told_by_its_slot) {
        let times = named.entry(entry.payout.clone()).or_default();
        entry.listed = *times;
        *times += 1;
        if entry.listed > 0 {
            entry.is_doubtful();
        }
    }
}

impl List<'_> {
    fn repeat(&self, index: usize) -> RepeatPolicy {
        self.rewards.get(&self.wins[index].code).map(|reward| reward.repeat).unwrap_or_default()
    }

    fn win(&self, index: usize) -> payout::Win<'_> {
        payout::Win { at: self.at, request_id: self.request_id, index, entries: self.wins.len() }
    }

    fn doubts(&self, index: usize) -> Vec<Doubt> {
        self.repeat(index).doubts(&self.win(index))
    }

    /// Whether the payouts that would tell may be missing, because their table was restored.
    fn is_beyond_recall(&self, index: usize, found: &Found) -> bool {
        let from = self.repeat(index).looks_back_to(&self.win(index));
        from.zip(found.lost).is_some_and(|(from, lost)| lost.until >= from)
    }
}
