use crate::clock::{START_MS, What};
use crate::names::{Pair, USERS};
use crate::windows::Windows;
use crate::world::World;

/// A history that somebody has thought of: nothing goes wrong in it but what it tells.
///
/// Moments are milliseconds since its beginning, ten minutes before a Korean Monday.
#[derive(Clone, Debug, Default)]
pub struct Story {
    wins: Vec<(i64, Pair)>,
    posts: Vec<StoryPost>,
    backup_ms: Option<(i64, i64)>,
}

#[derive(Clone, Debug)]
struct StoryPost {
    at_ms: i64,
    wins: Vec<usize>,
    ahead_ms: i64,
}

impl Story {
    /// The reward that counts once a day.
    pub const DAILY: usize = 2;
    /// The reward that counts once a week.
    pub const WEEKLY: usize = 3;

    /// Somebody wins something; the number of that win.
    pub fn win(&mut self, at_ms: i64, reward: usize, user: usize) -> usize {
        debug_assert!(user < USERS, "a user without a name");
        self.wins.push((START_MS + at_ms, (reward, user)));
        self.wins.len() - 1
    }

    /// Bleepy posts these wins in one list, which comes to a machine whose clock is so much ahead.
    pub fn post(&mut self, at_ms: i64, wins: &[usize], ahead_ms: i64) {
        self.posts.push(StoryPost { at_ms: START_MS + at_ms, wins: wins.to_vec(), ahead_ms });
    }

    /// The table is put back to what it was.
    pub fn put_back(&mut self, to_ms: i64, at_ms: i64) {
        self.backup_ms = Some((START_MS + to_ms, START_MS + at_ms));
    }
}

impl World {
    /// What the story brings.
    pub(crate) fn plan_story(&mut self, story: &Story) {
        self.faults.end();
        self.windows = Windows::default();
        self.plan_caps();
        for (at_ms, pair) in &story.wins {
            self.wins.won(*pair, *at_ms);
        }
        for post in &story.posts {
            self.plan_post(post.at_ms, post.wins.clone(), Some(post.ahead_ms));
        }
        if let Some((to_ms, at_ms)) = story.backup_ms {
            self.clock.at(to_ms, What::Backup);
            self.clock.at(at_ms, What::Restore);
        }
    }
}
