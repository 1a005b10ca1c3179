//! Mornings among small tables, with a Giftishow that keeps an account.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use catalog::{Goods, Presence};
use giftishow::{BalanceOutcome, CouponOutcome, PinStatus, TransactionId, Won};
use lambda_runtime::LambdaEvent;
use operation::MoneyView;
use payout::{
    Attempt, CouponStanding, Delivery, Event, Evidence, Gubun, Krw, Moment, NextId, Owner, PayoutKey, Purchase,
    RepeatPolicy, Reward, RewardCode, Slot, Stamp, State, Then, TrId, TrIdScheme, UserKey, transition,
};
use platform::{
    Attention, CountAttention, Due, FindDue, GoodsState, Host, KeepMoney, ListPayouts, ListRewards, Listed, Metric,
    Place, Publish, ReadGoodsState, ReadMoney, ReadPayout, Snapshot, StoreError, TopicError, View,
};
use serde_json::{Value, json};

use super::*;

const PRICE: u64 = 4_500;
const DAY_MS: i64 = 86_400_000;

/// Everything around the function.
struct World {
    now: Cell<i64>,
    balance: Cell<i64>,
    /// What the catalogue says that the goods cost.
    price: Cell<i64>,
    rows: RefCell<BTreeMap<TrId, Attempt>>,
    /// What 0201 says; who is not in here is not known.
    coupons: RefCell<BTreeMap<TrId, PinStatus>>,
    snapshots: RefCell<BTreeMap<String, Snapshot>>,
    letters: RefCell<Vec<(String, String)>>,
    metrics: RefCell<Vec<Metric>>,
    look_ups: Cell<usize>,
    /// Days that were read as a whole.
    read: RefCell<Vec<String>>,
}

struct Fakes;

impl Given for Fakes {
    type Giftishow = &'static World;
    type Payouts = &'static World;
    type Control = &'static World;
    type Rewards = &'static World;
    type Goods = &'static World;
    type Topic = &'static World;
    type Host = &'static World;
}

fn answered<T>(outcome: T) -> giftishow::Answer<T> {
    let evidence = giftishow::Evidence { http_status: Some(200), code: None, transport: None, elapsed: Duration::ZERO };
    giftishow::Answer { outcome, evidence }
}

impl AskMoney for &World {
    async fn balance(&self) -> giftishow::Answer<BalanceOutcome> {
        answered(BalanceOutcome::Balance(Won(self.balance.get())))
    }

    async fn look_up(&self, tr_id: &TransactionId) -> giftishow::Answer<CouponOutcome> {
        self.look_ups.set(self.look_ups.get() + 1);
        let known = TrId::try_from(tr_id.as_str().to_owned()).unwrap();
        let coupon = |status: &PinStatus| giftishow::Coupon {
            status: status.clone(),
            goods_code: None,
            recipient: None,
            sell_price: None,
            consumer_price: None,
            valid_until: None,
            send_result_code: None,
        };
        let found = self.coupons.borrow().get(&known).map(coupon);
        answered(found.map_or(CouponOutcome::NotFound, CouponOutcome::Found))
    }

    async fn read_credentials_again(&self) -> bool {
        false
    }
}

impl ListPayouts for &World {
    async fn of_day(&self, day: &str, shard: u8, _after: Option<&Place>, _most: u8) -> Listed {
        self.read.borrow_mut().push(day.to_owned());
        let partition = format!("{day}/{shard}");
        let rows = self.rows.borrow();
        Ok((rows.values().filter(|row| row.day_shard == partition).cloned().collect(), None))
    }

    async fn of_user(&self, _user_key: &UserKey, _after: Option<&Place>, _most: u8) -> Listed {
        Ok((Vec::new(), None))
    }
}

impl FindDue for &World {
    async fn due(&self, shard: u8, now: Moment, _most: usize) -> Result<Vec<Due>, StoreError> {
        let rows = self.rows.borrow();
        let due = rows.values().filter(|row| row.due_shard == shard && row.is_due(now));
        let due = due.map(|row| Due { tr_id: row.tr_id.clone(), state: row.state, due_at: row.due_at.unwrap() });
        Ok(due.collect())
    }
}

impl CountAttention for &World {
    async fn attention(&self, shard: u8) -> Result<Attention, StoreError> {
        let rows = self.rows.borrow();
        let waiting: Vec<_> = rows.values().filter(|row| row.attention == Some(shard)).collect();
        Ok(Attention { rows: waiting.len() as u64, oldest: waiting.iter().map(|row| row.state_since).min() })
    }
}

impl ReadPayout for &World {
    async fn attempt(&self, tr_id: &TrId) -> Result<Option<Attempt>, StoreError> {
        Ok(self.rows.borrow().get(tr_id).cloned())
    }
}

impl ReadMoney for &World {
    async fn snapshots(&self, _now: Moment, days: u16) -> Result<Vec<Snapshot>, StoreError> {
        Ok(self.snapshots.borrow().values().rev().take(days.into()).cloned().collect())
    }

    async fn counted_today(&self, _now: Moment) -> Result<Krw, StoreError> {
        Ok(Krw(PRICE))
    }
}

impl KeepMoney for &World {
    async fn keep_snapshot(&self, snapshot: &Snapshot) -> Result<bool, StoreError> {
        let mut all = self.snapshots.borrow_mut();
        let is_new = !all.contains_key(&snapshot.money.day);
        all.entry(snapshot.money.day.clone()).or_insert_with(|| snapshot.clone());
        Ok(is_new)
    }
}

impl ListRewards for &World {
    async fn list_rewards(&self) -> Result<Vec<Reward>, StoreError> {
        let reward = Reward {
            code: RewardCode::try_from("AD3FYTFS".to_owned()).unwrap(),
            active: true,
            delivery: Delivery::Giftishow,
            goods_code: "G00000000001".into(),
            gubun: Gubun::Mms,
            mms_title: "hello".into(),
            mms_msg: "hello".into(),
            repeat: RepeatPolicy::Once,
            max_price_krw: Krw(5_000),
            max_per_day: None,
            max_per_user_per_day: None,
            min_valid_days: None,
            template_id: None,
            banner_id: None,
            send_hours: None,
        };
        Ok(vec![reward])
    }
}

impl ReadGoodsState for &World {
    async fn goods_state(&self, code: &str, _view: View) -> Result<Option<GoodsState>, StoreError> {
        let price = Some(catalog::Krw(self.price.get()));
        let goods = Goods {
            code: code.to_owned(),
            discount_price: price,
            state: catalog::SaleState::OnSale,
            ..Goods::default()
        };
        Ok(Some(GoodsState { presence: Presence::Listed, goods }))
    }
}

impl Publish for &World {
    async fn publish(&self, subject: &str, text: &str) -> Result<(), TopicError> {
        self.letters.borrow_mut().push((subject.to_owned(), text.to_owned()));
        Ok(())
    }
}

impl Host for &World {
    fn now(&self) -> Moment {
        Moment::from_millis(self.now.get())
    }

    fn random(&self) -> u128 {
        7
    }

    async fn sleep(&self, time: Duration) {
        self.now.set(self.now.get() + i64::try_from(time.as_millis()).unwrap());
    }

    fn count(&self, metric: Metric, count: usize) {
        self.metrics.borrow_mut().extend(std::iter::repeat_n(metric, count));
    }

    fn gauge(&self, _metric: Metric, _value: u64) {}
}

fn scheme() -> TrIdScheme {
    TrIdScheme::new("bg", "test").unwrap()
}

impl World {
    /// Six o'clock in the morning of 22 November, in Korea, with a million won.
    fn new() -> &'static Self {
        let six: Moment = "2026-11-21T21:00:00Z".parse().unwrap();
        Box::leak(Box::new(Self {
            now: Cell::new(six.as_millis()),
            balance: Cell::new(1_000_000),
            price: Cell::new(i64::try_from(PRICE).unwrap()),
            rows: RefCell::default(),
            coupons: RefCell::default(),
            snapshots: RefCell::default(),
            letters: RefCell::default(),
            metrics: RefCell::default(),
            look_ups: Cell::default(),
            read: RefCell::default(),
        }))
    }

    fn pass(&self, ms: i64) {
        self.now.set(self.now.get() + ms);
    }

    fn pay(&self, won: i64) {
        self.balance.set(self.balance.get() + won);
    }

    fn accepted(&self, user: &str) -> TrId {
        let payout = PayoutKey {
            code: RewardCode::try_from("AD3FYTFS".to_owned()).unwrap(),
            user_key: UserKey::try_from(user.to_owned()).unwrap(),
            slot: Slot::granted(1),
        };
        let row = Attempt::first(&scheme(), &payout, 0, &self.stamp(None), &Rules::default());
        let tr_id = row.tr_id.clone();
        self.rows.borrow_mut().insert(tr_id.clone(), row);
        tr_id
    }

    fn stamp(&self, code: Option<&str>) -> Stamp {
        let evidence = Evidence { code: code.map(ToOwned::to_owned), http_status: Some(200) };
        Stamp { owner: Owner::new("one"), at: Moment::from_millis(self.now.get()), evidence }
    }

    /// What this makes of the row, and the attempt that follows, if one does.
    fn then(&self, tr_id: &TrId, event: Event, code: Option<&str>) -> Option<TrId> {
        let row = self.rows.borrow()[tr_id].clone();
        let done = transition(&row, event, &self.stamp(code), &Rules::default()).unwrap();
        let mut rows = self.rows.borrow_mut();
        rows.insert(tr_id.clone(), done.after);
        let mut following = None;
        for effect in done.effects {
            if let payout::Effect::StartAttempt(next) = effect {
                following = Some(next.tr_id.clone());
                rows.insert(next.tr_id.clone(), *next);
            }
        }
        following
    }

    fn claim(&self, tr_id: &TrId) {
        let lease_until = Moment::from_millis(self.now.get() + 60_000);
        let price_krw = Some(Krw(PRICE));
        let purchase = Purchase { gubun: Gubun::Mms, goods_code: "G00000000001".into(), price_krw };
        self.then(tr_id, Event::Claim { lease_until, purchase: Some(purchase) }, None);
    }

    fn send(&self, tr_id: &TrId) {
        self.claim(tr_id);
        self.pay(-i64::try_from(PRICE).unwrap());
        self.then(tr_id, Event::Issued { order_no: "1".into() }, Some("0000"));
        self.coupons.borrow_mut().insert(tr_id.clone(), PinStatus::Issued);
    }

    fn sent(&self, user: &str) -> TrId {
        let tr_id = self.accepted(user);
        self.send(&tr_id);
        tr_id
    }

    /// Of an unknown one: the attempt that follows.
    fn cancel(&self, tr_id: &TrId) -> Option<TrId> {
        self.pay(i64::try_from(PRICE).unwrap());
        self.coupons.borrow_mut().remove(tr_id);
        let next = self.next(tr_id);
        self.then(tr_id, Event::Cancelled { next }, Some("0000"))
    }

    fn next(&self, tr_id: &TrId) -> NextId {
        self.rows.borrow()[tr_id].next_id(&scheme(), 0)
    }

    fn order(&self, tr_id: &TrId, then: Then) {
        self.then(tr_id, Event::Ordered { then, standing: CouponStanding::Live }, None);
    }

    fn invoke(&'static self, event: Value) -> Result<Answer, ReconcileError> {
        let reconcile = Reconcile::<Fakes> {
            line: self,
            payouts: self,
            control: self,
            rewards: self,
            goods: self,
            topic: self,
            rules: Rules::default(),
            daily_budget: Krw(1_000_000),
            balance_warn_days: 3,
            host: self,
        };
        let mut context = lambda_runtime::Context::default();
        context.deadline = u64::try_from(self.now.get() + 900_000).unwrap();
        let mut run = Box::pin(handle(&reconcile, LambdaEvent::new(event, context)));
        match run.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => done,
            Poll::Pending => panic!("nothing here waits"),
        }
    }

    fn morning(&'static self) -> Snapshot {
        assert_eq!(self.invoke(json!({ "task": "reconcile" })).unwrap(), Answer::Done { done: "taken" });
        self.snapshots.borrow().values().next_back().unwrap().clone()
    }

    fn by_hand(&'static self) -> MoneyView {
        match self.invoke(json!({ "by_hand": true })).unwrap() {
            Answer::Money(view) => view,
            Answer::Done { done } => panic!("{done}"),
        }
    }

    fn counted(&self, metric: Metric) -> usize {
        self.metrics.borrow().iter().filter(|one| **one == metric).count()
    }
}

#[track_caller]
fn assert_zero(snapshot: &Snapshot, issued: u64, cancelled: u64) {
    let money = &snapshot.money;
    assert_eq!(money.difference, Some(0), "{money:?}");
    assert_eq!((money.issued.0 / PRICE, money.cancelled.0 / PRICE), (issued, cancelled), "{money:?}");
    assert!(!snapshot.doubtful && money.explanations.is_empty(), "{snapshot:?}");
}

#[test]
fn the_first_snapshot_compares_with_nothing_and_each_day_has_one() {
    let world = World::new();
    world.sent("a");
    let first = world.morning();
    assert_eq!((first.money.day.as_str(), first.money.difference), ("2026-11-22", None));
    assert_eq!(world.invoke(json!({ "task": "reconcile" })).unwrap(), Answer::Done { done: "taken_before" });
}

#[test]
fn sends_cancels_re_issues_and_orders_leave_no_difference() {
    let world = World::new();
    let before = world.sent("sent before");
    let waits = world.accepted("waits");
    world.morning();
    world.pass(DAY_MS / 2);
    // Sent; cancelled by order, of before and of today; unknown, cancelled and sent again; failed; nothing came of it.
    world.sent("b");
    world.send(&waits);
    world.order(&before, Then::Close);
    assert_eq!(world.cancel(&before), None);
    let reissued = world.sent("c");
    world.order(&reissued, Then::Reissue);
    let next = world.cancel(&reissued).unwrap();
    world.send(&next);
    let unknown = world.accepted("d");
    world.claim(&unknown);
    world.pay(-i64::try_from(PRICE).unwrap());
    world.then(&unknown, Event::NoAnswer { send_started_at: Moment::from_millis(world.now.get()) }, None);
    world.cancel(&unknown).unwrap();
    let failed = world.accepted("e");
    world.claim(&failed);
    world.then(&failed, Event::InputRefused, Some("ERR0201"));
    world.pass(DAY_MS / 2);
    // b, waits, c twice, d; before, c, d.
    assert_zero(&world.morning(), 5, 3);
    assert_eq!(world.counted(Metric::ReconciliationDifference), 0);
}

#[test]
fn a_coupon_of_before_that_is_cancelled_today_counts_today_and_later_days_are_not_read_for_ever() {
    let world = World::new();
    let old = world.sent("old");
    for _ in 0..6 {
        world.morning();
        world.pass(DAY_MS);
    }
    world.order(&old, Then::Close);
    world.cancel(&old);
    assert_zero(&world.morning(), 0, 1);
    world.pass(DAY_MS);
    world.morning();
    world.pass(DAY_MS);
    world.read.borrow_mut().clear();
    assert_zero(&world.morning(), 0, 0);
    assert!(!world.read.borrow().iter().any(|day| day.as_str() < "2026-11-28"), "{:?}", world.read.borrow());
}

#[test]
fn what_waited_for_weeks_counts_on_the_day_on_which_it_is_sent() {
    let world = World::new();
    let waits = world.accepted("waits");
    let failed = world.accepted("fails");
    world.claim(&failed);
    world.then(&failed, Event::InputRefused, Some("ERR0201"));
    for _ in 0..40 {
        world.morning();
        world.pass(DAY_MS);
    }
    world.read.borrow_mut().clear();
    world.send(&waits);
    assert_zero(&world.morning(), 1, 0);
    assert!(!world.read.borrow().contains(&"2026-11-22".to_owned()), "two rows are read, and not their whole day");
    world.pass(DAY_MS);
    world.order(&waits, Then::Close);
    world.cancel(&waits);
    assert_zero(&world.morning(), 0, 1);
}

#[test]
fn a_coupon_bought_past_us_calls_a_person() {
    let world = World::new();
    world.morning();
    world.pass(DAY_MS);
    world.sent("a");
    world.pay(-5_000);
    let snapshot = world.morning();
    assert_eq!((snapshot.money.difference, world.counted(Metric::ReconciliationDifference)), (Some(-5_000), 1));
    let [why] = snapshot.money.explanations.as_slice() else { panic!("{snapshot:?}") };
    assert!(why.contains("다른 곳에서 산 쿠폰"), "{why}");
}

#[test]
fn a_price_that_changed_is_named() {
    let world = World::new();
    world.morning();
    world.pass(DAY_MS);
    world.sent("a");
    world.price.set(4_700);
    world.pay(-200);
    let snapshot = world.morning();
    assert_eq!((snapshot.money.difference, world.counted(Metric::ReconciliationDifference)), (Some(-200), 1));
    let told = "상품 G00000000001의 가격이 바뀌었습니다: 발송 기록 4,500원, 지금 4,700원.";
    assert_eq!(snapshot.money.explanations, [told]);
}

#[test]
fn a_top_up_is_no_fault_and_is_over_once_a_person_confirms_it() {
    let world = World::new();
    world.morning();
    world.pass(DAY_MS);
    world.sent("a");
    world.pay(1_000_000);
    let mut snapshot = world.morning();
    assert_eq!((snapshot.money.difference, world.counted(Metric::ReconciliationDifference)), (Some(1_000_000), 0));
    let how = snapshot.money.explanations.join(" ");
    assert!(how.contains("giftctl money top-up --day 2026-11-23 --amount 1000000"), "{how}");
    snapshot.top_ups.insert("order".into(), Krw(1_000_000));
    assert_eq!(snapshot.seen().difference, Some(0));
    world.pass(DAY_MS);
    assert_zero(&world.morning(), 0, 0);
}

#[test]
fn a_coupon_cancelled_past_us_is_found_among_those_that_were_sent() {
    let world = World::new();
    let tr_id = world.sent("a");
    world.sent("b");
    world.morning();
    world.pass(DAY_MS);
    world.coupons.borrow_mut().remove(&tr_id);
    world.pay(i64::try_from(PRICE).unwrap());
    let snapshot = world.morning();
    assert_eq!(snapshot.money.difference, Some(i64::try_from(PRICE).unwrap()));
    let told = snapshot.money.explanations.join(" ");
    assert!(told.contains(&format!("1건이 기록과 다릅니다: {tr_id}(없음)")), "{told}");
}

#[test]
fn while_a_send_is_under_way_it_waits_and_at_last_says_that_it_could_not() {
    let world = World::new();
    world.morning();
    world.pass(DAY_MS);
    let tr_id = world.accepted("a");
    world.claim(&tr_id);
    assert_eq!(world.invoke(json!({ "task": "reconcile" })).unwrap(), Answer::Done { done: "not_quiet" });
    assert_eq!(world.snapshots.borrow().len(), 1);
    let at_last = json!({ "task": "reconcile", "last": true });
    assert_eq!(world.invoke(at_last).unwrap(), Answer::Done { done: "taken" });
    assert!(world.snapshots.borrow()["2026-11-23"].doubtful);
}

#[test]
fn what_a_row_cannot_tell_giftishow_is_asked() {
    let world = World::new();
    world.morning();
    world.pass(DAY_MS);
    // Issued, and nobody saw it: given up after five duplicates that showed nothing.
    let tr_id = world.accepted("a");
    for _ in 0..6 {
        world.pass(3_600_000);
        world.claim(&tr_id);
        world.then(&tr_id, Event::DuplicateOfOurs(CouponStanding::Absent), Some("ERR0215"));
    }
    assert_eq!(world.rows.borrow()[&tr_id].state, State::Review);
    world.pay(-i64::try_from(PRICE).unwrap());
    world.coupons.borrow_mut().insert(tr_id, PinStatus::Issued);
    assert_zero(&world.morning(), 1, 0);
    assert_eq!(world.look_ups.get(), 1);
}

#[test]
fn a_person_who_asks_sees_the_money_as_it_is_now_and_the_morning_stays_what_it_was() {
    let world = World::new();
    world.morning();
    world.pass(DAY_MS);
    world.sent("a");
    world.morning();
    world.pass(3_600_000);
    world.sent("b");
    let view = world.by_hand();
    let [now, morning, first] = view.days.as_slice() else { panic!("{view:?}") };
    assert_eq!((now.difference, now.issued, morning.issued), (Some(0), Krw(PRICE), Krw(PRICE)));
    assert_eq!((first.difference, view.budget_left), (None, Some(Krw(1_000_000 - PRICE))));
    assert_eq!(world.snapshots.borrow().len(), 2);
}

#[test]
fn a_balance_that_lasts_for_too_few_days_calls_a_person() {
    let world = World::new();
    world.balance.set(20_000);
    world.morning();
    world.pass(DAY_MS);
    world.sent("a");
    world.morning();
    assert_eq!(world.counted(Metric::BalanceLow), 0, "15,500 at 4,500 a day are three days");
    world.pass(DAY_MS);
    world.sent("b");
    world.morning();
    assert_eq!(world.counted(Metric::BalanceLow), 1);
}

#[test]
fn the_letter_tells_of_the_day_before() {
    let world = World::new();
    world.pass(-DAY_MS / 2);
    world.sent("a");
    let failed = world.accepted("b");
    world.claim(&failed);
    world.then(&failed, Event::InputRefused, Some("ERR0201"));
    let unknown = world.accepted("c");
    world.claim(&unknown);
    world.then(&unknown, Event::NoAnswer { send_started_at: Moment::from_millis(world.now.get()) }, None);
    // The next attempt is begun, and sent, today.
    world.pass(DAY_MS / 2);
    world.pay(-i64::try_from(PRICE).unwrap());
    let next = world.cancel(&unknown).unwrap();
    world.send(&next);
    world.price.set(5_200);
    world.morning();
    world.pass(3 * 3_600_000);
    assert_eq!(world.invoke(json!({ "task": "digest" })).unwrap(), Answer::Done { done: "told" });
    let letters = world.letters.borrow();
    let [(subject, text)] = letters.as_slice() else { panic!("{letters:?}") };
    assert_eq!(subject, "[경품 지급] 11월 21일 현황 · 확인 필요 1건");
    let told = [
        "당첨 3건\n발송 2건\n실패·확인 필요 1건\n- 기프티쇼가 요청을 거부함 (ERR0201): 1건",
        "가장 오래된 건: 15시간 경과",
        "어제 당첨 발송액 9,000원",
        "오늘 남은 예산 995,500원",
        "비즈머니 잔액 991,000원 (06시)",
        "첫 기록입니다.",
        "- AD3FYTFS: 가격 5,200원, 한도 5,000원",
    ];
    for told in told {
        assert!(text.contains(told), "{told}\n\n{text}");
    }
}
