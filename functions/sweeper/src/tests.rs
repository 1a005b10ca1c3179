//! What a sweep makes of a person's order, among small tables and a Giftishow that says what it is told to say.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use giftishow::{
    Answer, BalanceOutcome, CancelOutcome, Coupon, CouponOutcome, PinStatus, TransactionId, TransportFault,
};
use lambda_runtime::LambdaEvent;
use payout::{
    Attempt, CouponStanding, Event, Evidence, Gubun, Krw, Line, Moment, Owner, PayoutKey, Purchase, RepeatPolicy,
    RewardCode, Stamp, State, Then, TrId, UserKey, Win, transition,
};
use platform::{
    Attention, Beat, Beats, ControlLine, CountAttention, Due, FindDue, Host, KeepTime, Metric, ReadPayout, Refusal,
    StoreError, WakeError, WakeSend, Write, WritePayouts, Written,
};
use serde_json::Value;

use super::*;

const START: i64 = 1_790_000_000_000;
const HOUR: i64 = 3_600;

/// Everything around the function.
#[derive(Default)]
struct World {
    seconds: Cell<i64>,
    tokens: Cell<u128>,
    rows: RefCell<Vec<Attempt>>,
    buried: RefCell<Vec<TrId>>,
    cancels: Cell<u32>,
    /// What 0202 answers; `None` is no answer.
    cancel: Cell<Option<CancelOutcome>>,
    /// What 0201 shows; `None` is nothing.
    status: Cell<Option<PinStatus>>,
    counted: RefCell<Vec<Metric>>,
}

#[derive(Clone, Default)]
struct Fake(Rc<World>);

impl Given for Fake {
    type Giftishow = Self;
    type Payouts = Self;
    type Control = Self;
    type Time = Self;
    type Send = Self;
    type Host = Self;
}

fn answer<T>(outcome: T, transport: Option<TransportFault>) -> Answer<T> {
    let evidence = giftishow::Evidence { http_status: Some(200), code: None, transport, elapsed: Duration::ZERO };
    Answer { outcome, evidence }
}

impl CancelCoupon for Fake {
    async fn cancel(&self, _tr_id: &TransactionId) -> Answer<CancelOutcome> {
        self.0.cancels.set(self.0.cancels.get() + 1);
        match self.0.cancel.get() {
            Some(outcome) => answer(outcome, None),
            None => answer(CancelOutcome::Unanswered, Some(TransportFault::Deadline)),
        }
    }

    async fn look_up(&self, _tr_id: &TransactionId) -> Answer<CouponOutcome> {
        let coupon = |status| Coupon {
            status,
            goods_code: Some("G1".into()),
            recipient: None,
            sell_price: None,
            consumer_price: None,
            valid_until: None,
            send_result_code: None,
        };
        answer(
            self.0.status.take().map_or(CouponOutcome::NotFound, |status| CouponOutcome::Found(coupon(status))),
            None,
        )
    }

    async fn balance(&self) -> Answer<BalanceOutcome> {
        answer(BalanceOutcome::Unanswered, None)
    }

    async fn read_credentials_again(&self) -> bool {
        false
    }
}

impl FindDue for Fake {
    async fn due(&self, shard: u8, now: Moment, _most: usize) -> Result<Vec<Due>, StoreError> {
        let rows = self.0.rows.borrow();
        let due = rows.iter().filter(|row| row.due_shard == shard && row.is_due(now));
        Ok(due.map(|row| Due { tr_id: row.tr_id.clone(), state: row.state, due_at: now }).collect())
    }
}

impl CountAttention for Fake {
    async fn attention(&self, _shard: u8) -> Result<Attention, StoreError> {
        Ok(Attention::default())
    }
}

impl ReadPayout for Fake {
    async fn attempt(&self, tr_id: &TrId) -> Result<Option<Attempt>, StoreError> {
        Ok(self.0.rows.borrow().iter().find(|row| row.tr_id == *tr_id).cloned())
    }
}

impl WritePayouts for Fake {
    async fn write(&self, writes: &[Write]) -> Result<Written, StoreError> {
        let mut rows = self.0.rows.borrow_mut();
        let refused = |write: &Write| match write {
            Write::Put(new) => rows.iter().find(|row| row.tr_id == new.tr_id).cloned(),
            Write::Change { before, .. } => {
                rows.iter().find(|row| row.tr_id == before.tr_id && *row != before).cloned()
            }
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
                Write::Put(row) => rows.push(row.clone()),
                Write::Change { after, .. } => {
                    rows.iter_mut().filter(|row| row.tr_id == after.tr_id).for_each(|row| row.clone_from(after));
                }
                Write::Bury(tr_id) => self.0.buried.borrow_mut().push(tr_id.clone()),
                _ => {}
            }
        }
        Ok(Written::Done)
    }
}

impl ControlLine for Fake {
    async fn line(&self) -> Result<Line, StoreError> {
        Ok(Line::default())
    }

    async fn change_line(&self, _after: &Line) -> Result<bool, StoreError> {
        Ok(true)
    }
}

impl KeepTime for Fake {
    async fn beats(&self) -> Result<Beats, StoreError> {
        Ok(Beats::default())
    }

    async fn beat(&self, _beat: Beat, _sweep: &Owner, _until: Moment) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn hold(&self, _sweep: &Owner, _until: Moment) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn heal(&self, _beat: Beat) -> Result<(), StoreError> {
        Ok(())
    }
}

impl WakeSend for Fake {
    async fn wake(&self, _attempts: &[Attempt]) -> Result<(), WakeError> {
        Ok(())
    }
}

impl Host for Fake {
    fn now(&self) -> Moment {
        at(self.0.seconds.get())
    }

    fn random(&self) -> u128 {
        self.0.tokens.set(self.0.tokens.get() + 1);
        self.0.tokens.get()
    }

    async fn sleep(&self, _time: Duration) {}

    fn count(&self, metric: Metric, count: usize) {
        self.0.counted.borrow_mut().extend(std::iter::repeat_n(metric, count));
    }

    fn gauge(&self, _metric: Metric, _value: u64) {}
}

fn at(seconds: i64) -> Moment {
    Moment::from_millis(START + seconds * 1_000)
}

fn stamp(seconds: i64) -> Stamp {
    Stamp { owner: Owner::new("worker"), at: at(seconds), evidence: Evidence::default() }
}

fn scheme() -> TrIdScheme {
    TrIdScheme::new("bg", "test").unwrap()
}

fn after(row: &Attempt, event: Event, seconds: i64) -> Attempt {
    transition(row, event, &stamp(seconds), &Rules::default()).unwrap().after
}

/// Sent at 2 s.
fn sent() -> Attempt {
    let payout = PayoutKey {
        code: RewardCode::try_from("CODE".to_owned()).unwrap(),
        user_key: UserKey::try_from("user".to_owned()).unwrap(),
        slot: RepeatPolicy::Once.slot(&Win { at: at(0), request_id: "", index: 0, entries: 1 }),
    };
    let purchase = Purchase { gubun: Gubun::Mms, goods_code: "G1".into(), price_krw: Some(Krw(4_500)) };
    let claim = Event::Claim { lease_until: at(90), purchase: Some(purchase) };
    let sending = after(&Attempt::first(&scheme(), &payout, 0, &stamp(0), &Rules::default()), claim, 1);
    after(&sending, Event::Issued { order_no: "1".into() }, 2)
}

/// A person has ordered it at an hour.
fn ordered(then: Then) -> Attempt {
    after(&sent(), Event::Ordered { then, standing: CouponStanding::Live }, HOUR)
}

/// A world with this row.
fn world(row: Attempt) -> Fake {
    let fake = Fake::default();
    fake.0.rows.borrow_mut().push(row);
    fake
}

impl Fake {
    /// One sweep at that second, in which 0202 answers this.
    fn sweep(&self, seconds: i64, cancel: Option<CancelOutcome>) -> Swept {
        self.0.seconds.set(seconds);
        self.0.cancel.set(cancel);
        let sweeper = Sweeper::<Self> {
            line: self.clone(),
            payouts: self.clone(),
            control: self.clone(),
            time: self.clone(),
            send: self.clone(),
            scheme: scheme(),
            rules: Rules::default(),
            lease_margin: Duration::from_secs(30),
            host: self.clone(),
        };
        let mut context = lambda_runtime::Context::default();
        context.deadline = at(seconds + 300).as_millis().unsigned_abs();
        // Nothing here waits.
        let sweep = std::pin::pin!(handle(&sweeper, LambdaEvent::new(Value::Null, context)));
        match sweep.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(swept) => swept.unwrap(),
            Poll::Pending => panic!("it waits"),
        }
    }

    fn states(&self) -> Vec<State> {
        self.0.rows.borrow().iter().map(|row| row.state).collect()
    }

    fn has_counted(&self, metric: Metric) -> bool {
        self.0.counted.borrow().contains(&metric)
    }
}

#[test]
fn an_order_to_close_is_one_cancel_and_nothing_follows() {
    let world = world(ordered(Then::Close));
    world.sweep(HOUR, Some(CancelOutcome::Cancelled));
    world.sweep(HOUR + 60, Some(CancelOutcome::Cancelled));
    assert_eq!((world.states(), world.0.cancels.get()), (vec![State::Closed], 1));
    assert_eq!(*world.0.buried.borrow(), [sent().tr_id]);
}

#[test]
fn an_order_to_go_on_starts_the_next_attempt_once_the_coupon_is_cancelled() {
    let world = world(ordered(Then::Reissue));
    world.sweep(HOUR, Some(CancelOutcome::Cancelled));
    assert_eq!(world.states(), [State::Dead, State::Accepted]);
}

#[test]
fn an_order_whose_next_attempt_is_there_already_adopts_it_and_one_to_close_needs_none() {
    let stranger = |row: &Attempt| row.following(row.next_id(&scheme(), 0), &stamp(HOUR), &Rules::default());
    for (then, ended) in [(Then::Reissue, State::Dead), (Then::Close, State::Closed)] {
        let world = world(ordered(then));
        world.0.rows.borrow_mut().push(stranger(&sent()));
        world.sweep(HOUR, Some(CancelOutcome::Cancelled));
        assert_eq!(world.states(), [ended, State::Accepted]);
    }
}

#[test]
fn an_order_outlives_a_cancel_without_an_answer_and_a_line_that_refuses_it() {
    let world = world(ordered(Then::Close));
    assert_eq!(world.sweep(HOUR, None).left, 1);
    world.sweep(HOUR + 60, Some(CancelOutcome::LineRefused(giftishow::AccountFault::Credentials)));
    assert!(world.0.rows.borrow()[0].order.is_some());
    world.sweep(HOUR + 300, Some(CancelOutcome::Cancelled));
    assert_eq!((world.states(), world.0.cancels.get()), (vec![State::Closed], 3));
}

#[test]
fn an_order_for_a_coupon_that_was_used_meanwhile_ends_as_it_began_and_calls_a_person() {
    let world = world(ordered(Then::Reissue));
    world.sweep(HOUR, Some(CancelOutcome::AlreadyUsed));
    assert_eq!((world.states(), world.0.rows.borrow()[0].order), (vec![State::Sent], None));
    assert!(world.has_counted(Metric::OrdersFailed));
}

#[test]
fn a_coupon_of_a_closed_payout_that_turns_up_late_is_cancelled() {
    let world = world(ordered(Then::Close));
    world.sweep(2 * HOUR, Some(CancelOutcome::NotFound));
    assert_eq!(world.states(), [State::Closed]);
    let due_at = world.0.rows.borrow()[0].due_at;
    assert!(due_at.is_some(), "it was never seen");
    world.0.status.set(Some(PinStatus::Issued));
    world.sweep(25 * HOUR, Some(CancelOutcome::Cancelled));
    assert_eq!(
        (world.states(), world.0.rows.borrow()[0].due_at, world.0.cancels.get()),
        (vec![State::Closed], None, 2)
    );
    assert!(world.has_counted(Metric::LateIssuance));
}
