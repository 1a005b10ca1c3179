//! Payouts by what is known of the winner.

use operation::{FindBy, Outcome, Page, PayoutLine, Phone, Refusal};
use payout::{Attempt, UserKey};
use platform::{FindRegistered as _, ListPayouts as _, Searched};

use crate::order::unavailable;
use crate::{Given, Operate};

/// Winners with the same last four digits that are looked at.
const MOST_USERS: u8 = 100;
/// Payouts that one answer shows.
const MOST_ROWS: usize = 1_000;

impl<G: Given> Operate<G> {
    pub(crate) async fn find(&self, by: &FindBy) -> Result<Outcome, Refusal> {
        let users = match by {
            FindBy::TrId(tr_id) => return Ok(page(&[self.attempt(tr_id).await?])),
            FindBy::UserKey(user) => vec![user.clone()],
            FindBy::Phone(phone) => self.users_of(phone).await?,
            FindBy::LastFour(digits) => self.users_ending(digits).await?,
            FindBy::OrderNo(_) => {
                let why = "no index holds order numbers: look by phone, last four digits, userKey or tr_id";
                return Err(Refusal::bad_input("order_no", why));
            }
        };
        let mut rows = Vec::new();
        for user in &users {
            rows.extend(self.payouts_of(user).await?.into_iter().filter(|row| row.next_tr_id.is_none()));
            if rows.len() > MOST_ROWS {
                return Err(Refusal::bad_input(
                    "find",
                    format!("finds more than {MOST_ROWS} payouts: ask for one winner"),
                ));
            }
        }
        rows.sort_by(|a: &Attempt, b| (a.accepted_at, &a.tr_id).cmp(&(b.accepted_at, &b.tr_id)));
        Ok(page(&rows))
    }

    async fn users_of(&self, phone: &Phone) -> Result<Vec<UserKey>, Refusal> {
        let key = self.recipient_keys.key().await.map_err(|error| Refusal::Unavailable { what: error.to_string() })?;
        self.users_with(Searched::Phone, &key.phone(phone.expose())).await
    }

    async fn users_ending(&self, digits: &str) -> Result<Vec<UserKey>, Refusal> {
        if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refusal::bad_input("last_four", "must be the last four digits of a phone number"));
        }
        let key = self.recipient_keys.key().await.map_err(|error| Refusal::Unavailable { what: error.to_string() })?;
        self.users_with(Searched::LastFour, &key.last_four(digits)).await
    }

    async fn users_with(&self, by: Searched, digest: &str) -> Result<Vec<UserKey>, Refusal> {
        let users = self.recipients.registered(by, digest, MOST_USERS).await.map_err(|error| unavailable(&error))?;
        if users.len() >= usize::from(MOST_USERS) {
            let why = format!("{MOST_USERS} winners or more have these digits: ask by the whole number");
            return Err(Refusal::bad_input("last_four", why));
        }
        Ok(users)
    }

    /// All rows of a winner, oldest first.
    pub(crate) async fn payouts_of(&self, user: &UserKey) -> Result<Vec<Attempt>, Refusal> {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let found = self.payouts.of_user(user, after.as_ref(), 100).await;
            let (page, next) = found.map_err(|error| unavailable(&error))?;
            rows.extend(page);
            after = next;
            if after.is_none() || rows.len() > 10 * MOST_ROWS {
                return Ok(rows);
            }
        }
    }
}

fn page(rows: &[Attempt]) -> Outcome {
    let total = Some(rows.len() as u64);
    Outcome::Payouts(Page { rows: rows.iter().map(PayoutLine::from).collect(), next: None, total })
}
