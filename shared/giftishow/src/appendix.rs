//! The specification's appendix 1 as one table: what every code means to every API.

use crate::codes::{AccountFault, Code};

/// What a code means to one API. A meaning that an API has no outcome for proves nothing to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// What was asked for is so, now or from before. Where the answer must carry something, only that proves it.
    Done,
    /// Refused whatever was asked for, because of the way to Giftishow as a whole.
    Line(AccountFault),
    /// Refused because the prepaid balance is too low.
    Balance,
    /// Refused because of what was asked for.
    Input,
    /// An earlier request with this `tr_id` arrived.
    Duplicate,
    /// There is no such thing.
    NotFound,
    /// The recipient has used the coupon.
    Used,
    /// The coupon exists and cannot be cancelled.
    Fixed,
    /// A coupon was issued after all.
    Issued,
    /// The coupon has no message to send again.
    Nothing,
    /// The coupon's message is not sent again.
    Refused,
    /// There is no such page, or it cannot be made.
    Paging,
    /// Nobody can tell: it proves nothing to this API.
    Doubt,
}

/// A row of the table: what a code means to each API.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meanings {
    pub(crate) send: Meaning,
    pub(crate) cancel: Meaning,
    pub(crate) coupon: Meaning,
    pub(crate) resend: Meaning,
    pub(crate) failed_send: Meaning,
    pub(crate) balance: Meaning,
    pub(crate) goods: Meaning,
    pub(crate) goods_detail: Meaning,
    pub(crate) brands: Meaning,
    pub(crate) brand_detail: Meaning,
}

impl Meanings {
    /// The row of a code.
    pub(crate) fn of(code: &Code) -> Self {
        let [send, cancel, coupon, resend, failed_send, balance, goods, goods_detail, brands, brand_detail] = row(code);
        Self { send, cancel, coupon, resend, failed_send, balance, goods, goods_detail, brands, brand_detail }
    }
}

const LOGIN: Meaning = Meaning::Line(AccountFault::Credentials);
const SETUP: Meaning = Meaning::Line(AccountFault::Configuration);

/// In the order of the specification, and without a rest: a new code does not compile before its row is complete.
#[rustfmt::skip]
fn row(code: &Code) -> [Meaning; 10] {
    use Code as C;
    use Meaning::{Balance, Done, Doubt, Duplicate, Fixed, Input, Issued, NotFound, Nothing, Paging, Refused, Used};
    match code {
        //                 0204       0202      0201      0203      0205      0301   0101    0111      0102   0112
        C::Success     => [Done,      Done,     Done,     Done,     Done,     Done,  Done,   Done,     Done,  Done],
        C::E0002       => [SETUP,     SETUP,    SETUP,    SETUP,    SETUP,    SETUP, SETUP,  SETUP,    SETUP, SETUP],
        C::E0006       => [LOGIN,     LOGIN,    LOGIN,    LOGIN,    LOGIN,    LOGIN, LOGIN,  LOGIN,    LOGIN, LOGIN],
        C::E0007       => [SETUP,     SETUP,    SETUP,    SETUP,    SETUP,    SETUP, SETUP,  SETUP,    SETUP, SETUP],
        C::E0008       => [LOGIN,     LOGIN,    LOGIN,    LOGIN,    LOGIN,    LOGIN, LOGIN,  LOGIN,    LOGIN, LOGIN],
        C::E0009       => [LOGIN,     LOGIN,    LOGIN,    LOGIN,    LOGIN,    LOGIN, LOGIN,  LOGIN,    LOGIN, LOGIN],
        C::E0010       => [Balance,   Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::E0011       => [LOGIN,     LOGIN,    LOGIN,    LOGIN,    LOGIN,    LOGIN, LOGIN,  LOGIN,    LOGIN, LOGIN],
        C::E0012       => [LOGIN,     LOGIN,    LOGIN,    LOGIN,    LOGIN,    LOGIN, LOGIN,  LOGIN,    LOGIN, LOGIN],
        C::E0013       => [SETUP,     SETUP,    SETUP,    SETUP,    SETUP,    SETUP, SETUP,  SETUP,    SETUP, SETUP],
        C::E9999       => [Doubt,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0000     => [Doubt,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0005     => [Doubt,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0008     => [Doubt,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0100     => [SETUP,     SETUP,    SETUP,    SETUP,    SETUP,    SETUP, SETUP,  SETUP,    SETUP, SETUP],
        C::Err0201     => [Input,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0208     => [Doubt,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0209     => [Doubt,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0212     => [Doubt,     Doubt,    Doubt,    Nothing,  Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0213     => [Doubt,     Doubt,    Doubt,    Nothing,  Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0214     => [Doubt,     NotFound, NotFound, NotFound, NotFound, Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0215     => [Duplicate, Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0217     => [Doubt,     Doubt,    Doubt,    Refused,  Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0300     => [LOGIN,     LOGIN,    LOGIN,    LOGIN,    LOGIN,    LOGIN, LOGIN,  LOGIN,    LOGIN, LOGIN],
        C::Err0301     => [LOGIN,     LOGIN,    LOGIN,    LOGIN,    LOGIN,    LOGIN, LOGIN,  LOGIN,    LOGIN, LOGIN],
        C::Err0401     => [Input,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  NotFound, Doubt, NotFound],
        C::Err0800     => [Doubt,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0803     => [Doubt,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0804     => [Doubt,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0805     => [Doubt,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0806     => [Input,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0807     => [Input,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0808     => [Doubt,     Done,     Doubt,    Refused,  Done,     Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0817     => [Input,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Err0999     => [Doubt,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Pag0001     => [Doubt,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Paging, Doubt,    Doubt, Doubt],
        C::Pag0002     => [Doubt,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Paging, Doubt,    Doubt, Doubt],
        C::Coupon0001  => [Input,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Coupon0002  => [Input,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Coupon0003  => [Input,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Coupon0004  => [Input,     NotFound, NotFound, NotFound, NotFound, Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Coupon0005  => [Input,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Coupon0006  => [Doubt,     Fixed,    Doubt,    Doubt,    Issued,   Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Coupon0007  => [Doubt,     Used,     Doubt,    Refused,  Issued,   Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Coupon0008  => [Doubt,     Done,     Doubt,    Refused,  Done,     Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Coupon0009  => [Doubt,     Doubt,    Doubt,    Refused,  Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        // Our own `callback_no`: no other recipient, message or goods would fare better.
        C::Coupon0010  => [SETUP,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Coupon0011  => [Input,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  NotFound, Doubt, Doubt],
        C::Coupon0012  => [Input,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Coupon0013  => [Input,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Coupon0014  => [Input,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Coupon0015  => [Duplicate, Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
        C::Unlisted(_) => [Doubt,     Doubt,    Doubt,    Doubt,    Doubt,    Doubt, Doubt,  Doubt,    Doubt, Doubt],
    }
}

/// What an HTTP status other than a 2xx with a body means, whichever API was asked.
pub(crate) fn of_status(status: u16) -> Meaning {
    match status {
        204 => Meaning::NotFound,
        400 | 405 | 414 => SETUP,
        401 | 403 => LOGIN,
        _ => Meaning::Doubt,
    }
}
