/// How the program ends, for whoever calls it in a script. The one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It was done.
    Done = 0,
    /// It was not, and trying again is safe.
    Failed = 1,
    /// The command cannot be understood, or lacks something.
    Usage = 2,
    /// A rule forbids it.
    Refused = 3,
    /// There is no such thing.
    NotFound = 4,
    /// Some of it was done, or it waits for a second person.
    Partly = 5,
    /// Nobody knows: look before repeating.
    Unknown = 6,
    /// No credentials, no stack, another version.
    Configuration = 7,
    /// Ctrl-C.
    Interrupted = 130,
}

impl Exit {
    /// As the operating system takes it.
    pub fn code(self) -> u8 {
        self as u8
    }
}
