use payout::{
    Attempt, Evidence, Moment, Owner, PayoutKey, RepeatPolicy, RewardCode, Slot, Stamp, State, TrId, UserKey,
};

use crate::clock::{MINUTE_MS, SECOND_MS, START_MS, What};
use crate::faults::Fault;
use crate::names::{self, USERS, Win};
use crate::profile::Profile;
use crate::world::World;

/// One list that Bleepy posts.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) wins: Vec<Win>,
    /// How often it may be posted again.
    retries: u8,
}

/// Bleepy.
#[derive(Debug, Default)]
pub(crate) struct Bleepy {
    posts: Vec<Post>,
}

impl Bleepy {
    pub(crate) fn post(&self, post: usize) -> &Post {
        &self.posts[post]
    }

    /// Entries of all lists.
    pub(crate) fn wins(&self) -> usize {
        self.posts.iter().map(|post| post.wins.len()).sum()
    }

    /// Different payouts of a list.
    pub(crate) fn distinct(&self, post: usize) -> usize {
        let wins = &self.posts[post].wins;
        let counts = |(index, win): &(usize, &Win)| {
            names::repeat(win.0) == RepeatPolicy::EveryTime || !wins[..*index].contains(win)
        };
        wins.iter().enumerate().filter(counts).count()
    }

    /// The body of a list, as it is posted.
    pub(crate) fn body(&self, post: usize) -> String {
        let mut body = String::with_capacity(64);
        body.push_str("{\"list\":[");
        for (index, (reward, user)) in self.posts[post].wins.iter().enumerate() {
            body.push_str(if index == 0 { "{\"code\":\"" } else { ",{\"code\":\"" });
            body.push_str(&names::code(*reward));
            body.push_str("\",\"userKey\":\"");
            body.push_str(&names::user_key(*user));
            body.push_str("\"}");
        }
        body.push_str("]}");
        body
    }
}

impl World {
    /// Usually a win or two; rarely a crowd or long lists that overlap.
    pub(crate) fn plan_posts(&mut self) {
        self.bleepy.posts.clear();
        let mut random = self.random;
        let shape = if self.settings.profile == Profile::Crowd { 0 } else { random.index(8_192) };
        match shape {
            0 => {
                for _ in 0..100 {
                    self.plan_post(random.between(0, 50), vec![(0, 0)]);
                }
            }
            1 => {
                for first in [0, 10] {
                    let wins = (first..first + 50).map(|user| (0, user)).collect();
                    self.plan_post(random.between(0, 5 * SECOND_MS), wins);
                }
            }
            _ => {
                let users = random.one(&[1, 1, 1, 1, 1, 2, 3]);
                for _ in 0..random.one(&[1, 1, 1, 1, 1, 2, 2, 3]) {
                    let entries = random.one(&[1, 1, 1, 1, 1, 1, 2, 3]);
                    let wins = (0..entries).map(|_| (names::reward_of(random.index(8)), random.index(users)));
                    let wins = wins.collect();
                    self.plan_post(random.soon_ms(), wins);
                }
            }
        }
        self.random = random;
    }

    fn plan_post(&mut self, after_ms: i64, wins: Vec<Win>) {
        debug_assert!(wins.iter().all(|(_, user)| *user < USERS), "a user without a name");
        self.bleepy.posts.push(Post { wins, retries: 3 });
        self.clock.at(START_MS + after_ms, What::Post(self.bleepy.posts.len() - 1));
    }

    /// A list was answered with this status, or not at all.
    pub(crate) fn answered(&mut self, post: usize, status: Option<u16>) {
        self.trace.mix(u64::from(status.unwrap_or_default()));
        self.trace.line(self.clock.now_ms, || match status {
            Some(status) => format!("bleepy     is answered {status}"),
            None => "bleepy     gets no answer".to_owned(),
        });
        self.judge_answer(post, status);
        let mut random = self.random;
        let unheard = match status {
            Some(200) => self.faults.one_of(&[Fault::CallbackUnheard, Fault::CallbackRepeated], &mut random).is_some(),
            Some(422) => false,
            _ => true,
        };
        let list = &mut self.bleepy.posts[post];
        if unheard && list.retries > 0 {
            list.retries -= 1;
            let longest_ms = random.one(&[SECOND_MS, MINUTE_MS, 30 * MINUTE_MS]);
            self.clock.after(random.between(0, longest_ms), What::Post(post));
        }
        self.random = random;
    }

    /// The id of an attempt at a payout of a reward that counts once.
    pub(crate) fn tr_id(&self, (reward, user): Win, attempt: u8) -> Option<TrId> {
        let code = RewardCode::try_from(names::code(reward)).ok()?;
        let user_key = UserKey::try_from(names::user_key(user)).ok()?;
        Some(self.scheme.tr_id(&PayoutKey { code, user_key, slot: once() }, attempt, 0))
    }

    /// A finished row of somebody else under an id of ours.
    pub(crate) fn plant_row(&mut self, attempt: u8) -> Option<()> {
        let tr_id = self.tr_id((0, 0), attempt)?;
        let stamp =
            Stamp { owner: Owner::new("somebody"), at: Moment::from_millis(START_MS), evidence: Evidence::default() };
        let code = RewardCode::try_from("OTHER".to_owned()).ok()?;
        let user_key = UserKey::try_from("stranger".to_owned()).ok()?;
        let mut row = Attempt::first(tr_id, 0, PayoutKey { code, user_key, slot: once() }, &stamp, &self.rules);
        row.state = State::Sent;
        row.due_at = None;
        self.tables.plant(row);
        Some(())
    }
}

/// The slot of a reward that counts once.
fn once() -> Slot {
    let at = Moment::from_millis(START_MS);
    RepeatPolicy::Once.slot(&payout::Win { at, request_id: "", index: 0, entries: 1 })
}
