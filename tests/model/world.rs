//! Everything there is: the rows, who works on them, Giftishow, and what is still on its way.

use std::sync::Arc;
use std::time::Duration;

use payout::{
    Alarm, Attempt, Effect, Event, Evidence, Gubun, Moment, NextId, Owner, PayoutKey, RepeatPolicy, RewardCode, Rules,
    Stamp, State, TrIdScheme, UserKey, Win, transition,
};

use crate::giftishow::{COUPONS, CancelAnswer, Giftishow, MOST_ATTEMPTS, SendAnswer};
use crate::operate::Looked;
use crate::policy::{Half, Policy, Table};
use crate::send::Order;
use crate::table::Write;

/// The smallest piece of time. Three ticks are the seven days in which Giftishow cancels.
pub(crate) const TICK: Duration = Duration::from_hours(7 * 24 / 3);
/// Each waiting time is a tick.
pub(crate) const RULES: Rules =
    Rules { send_timeout: TICK, grace: TICK, max_attempts: MOST_ATTEMPTS, redrive_after: TICK, outage_after: 1 };
/// The first tick.
const START: i64 = 1_790_000_000_000;
/// Processes that may be killed.
const CRASHES: u8 = 2;

/// The moment of a tick.
pub(crate) fn at(tick: u32) -> Moment {
    Moment::from_millis(START).after(TICK * tick)
}

/// The proof that a claim was won, as `send` has it.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub(crate) row: Arc<Attempt>,
    pub(crate) order: Order,
    /// The last tick of the invocation that holds it.
    pub(crate) ends: u32,
}

/// One instance of `send`.
#[derive(Clone, Debug)]
pub(crate) enum Sender {
    Idle,
    /// Has been handed an accepted row, and read whether it was buried: that is claimed on, however long ago it was read.
    Woken {
        row: Arc<Attempt>,
        buried: bool,
    },
    Holds(Claimed),
    Waits {
        claimed: Claimed,
        left: u32,
        answer: Option<SendAnswer>,
    },
}

/// The one instance of `sweeper`.
#[derive(Clone, Debug)]
pub(crate) enum Sweeper {
    Idle,
    /// Has read a row that is due.
    Read(Arc<Attempt>),
    Waits {
        row: Arc<Attempt>,
        left: u32,
        answer: Option<CancelAnswer>,
    },
}

/// What becomes of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It lands.
    Lands,
    /// It lands, and lands once more later: an earlier try of the SDK's.
    LandsTwice,
    /// Its writer is killed while it is on its way; it lands later.
    OutlivesItsWriter,
}

/// What must never happen and leaves no other trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a promise of its own")]
pub(crate) struct Slips {
    pub(crate) illegal_event: bool,
    pub(crate) lost_lease: bool,
    pub(crate) silence: bool,
    pub(crate) in_vain: bool,
}

/// A state of the model. Rows are as production makes them; the clock and the owners' tokens only ever grow, so states are
/// compared by what can be told apart (`identity.rs`).
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) now: u32,
    pub(crate) tokens: u32,
    pub(crate) rows: Vec<Arc<Attempt>>,
    pub(crate) senders: [Sender; 2],
    pub(crate) sweeper: Sweeper,
    pub(crate) giftishow: Giftishow,
    pub(crate) late_write: Option<Write>,
    /// A person has looked at a row, and may decide something about it.
    pub(crate) operator: Option<Looked>,
    pub(crate) orders_left: u8,
    /// Which attempts were buried, outside the table.
    pub(crate) buried: [bool; COUPONS],
    /// Which PINs are kept, outside the table.
    pub(crate) kept: [bool; COUPONS],
    pub(crate) backup: Backup,
    /// Which attempts have counted as sent, whatever a restored table says.
    pub(crate) ever_sent: [bool; COUPONS],
    pub(crate) crashes_left: u8,
    /// Whether a person was told that the winner may have two coupons.
    pub(crate) told_of_two: bool,
    pub(crate) slips: Slips,
}

/// A backup of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Backup {
    None,
    Taken {
        rows: Vec<Arc<Attempt>>,
        /// The transaction that came right after it: the backup may hold half of it.
        halves: Option<Halves>,
    },
    /// The table is an older copy of itself: the heartbeat shows it, so nothing is claimed and nothing cancelled.
    Restored,
    /// A person has had it repaired.
    Repaired,
}

/// A dead attempt and the one that follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Halves {
    pub(crate) dead: Arc<Attempt>,
    pub(crate) next: Arc<Attempt>,
}

/// How much of the transaction that came right after it a backup holds: a restore shows no moment, but each row as it was
/// about then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Nothing,
    TheDeadOne,
    TheNextOne,
}

impl World {
    /// The payout's last attempt: its state is the state of the payout.
    pub(crate) fn last(&self) -> &Arc<Attempt> {
        &self.rows[self.rows.len() - 1]
    }

    pub(crate) fn time(&self) -> Moment {
        at(self.now)
    }

    pub(crate) fn new_owner(&mut self) -> Owner {
        self.tokens += 1;
        Owner::new(format!("owner{}", self.tokens))
    }

    /// The attempts of which a send may still be acted on.
    pub(crate) fn sends_on_their_way(&self) -> impl Iterator<Item = usize> {
        let late = self.giftishow.late_sends.iter().map(|send| send.attempt);
        late.chain(self.senders.iter().filter_map(|sender| match sender {
            Sender::Waits { claimed, answer: None, .. } => Some(coupon_of(&claimed.row)),
            _ => None,
        }))
    }

    /// Whether nobody is at work, and no send and no write is on its way.
    pub(crate) fn nothing_is_on_its_way(&self) -> bool {
        self.senders.iter().all(|sender| matches!(sender, Sender::Idle))
            && matches!(self.sweeper, Sweeper::Idle)
            && self.giftishow.late_sends.is_empty()
            && self.late_write.is_none()
    }

    /// Whether time can still change anything.
    pub(crate) fn is_waiting(&self) -> bool {
        self.rows.iter().any(|row| row.due_at.is_some()) || !self.nothing_is_on_its_way()
    }
}

/// Whether the machine has something to do for an attempt in this state.
pub(crate) fn is_open(state: State) -> bool {
    matches!(state, State::Accepted | State::Sending | State::Unknown)
}

/// Which coupon belongs to an attempt.
pub(crate) fn coupon_of(row: &Attempt) -> usize {
    usize::from(row.attempt) - 1
}

/// One payout under a policy.
#[derive(Clone)]
pub(crate) struct Payout {
    pub(crate) policy: Policy,
    pub(crate) gubun: Gubun,
    pub(crate) attempts: u8,
    pub(crate) crashes: u8,
    /// How often a person decides something.
    pub(crate) orders: u8,
    /// Whether Giftishow may refuse this payout for ever, as if it took nothing from us.
    pub(crate) refused_alone: bool,
    /// The first attempt, as it is recorded.
    pub(crate) first: Arc<Attempt>,
    /// The id of the attempt after each.
    pub(crate) next_ids: Vec<NextId>,
}

impl Payout {
    pub(crate) fn new(policy: Policy) -> Self {
        let scheme = TrIdScheme::new("m", "model").expect("a scheme");
        let stamp = Stamp { owner: Owner::new("callback"), at: at(0), evidence: Evidence::default() };
        let first = Arc::new(Attempt::first(&scheme, &won(), 0, &stamp, &RULES));
        let next_id = |attempt| Attempt { attempt, ..first.as_ref().clone() }.next_id(&scheme, 0);
        let next_ids = (1..=MOST_ATTEMPTS).map(next_id).collect();
        Self {
            policy,
            gubun: Gubun::Mms,
            attempts: MOST_ATTEMPTS,
            crashes: CRASHES,
            orders: 0,
            refused_alone: false,
            first,
            next_ids,
        }
    }

    /// The win has been recorded, and nothing else has happened.
    pub(crate) fn accepted(&self) -> World {
        World {
            now: 0,
            tokens: 0,
            rows: vec![self.first.clone()],
            senders: [Sender::Idle, Sender::Idle],
            sweeper: Sweeper::Idle,
            giftishow: Giftishow::new(),
            late_write: None,
            operator: None,
            orders_left: self.orders,
            buried: [false; COUPONS],
            kept: [false; COUPONS],
            backup: Backup::None,
            ever_sent: [false; COUPONS],
            crashes_left: self.crashes,
            told_of_two: false,
            slips: Slips::default(),
        }
    }

    /// What may become of a write now. A table that compares owners takes none twice: their tokens never come again.
    pub(crate) fn fates(&self, world: &World) -> Vec<Fate> {
        let mut fates = vec![Fate::Lands];
        if world.late_write.is_none() {
            fates.extend((!self.compares_owners()).then_some(Fate::LandsTwice));
            fates.extend((world.crashes_left > 0).then_some(Fate::OutlivesItsWriter));
        }
        fates
    }

    /// Whether the table takes a change only from whoever read the row as it is.
    pub(crate) fn compares_owners(&self) -> bool {
        matches!(self.policy.table, Table::ComparesStateAndOwner | Table::WritesOneByOne)
    }

    /// The id of the attempt after this one.
    pub(crate) fn next_id(&self, row: &Attempt) -> NextId {
        self.next_ids[coupon_of(row)].clone()
    }

    /// What every driver does with an event: the transition function decides, and the table takes it or not. The row as it
    /// was written, or `None` if it was not, or not by a writer that lives to know.
    pub(crate) fn settle(
        &self,
        world: &mut World,
        before: &Arc<Attempt>,
        event: Event,
        owner: Owner,
        fate: Fate,
    ) -> Option<Arc<Attempt>> {
        let stamp = Stamp { owner, at: world.time(), evidence: Evidence::default() };
        let rules = Rules { max_attempts: self.attempts, ..RULES };
        let keeps = self.gubun.is_in_the_answer() && matches!(event, Event::Issued { .. });
        let Ok(transition) = transition(before, event, &stamp, &rules) else {
            world.slips.illegal_event = true;
            return None;
        };
        let after = transition.after;
        let gives_up = after.state != before.state && matches!(after.state, State::Failed | State::Review);
        let mut next = None;
        let mut called = false;
        let mut buries = false;
        for effect in transition.effects {
            match effect {
                Effect::StartAttempt(row) => next = Some(Arc::from(row)),
                Effect::Alarm(Alarm::Failed | Alarm::Review) => called = true,
                Effect::Alarm(Alarm::PaidTwice) => world.told_of_two = true,
                Effect::Bury(_) => buries = true,
                Effect::Alarm(_) | Effect::LineRefused(_) => {}
            }
        }
        world.slips.silence |= gives_up && !called;
        self.write(world, Write { before: before.clone(), after: Arc::new(after), next, buries, keeps }, fate)
    }

    /// Sends one write to the table. A writer that is killed is for the caller to remove.
    pub(crate) fn write(&self, world: &mut World, mut write: Write, fate: Fate) -> Option<Arc<Attempt>> {
        if fate != Fate::Lands {
            world.late_write = Some(write.clone());
        }
        if fate == Fate::OutlivesItsWriter {
            world.crashes_left -= 1;
            if self.policy.table == Table::WritesOneByOne && write.next.take().is_some() {
                world.late_write = None;
                write.apply(world, self.policy.table);
            }
            return None;
        }
        let mut done = write.apply(world, self.policy.table);
        if !done && self.policy.half == Half::Adopted && write.next_is_there(world) {
            // A restored table held half of the transaction that made it.
            write.next = None;
            done = write.apply(world, self.policy.table);
        }
        world.slips.in_vain |= !done && world.rows.contains(&write.before);
        done.then_some(write.after)
    }
}

fn won() -> PayoutKey {
    PayoutKey {
        code: RewardCode::try_from("AD3FYTFS".to_owned()).expect("a code"),
        user_key: UserKey::try_from("2eew35da".to_owned()).expect("a user key"),
        slot: RepeatPolicy::Once.slot(&Win { at: at(0), request_id: "", index: 0, entries: 1 }),
    }
}
