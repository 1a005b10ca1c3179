use payout::{Attempt, Evidence, Moment, PayoutKey, Rules, Slot, Stamp, State, TrIdScheme};
use platform::Write;

use crate::clock::HOUR_MS;

/// How much more time than it has a worker is told of, without rule 3.
const LIE_MS: i64 = HOUR_MS;

/// A rule that is left out, at the edge of the simulation: the production code stays as it is. Each must bring a
/// counterexample, else the simulation does not look hard enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Weakness {
    /// Rule 1: "no such tr_id" counts as soon as the send's deadline is over.
    Grace,
    /// Rule 1: 0201 always agrees that there is nothing.
    SecondOpinion,
    /// Rule 2: what was unknown is sent again under its own tr_id.
    SentAgain,
    /// Rule 3: workers are told of more time than their leases have.
    Deadline,
    /// Rule 4: a lease that ran out counts as not sent.
    LeaseExpiry,
    /// Rule 5: what was not found is not looked up again.
    Audit,
    /// Rule 6: the table does not compare owners.
    OwnerCompare,
    /// Rule 6: the table writes whatever it is told.
    Conditions,
    /// Claims always succeed.
    Lease,
    /// What was buried before the table was put back does not count.
    Burial,
    /// Counters of caps count and keep nobody from anything.
    Caps,
    /// Winners are texted at any hour.
    SendHours,
    /// 0204: `0000` outside is believed.
    InnerCode,
    /// Lists are written entry by entry.
    Transactions,
    /// The callback is told that it wrote before it has.
    DurableWrite,
    /// A coupon that only the company can show is not kept.
    KeptCoupon,
    /// Rows lose their `due_at`.
    DueAt,
    /// Nobody is called.
    Alarm,
    /// People are told that every coupon lives: 0201 is not asked.
    Unlooked,
    /// Rules 9 and 10: an order to cancel and close is taken for done.
    ClosedAtOnce,
    /// Rules 9 and 10: an order to cancel and go on goes on at once.
    ReissuedAtOnce,
    /// A row from which its user is erased forgets whose payout it is, too.
    Erasure,
}

impl Weakness {
    /// What the weakened system writes in place of this.
    pub(crate) fn rewrite(self, writes: &[Write], scheme: &TrIdScheme) -> Option<Vec<Write>> {
        if self == Self::KeptCoupon && writes.len() > 1 {
            return Some(writes.iter().filter(|write| !matches!(write, Write::KeepCoupon(_))).cloned().collect());
        }
        let [Write::Change { before, after }, more @ ..] = writes else { return None };
        let mut after = after.clone();
        let mut more = more.to_vec();
        match (self, after.state) {
            (Self::SentAgain, State::Dead) if before.state == State::Unknown => {
                after.state = State::Accepted;
                after.next_tr_id = None;
                after.due_at = Some(after.state_since);
                more.clear();
            }
            (Self::LeaseExpiry, State::Unknown) if after.last_event == "lease_expired" => {
                let next = next_attempt(before, &after, scheme);
                after.state = State::Dead;
                after.due_at = None;
                after.next_tr_id = Some(next.tr_id.clone());
                more.push(Write::Put(next));
            }
            (Self::Deadline, State::Sending) => {
                // The lease is as long as it should be; what the worker was told is not.
                after.lease_until = after.lease_until.map(|until| Moment::from_millis(until.as_millis() - LIE_MS));
                after.due_at = after.lease_until;
            }
            (Self::Audit, State::Dead | State::Review) | (Self::DueAt, State::Unknown) => after.due_at = None,
            (Self::ClosedAtOnce, State::Unknown) if after.last_event == "close_ordered" => {
                (after.state, after.order, after.due_at) = (State::Closed, None, None);
            }
            (Self::ReissuedAtOnce, State::Unknown) if after.last_event == "reissue_ordered" => {
                let next = next_attempt(before, &after, scheme);
                (after.state, after.order, after.due_at) = (State::Dead, None, None);
                after.next_tr_id = Some(next.tr_id.clone());
                more.push(Write::Put(next));
            }
            (Self::Erasure, _) if after.user_key.is_none() && before.user_key.is_some() => {
                after.payout_id = scheme.payout_id(&PayoutKey { slot: Slot::granted(u32::MAX), ..before.payout()? });
            }
            _ => return None,
        }
        Some([Write::Change { before: before.clone(), after }].into_iter().chain(more).collect())
    }

    /// What a process of `send` is told too much of its time.
    pub(crate) fn lie_ms(self) -> i64 {
        if self == Self::Deadline { LIE_MS } else { 0 }
    }
}

fn next_attempt(before: &Attempt, after: &Attempt, scheme: &TrIdScheme) -> Attempt {
    let stamp = Stamp { owner: after.owner.clone(), at: after.state_since, evidence: Evidence::default() };
    before.following(before.next_id(scheme, 0), &stamp, &Rules::default())
}
