use std::collections::BTreeMap;
use std::fmt;

use payout::Moment;
use serde::{Deserialize, Serialize};

use crate::item::{Kind, Krw, SaleState};
use crate::plan::Standing;
use crate::version::{Glance, Presence};

/// A list that is shorter than this share of what was there before holds the run: 4 of 5.
const LEAST_LEFT: (usize, usize) = (4, 5);

/// What a run did, over all its invocations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Invocations that worked on it.
    pub invocations: u32,
    /// Time that they worked, without the time between them.
    pub worked_ms: u64,
    /// Requests for pages of 0101 that were answered with a page.
    pub pages: u32,
    /// Requests to Giftishow, tries that failed included.
    pub requests: u32,
    /// Goods that stood on more than one page.
    pub repeated: u32,
    /// Items of lists without a code, or that are no items.
    pub unreadable: u32,
    /// Items whose detail could not be read; asked again in the next run.
    pub undescribed: u32,
    /// Pictures that were copied.
    #[serde(default)]
    pub pictures: u32,
    /// Pictures that could not be copied; tried again in the next run.
    #[serde(default)]
    pub pictures_failed: u32,
    /// Invocations that ended because Giftishow did not answer.
    pub failures: u32,
}

/// Where a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Next {
    /// With the brands.
    Brands,
    /// With this page of the goods, from 1.
    Page(u32),
    /// With the goods that stood on no page.
    Missing,
}

/// A run that is not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// When it began; its name as well.
    pub started_at: Moment,
    /// Where it goes on.
    pub next: Next,
    /// What it did so far.
    pub tally: Tally,
    /// Whether a person has said that Giftishow really has so much less.
    #[serde(default)]
    pub may_shrink: bool,
}

impl Place {
    /// A run that begins now.
    pub fn start(now: Moment) -> Self {
        Self { started_at: now, next: Next::Brands, tally: Tally::default(), may_shrink: false }
    }
}

/// Why a run is not believed: readers keep seeing the run before it, and a person must look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Held {
    /// No goods, or no brands, at all.
    Empty {
        /// Of what.
        kind: Kind,
    },
    /// This page had no goods, and the next one had some.
    EmptyPage {
        /// Its number, from 1.
        page: u32,
    },
    /// More than 20 % fewer than before.
    Shrunk {
        /// Of what.
        kind: Kind,
        /// How many readers see.
        before: usize,
        /// How many were listed.
        now: usize,
    },
    /// Giftishow did not answer, in several invocations.
    Unanswered {
        /// What was asked.
        what: String,
    },
    /// It did not end within a day.
    TooSlow,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { kind } => write!(f, "the list of {} is empty", kind.as_str()),
            Self::EmptyPage { page } => write!(f, "page {page} is empty and the next one is not"),
            Self::Shrunk { kind, before, now } => {
                write!(f, "only {now} {} are listed, and {before} were there before", kind.as_str())
            }
            Self::Unanswered { what } => write!(f, "Giftishow did not answer for {what}"),
            Self::TooSlow => f.write_str("it did not end within a day"),
        }
    }
}

/// Whether so many fewer are listed than before that it is more likely a fault than the truth: more than 20 %.
pub fn has_shrunk(before: usize, now: usize) -> bool {
    now * LEAST_LEFT.1 < before * LEAST_LEFT.0
}

/// How many items a run found in which way, against what readers saw before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Stood in the list.
    pub listed: usize,
    /// Never seen before.
    pub new: usize,
    /// With other content, for whatever reason.
    pub changed: usize,
    /// Among them: with another price.
    pub repriced: usize,
    /// Gone.
    pub withdrawn: usize,
    /// Missing for the first time, and still described.
    pub unlisted: usize,
    /// Back after they were withdrawn.
    pub returned: usize,
}

/// What the history keeps of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// First digits of the content hash.
    #[serde(rename = "h")]
    pub content: String,
    /// Whether Giftishow had it.
    #[serde(rename = "p")]
    pub presence: Presence,
    /// `goodsStateCd`; brands have none.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub state: Option<SaleState>,
    /// What a send costs, in won. Internal, not for end users.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Krw>,
}

impl From<&Glance> for Look {
    fn from(glance: &Glance) -> Self {
        let Glance { hash, presence, state, price, .. } = *glance;
        Self { content: hash.short(), presence, state, price }
    }
}

/// What a run changed for readers, about one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What it is.
    #[serde(rename = "k")]
    pub kind: Kind,
    /// Its code.
    #[serde(rename = "c")]
    pub code: String,
    /// As readers saw it before; `None` if they did not.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Look>,
    /// As they see it since.
    #[serde(rename = "a")]
    pub after: Look,
}

impl Change {
    /// Price before and after, if it changed.
    pub fn repriced(&self) -> Option<(Option<Krw>, Option<Krw>)> {
        let before = self.before.as_ref()?;
        (before.price != self.after.price).then_some((before.price, self.after.price))
    }
}

/// One run in the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// When it began; its name as well.
    pub started_at: Moment,
    /// When it ended.
    pub finished_at: Moment,
    /// Why it is not believed, if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// The generation that readers see since.
    pub generation: u64,
    /// What it did.
    pub tally: Tally,
    /// What it found of goods.
    pub goods: Counts,
    /// What it found of brands.
    pub brands: Counts,
    /// Active rewards that could not be paid as they are, or soon.
    #[serde(default)]
    pub rewards_at_risk: usize,
    /// What it changed, by kind and code; not all of a run that changed very much.
    #[serde(skip)]
    pub changes: Vec<Change>,
    /// How many more it changed.
    pub left_out: usize,
}

impl Run {
    /// Most changes that a run keeps: its row has a limit of 400 KB.
    pub const MOST_CHANGES: usize = 1_500;

    /// Keeps these changes, as many as fit.
    #[must_use]
    pub fn with(mut self, mut changes: Vec<Change>) -> Self {
        self.left_out = changes.len().saturating_sub(Self::MOST_CHANGES);
        changes.truncate(Self::MOST_CHANGES);
        self.changes = changes;
        self
    }
}

/// What a commit would change for readers, by kind and code.
pub fn changes<'a>(rows: impl IntoIterator<Item = (&'a str, &'a Standing)>, committed: u64) -> Vec<Change> {
    let mut changes = Vec::new();
    for (key, standing) in rows {
        let Some((kind, code)) = Kind::of_key(key) else { continue };
        if !standing.is_staged(committed) {
            continue;
        }
        let (before, after) = (standing.before.as_ref().map(Look::from), Look::from(&standing.latest));
        // What came and went between two commits was never there.
        let never_seen = before.is_none() && after.presence == Presence::Withdrawn;
        if !never_seen && before.as_ref() != Some(&after) {
            changes.push(Change { kind, code: code.to_owned(), before, after });
        }
    }
    changes.sort_by(|one, other| (one.kind, &one.code).cmp(&(other.kind, &other.code)));
    changes
}

/// Counts the changes of one kind.
pub fn counts(changes: &[Change], kind: Kind, listed: usize) -> Counts {
    let mut counts = Counts { listed, ..Counts::default() };
    for change in changes.iter().filter(|change| change.kind == kind) {
        let before = change.before.as_ref().map(|look| look.presence);
        match (before, change.after.presence) {
            (None, _) => counts.new += 1,
            (_, Presence::Withdrawn) => counts.withdrawn += 1,
            (Some(Presence::Withdrawn), _) => counts.returned += 1,
            (_, Presence::Unlisted) => counts.unlisted += 1,
            (Some(_), Presence::Listed) => counts.changed += 1,
        }
        counts.repriced += usize::from(change.repriced().is_some());
    }
    counts
}

/// What changed over several runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// One change per item, by kind and code. What changed back is none.
    pub changes: Vec<Change>,
    /// Changes that the history has left out; 0 means that this is all.
    pub left_out: usize,
}

/// What changed between the run before the first of these and the last of these, which stand in the order of time. Held runs
/// changed nothing.
pub fn difference(runs: &[Run]) -> Difference {
    let mut left_out = 0;
    let mut items: BTreeMap<(Kind, &str), (Option<&Look>, &Look)> = BTreeMap::new();
    for run in runs.iter().filter(|run| run.held.is_none()) {
        left_out += run.left_out;
        for change in &run.changes {
            let item = items.entry((change.kind, &change.code)).or_insert((change.before.as_ref(), &change.after));
            item.1 = &change.after;
        }
    }
    let changes = items.into_iter().filter(|(_, (before, after))| *before != Some(*after));
    let changes = changes.map(|((kind, code), (before, after))| Change {
        kind,
        code: code.to_owned(),
        before: before.cloned(),
        after: after.clone(),
    });
    Difference { changes: changes.collect(), left_out }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(content: &str, presence: Presence, won: i64) -> Look {
        Look { content: content.into(), presence, state: Some(SaleState::OnSale), price: Some(Krw(won)) }
    }

    fn change(code: &str, before: Option<Look>, after: Look) -> Change {
        Change { kind: Kind::Goods, code: code.into(), before, after }
    }

    fn run(minute: i64, changes: Vec<Change>) -> Run {
        let at = Moment::from_millis(minute * 60_000);
        Run {
            started_at: at,
            finished_at: at,
            held: None,
            generation: 1,
            tally: Tally::default(),
            goods: Counts::default(),
            brands: Counts::default(),
            rewards_at_risk: 0,
            changes: Vec::new(),
            left_out: 0,
        }
        .with(changes)
    }

    #[test]
    fn the_difference_between_two_runs_is_one_change_per_item_and_none_for_what_changed_back() {
        use Presence::{Listed, Withdrawn};
        let (cheap, dear) = (look("1", Listed, 800), look("2", Listed, 900));
        let first = run(
            1,
            vec![
                change("BACK", Some(cheap.clone()), dear.clone()),
                change("DEARER", Some(cheap.clone()), dear.clone()),
                change("NEW", None, cheap.clone()),
            ],
        );
        let mut held = run(2, vec![change("NEVER", None, cheap.clone())]);
        held.held = Some(Held::TooSlow);
        let last = run(
            3,
            vec![
                change("BACK", Some(dear.clone()), cheap.clone()),
                change("DEARER", Some(dear.clone()), look("3", Listed, 950)),
                change("NEW", Some(cheap.clone()), look("1", Withdrawn, 800)),
            ],
        );
        let difference = difference(&[first, held, last]);
        let told: Vec<_> = difference.changes.iter().map(|change| (change.code.as_str(), change.repriced())).collect();
        assert_eq!(told, [("DEARER", Some((Some(Krw(800)), Some(Krw(950))))), ("NEW", None)]);
        assert_eq!(difference.left_out, 0);
    }

    #[test]
    fn a_run_that_changes_very_much_says_how_much_it_left_out() {
        let new = (0..2_000).map(|number| change(&number.to_string(), None, look("1", Presence::Listed, 1))).collect();
        let run = run(1, new);
        assert_eq!((run.changes.len(), run.left_out), (Run::MOST_CHANGES, 500));
        assert!(serde_json::to_string(&run.changes).unwrap().len() < 200_000, "a row has a limit of 400 KB");
        assert_eq!(difference(&[run]).left_out, 500);
    }

    #[test]
    fn one_fifth_less_is_believed_and_more_is_not() {
        assert!(!has_shrunk(2_300, 1_840));
        assert!(has_shrunk(2_300, 1_839));
        assert!(!has_shrunk(0, 0));
    }
}
