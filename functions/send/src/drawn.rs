use std::collections::HashMap;

use payout::{Cap, Count, Counter, Moment};
use platform::{DrawCounters, StoreError};

/// What was drawn on the counters of the caps for the batch in hand, and is not used yet.
///
/// Two sends never write one counter: it is written before the first claim and after the last send.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    left: HashMap<String, (Counter, u64)>,
}

/// A cap that has no room for an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full {
    pub(crate) cap: Cap,
    pub(crate) until: Moment,
}

/// Why nothing is to be drawn for an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotDrawn {
    /// There can never be room for it.
    Full(Full),
    /// Its winner is not texted before this moment.
    OutsideHours(Moment),
}

/// What an attempt counts, or why nothing is to be drawn for it.
pub(crate) type Counted = Result<Vec<Count>, NotDrawn>;

impl Drawn {
    /// Draws what the attempts of a batch count together; if not all of it fits, as much as fits.
    pub(crate) async fn draw<'a, C: DrawCounters>(
        control: &C,
        counts: impl Iterator<Item = &'a Count>,
    ) -> Result<Self, StoreError> {
        let mut wanted: HashMap<&str, (&Counter, u64)> = HashMap::new();
        for Count { counter, by } in counts {
            wanted.entry(&counter.name).or_insert((counter, 0)).1 += by;
        }
        let mut wanted: Vec<_> = wanted.into_values().collect();
        // In one order, so that a history repeats itself.
        wanted.sort_by(|one, other| one.0.name.cmp(&other.0.name));
        let mut drawn = Self::default();
        for (counter, wanted) in wanted {
            match control.draw(counter, wanted).await {
                Ok(room) => drop(drawn.left.insert(counter.name.clone(), (counter.clone(), room))),
                Err(error) => {
                    drawn.give_back(control).await;
                    return Err(error);
                }
            }
        }
        Ok(drawn)
    }

    /// Takes what one attempt counts; else the first cap that has no room for it, and nothing is taken.
    pub(crate) fn take(&mut self, counts: &[Count]) -> Result<(), Full> {
        for Count { counter, by } in counts {
            let left = self.left.get(&counter.name).map_or(0, |(_, left)| *left);
            if left < *by {
                return Err(Full { cap: counter.cap, until: counter.until });
            }
        }
        for Count { counter, by } in counts {
            if let Some((_, left)) = self.left.get_mut(&counter.name) {
                *left -= by;
            }
        }
        Ok(())
    }

    /// Puts back what an attempt took that was not claimed after all.
    pub(crate) fn put_back(&mut self, counts: &[Count]) {
        for Count { counter, by } in counts {
            if let Some((_, left)) = self.left.get_mut(&counter.name) {
                *left += by;
            }
        }
    }

    /// Gives back what was not used. Best effort: what stays counted makes a cap early, never late.
    pub(crate) async fn give_back<C: DrawCounters>(self, control: &C) {
        let mut left: Vec<_> = self.left.into_values().filter(|(_, left)| *left > 0).collect();
        left.sort_by(|one, other| one.0.name.cmp(&other.0.name));
        for (counter, unused) in left {
            if let Err(error) = control.give_back(&counter, unused).await {
                tracing::warn!(unused, cap = counter.cap.name(), "What was not used stays counted: {error}.");
            }
        }
    }
}
