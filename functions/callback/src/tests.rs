//! What is recorded of a list, in a small table.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::Duration;

use payout::{
    Attempt, Delivery, Event as PayoutEvent, Evidence, Gubun, Krw, Moment, RepeatPolicy, Reward, RewardCode, State,
    TrId, transition,
};
use platform::{Env, Found, Lost, Metric, Refusal, StoreError, Write, Written};
use serde_json::Value;

use super::*;

/// SHA-256 of "t".
const TOKEN: &str = "e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8";
/// Sunday, twelve o'clock in Korea.
const NOON: &str = "2026-11-22T03:00:00Z";

/// The rows, the clock, and what was counted.
#[derive(Default)]
struct World {
    rows: RefCell<HashMap<TrId, Attempt>>,
    /// Rows that are written by others just when nobody looks: they are in the way and not found.
    unseen: Cell<bool>,
    lost: Cell<Option<Lost>>,
    rewards: RefCell<HashMap<RewardCode, Reward>>,
    now: Cell<i64>,
    tokens: Cell<u128>,
    counted: RefCell<Vec<Metric>>,
}

impl ReadRewards for &World {
    async fn rewards(&self, _codes: &[RewardCode]) -> Result<HashMap<RewardCode, Reward>, StoreError> {
        Ok(self.rewards.borrow().clone())
    }
}

impl ReadPayout for &World {
    async fn attempt(&self, tr_id: &TrId) -> Result<Option<Attempt>, StoreError> {
        Ok(self.rows.borrow().get(tr_id).cloned())
    }
}

impl FindPayouts for &World {
    async fn find(&self, tr_ids: &[TrId]) -> Result<Found, StoreError> {
        let rows = self.rows.borrow();
        let rows = tr_ids.iter().filter_map(|tr_id| rows.get(tr_id).cloned());
        Ok(Found { rows: rows.filter(|_| !self.unseen.get()).collect(), lost: self.lost.get() })
    }
}

impl WritePayouts for &World {
    async fn write(&self, writes: &[Write]) -> Result<Written, StoreError> {
        let mut rows = self.rows.borrow_mut();
        let refused = |write: &Write| match write {
            Write::Put(row) => rows.get(&row.tr_id).cloned(),
            Write::Change { before, .. } => rows.get(&before.tr_id).filter(|row| *row != before).cloned(),
            Write::Absent { tr_id, payout_id } => rows.get(tr_id).filter(|row| row.payout_id == *payout_id).cloned(),
            _ => None,
        };
        let refusals: Vec<_> = (0..)
            .zip(writes)
            .filter_map(|(index, write)| Some(Refusal { index, current: Some(refused(write)?) }))
            .collect();
        if !refusals.is_empty() {
            return Ok(Written::Refused(refusals));
        }
        for write in writes {
            match write {
                Write::Put(row) | Write::Change { after: row, .. } => drop(rows.insert(row.tr_id.clone(), row.clone())),
                Write::NoteDuplicate { tr_id, times, .. } => rows.get_mut(tr_id).unwrap().duplicates += times,
                _ => {}
            }
        }
        Ok(Written::Done)
    }
}

impl Host for &World {
    fn now(&self) -> Moment {
        Moment::from_millis(self.now.get())
    }

    fn random(&self) -> u128 {
        self.tokens.set(self.tokens.get() + 1);
        self.tokens.get()
    }

    async fn sleep(&self, _time: Duration) {}

    fn count(&self, metric: Metric, count: usize) {
        self.counted.borrow_mut().extend(std::iter::repeat_n(metric, count));
    }

    fn gauge(&self, _metric: Metric, _value: u64) {}
}

impl World {
    fn new(repeat: RepeatPolicy) -> Self {
        let world = Self::default();
        world.put_reward("A", repeat);
        world
    }

    fn set_active(&self, active: bool) {
        self.rewards.borrow_mut().values_mut().for_each(|reward| reward.active = active);
    }

    fn put_reward(&self, code: &str, repeat: RepeatPolicy) {
        let code = RewardCode::try_from(code.to_owned()).unwrap();
        let reward = Reward {
            code: code.clone(),
            active: true,
            delivery: Delivery::Giftishow,
            goods_code: "G00000000001".into(),
            gubun: Gubun::Mms,
            mms_title: "hello".into(),
            mms_msg: "hello".into(),
            repeat,
            max_price_krw: Krw(4_500),
            max_per_day: None,
            max_per_user_per_day: None,
            min_valid_days: None,
            template_id: None,
            banner_id: None,
            send_hours: None,
        };
        self.rewards.borrow_mut().insert(code, reward);
    }

    fn callback(&self) -> Callback<&Self, &Self, &Self> {
        Callback {
            access: Access::from_env(&Env::of(&[("CALLBACK_TOKEN_SHA256", TOKEN)])).unwrap(),
            scheme: TrIdScheme::new("bg", "test").unwrap(),
            rules: Rules::default(),
            rewards: RewardCache::new(self),
            payouts: self,
            host: self,
        }
    }

    /// Bleepy calls; the status, and what became of each entry.
    fn called(&self, at: &str, wins: &[(&str, &str)]) -> (u16, Vec<String>) {
        let list: Vec<_> = wins.iter().map(|(code, user)| json(code, user)).collect();
        self.called_with(at, &format!(r#"{{"list":[{}]}}"#, list.join(",")))
    }

    fn called_with(&self, at: &str, body: &str) -> (u16, Vec<String>) {
        self.now.set(at.parse::<Moment>().unwrap().as_millis());
        let body = Body::Plain(body.as_bytes());
        let call =
            Call { method: "POST", path: "/bleepy/t", source_ip: None, request_id: None, content_type: None, body };
        let response = ready(respond(&self.callback(), &call));
        let body: Value = serde_json::from_str(&response.body).unwrap();
        let entries = body["entries"].as_array().cloned().unwrap_or_default();
        (response.status_code, entries.iter().map(|entry| entry["status"].as_str().unwrap().to_owned()).collect())
    }

    /// As [`Self::called`], of one winner of "A", alone or in a list with another one.
    fn single(&self, at: &str) -> String {
        self.called(at, &[("A", "me")]).1.remove(0)
    }

    fn in_a_list(&self, at: &str) -> String {
        self.called(at, &[("A", "me"), ("A", "somebody else")]).1.remove(0)
    }

    fn rows_of_mine(&self) -> Vec<Attempt> {
        let rows = self.rows.borrow();
        rows.values().filter(|row| row.user_key.as_ref().is_some_and(|user| user.as_str() == "me")).cloned().collect()
    }

    fn change(&self, change: impl Fn(&mut Attempt)) {
        self.rows.borrow_mut().values_mut().for_each(change);
    }
}

fn json(code: &str, user: &str) -> String {
    format!(r#"{{"code":"{code}","userKey":"{user}"}}"#)
}

/// Nothing here waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(done) => done,
        std::task::Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn a_list_that_names_who_won_on_an_earlier_day_is_held_and_a_single_entry_is_not() {
    let world = World::new(RepeatPolicy::Daily);
    assert_eq!(world.single("2026-11-15T03:00:00Z"), "accepted");
    assert_eq!(world.in_a_list(NOON), "held");
    let world = World::new(RepeatPolicy::Daily);
    assert_eq!((world.single("2026-11-15T03:00:00Z").as_str(), world.single(NOON).as_str()), ("accepted", "accepted"));
}

#[test]
fn a_list_that_names_who_won_today_is_held_beside_that_and_a_single_entry_is_a_duplicate() {
    let world = World::new(RepeatPolicy::Daily);
    assert_eq!(world.single(NOON), "accepted");
    assert_eq!(world.single("2026-11-22T03:01:00Z"), "duplicate");
    assert_eq!(world.in_a_list("2026-11-22T03:02:00Z"), "held");
    assert_eq!(world.rows_of_mine().len(), 2);
}

#[test]
fn what_a_list_recorded_may_be_another_days_win_and_proves_nothing_to_a_single_entry() {
    let world = World::new(RepeatPolicy::Daily);
    assert_eq!(world.in_a_list(NOON), "accepted");
    assert_eq!(world.single("2026-11-22T03:01:00Z"), "held");
    assert_eq!(world.rows_of_mine().len(), 2);
}

#[test]
fn a_list_that_names_a_pair_twice_holds_the_second_one() {
    let world = World::new(RepeatPolicy::Daily);
    assert_eq!(world.called(NOON, &[("A", "me"), ("A", "me")]).1, ["accepted", "held"]);
}

#[test]
fn what_waits_for_a_persons_word_is_opened_by_no_callback() {
    let world = World::new(RepeatPolicy::Daily);
    world.single(NOON);
    for minute in 1..4 {
        assert_eq!(world.in_a_list(&format!("2026-11-22T03:0{minute}:00Z")), "held");
    }
    let held: Vec<_> = world.rows_of_mine().into_iter().filter(Attempt::may_be_repeated).collect();
    assert_eq!((held.len(), held[0].duplicates), (1, 2));
}

#[test]
fn right_after_midnight_only_a_young_payout_of_the_day_before_is_in_the_way() {
    let world = World::new(RepeatPolicy::Daily);
    world.single("2026-11-22T14:56:00Z");
    assert_eq!(world.single("2026-11-22T15:00:30Z"), "held");
    let world = World::new(RepeatPolicy::Daily);
    world.single("2026-11-22T14:40:00Z");
    assert_eq!(world.single("2026-11-22T15:00:30Z"), "accepted");
}

#[test]
fn one_win_that_is_recorded_on_both_sides_of_midnight_at_once_is_held_on_one_of_them() {
    let world = World::new(RepeatPolicy::Daily);
    world.single("2026-11-22T14:59:59Z");
    world.unseen.set(true);
    assert_eq!(world.single("2026-11-22T15:00:01Z"), "held");
}

#[test]
fn a_payout_is_known_by_its_name_and_not_by_its_tr_id() {
    let world = World::new(RepeatPolicy::Once);
    world.single(NOON);
    // A person has had the user key erased.
    world.change(|row| row.user_key = None);
    assert_eq!(world.single(NOON), "duplicate");
    // The id belongs to somebody else.
    let foreign = World::new(RepeatPolicy::Once);
    foreign.called(NOON, &[("A", "somebody else")]);
    let other = foreign.rows.borrow().values().next().unwrap().payout_id.clone();
    world.change(|row| row.payout_id = other.clone());
    assert_eq!(world.single(NOON), "accepted");
    assert_eq!(world.rows_of_mine()[0].salt, 1);
}

#[test]
fn where_rows_may_be_missing_a_list_is_held() {
    let world = World::new(RepeatPolicy::Daily);
    let lost = |from: &str, until: &str| Some(Lost { from: from.parse().unwrap(), until: until.parse().unwrap() });
    world.lost.set(lost("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"));
    assert_eq!(world.in_a_list(NOON), "held");
    world.rows.borrow_mut().clear();
    world.lost.set(lost("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"));
    assert_eq!(world.in_a_list(NOON), "accepted");
}

#[test]
fn a_code_without_a_reward_is_held_and_keeps_nobody_waiting_and_is_paid_once_it_has_one() {
    let world = World::new(RepeatPolicy::Once);
    assert_eq!(world.called(NOON, &[("B", "me"), ("A", "me")]), (200, vec!["held".to_owned(), "accepted".to_owned()]));
    assert!(world.counted.borrow().contains(&Metric::PayoutsFailed));
    let alarms =
        |world: &World| world.counted.borrow().iter().filter(|metric| **metric == Metric::PayoutsFailed).count();
    assert_eq!((world.called(NOON, &[("B", "me")]).1, alarms(&world)), (vec!["duplicate".to_owned()], 1));
    let states = |world: &World| world.rows_of_mine().iter().filter(|row| row.state == State::Accepted).count();
    assert_eq!(states(&world), 1);
    world.put_reward("B", RepeatPolicy::Once);
    world.called(NOON, &[("B", "me")]);
    assert_eq!(states(&world), 2);
}

#[test]
fn who_looks_after_a_code_without_a_reward_sees_how_often_it_was_won() {
    let world = World::new(RepeatPolicy::Once);
    assert_eq!(world.called(NOON, &[("B", "me"), ("B", "me")]).1, ["held", "duplicate"]);
    world.called(NOON, &[("B", "me"), ("A", "me"), ("B", "me"), ("B", "me")]);
    let noted: Vec<_> = world.rows_of_mine().iter().map(|row| (row.code.as_str() == "B", row.duplicates)).collect();
    assert!(noted.contains(&(true, 4)) && noted.contains(&(false, 0)), "{noted:?}");
}

#[test]
fn what_may_be_repeated_is_opened_by_no_callback_even_if_its_reward_was_off_when_it_came() {
    let world = World::new(RepeatPolicy::Daily);
    world.single("2026-11-22T14:56:00Z");
    world.set_active(false);
    assert_eq!(world.single("2026-11-22T15:00:30Z"), "held");
    world.set_active(true);
    assert_eq!(world.single("2026-11-22T15:00:50Z"), "duplicate");
    let states: Vec<_> = world.rows_of_mine().iter().map(|row| row.state).collect();
    assert!(states.contains(&State::Review) && states.contains(&State::Accepted), "{states:?}");
}

#[test]
fn a_callback_opens_what_awaits_other_goods_and_nothing_else_that_is_in_review() {
    for (event, opens) in [
        (PayoutEvent::GoodsWithdrawn, true),
        (PayoutEvent::RefusedAlone(payout::LineFault::Configuration), false),
        (PayoutEvent::DuplicateOfForeign, false),
    ] {
        let world = World::new(RepeatPolicy::Once);
        world.single(NOON);
        world.change(|row| {
            let stamp =
                |at: Moment| payout::Stamp { owner: payout::Owner::new("send"), at, evidence: Evidence::default() };
            let at = row.accepted_at;
            let claim = PayoutEvent::Claim { lease_until: at.after(Duration::from_mins(1)), purchase: None };
            for event in [claim, event.clone()] {
                *row = transition(row, event, &stamp(at), &Rules::default()).unwrap().after;
            }
        });
        assert_eq!(world.single(NOON), "duplicate");
        assert_eq!(world.rows_of_mine()[0].state == State::Accepted, opens, "{event:?}");
    }
}

#[test]
fn a_payout_that_a_person_has_closed_is_a_duplicate_that_opens_nothing_and_alarms_nobody() {
    let close = |row: &mut Attempt| {
        let standing = payout::CouponStanding::Absent;
        let event = PayoutEvent::Ordered { then: payout::Then::Close, standing };
        let stamp =
            payout::Stamp { owner: payout::Owner::new("person"), at: row.accepted_at, evidence: Evidence::default() };
        *row = transition(row, event, &stamp, &Rules::default()).unwrap().after;
    };
    // It had failed: what is there is re-opened otherwise.
    let world = World::new(RepeatPolicy::Once);
    assert_eq!(world.called(NOON, &[("B", "me")]).1, ["held"]);
    world.change(close);
    world.put_reward("B", RepeatPolicy::Once);
    world.counted.borrow_mut().clear();
    for list in [vec![("B", "me")], vec![("B", "me"), ("A", "somebody else")]] {
        assert_eq!((world.called(NOON, &list).0, world.called(NOON, &list).1.remove(0)), (200, "duplicate".to_owned()));
    }
    let rows = world.rows_of_mine();
    assert_eq!((rows.len(), rows[0].state, rows[0].duplicates), (1, State::Closed, 4));
    let counted = world.counted.borrow();
    assert!(!counted.contains(&Metric::PayoutsFailed) && !counted.contains(&Metric::PayoutsInReview), "{counted:?}");
}

#[test]
fn a_win_of_an_unknown_code_whose_earlier_one_a_person_has_closed_is_put_before_a_person_again() {
    let world = World::new(RepeatPolicy::Once);
    assert_eq!(world.called(NOON, &[("B", "me")]).1, ["held"]);
    world.change(|row| (row.state, row.attention) = (State::Closed, None));
    // Nobody knows how often the code may be won: noted on what is closed it would be seen by nobody.
    for _ in 0..2 {
        assert_eq!(world.called(NOON, &[("B", "me")]).0, 200);
    }
    let mut rows = world.rows_of_mine();
    rows.sort_by_key(|row| row.state.waits_for_a_person());
    assert_eq!(rows.iter().map(|row| row.state).collect::<Vec<_>>(), [State::Closed, State::Review]);
    assert_eq!(rows[1].duplicates, 1, "the second is noted where a person sees it");
}

#[test]
fn a_day_whose_doubtful_win_was_closed_takes_no_retry_of_it_for_a_win() {
    let world = World::new(RepeatPolicy::Daily);
    world.single("2026-11-22T14:56:00Z");
    assert_eq!(world.single("2026-11-22T15:00:30Z"), "held");
    world.change(|row| {
        if row.may_be_repeated() {
            (row.state, row.attention) = (State::Closed, None);
        }
    });
    assert_eq!(world.single("2026-11-22T15:00:50Z"), "duplicate");
    assert_eq!(world.rows_of_mine().iter().filter(|row| row.state == State::Closed).count(), 1);
}

#[test]
fn a_refusal_behind_the_token_is_counted() {
    let world = World::new(RepeatPolicy::Once);
    assert_eq!(world.called_with(NOON, "{}").0, 400);
    assert_eq!(*world.counted.borrow(), [Metric::CallbacksRefused]);
}
