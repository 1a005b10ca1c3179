use serde::{Deserialize, Serialize};

use crate::role::Role;

/// By which door somebody came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The function URL: an IAM principal, known by its signature.
    Iam,
    /// The back office: a person who signed in there.
    Backoffice,
    /// The stack itself: `reconcile`.
    Stack,
}

/// Who asks. Known by the door, never claimed in the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The principal's ARN, or the person's name at the identity provider.
    pub who: String,
    /// By which door.
    pub via: Via,
    /// From which address, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What they may do.
    pub roles: Vec<Role>,
}

/// Whom the back office has signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Their name at the identity provider, which nobody else there has.
    pub who: String,
    /// Their groups; those that are no role count for nothing.
    pub groups: Vec<String>,
    /// From which address, if it is known.
    #[serde(default)]
    pub address: Option<String>,
}

impl From<Person> for Caller {
    fn from(person: Person) -> Self {
        let roles = person.groups.iter().filter_map(|group| Role::named(group)).collect();
        Self { who: person.who, via: Via::Backoffice, address: person.address, roles }
    }
}
