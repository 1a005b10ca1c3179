use payout::{
    Attempt, Evidence, Moment, Owner, PayoutKey, RepeatPolicy, RewardCode, Slot, Stamp, State, TrId, UserKey,
};

use crate::clock::{DAY_MS, MINUTE_MS, SECOND_MS, START_MS, What};
use crate::faults::Fault;
use crate::names::{self, Pair, USERS};
use crate::profile::Profile;
use crate::random::Random;
use crate::world::World;

/// Days over which a history may go.
const DAYS: usize = 8;
/// Bleepy lets a win be retried for so long, less what a list that is posted again takes.
const RETRIED_MS: i64 = 7 * DAY_MS - 45 * MINUTE_MS;
/// Most times that a list is posted again by itself.
const MOST_RETRIES: u8 = 3;

/// One list that Bleepy posts. A win comes by itself at first; lists of several are people's, who try again.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    /// Numbers of wins.
    pub(crate) wins: Vec<usize>,
    /// How often it may be posted again.
    retries: u8,
    /// How far the clock is ahead of the machine that it comes to, if that is told.
    ahead_ms: Option<i64>,
}

impl Post {
    /// Whether an entry comes by itself.
    pub(crate) fn is_alone(&self) -> bool {
        self.wins.len() == 1
    }
}

/// Bleepy.
#[derive(Debug, Default)]
pub(crate) struct Bleepy {
    posts: Vec<Post>,
    /// What is not answered 200 is posted again by itself; else people see it later, or never.
    tries_by_itself: bool,
}

impl Bleepy {
    pub(crate) fn begin(&mut self) {
        self.posts.clear();
        self.tries_by_itself = false;
    }

    pub(crate) fn post(&self, post: usize) -> &Post {
        &self.posts[post]
    }
}

impl World {
    /// The body of a list, as it is posted.
    pub(crate) fn body(&self, post: usize) -> String {
        let mut body = String::with_capacity(64);
        body.push_str("{\"list\":[");
        for (index, win) in self.bleepy.posts[post].wins.iter().enumerate() {
            let (reward, user) = self.wins.pair(*win);
            body.push_str(if index == 0 { "{\"code\":\"" } else { ",{\"code\":\"" });
            body.push_str(&names::code(reward));
            body.push_str("\",\"userKey\":\"");
            body.push_str(&names::user_key(user));
            body.push_str("\"}");
        }
        body.push_str("]}");
        body
    }

    /// Usually a win or two within minutes; now and then over days; rarely a crowd or long lists that overlap.
    pub(crate) fn plan_posts(&mut self, over_days: bool) {
        let mut random = self.random;
        self.bleepy.tries_by_itself = random.once_in(2);
        let shape = if self.settings.profile == Profile::Crowd { 0 } else { random.index(8_192) };
        match shape {
            0 => {
                let win = self.wins.won((0, 0), START_MS);
                for _ in 0..100 {
                    self.plan_post(START_MS + random.between(0, 50), vec![win], None);
                }
            }
            1 => {
                for first in [0, 10] {
                    let pairs = (first..first + 50).map(|user| (0, user));
                    self.plan_list(START_MS + random.between(0, 5 * SECOND_MS), pairs);
                }
            }
            _ if over_days => self.plan_days(&mut random),
            _ => self.plan_minutes(&mut random),
        }
        self.random = random;
    }

    fn plan_minutes(&mut self, random: &mut Random) {
        let users = random.one(&[1, 1, 1, 1, 1, 2, 3]);
        for _ in 0..random.one(&[1, 1, 1, 1, 1, 2, 2, 3]) {
            // Several of which none came by itself: Bleepy was out.
            let entries = random.one(&[1, 1, 1, 1, 1, 1, 2, 3]);
            let pairs: Vec<Pair> =
                (0..entries).map(|_| (names::reward_of(random.index(8)), random.index(users))).collect();
            self.plan_list(START_MS + random.soon_ms(), pairs.into_iter());
        }
        if random.once_in(4) {
            self.clock.at(START_MS + random.soon_ms() + MINUTE_MS, What::TryByHand);
        }
    }

    /// Few people who win the same again on other days, or right after midnight; and others who look after lost wins.
    fn plan_days(&mut self, random: &mut Random) {
        let users = random.one(&[1, 1, 1, 2]);
        let rewards = if random.once_in(2) { [2, 2, 3, 3] } else { [2, 3, 0, 4] };
        for _ in 0..random.one(&[1, 2, 2, 3, 4]) {
            let pair = (random.one(&rewards), random.index(users));
            self.plan_list(random.in_days_ms(), std::iter::once(pair));
        }
        for _ in 0..random.one(&[1, 1, 2, 3]) {
            self.clock.at(random.in_days_ms(), What::TryByHand);
        }
        if random.once_in(4) {
            self.clock.at(random.in_days_ms(), What::Erase);
        }
    }

    fn plan_list(&mut self, at_ms: i64, pairs: impl Iterator<Item = Pair>) {
        let wins = pairs.map(|pair| self.wins.won(pair, at_ms)).collect();
        self.plan_post(at_ms, wins, None);
    }

    pub(crate) fn plan_post(&mut self, at_ms: i64, wins: Vec<usize>, ahead_ms: Option<i64>) {
        debug_assert!(wins.iter().all(|win| self.wins.pair(*win).1 < USERS), "a user without a name");
        self.bleepy.posts.push(Post { wins, retries: MOST_RETRIES, ahead_ms });
        self.clock.at(at_ms, What::Post(self.bleepy.posts.len() - 1));
    }

    /// Whether a list never comes to us.
    pub(crate) fn is_lost(&mut self, post: usize) -> bool {
        let mut random = self.random;
        let lost = self.faults.hit(Fault::CallbackLost, &mut random);
        self.random = random;
        if lost {
            self.trace.line(self.clock.now_ms, || "bleepy     posts a list that is lost on its way".to_owned());
            self.hears(post, None);
        }
        lost
    }

    /// A list comes to a process.
    pub(crate) fn comes(&mut self, post: usize, worker: usize) {
        let now_ms = self.clock.now_ms;
        if let Some(ahead_ms) = self.bleepy.posts[post].ahead_ms {
            self.workers[worker].ahead_ms = ahead_ms;
        }
        let here_ms = now_ms + self.workers[worker].ahead_ms;
        self.workers[worker].post = Some(post);
        self.workers[worker].post_came_ms = here_ms;
        let Self { bleepy, wins, trace, workers, .. } = self;
        let list = &bleepy.posts[post];
        for win in &list.wins {
            wins.came(*win, list.is_alone(), now_ms, here_ms);
        }
        trace.line(now_ms, || {
            let pair = |win: &usize| (*win, wins.pair(*win));
            let entries =
                list.wins.iter().map(pair).map(|(win, (reward, user))| format!("win {win} REWARD{reward} user{user}"));
            let entries: Vec<String> = entries.collect();
            let ahead_ms = workers[worker].ahead_ms;
            format!(
                "{:<10} is asked by bleepy: {}; its clock is {ahead_ms} ms ahead",
                workers.name(worker),
                entries.join(", ")
            )
        });
    }

    /// A list was answered with this status, or not at all.
    pub(crate) fn answered(&mut self, worker: usize, post: usize, status: Option<u16>) {
        self.trace.mix(u64::from(status.unwrap_or_default()));
        self.trace.line(self.clock.now_ms, || match status {
            Some(status) => format!("bleepy     is answered {status}"),
            None => "bleepy     gets no answer".to_owned(),
        });
        self.judge_answer(worker, post, status);
        self.hears(post, status);
    }

    /// What Bleepy makes of an answer, unless it does not hear it.
    fn hears(&mut self, post: usize, status: Option<u16>) {
        let mut random = self.random;
        let fault = match status {
            Some(200) => self.faults.one_of(&[Fault::CallbackUnheard, Fault::CallbackRepeated], &mut random),
            _ => None,
        };
        let Self { bleepy, wins, .. } = self;
        let list = &mut bleepy.posts[post];
        let heard = status == Some(200) && fault != Some(Fault::CallbackUnheard);
        if heard {
            list.wins.iter().for_each(|win| wins.heard(*win));
        }
        let again = fault == Some(Fault::CallbackRepeated) || !heard && bleepy.tries_by_itself;
        if again && list.retries > 0 {
            list.retries -= 1;
            let longest_ms = random.one(&[SECOND_MS, MINUTE_MS, 12 * MINUTE_MS]);
            self.clock.after(random.between(0, longest_ms), What::Post(post));
        }
        self.random = random;
    }

    /// People at Bleepy take what was not answered 200, and rarely what was, and post it in lists as they please.
    pub(crate) fn try_by_hand(&mut self) {
        let now_ms = self.clock.now_ms;
        let mut random = self.random;
        let mut tried = Vec::new();
        for (number, win) in self.wins.all().iter().enumerate() {
            let heard = self.faults.hit(Fault::HeardAndRetried, &mut random);
            let overlooked = random.once_in(8);
            let can_be = win.at_ms <= now_ms && now_ms - win.at_ms <= RETRIED_MS;
            if can_be && if win.heard { heard } else { !overlooked } {
                tried.insert(random.index(tried.len() + 1), number);
            }
        }
        let mut rest = &tried[..];
        while !rest.is_empty() {
            let (list, later) = rest.split_at(random.one(&[1, 1, 2, 2, 3, 5, 50]).min(rest.len()));
            let mut list = list.to_vec();
            if random.once_in(32) {
                list.push(list[0]);
            }
            self.trace.line(now_ms, || "bleepy     tries again by hand".to_owned());
            self.plan_post(now_ms + random.between(0, 20 * SECOND_MS), list, None);
            rest = later;
        }
        self.random = random;
    }

    /// The id of an attempt at a payout of a reward that counts once.
    pub(crate) fn tr_id(&self, (reward, user): Pair, attempt: u8) -> Option<TrId> {
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
        let theirs = PayoutKey { code, user_key, slot: once() };
        let mut row = Attempt::first(&self.scheme, &theirs, 0, &stamp, &self.rules);
        (row.due_shard, row.tr_id) = (tr_id.shard(), tr_id);
        row.state = State::Sent;
        row.due_at = None;
        self.tables.plant(row);
        Some(())
    }
}

impl Random {
    /// A moment of some day: often around midnight in Korea.
    pub(crate) fn in_days_ms(&mut self) -> i64 {
        let day_ms = i64::try_from(self.index(DAYS)).unwrap_or_default() * DAY_MS;
        let around_ms = self.one(&[40 * SECOND_MS, 2 * MINUTE_MS, 12 * MINUTE_MS, DAY_MS, DAY_MS]);
        let midnight_ms = START_MS + 10 * MINUTE_MS;
        (midnight_ms + day_ms + self.between(-around_ms, around_ms)).max(START_MS)
    }
}

/// The slot of a reward that counts once.
fn once() -> Slot {
    let at = Moment::from_millis(START_MS);
    RepeatPolicy::Once.slot(&payout::Win { at, request_id: "", index: 0, entries: 1 })
}
