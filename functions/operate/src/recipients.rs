//! Who stands behind user keys.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use operation::{ImportProblem, Imported, NewRecipient, Operation, Outcome, RecipientView, Refusal, mask};
use payout::{Attempt, Event, Evidence, TrId, UserKey, transition};
use platform::{
    Host as _, ReadPayout as _, ReadRegistrations as _, Registration, Write, WriteRegistrations as _, Written, settle,
};
use secrecy::{ExposeSecret, SecretString};

use crate::change::is_open;
use crate::gate::Estimate;
use crate::order::{DONE, Ending, Order, unavailable};
use crate::{Given, Operate};

/// Tries for a row that others change meanwhile.
const MOST_TRIES: usize = 5;

impl<G: Given> Operate<G> {
    pub(crate) async fn recipient(&self, user: &UserKey, reveal: bool) -> Result<Outcome, Refusal> {
        let registration = self.registration(user).await?;
        let one = registration.ok_or_else(|| Refusal::NotFound { what: "recipient".to_owned() })?;
        let phone = one.phone.expose_secret();
        let phone = if reveal { phone.to_owned() } else { mask(phone) };
        Ok(Outcome::Recipient(RecipientView { user_key: one.user_key.clone(), phone, expires_at: one.expires_at }))
    }

    /// The record comes first: nobody sees a number of which that is not recorded.
    pub(crate) async fn recipient_reveal(&self, order: &Order<'_>, user: &UserKey) -> Result<Outcome, Refusal> {
        let shown = self.recipient(user, true).await?;
        self.record(order, DONE, Ending::done("revealed", payout::Krw(0))).await?;
        Ok(shown)
    }

    pub(crate) fn estimate_import(&self, new: &[NewRecipient]) -> Result<Estimate, Refusal> {
        if new.len() > Operation::MOST_RECIPIENTS {
            let why = format!("must be at most {} at a time", Operation::MOST_RECIPIENTS);
            return Err(Refusal::bad_input("recipients", why));
        }
        if let [one] = new
            && let Err(why) = self.checked(one)
        {
            return Err(Refusal::bad_input("expires_at", why));
        }
        Ok(Estimate { rows: new.len() as u64, cost: payout::Krw(0) })
    }

    fn checked(&self, new: &NewRecipient) -> Result<(), &'static str> {
        if new.expires_at > self.host.now() {
            Ok(())
        } else {
            Err("must be in the future: a number is kept for a time")
        }
    }

    pub(crate) async fn recipient_put(&self, order: &Order<'_>, new: &NewRecipient) -> Result<Outcome, Refusal> {
        self.import(order, std::slice::from_ref(new)).await?;
        let (user_key, phone) = (new.user_key.clone(), new.phone.masked());
        Ok(Outcome::Recipient(RecipientView { user_key, phone, expires_at: Some(new.expires_at) }))
    }

    pub(crate) async fn recipient_import(&self, order: &Order<'_>, new: &[NewRecipient]) -> Result<Outcome, Refusal> {
        self.import(order, new).await.map(Outcome::Imported)
    }

    /// Writes those that are not as they shall be.
    async fn import(&self, order: &Order<'_>, new: &[NewRecipient]) -> Result<Imported, Refusal> {
        let key = self.recipient_keys.key().await.map_err(|error| Refusal::Unavailable { what: error.to_string() })?;
        let mut imported = Imported::default();
        let (mut wanted, mut named) = (Vec::new(), HashSet::new());
        for (index, one) in new.iter().enumerate() {
            let why = match self.checked(one) {
                Err(why) => why,
                Ok(()) if !named.insert(&one.user_key) => "its user key is named twice",
                Ok(()) => {
                    wanted.push(Registration {
                        user_key: one.user_key.clone(),
                        phone: SecretString::from(one.phone.expose()),
                        expires_at: Some(one.expires_at),
                        digests: Some(key.digests(one.phone.expose())),
                    });
                    continue;
                }
            };
            imported.problems.push(ImportProblem { index, why: why.to_owned() });
        }
        let users: Vec<UserKey> = wanted.iter().map(|one| one.user_key.clone()).collect();
        let there = match &users[..] {
            [] => Vec::new(),
            users => self.recipients.registrations(users).await.map_err(|error| unavailable(&error))?,
        };
        let there: HashMap<UserKey, Registration> = there.into_iter().map(|one| (one.user_key.clone(), one)).collect();
        wanted.retain(|one| match there.get(&one.user_key) {
            Some(known) if known == one => {
                imported.unchanged += 1;
                false
            }
            Some(_) => {
                imported.changed += 1;
                true
            }
            None => {
                imported.new += 1;
                true
            }
        });
        self.intend(order).await?;
        self.recipients.register(&wanted).await.map_err(|error| unavailable(&error))?;
        let Imported { new, changed, unchanged, problems } = &imported;
        self.did(order, format!("{new} new, {changed} changed, {unchanged} unchanged, {} not taken", problems.len()))
            .await;
        Ok(imported)
    }

    pub(crate) async fn estimate_erase(&self, user: &UserKey) -> Result<Estimate, Refusal> {
        let rows = self.payouts_of(user).await?;
        all_ended(&rows)?;
        Ok(Estimate { rows: rows.len() as u64, cost: payout::Krw(0) })
    }

    /// Deletes the number first, and then who won from every row: broken off, it is gone on with by the same order.
    pub(crate) async fn erase(&self, order: &Order<'_>, user: &UserKey) -> Result<Outcome, Refusal> {
        let rows = self.payouts_of(user).await?;
        all_ended(&rows)?;
        self.intend(order).await?;
        let was_registered = self.recipients.unregister(user).await.map_err(|error| unavailable(&error))?;
        let mut erased = 0;
        for row in rows {
            erased += u64::from(self.erase_row(order, row).await?);
        }
        self.did(order, format!("{erased} rows")).await;
        Ok(Outcome::Erased { was_registered, rows: erased })
    }

    async fn erase_row(&self, order: &Order<'_>, row: Attempt) -> Result<bool, Refusal> {
        let mut row = row;
        for _ in 0..MOST_TRIES {
            if row.user_key.is_none() {
                return Ok(false);
            }
            let stamp = self.host.stamp(self.host.new_owner(), Evidence::default());
            let Ok(blank) = transition(&row, Event::Erased, &stamp, &self.rules) else {
                return Err(Refusal::StillOpen { tr_ids: vec![row.tr_id] });
            };
            let tr_id = row.tr_id.clone();
            let ending = Ending::done("erased", payout::Krw(0));
            let line = self.line_about(order, tr_id.as_str(), Some(tr_id.as_str().to_owned()), ending);
            let more = vec![Write::Audit(line.map_err(|error| unavailable(&error))?)];
            let written = settle(&self.host, &self.payouts, &row, &blank, more, Duration::ZERO).await;
            if written.map_err(|error| unavailable(&error))? == Written::Done {
                return Ok(true);
            }
            match self.payouts.attempt(&tr_id).await.map_err(|error| unavailable(&error))? {
                Some(now) => row = now,
                None => return Ok(false),
            }
        }
        Err(Refusal::ChangedMeanwhile { what: "payout".to_owned() })
    }
}

/// Whether nothing of a person is under way.
fn all_ended(rows: &[Attempt]) -> Result<(), Refusal> {
    let open: Vec<TrId> = rows.iter().filter(|row| is_open(row.state)).map(|row| row.tr_id.clone()).collect();
    if open.is_empty() { Ok(()) } else { Err(Refusal::StillOpen { tr_ids: open }) }
}
