//! Everything around the function.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use catalog::{Goods, Presence, Run, SaleState};
use giftishow::{Answer, BalanceOutcome, CouponOutcome, Evidence as Proof, ResendOutcome, TransactionId, Won};
use lambda_runtime::LambdaEvent;
use operation::{
    FromBackoffice, MoneyView, Operation, OrderId, Outcome, PROTOCOL, Person, Refusal, Reply, Request, Role,
};
use payout::{
    Attempt, Delivery, Evidence, Gubun, Held, Krw, Line, Moment, Owner, PayoutKey, RepeatPolicy, Reward, RewardCode,
    Rules, Stamp, State, TrId, TrIdScheme, UserKey, Win,
};
use platform::{
    Attention, AuditLine, ConfirmTopUp, ControlLine, CountAttention, Coupon, CouponKey, CouponSealer, FindBuried,
    FindPayouts, FindRegistered, Found, GoodsState, Host, LimitResends, ListAttention, ListPayouts, Listed, Lost,
    MarkLost, Metric, Place, ReadAudit, ReadCoupon, ReadGoodsState, ReadMoney, ReadPayout, ReadRegistrations,
    ReadRewardRows, ReadRuns, ReadSecret, RecipientKeys, Registration, RewardRow, SealedCoupon, Searched, SecretError,
    Snapshot, StoreError, TakeError, TakeMoney, ToppedUp, View, Waiting, Write, WriteAudit, WritePayouts,
    WriteRegistrations, WriteRewards, Written,
};
use secrecy::{ExposeSecret, SecretString};

use crate::{AskGiftishow, Given, Operate, Settings, handle};

/// What must never be seen.
pub(super) const PHONE: &str = "01098764242";
pub(super) const PIN: &str = "777788889999";
const SECRET: &str = "a secret of more than thirty-two characters";

#[derive(Debug)]
struct Fakes;

impl Given for Fakes {
    type Giftishow = &'static World;
    type Payouts = &'static World;
    type Restored = &'static World;
    type Control = &'static World;
    type Time = &'static World;
    type Reconciler = &'static World;
    type Rewards = &'static World;
    type Catalog = &'static World;
    type Recipients = &'static World;
    type Coupons = &'static World;
    type Audit = &'static World;
    type Secret = &'static World;
    type Host = &'static World;
}

pub(super) struct World {
    pub(super) now: Cell<i64>,
    tokens: Cell<u128>,
    pub(super) rows: RefCell<BTreeMap<TrId, Attempt>>,
    pub(super) audit: RefCell<BTreeMap<(String, String), AuditLine>>,
    pub(super) line: RefCell<Line>,
    pub(super) resends: RefCell<HashMap<TrId, Vec<Moment>>>,
    pub(super) reward: RefCell<Reward>,
    pub(super) registrations: RefCell<BTreeMap<UserKey, Registration>>,
    pub(super) seen: RefCell<CouponOutcome>,
    pub(super) resent: Cell<ResendOutcome>,
    /// Messages that were really sent again.
    pub(super) messages: Cell<usize>,
    /// Somebody else changes the row before the next write.
    pub(super) meanwhile: RefCell<Option<Attempt>>,
    pub(super) four_eyes: Cell<Option<Krw>>,
    /// How long reading one row of a whole table takes, in milliseconds.
    pub(super) page_ms: Cell<i64>,
    /// What the balance was on mornings.
    pub(super) snapshots: RefCell<Vec<Snapshot>>,
}

fn answer<T>(outcome: T) -> Answer<T> {
    let evidence = Proof { http_status: Some(200), code: None, transport: None, elapsed: Duration::ZERO };
    Answer { outcome, evidence }
}

impl AskGiftishow for &World {
    async fn look_up(&self, _tr_id: &TransactionId) -> Result<Answer<CouponOutcome>, String> {
        Ok(answer(self.seen.borrow().clone()))
    }

    async fn resend(&self, _tr_id: &TransactionId) -> Result<Answer<ResendOutcome>, String> {
        self.messages.set(self.messages.get() + 1);
        Ok(answer(self.resent.get()))
    }

    async fn balance(&self) -> Result<Answer<BalanceOutcome>, String> {
        Ok(answer(BalanceOutcome::Balance(Won(100_000))))
    }

    async fn account(&self) -> Result<String, String> {
        Ok("le***er".to_owned())
    }
}

impl ReadPayout for &World {
    async fn attempt(&self, tr_id: &TrId) -> Result<Option<Attempt>, StoreError> {
        Ok(self.rows.borrow().get(tr_id).cloned())
    }
}

impl FindPayouts for &World {
    async fn find(&self, tr_ids: &[TrId]) -> Result<Found, StoreError> {
        let all = self.rows.borrow();
        Ok(Found { rows: tr_ids.iter().filter_map(|tr_id| all.get(tr_id).cloned()).collect(), lost: None })
    }
}

impl ListPayouts for &World {
    async fn of_day(&self, day: &str, shard: u8, after: Option<&Place>, most: u8) -> Listed {
        let of = format!("{day}/{shard}");
        Ok(self.rows_where(|row| row.day_shard == of, after, most))
    }

    async fn of_user(&self, user_key: &UserKey, after: Option<&Place>, most: u8) -> Listed {
        Ok(self.rows_where(|row| row.user_key.as_ref() == Some(user_key), after, most))
    }
}

impl ListAttention for &World {
    async fn waiting(&self, shard: u8, after: Option<&Waiting>, most: u16) -> Result<Vec<Waiting>, StoreError> {
        let all = self.rows.borrow();
        let waiting = all.values().filter(|row| row.attention == Some(shard));
        let mut waiting: Vec<Waiting> = waiting.map(|row| (row.state_since, row.tr_id.clone())).collect();
        waiting.sort();
        waiting.retain(|one| after.is_none_or(|after| one > after));
        waiting.truncate(usize::from(most));
        Ok(waiting)
    }
}

impl CountAttention for &World {
    async fn attention(&self, shard: u8) -> Result<Attention, StoreError> {
        let waiting = self.waiting(shard, None, u16::MAX).await?;
        Ok(Attention { rows: waiting.len() as u64, oldest: waiting.first().map(|(since, _)| *since) })
    }
}

impl WritePayouts for &World {
    async fn write(&self, writes: &[Write]) -> Result<Written, StoreError> {
        if let Some(changed) = self.meanwhile.take() {
            self.rows.borrow_mut().insert(changed.tr_id.clone(), changed);
        }
        let (mut rows, mut audit) = (self.rows.borrow().clone(), self.audit.borrow().clone());
        let mut refusals = Vec::new();
        for (index, write) in writes.iter().enumerate() {
            let (holds, current) = match write {
                Write::Put(row) => {
                    let current = rows.get(&row.tr_id).cloned();
                    rows.insert(row.tr_id.clone(), row.clone());
                    (current.is_none(), current)
                }
                Write::Change { before, after } => {
                    let current = rows.insert(before.tr_id.clone(), after.clone());
                    (
                        current.as_ref().is_some_and(|row| (row.state, &row.owner) == (before.state, &before.owner)),
                        current,
                    )
                }
                Write::Audit(line) => {
                    (audit.insert((line.order.clone(), line.step.clone()), line.clone()).is_none(), None)
                }
                Write::Bury(_) => (true, None),
                other => panic!("operate does not write {other:?}"),
            };
            if !holds {
                refusals.push(platform::Refusal { index, current });
            }
        }
        if !refusals.is_empty() {
            return Ok(Written::Refused(refusals));
        }
        self.rows.replace(rows);
        self.audit.replace(audit);
        Ok(Written::Done)
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

impl LimitResends for &World {
    async fn resends(&self, tr_id: &TrId) -> Result<Vec<Moment>, StoreError> {
        Ok(self.resends.borrow().get(tr_id).cloned().unwrap_or_default())
    }
    async fn note_resend(&self, tr_id: &TrId, before: &[Moment], now: Moment) -> Result<bool, StoreError> {
        let mut all = self.resends.borrow_mut();
        let noted = all.entry(tr_id.clone()).or_default();
        if noted.last() != before.last() {
            return Ok(false);
        }
        noted.push(now);
        Ok(true)
    }
}

impl MarkLost for &World {
    async fn mark_lost(&self, _lost: Lost) -> Result<(), StoreError> {
        Ok(())
    }
}

impl ReadRewardRows for &World {
    async fn reward_row(&self, code: &RewardCode) -> Result<Option<RewardRow>, StoreError> {
        let reward = self.reward.borrow().clone();
        Ok((reward.code == *code).then_some(RewardRow { reward: Ok(reward), written_by: None }))
    }
    async fn reward_rows(&self) -> Result<Vec<RewardRow>, StoreError> {
        Ok(vec![RewardRow { reward: Ok(self.reward.borrow().clone()), written_by: None }])
    }
}

impl WriteRewards for &World {
    async fn put_reward(&self, new: &Reward, _before: Option<&RewardRow>, _by: &Owner) -> Result<bool, StoreError> {
        self.reward.replace(new.clone());
        Ok(true)
    }
}

impl ReadGoodsState for &World {
    async fn goods_state(&self, code: &str, _view: View) -> Result<Option<GoodsState>, StoreError> {
        let price = Some(catalog::Krw(4_500));
        let goods =
            Goods { code: code.to_owned(), state: SaleState::OnSale, discount_price: price, ..Goods::default() };
        Ok(Some(GoodsState { presence: Presence::Listed, goods }))
    }
}

impl ReadRuns for &World {
    async fn latest_run(&self) -> Result<Option<Run>, StoreError> {
        Ok(None)
    }
}

impl ReadRegistrations for &World {
    async fn registrations(&self, users: &[UserKey]) -> Result<Vec<Registration>, StoreError> {
        let all = self.registrations.borrow();
        Ok(users.iter().filter_map(|user| all.get(user).cloned()).collect())
    }
}

impl WriteRegistrations for &World {
    async fn register(&self, registrations: &[Registration]) -> Result<(), StoreError> {
        let named = registrations.iter().map(|one| (one.user_key.clone(), one.clone()));
        self.registrations.borrow_mut().extend(named);
        Ok(())
    }
    async fn unregister(&self, user: &UserKey) -> Result<bool, StoreError> {
        Ok(self.registrations.borrow_mut().remove(user).is_some())
    }
}

impl FindRegistered for &World {
    async fn registered(&self, by: Searched, digest: &str, _most: u8) -> Result<Vec<UserKey>, StoreError> {
        let all = self.registrations.borrow();
        let has = |one: &&Registration| {
            one.digests.as_ref().is_some_and(|digests| match by {
                Searched::Phone => digests.phone == digest,
                Searched::LastFour => digests.last_four == digest,
            })
        };
        Ok(all.values().filter(has).map(|one| one.user_key.clone()).collect())
    }
}

impl ReadCoupon for &World {
    async fn coupon(&self, tr_id: &TrId, _now: Moment) -> Result<Option<SealedCoupon>, StoreError> {
        let key = CouponKey::new(&SECRET.into()).unwrap();
        let coupon = Coupon { pin_no: PIN.into(), coupon_img_url: None };
        Ok(key.seal(tr_id, &coupon, Moment::from_millis(i64::MAX)))
    }
}

impl FindBuried for &World {
    async fn buried(&self, _tr_ids: &[TrId]) -> Result<HashSet<TrId>, StoreError> {
        Ok(HashSet::new())
    }
}

impl ReadMoney for &World {
    async fn snapshots(&self, _now: Moment, _days: u16) -> Result<Vec<Snapshot>, StoreError> {
        Ok(self.snapshots.borrow().clone())
    }
    async fn counted_today(&self, _now: Moment) -> Result<Krw, StoreError> {
        Ok(Krw(30_000))
    }
}

impl ConfirmTopUp for &World {
    async fn top_up(&self, day: &str, order: &OrderId, amount: Krw) -> Result<ToppedUp, StoreError> {
        let mut all = self.snapshots.borrow_mut();
        let Some(snapshot) = all.iter_mut().find(|snapshot| snapshot.money.day == day) else {
            return Ok(ToppedUp::NoSuchDay);
        };
        snapshot.top_ups.insert(order.as_str().to_owned(), amount);
        Ok(ToppedUp::Done)
    }
}

impl TakeMoney for &World {
    async fn take(&self, _within: Duration) -> Result<MoneyView, TakeError> {
        Ok(platform::money_view(&self.snapshots.borrow(), None))
    }
}

impl WriteAudit for &World {
    async fn record(&self, line: &AuditLine) -> Result<bool, StoreError> {
        let mut all = self.audit.borrow_mut();
        let key = (line.order.clone(), line.step.clone());
        if all.contains_key(&key) {
            return Ok(false);
        }
        all.insert(key, line.clone());
        Ok(true)
    }
}

impl ReadAudit for &World {
    async fn of_order(&self, order: &str) -> Result<Vec<AuditLine>, StoreError> {
        Ok(self.audit.borrow().values().filter(|line| line.order == order).cloned().collect())
    }
    async fn about(&self, about: &str, _most: u8) -> Result<Vec<AuditLine>, StoreError> {
        Ok(self.audit.borrow().values().filter(|line| line.about.as_deref() == Some(about)).cloned().collect())
    }
    async fn of_day(&self, day: &str, _before: Option<&str>, _most: u8) -> Result<Vec<AuditLine>, StoreError> {
        Ok(self.audit.borrow().values().filter(|line| line.day == day).cloned().collect())
    }
}

impl ReadSecret for &World {
    async fn read_secret(&self) -> Result<SecretString, SecretError> {
        Ok(SECRET.into())
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
    fn count(&self, _metric: Metric, _count: usize) {}
    fn gauge(&self, _metric: Metric, _value: u64) {}
}

pub(super) fn code() -> RewardCode {
    RewardCode::try_from("COFFEE".to_owned()).unwrap()
}

pub(super) fn user(name: &str) -> UserKey {
    UserKey::try_from(name.to_owned()).unwrap()
}

pub(super) fn scheme() -> TrIdScheme {
    TrIdScheme::new("bg", "test").unwrap()
}

impl World {
    pub(super) fn new() -> &'static Self {
        let reward = Reward {
            code: code(),
            active: true,
            delivery: Delivery::Giftishow,
            goods_code: "G1".into(),
            gubun: Gubun::Mms,
            mms_title: "t".into(),
            mms_msg: "m".into(),
            repeat: RepeatPolicy::Once,
            max_price_krw: Krw(5_000),
            max_per_day: None,
            max_per_user_per_day: None,
            min_valid_days: None,
            template_id: None,
            banner_id: None,
            send_hours: None,
        };
        let world: &'static Self = Box::leak(Box::new(Self {
            now: Cell::new(1_790_000_000_000),
            tokens: Cell::default(),
            rows: RefCell::default(),
            page_ms: Cell::new(0),
            audit: RefCell::default(),
            line: RefCell::default(),
            resends: RefCell::default(),
            reward: RefCell::new(reward),
            registrations: RefCell::default(),
            seen: RefCell::new(CouponOutcome::NotFound),
            resent: Cell::new(ResendOutcome::Accepted),
            messages: Cell::default(),
            meanwhile: RefCell::default(),
            four_eyes: Cell::default(),
            snapshots: RefCell::default(),
        }));
        let key = platform::RecipientKey::new(&SECRET.into()).unwrap();
        let anna = Registration {
            user_key: user("anna"),
            phone: PHONE.into(),
            expires_at: Some((&world).now().after(Duration::from_hours(1_000))),
            digests: Some(key.digests(PHONE)),
        };
        assert_eq!(anna.phone.expose_secret(), PHONE);
        world.registrations.borrow_mut().insert(user("anna"), anna);
        world
    }

    fn rows_where(
        &self,
        of: impl Fn(&Attempt) -> bool,
        after: Option<&Place>,
        most: u8,
    ) -> (Vec<Attempt>, Option<Place>) {
        let place = |row: &Attempt| Place { accepted_at: row.accepted_at, tr_id: row.tr_id.clone() };
        let mut rows: Vec<Attempt> = self.rows.borrow().values().filter(|row| of(row)).cloned().collect();
        rows.sort_by_key(place);
        rows.retain(|row| after.is_none_or(|after| place(row) > *after));
        let more = rows.len() > usize::from(most);
        rows.truncate(usize::from(most));
        let next = rows.last().filter(|_| more).map(place);
        (rows, next)
    }

    /// A win, recorded.
    pub(super) fn win(&self, name: &str) -> Attempt {
        let at = Moment::from_millis(self.now.get());
        let slot = RepeatPolicy::Once.slot(&Win { at, request_id: "", index: 0, entries: 1 });
        let payout = PayoutKey { code: code(), user_key: user(name), slot };
        let stamp = Stamp { owner: Owner::new("callback"), at, evidence: Evidence::default() };
        self.keep(Attempt::first(&scheme(), &payout, 0, &stamp, &Rules::default()))
    }

    pub(super) fn keep(&self, row: Attempt) -> Attempt {
        self.rows.borrow_mut().insert(row.tr_id.clone(), row.clone());
        row
    }

    /// A win that waits for a person.
    pub(super) fn held(&self, name: &str, why: Held) -> Attempt {
        let row = self.win(name).held(why);
        self.keep(row)
    }

    /// A win whose coupon was sent by MMS a moment ago.
    pub(super) fn sent(&self, name: &str) -> Attempt {
        let row = self.win(name);
        let at = Some(Moment::from_millis(self.now.get()));
        self.keep(Attempt {
            state: State::Sent,
            due_at: None,
            lease_until: at,
            send_started_at: at,
            gubun: Some(Gubun::Mms),
            goods_code: Some("G1".into()),
            price_krw: Some(Krw(4_500)),
            ..row
        })
    }

    pub(super) fn row(&self, row: &Attempt) -> Attempt {
        self.rows.borrow()[&row.tr_id].clone()
    }

    pub(super) fn state(&self, row: &Attempt) -> State {
        self.row(row).state
    }

    fn operate(&'static self) -> Operate<Fakes> {
        Operate {
            giftishow: self,
            payouts: self,
            restored: self,
            control: self,
            time: self,
            reconciler: self,
            rewards: self,
            catalog: self,
            recipients: self,
            recipient_keys: RecipientKeys::new(self),
            coupons: self,
            sealer: CouponSealer::new(self, Duration::from_hours(24)),
            audit: self,
            scheme: scheme(),
            rules: Rules::default(),
            settings: Settings {
                stack: "test".into(),
                real: false,
                four_eyes_above: self.four_eyes.get(),
                keep_audit: Duration::from_hours(24 * 1_095),
                daily_budget: Krw(100_000),
                has_recipient_service: false,
            },
            host: self,
        }
    }

    /// What the function answers to this event.
    pub(super) fn invoked(&'static self, event: serde_json::Value) -> serde_json::Value {
        let mut context = lambda_runtime::Context::default();
        context.deadline = u64::try_from(self.now.get()).unwrap() + 60_000;
        let operate = self.operate();
        let answer = ready(handle(&operate, LambdaEvent::new(event, context))).unwrap();
        serde_json::to_value(answer).unwrap()
    }

    /// Asks as a person with these roles, through the back office.
    pub(super) fn as_person(&'static self, who: &str, roles: &[Role], request: &Request) -> Result<Outcome, Refusal> {
        let groups = roles.iter().map(|role| role.as_str().to_owned()).collect();
        let person = Person { who: who.into(), groups, address: Some("192.0.2.1".into()) };
        let asked = FromBackoffice { person, request: request.clone() };
        let reply = self.invoked(serde_json::to_value(asked).unwrap());
        serde_json::from_value::<Reply>(reply).unwrap().into_result()
    }

    pub(super) fn asks(&'static self, request: &Request) -> Result<Outcome, Refusal> {
        self.as_person("olga", &[Role::Admin], request)
    }

    /// A new order with a reason.
    pub(super) fn order(&'static self, operation: Operation) -> Request {
        let id = OrderId::try_from(format!("{:016x}", (&self).random())).unwrap();
        Request { protocol: PROTOCOL, id, dry_run: false, reason: Some("asked for".into()), operation }
    }

    pub(super) fn does(&'static self, operation: Operation) -> Result<Outcome, Refusal> {
        self.asks(&self.order(operation))
    }

    /// Everything that can be written, as one text.
    pub(super) fn written(&self) -> String {
        let registrations: Vec<_> = self.registrations.borrow().keys().cloned().collect();
        format!(
            "{:?} {:?} {:?} {:?} {:?} {registrations:?}",
            self.rows.borrow(),
            self.audit.borrow(),
            self.line.borrow(),
            self.resends.borrow(),
            self.reward.borrow(),
        )
    }

    /// How the steps of an order ended.
    pub(super) fn steps(&self, request: &Request) -> Vec<(String, String)> {
        let all = self.audit.borrow();
        let of_order = all.values().filter(|line| line.order == request.id.as_str());
        let ended = |line: &AuditLine| line.record["audit"]["ended"].as_str().unwrap_or_default().to_owned();
        of_order.map(|line| (line.step.split('/').next().unwrap_or_default().to_owned(), ended(line))).collect()
    }
}

/// Nothing here waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("it waits"),
    }
}
