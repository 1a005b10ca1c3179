//! Who did what.

use operation::{Operation, Outcome, Page, Refusal};
use payout::Krw;
use platform::{AuditLine, Host as _, ReadAudit as _};

use crate::order::{Ending, Order, step_of, unavailable};
use crate::{Given, Operate, korea};

/// Records of a page.
const PAGE: u8 = 100;

impl<G: Given> Operate<G> {
    /// A page of a month, newest first; that it was read is recorded, too.
    pub(crate) async fn audit_page(&self, order: &Order<'_>) -> Result<Outcome, Refusal> {
        let Operation::Audit { month, after } = order.operation else {
            return Err(Refusal::bad_input("operation", "is none about the audit"));
        };
        let days = korea::days_of_month(month, self.host.now())?;
        let (until, mut before) = match after {
            None => (None, None),
            Some(cursor) => {
                let wrong = || Refusal::bad_input("after", "must be what the page before gave as next");
                let (day, place) = cursor.split_once('|').ok_or_else(wrong)?;
                (Some(korea::day("after", day)?), Some(place.to_owned()))
            }
        };
        let (mut lines, mut next): (Vec<AuditLine>, _) = (Vec::new(), None);
        for day in days.into_iter().rev().filter(|day| until.is_none_or(|until| *day <= until)) {
            let most = PAGE.saturating_sub(u8::try_from(lines.len()).unwrap_or(PAGE));
            let found = self.audit.of_day(&day.to_string(), before.take().as_deref(), most).await;
            lines.extend(found.map_err(|error| unavailable(&error))?);
            if lines.len() >= usize::from(PAGE) {
                next = lines.last().map(|line| format!("{day}|{}", line.at_order));
                break;
            }
        }
        let rows = lines.into_iter().map(|line| step_of(line).map(|step| step.recorded.audit));
        let rows = rows.collect::<Result<Vec<_>, _>>().map_err(|error| unavailable(&error))?;
        let step = format!("read/{}/{:08x}", order.at, self.host.random() & 0xffff_ffff);
        self.record(order, &step, Ending::done(format!("{} records of {month}", rows.len()), Krw(0))).await?;
        Ok(Outcome::Audit(Page { rows, next, total: None }))
    }
}
