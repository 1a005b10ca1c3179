//! Sequences of questions, and the rows that they are about.

use payout::{
    Attempt, Evidence, Gubun, Moment, Owner, PayoutId, PayoutKey, RepeatPolicy, RewardCode, Rules, SHARDS, Stamp,
    State, TrId, TrIdScheme, UserKey,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::ask::{ATTEMPTS, Question, Step};

/// When all of it happens.
pub(crate) const NOW_MS: i64 = 1_795_359_000_000;

/// What differs between the rows of one attempt.
#[derive(Clone, Debug)]
pub(crate) struct Marks {
    owner: u32,
    state: State,
    due_ms: Option<i64>,
    not_before_ms: Option<i64>,
    gubun: Option<Gubun>,
    next: Option<usize>,
    last_code: Option<&'static str>,
    http_status: Option<u16>,
    tries: u32,
    order_no: Option<&'static str>,
}

/// The id of an attempt of a sequence.
pub(crate) fn tr_id(sequence: usize, attempt: usize) -> TrId {
    TrId::try_from(format!("bg_{sequence:06}_{attempt}")).unwrap()
}

fn payout(attempt: usize) -> PayoutKey {
    let at = Moment::from_millis(NOW_MS);
    let slot = RepeatPolicy::Once.slot(&payout::Win { at, request_id: "", index: 0, entries: 1 });
    let code = RewardCode::try_from("가나다".to_owned()).unwrap();
    PayoutKey { code, user_key: UserKey::try_from(format!("user{attempt}")).unwrap(), slot }
}

fn scheme() -> TrIdScheme {
    TrIdScheme::new("bg", "contract").unwrap()
}

/// What names the payout that an attempt is a try at.
pub(crate) fn payout_id(attempt: usize) -> PayoutId {
    scheme().payout_id(&payout(attempt))
}

/// A row of an attempt.
pub(crate) fn row(tr_id: TrId, attempt: usize, marks: &Marks) -> Attempt {
    let at = |ms: i64| Moment::from_millis(NOW_MS + ms);
    let owner = Owner::new(format!("owner{}", marks.owner));
    let stamp = Stamp { owner, at: at(0), evidence: Evidence::default() };
    let next_tr_id = marks.next.map(|next| TrId::try_from(format!("bg_next_{next}")).unwrap());
    let first = Attempt::first(&scheme(), &payout(attempt), 0, &stamp, &Rules::default());
    Attempt {
        due_shard: tr_id.shard(),
        attention: marks.state.waits_for_a_person().then_some(tr_id.shard()),
        tr_id,
        state: marks.state,
        due_at: marks.due_ms.map(at),
        not_before: marks.not_before_ms.map(at),
        lease_until: marks.not_before_ms.map(at),
        send_started_at: marks.due_ms.map(at),
        gubun: marks.gubun,
        next_tr_id,
        last_code: marks.last_code.map(str::to_owned),
        last_http_status: marks.http_status,
        tries: marks.tries,
        order_no: marks.order_no.map(str::to_owned),
        ..first
    }
}

fn marks(owner: impl Strategy<Value = u32>) -> impl Strategy<Value = Marks> {
    let state = select(State::ALL.to_vec());
    let moments = (option::of(0..3_000_000_i64), option::of(0..3_000_000_i64));
    let gubun = option::of(select(vec![Gubun::Mms, Gubun::Pin]));
    let evidence = (option::of(select(vec!["0000", "ERR0215"])), option::of(select(vec![200_u16, 502])));
    let rest = (option::of(0..2_usize), 0..3_u32, option::of(select(vec!["1", "가"])));
    (owner, state, moments, gubun, evidence, rest).prop_map(
        |(owner, state, (due_ms, not_before_ms), gubun, (last_code, http_status), (next, tries, order_no))| Marks {
            owner,
            state,
            due_ms,
            not_before_ms,
            gubun,
            next,
            last_code,
            http_status,
            tries,
            order_no,
        },
    )
}

/// Owners that meet again and again.
fn few() -> impl Strategy<Value = u32> {
    0..3_u32
}

/// Owners that never meet again: as the functions make them.
fn new() -> impl Strategy<Value = u32> {
    any::<u32>()
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..ATTEMPTS, marks(few())).prop_map(|(attempt, marks)| Step::Put { attempt, marks }),
        5 => (0..ATTEMPTS, marks(few())).prop_map(|(attempt, after)| Step::Change { attempt, stale: None, after }),
        2 => (0..ATTEMPTS, marks(few()), marks(few()))
            .prop_map(|(attempt, stale, after)| Step::Change { attempt, stale: Some(stale), after }),
        2 => (0..ATTEMPTS, 1..4_u32, select(State::ALL.to_vec()))
            .prop_map(|(attempt, times, seen)| Step::NoteDuplicate { attempt, times, seen }),
        2 => (0..ATTEMPTS, any::<bool>()).prop_map(|(attempt, of_another)| Step::Absent { attempt, of_another }),
        1 => (0..ATTEMPTS).prop_map(|attempt| Step::Bury { attempt }),
        1 => (0..ATTEMPTS, any::<u8>()).prop_map(|(attempt, byte)| Step::KeepCoupon { attempt, byte }),
    ]
}

/// No transaction may name a row twice, and none of ours does.
fn name_each_row_once(steps: Vec<Step>) -> Vec<Step> {
    let mut named = Vec::new();
    let key = |step: &Step| match step {
        Step::Put { attempt, .. }
        | Step::Change { attempt, .. }
        | Step::NoteDuplicate { attempt, .. }
        | Step::Absent { attempt, .. } => (0, *attempt),
        Step::Bury { attempt } => (3, *attempt),
        Step::KeepCoupon { attempt, .. } => (4, *attempt),
    };
    let mut is_new = |step: &Step| {
        let new = !named.contains(&key(step));
        named.push(key(step));
        new
    };
    steps.into_iter().filter(|step| is_new(step)).collect()
}

/// Questions of every kind.
pub(crate) fn sequences() -> impl Strategy<Value = Vec<Question>> {
    let question = prop_oneof![
        10 => vec(step(), 1..4).prop_map(|steps| Question::Write(name_each_row_once(steps))),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(paused, stale)| Question::ChangeLine { paused, stale }),
        1 => (0..ATTEMPTS).prop_map(Question::Attempt),
        1 => (0..SHARDS, 0..3_000_000_i64).prop_map(|(shard, later_ms)| Question::Due { shard, later_ms }),
    ];
    let question = prop_oneof![
        12 => question,
        1 => (0..SHARDS).prop_map(Question::Attention),
        1 => (0..2_usize, 0..4_u64, 0..6_u64)
            .prop_map(|(counter, wanted, most)| Question::Draw { counter, wanted, most }),
        1 => (0..2_usize, 1..3_u64).prop_map(|(counter, unused)| Question::GiveBack { counter, unused }),
    ];
    vec(question, 1..16)
}

/// Writes as the functions make them: whoever changes a row leaves a token there that nobody has had before. The first of a
/// list is such a write, so that a list that was written is known again; what goes with it is anything but a row.
pub(crate) fn sequences_of_owned_writes() -> impl Strategy<Value = Vec<Question>> {
    let first = prop_oneof![
        1 => (0..ATTEMPTS, marks(new())).prop_map(|(attempt, marks)| Step::Put { attempt, marks }),
        3 => (0..ATTEMPTS, marks(new())).prop_map(|(attempt, after)| Step::Change { attempt, stale: None, after }),
    ];
    let is_row = |step: &Step| {
        matches!(step, Step::Put { .. } | Step::Change { .. } | Step::NoteDuplicate { .. } | Step::Absent { .. })
    };
    let more = vec(step().prop_filter("a row", move |step| !is_row(step)), 0..3);
    let question = (first, more).prop_map(|(first, more)| {
        let steps = std::iter::once(first).chain(more).collect();
        Question::Write(name_each_row_once(steps))
    });
    vec(question, 1..8)
}
