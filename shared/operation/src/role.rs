use payout::Krw;
use serde::{Deserialize, Serialize};

use crate::operation::Kind;

/// What a person may do: a group of the identity provider. An IAM principal that may call the function URL is [`Role::Admin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees, with masked numbers.
    Viewer,
    /// Customer service: finds, looks, resends, reveals with a reason, orders a cancel.
    Cs,
    /// Runs promotions: rewards, recipients, re-opening, granting, the line.
    Operator,
    /// Everything, and the second pair of eyes.
    Admin,
    /// The audit alone.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Cs, Self::Operator, Self::Admin, Self::Auditor];

    /// The name of its group.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Cs => "cs",
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }

    /// The role of a group; `None` if it is no role.
    pub fn named(group: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == group)
    }

    /// What it may do, whatever it costs.
    fn allows(self, kind: Kind) -> bool {
        use Role::{Admin, Auditor, Cs, Operator, Viewer};
        match kind {
            Kind::Stack => true,
            Kind::Find
            | Kind::List
            | Kind::Look
            | Kind::LineShow
            | Kind::RewardList
            | Kind::RewardShow
            | Kind::RecipientShow
            | Kind::Days => {
                matches!(self, Viewer | Cs | Operator | Admin)
            }
            Kind::Balance | Kind::Report | Kind::Money => matches!(self, Viewer | Operator | Admin),
            Kind::Resend | Kind::Cancel | Kind::RecipientReveal | Kind::CouponShow => {
                matches!(self, Cs | Operator | Admin)
            }
            Kind::Reopen
            | Kind::Grant
            | Kind::GrantNew
            | Kind::Confirm
            | Kind::Reissue
            | Kind::Close
            | Kind::Pause
            | Kind::Resume
            | Kind::RewardPut
            | Kind::RewardDisable
            | Kind::RecipientPut
            | Kind::RecipientErase
            | Kind::RecipientImport
            | Kind::Reconcile
            | Kind::TopUp
            | Kind::Doctor => matches!(self, Operator | Admin),
            Kind::Approve | Kind::RestoreCopy | Kind::RestoreRepair => matches!(self, Admin),
            Kind::Audit => matches!(self, Admin | Auditor),
        }
    }
}

/// Whether somebody may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// They may.
    Yes,
    /// They may ask; another must approve.
    NeedsSecond,
    /// They may not.
    No,
}

/// Who may what: the one place that says so. `cost` is the most that the order can cost; whatever costs more than
/// `four_eyes_above` waits for a second person.
pub fn may(roles: &[Role], kind: Kind, cost: Krw, four_eyes_above: Option<Krw>) -> May {
    if !roles.iter().any(|role| role.allows(kind)) {
        return May::No;
    }
    let dear = four_eyes_above.is_some_and(|most| cost > most);
    if dear && kind.spends() && kind != Kind::Approve { May::NeedsSecond } else { May::Yes }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Viewer, cs, operator, admin, auditor.
    const TABLE: [(Kind, &str); 36] = [
        (Kind::Stack, "vcoau"),
        (Kind::Doctor, "oa"),
        (Kind::Find, "vcoa"),
        (Kind::List, "vcoa"),
        (Kind::Look, "vcoa"),
        (Kind::Reopen, "oa"),
        (Kind::Grant, "oa"),
        (Kind::GrantNew, "oa"),
        (Kind::Confirm, "oa"),
        (Kind::Cancel, "coa"),
        (Kind::Reissue, "oa"),
        (Kind::Close, "oa"),
        (Kind::Resend, "coa"),
        (Kind::LineShow, "vcoa"),
        (Kind::Pause, "oa"),
        (Kind::Resume, "oa"),
        (Kind::RewardPut, "oa"),
        (Kind::RewardList, "vcoa"),
        (Kind::RewardShow, "vcoa"),
        (Kind::RewardDisable, "oa"),
        (Kind::RecipientPut, "oa"),
        (Kind::RecipientShow, "vcoa"),
        (Kind::RecipientReveal, "coa"),
        (Kind::RecipientErase, "oa"),
        (Kind::RecipientImport, "oa"),
        (Kind::CouponShow, "coa"),
        (Kind::Balance, "voa"),
        (Kind::Report, "voa"),
        (Kind::Days, "vcoa"),
        (Kind::Money, "voa"),
        (Kind::Reconcile, "oa"),
        (Kind::TopUp, "oa"),
        (Kind::Audit, "au"),
        (Kind::Approve, "a"),
        (Kind::RestoreCopy, "a"),
        (Kind::RestoreRepair, "a"),
    ];

    #[test]
    fn every_role_may_what_the_table_says_and_nothing_else() {
        for (row, kind) in TABLE.iter().zip(Kind::ALL) {
            assert_eq!(row.0, kind);
            for (role, letter) in Role::ALL.into_iter().zip("vcoau".chars()) {
                let expected = if row.1.contains(letter) { May::Yes } else { May::No };
                assert_eq!(may(&[role], kind, Krw(0), Some(Krw(0))), expected, "{role:?} {kind:?}");
            }
            assert_eq!(may(&[], kind, Krw(0), None), May::No);
        }
    }

    #[test]
    fn roles_add_up() {
        assert_eq!(may(&[Role::Auditor, Role::Viewer], Kind::Audit, Krw(0), None), May::Yes);
        assert_eq!(may(&[Role::Auditor, Role::Viewer], Kind::Look, Krw(0), None), May::Yes);
        assert_eq!(may(&[Role::Auditor, Role::Viewer], Kind::Pause, Krw(0), None), May::No);
    }

    #[test]
    fn what_costs_more_than_four_eyes_allow_waits_for_a_second_person_an_admin_included() {
        let most = Some(Krw(100_000));
        for kind in Kind::ALL {
            let at_most = may(&[Role::Admin], kind, Krw(100_000), most);
            let above = may(&[Role::Admin], kind, Krw(100_001), most);
            if kind == Kind::Audit || !kind.spends() || kind == Kind::Approve {
                assert_eq!((at_most, above), (May::Yes, May::Yes), "{kind:?}");
            } else {
                assert_eq!((at_most, above), (May::Yes, May::NeedsSecond), "{kind:?}");
            }
            assert_eq!(may(&[Role::Admin], kind, Krw(u64::MAX), None), May::Yes, "{kind:?}");
        }
    }

    #[test]
    fn groups_are_roles_by_name() {
        assert_eq!(Role::named("operator"), Some(Role::Operator));
        assert_eq!(Role::named("Operator"), None);
        assert_eq!(Role::named("everyone"), None);
    }
}
