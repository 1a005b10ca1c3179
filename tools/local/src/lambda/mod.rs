//! Lambda: the Runtime API for unmodified function binaries, and the Invoke API for everybody else.

mod api;
mod function;
mod outcome;
mod remote;
mod worker;

use std::collections::BTreeMap;
use std::sync::Arc;

use hyper::body::Bytes;

pub(crate) use api::serve;
pub use function::Function;
pub(crate) use function::platform_env;
pub use outcome::{Admission, Outcome, Refused};
pub use remote::Remote;

/// Where a function runs.
#[derive(Clone)]
pub enum Target {
    /// In processes of this stack.
    Processes(Arc<Function>),
    /// Behind somebody else's Invoke API, like that of `cargo lambda watch`.
    Remote(Arc<Remote>),
}

impl Target {
    /// Invokes and waits for the end.
    pub async fn invoke(&self, payload: Bytes, admission: Admission) -> Result<Outcome, Refused> {
        match self {
            Self::Processes(function) => function.invoke(payload, admission).await,
            Self::Remote(remote) => Ok(remote.invoke(payload).await),
        }
    }

    pub(crate) fn invoke_event(&self, payload: Bytes) {
        match self {
            Self::Processes(function) => function.invoke_event(payload),
            Self::Remote(remote) => Remote::clone(remote).invoke_event(payload),
        }
    }

    /// The function, if its processes are this stack's.
    pub fn processes(&self) -> Option<&Arc<Function>> {
        match self {
            Self::Processes(function) => Some(function),
            Self::Remote(_) => None,
        }
    }
}

/// All functions by name.
pub type Functions = BTreeMap<String, Target>;
