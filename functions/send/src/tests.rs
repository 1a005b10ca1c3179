//! What is done with a batch, among small tables and a Giftishow that says what it is told to say.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::task::{Context, Poll, Waker};

use catalog::{Goods, Presence};
use giftishow::{AccountFault, Answer, CouponOutcome, IssuedCoupon, OrderNo, SendOptions, SendOutcome, SendRequest};
use lambda_runtime::LambdaEvent;
use payout::{
    Attempt, Cap, Counter, Delivery, Event, Evidence, Gubun, Krw, Line, Moment, Owner, Pause, PauseReason, PayoutKey,
    RepeatPolicy, Reward, RewardCode, SendHours, Stamp, State, TrId, TrIdScheme, UserKey, Win, transition,
};
use platform::{
    Beat, Beats, ControlLine, DrawCounters, GoodsState, Host, Metric, ReadCoupon, ReadGoodsState, ReadRecipient,
    ReadRewards, ReadSecret, ReadSituation, Refusal, SealedCoupon, SecretError, Situation, StoreError, View, Write,
    WritePayouts, Written,
};
use secrecy::SecretString;

use super::*;

const PRICE: Krw = Krw(4_500);

/// Everything around the function.
struct World {
    now: Cell<i64>,
    tokens: Cell<u128>,
    rows: RefCell<HashMap<TrId, Attempt>>,
    buried: RefCell<HashSet<TrId>>,
    beats: Cell<(u64, u64)>,
    line: RefCell<Line>,
    counted: RefCell<HashMap<String, u64>>,
    price: Cell<Option<u64>>,
    /// When winners are texted: what the stack says, and what the rewards say.
    hours: Cell<SendHours>,
    rewards_hours: Cell<Option<SendHours>>,
    /// The card and the banner of all rewards.
    looks: Cell<Option<(&'static str, &'static str)>>,
    /// The options of the last send.
    options: RefCell<SendOptions>,
    says: RefCell<SendOutcome>,
    /// How long a send takes until it is answered, in milliseconds.
    takes: Cell<i64>,
    /// Until when the claims hold.
    leases: RefCell<Vec<Option<Moment>>>,
    /// What the line is when the next row was written, which then takes a while.
    line_then: RefCell<Option<Line>>,
    /// What was asked of whom, in its order.
    asked: RefCell<Vec<&'static str>>,
    metrics: RefCell<Vec<Metric>>,
}

struct Fakes;

impl Given for Fakes {
    type Giftishow = &'static World;
    type Payouts = &'static World;
    type Situation = &'static World;
    type Control = &'static World;
    type Coupons = &'static World;
    type Rewards = &'static World;
    type Goods = &'static World;
    type Recipients = &'static World;
    type Secret = &'static World;
    type Host = &'static World;
}

impl SendCoupon for &World {
    async fn send(&self, _lease: &Lease, request: &SendRequest) -> Answer<SendOutcome> {
        self.options.replace(request.options.clone());
        self.asked.borrow_mut().push("send");
        self.now.set(self.now.get() + self.takes.get());
        let evidence =
            giftishow::Evidence { http_status: Some(200), code: None, transport: None, elapsed: Duration::ZERO };
        Answer { outcome: self.says.borrow().clone(), evidence }
    }

    async fn look_up(&self, _tr_id: &giftishow::TransactionId) -> Answer<CouponOutcome> {
        let evidence =
            giftishow::Evidence { http_status: Some(200), code: None, transport: None, elapsed: Duration::ZERO };
        Answer { outcome: CouponOutcome::Unanswered, evidence }
    }

    async fn read_credentials_again(&self) -> bool {
        false
    }
}

impl WritePayouts for &World {
    async fn write(&self, writes: &[Write]) -> Result<Written, StoreError> {
        let [Write::Change { before, after }] = writes else { panic!("more than one row: {writes:?}") };
        let mut rows = self.rows.borrow_mut();
        let current = rows.get_mut(&before.tr_id).unwrap();
        if current != before {
            return Ok(Written::Refused(vec![Refusal { index: 0, current: Some(current.clone()) }]));
        }
        *current = after.clone();
        if after.state == State::Sending {
            self.leases.borrow_mut().push(after.lease_until);
        }
        if let Some(line) = self.line_then.take() {
            self.line.replace(line);
            self.now.set(self.now.get() + 3_000);
        }
        self.asked.borrow_mut().push(after.state.as_str());
        Ok(Written::Done)
    }
}

impl ReadSituation for &World {
    async fn situation(&self, _tr_ids: &[TrId]) -> Result<Situation, StoreError> {
        let beat = |number| Some(Beat { number, at: self.now() });
        let (payouts, control) = self.beats.get();
        let beats = Beats { payouts: beat(payouts), control: beat(control) };
        Ok(Situation { line: self.line.borrow().clone(), beats, buried: self.buried.borrow().clone() })
    }
}

impl ControlLine for &World {
    async fn line(&self) -> Result<Line, StoreError> {
        Ok(self.line.borrow().clone())
    }

    async fn change_line(&self, after: &Line) -> Result<bool, StoreError> {
        self.line.replace(after.clone());
        Ok(true)
    }
}

impl DrawCounters for &World {
    async fn draw(&self, counter: &Counter, wanted: u64) -> Result<u64, StoreError> {
        self.asked.borrow_mut().push("draw");
        let mut all = self.counted.borrow_mut();
        let so_far = all.entry(counter.name.clone()).or_default();
        let drawn = wanted.min(counter.most - *so_far);
        *so_far += drawn;
        Ok(drawn)
    }

    async fn give_back(&self, counter: &Counter, unused: u64) -> Result<(), StoreError> {
        self.asked.borrow_mut().push("give back");
        *self.counted.borrow_mut().get_mut(&counter.name).unwrap() -= unused;
        Ok(())
    }
}

impl ReadCoupon for &World {
    async fn coupon(&self, _tr_id: &TrId, _now: Moment) -> Result<Option<SealedCoupon>, StoreError> {
        Ok(None)
    }
}

impl ReadRewards for &World {
    async fn rewards(&self, codes: &[RewardCode]) -> Result<HashMap<RewardCode, Reward>, StoreError> {
        let reward = |code: &RewardCode| Reward {
            code: code.clone(),
            active: true,
            delivery: if code.as_str() == "COMPANY" { Delivery::Company } else { Delivery::Giftishow },
            goods_code: "G00000000001".into(),
            gubun: if code.as_str() == "SHOWN" { Gubun::Pin } else { Gubun::Mms },
            mms_title: "hello".into(),
            mms_msg: "hello".into(),
            repeat: RepeatPolicy::Once,
            max_price_krw: PRICE,
            max_per_day: None,
            max_per_user_per_day: None,
            min_valid_days: None,
            template_id: self.looks.get().map(|(card, _)| card.into()),
            banner_id: self.looks.get().map(|(_, banner)| banner.into()),
            send_hours: self.rewards_hours.get(),
        };
        Ok(codes.iter().map(|code| (code.clone(), reward(code))).collect())
    }
}

impl ReadGoodsState for &World {
    async fn goods_state(&self, code: &str, _view: View) -> Result<Option<GoodsState>, StoreError> {
        let price = self.price.get().map(|price| catalog::Krw(i64::try_from(price).unwrap()));
        let goods = Goods { code: code.to_owned(), discount_price: price, ..Goods::default() };
        Ok(Some(GoodsState { presence: Presence::Listed, goods }))
    }
}

impl ReadRecipient for &World {
    async fn phone(&self, _user: &UserKey, _now: Moment) -> Result<Option<SecretString>, StoreError> {
        Ok(Some("01000000000".into()))
    }
}

impl ReadSecret for &World {
    async fn read_secret(&self) -> Result<SecretString, SecretError> {
        Ok("a secret of more than thirty-two characters".into())
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
        self.metrics.borrow_mut().extend(std::iter::repeat_n(metric, count));
    }

    fn gauge(&self, _metric: Metric, _value: u64) {}
}

impl World {
    /// Lives as long as the test, and so can its functions.
    fn new() -> &'static Self {
        let issued = IssuedCoupon { order_no: OrderNo::parse("1").unwrap(), pin_no: None, coupon_img_url: None };
        Box::leak(Box::new(Self {
            now: Cell::new(1_790_000_000_000),
            tokens: Cell::default(),
            rows: RefCell::default(),
            buried: RefCell::default(),
            beats: Cell::new((7, 7)),
            line: RefCell::default(),
            counted: RefCell::default(),
            price: Cell::new(Some(PRICE.0)),
            hours: Cell::default(),
            rewards_hours: Cell::default(),
            looks: Cell::default(),
            options: RefCell::default(),
            says: RefCell::new(SendOutcome::Issued(issued)),
            takes: Cell::default(),
            leases: RefCell::default(),
            line_then: RefCell::default(),
            asked: RefCell::default(),
            metrics: RefCell::default(),
        }))
    }

    /// A win of this user.
    fn accepted(&self, user: &str) -> Attempt {
        self.accepted_of("A", user)
    }

    fn accepted_of(&self, code: &str, user: &str) -> Attempt {
        let at = Moment::from_millis(self.now.get());
        let payout = PayoutKey {
            code: RewardCode::try_from(code.to_owned()).unwrap(),
            user_key: UserKey::try_from(user.to_owned()).unwrap(),
            slot: RepeatPolicy::Once.slot(&Win { at, request_id: "", index: 0, entries: 1 }),
        };
        let stamp = Stamp { owner: Owner::new("callback"), at, evidence: Evidence::default() };
        let scheme = TrIdScheme::new("bg", "test").unwrap();
        Attempt::first(&scheme, &payout, 0, &stamp, &Rules::default())
    }

    /// What a batch with these rows makes of them, in their order.
    fn sends(&'static self, rows: &[Attempt], sends_per_hour: u64) -> Vec<Attempt> {
        let sender = Sender::<Fakes> {
            line: self,
            payouts: self,
            situation: self,
            control: self,
            coupons: self,
            rewards: RewardCache::new(self),
            goods: GoodsCache::new(self),
            recipients: self,
            sealer: CouponSealer::new(self, Duration::from_hours(24)),
            rules: Rules::default(),
            fuse: Fuse { daily_budget: Krw(1_000_000), sends_per_hour },
            lease_margin: Duration::from_secs(30),
            recipient_wait: Duration::ZERO,
            send_hours: self.hours.get(),
            concurrency: 1,
            host: self,
        };
        let records = (1..).zip(rows).map(|(number, row): (u32, _)| Record::of_row(row.clone(), number.to_string()));
        let batch = Batch { records: records.collect() };
        for row in rows {
            self.rows.borrow_mut().entry(row.tr_id.clone()).or_insert_with(|| row.clone());
        }
        let mut context = lambda_runtime::Context::default();
        context.deadline = u64::try_from(self.now.get()).unwrap() + 60_000;
        ready(handle(&sender, LambdaEvent::new(batch, context))).unwrap();
        rows.iter().map(|row| self.rows.borrow()[&row.tr_id].clone()).collect()
    }

    /// The line, paused until somebody knows better.
    fn paused(&self) -> Line {
        let (reason, since) = (PauseReason::Outage, self.now());
        let pause = Pause { reason, since, probe_at: since, probes: 0, needed: None };
        Line { pause: Some(pause), ..Line::default() }
    }

    fn asked(&self) -> Vec<&'static str> {
        self.asked.take()
    }

    fn pause(&self) -> Option<PauseReason> {
        self.line.borrow().pause.as_ref().map(|pause| pause.reason)
    }
}

/// Nothing here waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn the_fuse_is_drawn_before_the_claim_and_a_claim_is_one_write_of_one_row() {
    let world = World::new();
    let sent = world.sends(&[world.accepted("me")], 100);
    assert_eq!(sent[0].state, State::Sent);
    assert_eq!((sent[0].goods_code.as_deref(), sent[0].price_krw), (Some("G00000000001"), Some(PRICE)));
    assert_eq!(world.asked(), ["draw", "draw", "sending", "send", "sent"]);
}

#[test]
fn a_lease_outlives_its_holder_by_the_margin_whenever_it_is_taken() {
    let world = World::new();
    world.takes.set(10_000);
    let ends = world.now().after(Duration::from_mins(1));
    world.sends(&[world.accepted("one"), world.accepted("two")], 100);
    assert_eq!(world.leases.take(), [Some(ends.after(Duration::from_secs(30))); 2]);
}

#[test]
fn as_much_as_fits_is_sent_and_the_rest_pauses_the_line() {
    let world = World::new();
    let rows: Vec<_> = ["one", "two", "three"].map(|user| world.accepted(user)).into();
    let states: Vec<_> = world.sends(&rows, 2).into_iter().map(|row| row.state).collect();
    assert_eq!(states, [State::Sent, State::Sent, State::Accepted]);
    assert_eq!(world.pause(), Some(PauseReason::SendsPerHour));
    let mut counted: Vec<_> = world.counted.take().into_values().collect();
    counted.sort_unstable();
    assert_eq!(counted, [2, 2 * PRICE.0]);
}

#[test]
fn what_was_drawn_before_the_turn_of_an_hour_and_a_day_is_taken_after_it() {
    let world = World::new();
    let midnight: Moment = "2026-11-22T15:00:00Z".parse().unwrap();
    world.now.set(midnight.as_millis() - 1_000);
    world.takes.set(10_000);
    let rows: Vec<_> = ["one", "two", "three"].map(|user| world.accepted(user)).into();
    assert!(world.sends(&rows, 100).iter().all(|row| row.state == State::Sent));
    assert_eq!(world.pause(), None);
    let mut counted: Vec<_> = world.counted.take().into_iter().collect();
    counted.sort_unstable();
    let names = ["sends/2026-11-22T23", "won/2026-11-22"].map(str::to_owned);
    assert_eq!(counted, names.into_iter().zip([3, 3 * PRICE.0]).collect::<Vec<_>>());
}

#[test]
fn a_line_that_opens_while_a_batch_is_in_hand_is_not_taken_for_a_cap_that_is_reached() {
    let world = World::new();
    world.line_then.replace(Some(world.line.replace(world.paused())));
    let rows = [world.accepted_of("COMPANY", "one"), world.accepted("two")];
    let [handed_over, waiting] = <[Attempt; 2]>::try_from(world.sends(&rows, 100)).unwrap();
    assert_eq!((handed_over.state, waiting), (State::HandedOver, rows[1].clone()));
    assert_eq!((world.line.borrow().is_open(), world.pause()), (true, None));
}

#[test]
fn a_line_that_is_paused_while_a_batch_is_in_hand_takes_nothing_more_of_it() {
    let world = World::new();
    world.line_then.replace(Some(world.paused()));
    let rows = [world.accepted_of("COMPANY", "one"), world.accepted("two")];
    let [handed_over, waiting] = <[Attempt; 2]>::try_from(world.sends(&rows, 100)).unwrap();
    assert_eq!((handed_over.state, waiting), (State::HandedOver, rows[1].clone()));
    assert!(world.counted.take().into_values().all(|counted| counted == 0));
}

#[test]
fn what_was_drawn_for_a_claim_that_another_one_won_is_given_back() {
    let world = World::new();
    let row = world.accepted("me");
    let claim = Event::Claim { lease_until: Moment::from_millis(i64::MAX), purchase: None };
    let stamp = Stamp { owner: Owner::new("another"), at: row.accepted_at, evidence: Evidence::default() };
    let taken = transition(&row, claim, &stamp, &Rules::default()).unwrap().after;
    world.rows.borrow_mut().insert(row.tr_id.clone(), taken.clone());
    assert_eq!(world.sends(&[row], 100), [taken]);
    assert_eq!(world.asked(), ["draw", "draw", "give back", "give back"]);
    assert!(world.counted.take().into_values().all(|counted| counted == 0));
}

#[test]
fn of_an_older_table_nothing_is_counted_claimed_or_sent_and_the_line_pauses() {
    let world = World::new();
    world.beats.set((6, 7));
    assert_eq!(world.sends(&[world.accepted("me")], 100)[0].state, State::Accepted);
    assert_eq!((world.asked(), world.pause()), (Vec::new(), Some(PauseReason::Restored)));
    assert_eq!(*world.metrics.borrow(), [Metric::TableRestored, Metric::LinePaused]);
}

#[test]
fn what_was_buried_is_not_sent_but_ends_as_it_did() {
    let world = World::new();
    let row = world.accepted("me");
    world.buried.borrow_mut().insert(row.tr_id.clone());
    assert_eq!(world.sends(&[row], 100)[0].state, State::Unknown);
    assert!(!world.asked().contains(&"send"));
}

#[test]
fn nothing_is_claimed_while_the_line_is_paused() {
    let world = World::new();
    let refused = payout::LineEvent::Refused { fault: payout::LineFault::Credentials, needed: None };
    let paused = world.line.borrow().after(refused, (&world).now(), &Rules::default()).unwrap();
    world.line.replace(paused);
    world.sends(&[world.accepted("me")], 100);
    assert_eq!(world.asked(), Vec::<&str>::new());
}

#[test]
fn goods_that_are_dearer_than_allowed_wait_and_count_for_nothing() {
    let world = World::new();
    world.price.set(Some(PRICE.0 + 1));
    let waiting = world.sends(&[world.accepted("me")], 100).remove(0);
    assert_eq!((waiting.state, waiting.last_event.as_str()), (State::Accepted, Cap::Price.name()));
    assert_eq!(waiting.not_before, Some((&world).now().after(Duration::from_mins(15))));
    assert_eq!(*world.metrics.borrow(), [Metric::PayoutsCapped]);
    assert!(world.counted.take().into_values().all(|counted| counted == 0));
}

#[test]
fn one_payout_that_giftishow_alone_refuses_goes_to_a_person_and_the_line_stays_open() {
    let world = World::new();
    world.says.replace(SendOutcome::LineRefused(AccountFault::Configuration));
    let refused = |user, refusals| {
        let since = Moment::from_millis(world.now.get() - 1_000);
        Attempt { line_refusals: refusals, line_refused_since: Some(since), ..world.accepted(user) }
    };
    world.line.replace(Line { answered_at: Some((&world).now()), ..Line::default() });
    let alone = world.sends(&[refused("alone", 2)], 100).remove(0);
    assert_eq!((alone.state, world.pause()), (State::Review, None));
    let again = world.sends(&[refused("another", 1)], 100).remove(0);
    assert_eq!((again.state, again.line_refusals), (State::Accepted, 2));
    assert_eq!(world.pause(), Some(PauseReason::Configuration));
}

#[test]
fn what_there_is_no_time_for_is_neither_claimed_nor_counted() {
    let world = World::new();
    world.takes.set(50_000);
    let rows: Vec<_> = ["one", "two"].map(|user| world.accepted(user)).into();
    let states: Vec<_> = world.sends(&rows, 100).into_iter().map(|row| row.state).collect();
    assert_eq!(states, [State::Sent, State::Accepted]);
    let mut counted: Vec<_> = world.counted.take().into_values().collect();
    counted.sort_unstable();
    assert_eq!(counted, [1, PRICE.0]);
}

/// 22 November 2026 in Korea, as it is in UTC.
const NINE_IN_THE_EVENING: &str = "2026-11-22T12:00:00Z";
const TEN_IN_THE_EVENING: &str = "2026-11-22T13:00:00Z";
const EIGHT_IN_THE_MORNING: &str = "2026-11-22T23:00:00Z";

fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}

/// A world in which winners are texted from eight to ten in the evening.
fn world_by_day(at: &str) -> &'static World {
    let world = World::new();
    world.hours.set("08-22".parse().unwrap());
    world.now.set(moment(at).as_millis());
    world
}

#[test]
fn outside_of_the_hours_a_win_waits_until_they_begin_counts_for_nothing_and_calls_nobody() {
    let world = world_by_day(TEN_IN_THE_EVENING);
    let row = world.accepted("me");
    let waiting = world.sends(std::slice::from_ref(&row), 100).remove(0);
    assert_eq!((waiting.state, waiting.last_event.as_str()), (State::Accepted, "outside_send_hours"));
    let eight = Some(moment(EIGHT_IN_THE_MORNING));
    assert_eq!((waiting.not_before, waiting.due_at, waiting.tries, waiting.attempt), (eight, eight, 0, 1));
    assert_eq!((world.asked(), world.metrics.take()), (vec!["accepted"], Vec::new()));
    assert!(world.counted.take().is_empty());

    // Woken a little too soon, and when it is time.
    world.now.set(moment(EIGHT_IN_THE_MORNING).as_millis() - 1);
    assert_eq!(world.sends(std::slice::from_ref(&waiting), 100), std::slice::from_ref(&waiting));
    world.now.set(moment(EIGHT_IN_THE_MORNING).as_millis());
    assert_eq!(world.sends(&[waiting], 100)[0].state, State::Sent);
}

#[test]
fn a_reward_s_own_hours_count_more_than_those_of_the_stack() {
    let world = world_by_day(TEN_IN_THE_EVENING);
    world.rewards_hours.set("00-24".parse().ok());
    assert_eq!(world.sends(&[world.accepted("me")], 100)[0].state, State::Sent);
    let world = world_by_day(NINE_IN_THE_EVENING);
    world.rewards_hours.set("22-08".parse().ok());
    assert_eq!(world.sends(&[world.accepted("me")], 100)[0].not_before, Some(moment(TEN_IN_THE_EVENING)));
}

#[test]
fn only_what_is_texted_waits_for_the_hours() {
    let world = world_by_day(TEN_IN_THE_EVENING);
    let rows = [world.accepted_of("COMPANY", "one"), world.accepted_of("SHOWN", "two"), world.accepted("three")];
    let rows = world.sends(&rows, 100);
    assert_eq!((rows[0].state, rows[2].last_event.as_str()), (State::HandedOver, "outside_send_hours"));
    assert_eq!(world.asked().iter().filter(|asked| **asked == "send").count(), 1, "what the company shows");
}

#[test]
fn the_next_attempt_after_a_cancel_waits_for_the_hours_too() {
    let world = world_by_day(TEN_IN_THE_EVENING);
    let scheme = TrIdScheme::new("bg", "test").unwrap();
    let first = world.accepted("me");
    let stamp =
        Stamp { owner: Owner::new("sweeper"), at: Moment::from_millis(world.now.get()), evidence: Evidence::default() };
    let second = first.following(first.next_id(&scheme, 0), &stamp, &Rules::default());
    let waiting = world.sends(&[second], 100).remove(0);
    assert_eq!((waiting.attempt, waiting.not_before), (2, Some(moment(EIGHT_IN_THE_MORNING))));
}

#[test]
fn hours_that_begin_while_a_batch_is_in_hand_let_nothing_past_a_cap() {
    let world = world_by_day(EIGHT_IN_THE_MORNING);
    world.now.set(world.now.get() - 1_000);
    world.takes.set(2_000);
    let rows = [world.accepted_of("SHOWN", "one"), world.accepted("two")];
    let waiting = world.sends(&rows, 1).remove(1);
    // Due at once: the next batch draws for it.
    assert_eq!((waiting.state, waiting.due_at), (State::Accepted, Some(moment(EIGHT_IN_THE_MORNING))));
    assert_eq!((world.pause(), world.asked().iter().filter(|asked| **asked == "send").count()), (None, 1));
}

#[test]
fn hours_that_end_while_a_batch_is_in_hand_hold_the_rest_of_it_back() {
    let world = world_by_day(TEN_IN_THE_EVENING);
    world.now.set(world.now.get() - 1_000);
    world.takes.set(2_000);
    let rows: Vec<_> = ["one", "two"].map(|user| world.accepted(user)).into();
    let [sent, waiting] = <[Attempt; 2]>::try_from(world.sends(&rows, 100)).unwrap();
    assert_eq!((sent.state, waiting.not_before), (State::Sent, Some(moment(EIGHT_IN_THE_MORNING))));
    let mut counted: Vec<_> = world.counted.take().into_values().collect();
    counted.sort_unstable();
    assert_eq!(counted, [1, PRICE.0], "what was not used is given back");
}

#[test]
fn the_card_and_the_banner_of_a_reward_go_with_the_request_and_none_goes_without() {
    let world = World::new();
    world.sends(&[world.accepted("plain")], 100);
    assert_eq!(world.options.take(), SendOptions::default());
    world.looks.set(Some(("CARD-1", "BANNER-1")));
    world.sends(&[world.accepted("branded")], 100);
    let SendOptions { reserved, template_id, banner_id } = world.options.take();
    let ids =
        (template_id.as_ref().map(giftishow::TemplateId::as_str), banner_id.as_ref().map(giftishow::BannerId::as_str));
    assert_eq!((reserved, ids), (None, (Some("CARD-1"), Some("BANNER-1"))));
}
