//! How the world around the transition function behaves. The default keeps every rule and every assumption; every other
//! value breaks one.

/// Rules that the drivers keep, and assumptions about everybody else.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Policy {
    pub(crate) not_found: NotFoundCounts,
    pub(crate) unanswered_cancel: UnansweredCancel,
    pub(crate) lost_worker: LostWorker,
    pub(crate) lease: Lease,
    pub(crate) table: Table,
    pub(crate) lateness: Lateness,
    pub(crate) seven_days: SevenDays,
    pub(crate) backup: Backup,
    pub(crate) graves: Graves,
    pub(crate) restored: RestoredRows,
    pub(crate) half: Half,
    pub(crate) repair: Repair,
    pub(crate) orders: Orders,
}

/// Rule 1: when "no such tr_id" counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum NotFoundCounts {
    /// If the cancel left after the grace period, and 0201 agrees.
    #[default]
    IfCancelledLate,
    /// If the answer is read after the grace period; 0201 is not asked.
    IfReadLate,
    /// At once; the payout goes on under a new tr_id.
    AtOnce,
    /// At once; the same tr_id is sent again.
    AtOnceForTheSameId,
}

/// Rule 2: what becomes of a cancel without an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum UnansweredCancel {
    /// The attempt is cancelled again, later.
    #[default]
    IsRepeated,
    /// The same tr_id is sent again.
    SendsAgain,
}

/// Rule 4: what becomes of an attempt whose lease ran out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LostWorker {
    /// It is unknown: cancelled before the payout goes on.
    #[default]
    IsUnknown,
    /// The payout starts over under a new tr_id, as a handler does that is simply run again.
    RunsAgain,
    /// Nothing was sent, it is thought: the same tr_id is sent again.
    SentNothing,
}

/// Rule 3: how a lease ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lease {
    /// Later than its holder.
    #[default]
    OutlivesItsHolder,
    /// When its time is up, whatever its holder does: it may have been frozen, and send when it goes on.
    MayEndEarlier,
}

/// How late Giftishow may act on a send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lateness {
    /// At the latest when the send's deadline and the grace period are over.
    #[default]
    Bounded,
    /// Later than that, but before the last audit.
    UntilTheLastAudit,
    /// At any time.
    Unbounded,
}

/// Rule 6: on what condition the table takes a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Table {
    /// State and owner are those of the row that the change was made from.
    #[default]
    ComparesStateAndOwner,
    /// The state is.
    ComparesState,
    /// None.
    ComparesNothing,
    /// State and owner are, but a claim is always taken: there are no leases.
    ClaimsAreFree,
    /// State and owner are; the next attempt is put in a write of its own.
    WritesOneByOne,
}

/// From when on Giftishow counts the seven days in which it cancels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SevenDays {
    /// From when it issued the coupon, which may have been late.
    #[default]
    FromTheIssue,
    /// From the send's deadline.
    FromTheSend,
}

/// Whether the table may be restored from a backup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Backup {
    #[default]
    NotUsed,
    /// It may be, to any earlier moment. That takes longer than anything is on its way.
    Restored,
    /// The same, and which attempts were buried is forgotten.
    RestoredWithoutGraves,
}

/// Whether what was buried keeps an attempt from being sent again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Graves {
    /// It is read before the claim.
    #[default]
    Consulted,
    /// It is not.
    NotConsulted,
}

/// What becomes of rows that a restored table holds as open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum RestoredRows {
    /// They are looked up before they are cancelled.
    #[default]
    LookedUpFirst,
    /// They are cancelled like any other.
    CancelledAtOnce,
}

/// What becomes of a dead attempt's write whose successor is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Half {
    /// The successor is adopted.
    #[default]
    Adopted,
    /// The write is refused.
    IsRefused,
}

/// Rules 9 and 10: what becomes of a person's order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Orders {
    /// The sweeper cancels first.
    #[default]
    CarriedOut,
    /// It is taken for done.
    DoneAtOnce,
}

/// What a person does about a restored table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Repair {
    /// Has it repaired: open rows are marked, successors that are missing are put.
    #[default]
    IsRun,
    /// Opens the line, and has nothing repaired.
    IsSkipped,
}
