//! Giftishow, as far as payouts see it: a ledger of what was really issued, and answers as they come over the wire.
//!
//! It knows nothing of our rows, and it has lists of its own of what its codes promise: it judges the classification, too.

mod answers;

use giftishow::{Gubun, Heard, TransportFault};

use crate::clock::{DAY_MS, SECOND_MS};
use crate::random::Random;

pub(crate) use answers::{balance, garbled, input_refused, issued, line_refused, low_balance, nothing_found, unclear};

/// What one of the goods costs, in won.
pub(crate) const PRICE_WON: u64 = 4_230;
/// Later than this after the issue nothing is cancelled (specification 6).
pub(crate) const CANCELLABLE_MS: i64 = 7 * DAY_MS;
/// A look-up right after the issue may not see the coupon.
const UNSEEN_MS: i64 = 30 * SECOND_MS;

/// What is sent to whom.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) tr_id: String,
    pub(crate) goods: String,
    pub(crate) phone: String,
    pub(crate) gubun: Gubun,
}

/// What was asked of Giftishow.
#[derive(Clone, Debug)]
pub(crate) enum Asked {
    /// 0204.
    Send(Order),
    /// 0202.
    Cancel(String),
    /// 0201.
    LookUp(String),
    /// 0301.
    Balance,
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Fault(TransportFault),
    Status(u16),
    Body(String),
}

impl Said {
    pub(crate) fn heard(&self) -> Heard<'_> {
        match self {
            Self::Fault(fault) => Heard::Fault(*fault),
            Self::Status(status) => Heard::Status(*status),
            Self::Body(body) => Heard::Body(body.as_bytes()),
        }
    }

    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Fault(_) => None,
            Self::Status(status) => Some(*status),
            Self::Body(_) => Some(200),
        }
    }
}

/// How a coupon stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Live,
    Used,
    Cancelled,
}

/// A line of the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Coupon {
    pub(crate) tr_id: String,
    pub(crate) goods: String,
    pub(crate) phone: String,
    pub(crate) issued_at_ms: i64,
    pub(crate) standing: Standing,
    /// Cannot be cancelled, whatever the reason.
    pub(crate) stubborn: bool,
}

impl Coupon {
    /// Whether the winner has it, or has had something for it.
    pub(crate) fn is_worth_something(&self) -> bool {
        self.standing != Standing::Cancelled
    }
}

/// Giftishow.
pub(crate) struct Vendor {
    pub(crate) coupons: Vec<Coupon>,
    /// Of the prepaid balance, in won.
    pub(crate) spent_won: u64,
}

impl Vendor {
    pub(crate) fn new() -> Self {
        Self { coupons: Vec::new(), spent_won: 0 }
    }

    pub(crate) fn begin(&mut self) {
        self.coupons.clear();
        self.spent_won = 0;
    }

    /// A coupon that nobody of ours has asked for.
    pub(crate) fn plant(&mut self, tr_id: &str, now_ms: i64) {
        let (goods, phone) = ("G00000000999".to_owned(), "01099999999".to_owned());
        self.issue(tr_id.to_owned(), goods, phone, now_ms);
    }

    fn issue(&mut self, tr_id: String, goods: String, phone: String, now_ms: i64) {
        self.spent_won += PRICE_WON;
        let (standing, stubborn) = (Standing::Live, false);
        self.coupons.push(Coupon { tr_id, goods, phone, issued_at_ms: now_ms, standing, stubborn });
    }

    /// 0204: the true answer, and whether a coupon was issued by it.
    pub(crate) fn send(
        &mut self,
        Order { tr_id, goods, phone, gubun }: &Order,
        now_ms: i64,
        random: &mut Random,
    ) -> (Said, bool) {
        if self.coupons.iter().any(|coupon| coupon.tr_id == *tr_id) {
            return (answers::duplicate(random), false);
        }
        self.issue(tr_id.clone(), goods.clone(), phone.clone(), now_ms);
        (answers::issued(self.coupons.len(), *gubun), true)
    }

    /// 0202: the true answer.
    pub(crate) fn cancel(&mut self, tr_id: &str, now_ms: i64, random: &mut Random) -> Said {
        let Some(coupon) = self.coupons.iter_mut().find(|coupon| coupon.tr_id == tr_id) else {
            return answers::no_such_tr_id(random);
        };
        match coupon.standing {
            Standing::Cancelled => answers::cancelled_before(random),
            Standing::Used => answers::used(),
            Standing::Live if coupon.stubborn || now_ms > coupon.issued_at_ms + CANCELLABLE_MS => {
                answers::not_cancellable()
            }
            Standing::Live => {
                coupon.standing = Standing::Cancelled;
                self.spent_won -= PRICE_WON;
                answers::cancelled(random)
            }
        }
    }

    /// 0201: the true answer.
    pub(crate) fn look_up(&self, tr_id: &str, random: &mut Random) -> Said {
        match self.coupons.iter().find(|coupon| coupon.tr_id == tr_id) {
            Some(coupon) => {
                let status = match coupon.standing {
                    Standing::Live => "01",
                    Standing::Used => "02",
                    Standing::Cancelled => "07",
                };
                answers::coupon(coupon, status)
            }
            None => answers::nothing_found(random),
        }
    }

    /// 0201: what a look-up says that does not see a coupon yet. `None` if it would have to see it.
    pub(crate) fn overlook(&self, tr_id: &str, now_ms: i64, random: &mut Random) -> Option<Said> {
        let coupon = self.coupons.iter().find(|coupon| coupon.tr_id == tr_id)?;
        (now_ms <= coupon.issued_at_ms + UNSEEN_MS).then(|| answers::nothing_found(random))
    }

    /// 0201: a state that only a person can judge.
    pub(crate) fn look_up_oddly(&self, tr_id: &str, random: &mut Random) -> Said {
        match self.coupons.iter().find(|coupon| coupon.tr_id == tr_id) {
            Some(coupon) => answers::coupon(coupon, random.one(answers::ODD_STATES)),
            None => answers::nothing_found(random),
        }
    }

    /// 0202: "no such tr_id", whatever there is.
    pub(crate) fn overlook_cancel(random: &mut Random) -> Said {
        answers::no_such_tr_id(random)
    }

    /// What of the balance the ledger explains.
    pub(crate) fn explained_won(&self) -> u64 {
        self.coupons.iter().filter(|coupon| coupon.is_worth_something()).map(|_| PRICE_WON).sum()
    }
}
