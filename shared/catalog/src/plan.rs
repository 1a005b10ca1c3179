use crate::hash::ContentHash;
use crate::version::{Glance, Presence};

/// A row as a run knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The generation that wrote the latest version.
    pub generation: u64,
    /// The latest version.
    pub latest: Glance,
    /// The version before it.
    pub before: Option<Glance>,
}

/// What a version must have besides the right content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Copies of its pictures.
    pub pictures: bool,
}

/// What a run does about an item that it sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Its row shows it already, or will at the commit.
    Nothing,
    /// Only its presence differs.
    List,
    /// An earlier run left another version that nobody has seen; the one before it is right.
    Revert,
    /// It is new, changed or incomplete: ask for its detail and write it.
    Describe,
}

/// What a run does about an item that it misses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Its row says so already, or will at the commit.
    Nothing,
    /// Missed for the first time: only its detail can tell whether it is gone or has moved between pages.
    Ask,
    /// Missed by two complete runs.
    Withdraw,
}

impl Standing {
    /// Whether the latest version waits for a commit.
    pub fn is_staged(&self, committed: u64) -> bool {
        self.generation > committed
    }

    /// What readers see.
    pub fn visible(&self, committed: u64) -> Option<&Glance> {
        if self.is_staged(committed) { self.before.as_ref() } else { Some(&self.latest) }
    }

    /// What to do about an item with this content, which stands in the list.
    pub fn plan(&self, seen: ContentHash, committed: u64, wanted: Wanted) -> Plan {
        let has = |glance: &Glance| glance.hash == seen && glance.described && (glance.mirrored || !wanted.pictures);
        let shows = |glance: &Glance| has(glance) && glance.presence == Presence::Listed;
        if shows(&self.latest) {
            Plan::Nothing
        } else if self.is_staged(committed) && self.before.as_ref().is_some_and(shows) {
            Plan::Revert
        } else if has(&self.latest) {
            Plan::List
        } else {
            Plan::Describe
        }
    }

    /// What to do about it when it does not stand in the list.
    pub fn missing(&self, committed: u64) -> Missing {
        match self.latest.presence {
            Presence::Withdrawn => Missing::Nothing,
            Presence::Unlisted if self.is_staged(committed) => Missing::Nothing,
            Presence::Unlisted => Missing::Withdraw,
            Presence::Listed => Missing::Ask,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COMMITTED: u64 = 7;

    fn glance() -> impl Strategy<Value = Glance> {
        let presence = prop_oneof![Just(Presence::Listed), Just(Presence::Unlisted), Just(Presence::Withdrawn)];
        (0..3_u8, presence, any::<bool>(), any::<bool>()).prop_map(|(content, presence, described, mirrored)| Glance {
            hash: ContentHash::of(&content.to_string()),
            presence,
            described,
            mirrored,
            state: None,
            price: None,
        })
    }

    fn standing() -> impl Strategy<Value = Standing> {
        (COMMITTED - 1..=COMMITTED + 1, glance(), proptest::option::of(glance()))
            .prop_map(|(generation, latest, before)| Standing { generation, latest, before })
    }

    /// What the row is after the plan was carried out by a run under the next generation.
    fn after(standing: Standing, plan: Plan, seen: ContentHash) -> Standing {
        let before = if standing.is_staged(COMMITTED) { standing.before } else { Some(standing.latest) };
        let latest = match plan {
            Plan::Nothing => return standing,
            Plan::List => Glance { presence: Presence::Listed, ..standing.latest },
            Plan::Revert => standing.before.unwrap_or(standing.latest),
            Plan::Describe => {
                Glance { hash: seen, presence: Presence::Listed, described: true, mirrored: true, ..standing.latest }
            }
        };
        Standing { generation: COMMITTED + 1, latest, before }
    }

    proptest! {
        /// Whatever earlier runs have left behind: the commit shows what was seen, readers see nothing of it before, and a
        /// second run writes nothing.
        #[test]
        fn a_run_shows_what_it_saw_at_its_commit_and_not_before(standing in standing(), content in 0..3_u8, pictures: bool) {
            let (seen, wanted) = (ContentHash::of(&content.to_string()), Wanted { pictures });
            let written = after(standing, standing.plan(seen, COMMITTED, wanted), seen);
            prop_assert_eq!(written.visible(COMMITTED), standing.visible(COMMITTED));
            let shown = *written.visible(COMMITTED + 1).unwrap();
            prop_assert_eq!((shown.hash, shown.presence, shown.described), (seen, Presence::Listed, true));
            prop_assert_eq!(written.plan(seen, COMMITTED, wanted), Plan::Nothing);
            prop_assert_eq!(written.plan(seen, COMMITTED + 1, wanted), Plan::Nothing);
        }

        /// What readers see already is never written.
        #[test]
        fn an_unchanged_row_is_left_alone(standing in standing()) {
            let whole = Glance { presence: Presence::Listed, described: true, mirrored: true, ..standing.latest };
            let standing = Standing { latest: whole, ..standing };
            prop_assert_eq!(standing.plan(whole.hash, COMMITTED, Wanted { pictures: true }), Plan::Nothing);
        }
    }

    #[test]
    fn goods_are_withdrawn_when_two_complete_runs_miss_them_or_nobody_can_describe_them() {
        let latest = Glance {
            hash: ContentHash::of("1"),
            presence: Presence::Listed,
            described: true,
            mirrored: false,
            state: None,
            price: None,
        };
        let listed = Standing { generation: COMMITTED, latest, before: None };
        assert_eq!(listed.missing(COMMITTED), Missing::Ask);
        let unlisted = Glance { presence: Presence::Unlisted, ..latest };
        let staged = Standing { generation: COMMITTED + 1, latest: unlisted, before: Some(latest) };
        assert_eq!(staged.missing(COMMITTED), Missing::Nothing, "the same run again");
        assert_eq!(staged.missing(COMMITTED + 1), Missing::Withdraw, "the next run");
        let gone = Glance { presence: Presence::Withdrawn, ..latest };
        assert_eq!(Standing { latest: gone, ..listed }.missing(COMMITTED), Missing::Nothing);
    }
}
