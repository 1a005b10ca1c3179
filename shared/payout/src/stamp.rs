use crate::ids::Owner;
use crate::moment::Moment;
use crate::tr_id::TrId;

/// The id of the attempt that would follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextId {
    /// Its tr_id.
    pub tr_id: TrId,
    /// The salt that gave it.
    pub salt: u8,
}

/// Who says so, when, and on what ground.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The token of the writer.
    pub owner: Owner,
    /// Now, on the writer's clock.
    pub at: Moment,
    /// The answer behind it, if one was.
    pub evidence: Evidence,
}

/// The answer behind an event. Never a body, never a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Giftishow's raw code, or one of ours in lower case.
    pub code: Option<String>,
    /// The HTTP status.
    pub http_status: Option<u16>,
}
