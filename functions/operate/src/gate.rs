//! What every order goes through: who may, why, whether it was carried out before, what it can cost.

use operation::{Caller, Ended, Kind, May, Operation, Outcome, Refusal, Request, may};
use payout::{Krw, Moment};
use platform::{Host as _, ReadAudit as _, WriteAudit as _};

use crate::order::{DONE, Ending, INTENDED, Order, Step, WAITS, fingerprint, step_of, unavailable};
use crate::{Given, Operate};

/// What carrying an order out would come to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    /// Rows that it changes.
    pub(crate) rows: u64,
    /// The most that it can cost.
    pub(crate) cost: Krw,
}

impl Estimate {
    /// One row, or one thing, that costs nothing.
    pub(crate) const ONE: Self = Self { rows: 1, cost: Krw(0) };
}

impl<G: Given> Operate<G> {
    /// Answers one request.
    pub(crate) async fn answer(&self, caller: &Caller, request: Request, deadline: Moment) -> Result<Outcome, Refusal> {
        let kind = request.operation.kind();
        let steps = self.steps(&request).await?;
        let order = Order {
            id: &request.id,
            caller,
            reason: request.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()),
            operation: &request.operation,
            at: self.host.now(),
            deadline,
            steps: &steps,
        };
        let answer = self.gated(&order, &request).await;
        if let Err(refusal) = &answer
            && kind.is_audited()
            && !request.dry_run
        {
            self.refused(&order, refusal).await;
        }
        let came = answer.as_ref().map_or_else(Refusal::name, |_| "answered");
        tracing::info!(order = order.id.as_str(), operation = kind.as_str(), dry_run = request.dry_run, came, "Asked.");
        answer
    }

    async fn gated(&self, order: &Order<'_>, request: &Request) -> Result<Outcome, Refusal> {
        let kind = order.kind();
        if may(&order.caller.roles, kind, Krw(0), None) == May::No {
            return Err(Refusal::NotAllowed { operation: kind, roles: order.caller.roles.clone() });
        }
        if kind.needs_reason() && order.reason.is_none() {
            return Err(Refusal::NoReason);
        }
        if let Some(before) = done_before(order)? {
            return Ok(before);
        }
        if !kind.is_audited() {
            return self.read(order).await;
        }
        if kind == Kind::Audit {
            return if request.dry_run { Ok(would(Estimate::ONE, false)) } else { self.audit_page(order).await };
        }
        let estimate = self.estimate(order).await?;
        let needs_second =
            may(&order.caller.roles, kind, estimate.cost, self.settings.four_eyes_above) == May::NeedsSecond;
        if request.dry_run {
            return Ok(would(estimate, needs_second));
        }
        if needs_second {
            return self.wait_for_second(order, request, estimate.cost).await;
        }
        self.carry_out(order, estimate).await
    }

    /// What is recorded of an order already. Reading changes nothing, and is not recorded.
    async fn steps(&self, request: &Request) -> Result<Vec<Step>, Refusal> {
        let kind = request.operation.kind();
        if !kind.is_audited() || kind == Kind::Audit {
            return Ok(Vec::new());
        }
        let lines = self.audit.of_order(request.id.as_str()).await.map_err(|error| unavailable(&error))?;
        lines.into_iter().map(step_of).collect::<Result<_, _>>().map_err(|error| unavailable(&error))
    }

    async fn wait_for_second(&self, order: &Order<'_>, request: &Request, cost: Krw) -> Result<Outcome, Refusal> {
        let ending = Ending { ended: Ended::Waits, result: None, cost };
        let line = self.line_with(order, WAITS, order.operation.about(), ending, Some(request.clone()));
        let line = line.map_err(|error| unavailable(&error))?;
        // The same order once more waits for the same person.
        self.audit.record(&line).await.map_err(|error| unavailable(&error))?;
        Ok(Outcome::WaitsForSecond { order: order.id.clone(), cost })
    }

    /// A refused try is recorded, too; that it cannot be keeps nobody from being told.
    async fn refused(&self, order: &Order<'_>, refusal: &Refusal) {
        let step = format!("refused/{}/{:08x}", order.at, self.host.random() & 0xffff_ffff);
        let ending = Ending { ended: Ended::Refused, result: Some(refusal.name().to_owned()), cost: Krw(0) };
        if let Err(failed) = self.record(order, &step, ending).await {
            tracing::error!(order = order.id.as_str(), "A refused try was not recorded ({}).", failed.name());
        }
    }

    /// What is only read, and nobody's business afterwards.
    async fn read(&self, order: &Order<'_>) -> Result<Outcome, Refusal> {
        match order.operation {
            Operation::Stack => Ok(self.stack(order.caller).await),
            Operation::Doctor => Ok(self.check().await),
            Operation::Find(by) => self.find(by).await,
            Operation::List(listing) => self.list(listing).await,
            Operation::Look { tr_id } => self.look(tr_id).await,
            Operation::LineShow => self.line_show().await,
            Operation::RewardList => self.reward_list().await,
            Operation::RewardShow { code } => self.reward_show(code).await,
            Operation::RecipientShow { user_key, .. } => self.recipient(user_key, false).await,
            Operation::Balance => self.balance().await,
            Operation::Report { month } => self.report(month, order.deadline).await,
            Operation::Days { days } => self.days(*days, order.deadline).await,
            Operation::Money => self.money().await,
            _ => Err(recorded()),
        }
    }

    /// What an order would come to. A rule that forbids it is a refusal; nothing is written.
    pub(crate) async fn estimate(&self, order: &Order<'_>) -> Result<Estimate, Refusal> {
        match order.operation {
            Operation::Reopen(which) | Operation::Grant(which) => self.estimate_many(order, which).await,
            Operation::GrantNew { code, user_key } => self.estimate_grant(code, user_key).await,
            Operation::Confirm { tr_id }
            | Operation::Cancel { tr_id, .. }
            | Operation::Reissue { tr_id }
            | Operation::Close { tr_id }
            | Operation::Resend { tr_id } => self.estimate_one(order, tr_id).await,
            Operation::Pause | Operation::Resume => self.estimate_line().await,
            Operation::RewardPut { reward } => self.estimate_reward(reward).await,
            Operation::RewardDisable { code } => self.reward_row(code).await.map(|_| Estimate::ONE),
            Operation::RecipientPut(new) => self.estimate_import(std::slice::from_ref(new)),
            Operation::RecipientImport { recipients } => self.estimate_import(recipients),
            Operation::RecipientShow { user_key, .. } => self.recipient(user_key, false).await.map(|_| Estimate::ONE),
            Operation::RecipientErase { user_key } => self.estimate_erase(user_key).await,
            Operation::CouponShow { tr_id } => self.sealed_coupon(tr_id).await.map(|_| Estimate::ONE),
            Operation::Approve { order: other } => self.estimate_approval(order, other).await,
            Operation::RestoreCopy { table, .. } => self.restored_table(table).map(|_| Estimate::ONE),
            Operation::RestoreRepair { .. } | Operation::Reconcile => Ok(Estimate::ONE),
            Operation::TopUp { day, amount } => self.estimate_top_up(day, *amount).await,
            _ => Err(only_read()),
        }
    }

    /// Carries an order out.
    pub(crate) async fn carry_out(&self, order: &Order<'_>, estimate: Estimate) -> Result<Outcome, Refusal> {
        match order.operation {
            Operation::Reopen(which) | Operation::Grant(which) => self.change_many(order, which).await,
            Operation::GrantNew { code, user_key } => self.grant(order, code, user_key, estimate.cost).await,
            Operation::Confirm { tr_id }
            | Operation::Cancel { tr_id, .. }
            | Operation::Reissue { tr_id }
            | Operation::Close { tr_id } => self.change_one(order, tr_id, DONE).await,
            Operation::Resend { tr_id } => self.resend(order, tr_id).await,
            Operation::Pause | Operation::Resume => self.change_line(order).await,
            Operation::RewardPut { reward } => self.reward_put(order, reward).await,
            Operation::RewardDisable { code } => self.reward_disable(order, code).await,
            Operation::RecipientPut(new) => self.recipient_put(order, new).await,
            Operation::RecipientImport { recipients } => self.recipient_import(order, recipients).await,
            Operation::RecipientShow { user_key, .. } => self.recipient_reveal(order, user_key).await,
            Operation::RecipientErase { user_key } => self.erase(order, user_key).await,
            Operation::CouponShow { tr_id } => self.coupon_show(order, tr_id).await,
            Operation::Approve { order: other } => self.approve(order, other).await,
            Operation::RestoreCopy { table, after } => self.restore_copy(order, table, after.as_ref()).await,
            Operation::RestoreRepair { taken_at, after } => self.restore_repair(order, *taken_at, after.as_ref()).await,
            Operation::Reconcile => self.reconcile(order).await,
            Operation::TopUp { day, amount } => self.top_up(order, day, *amount).await,
            _ => Err(only_read()),
        }
    }
}

/// What was carried out under this id before, if anything was.
fn done_before(order: &Order<'_>) -> Result<Option<Outcome>, Refusal> {
    let fingerprint = fingerprint(order.operation);
    let mut tried = order.steps.iter().filter(|step| step.recorded.audit.ended != Ended::Refused);
    if tried.any(|step| step.recorded.fingerprint != fingerprint) {
        return Err(Refusal::OrderDiffers);
    }
    if let Some(done) = order.step(DONE).map(|step| &step.recorded.audit) {
        return Ok(Some(Outcome::AlreadyDone { at: done.at, result: done.result.clone() }));
    }
    // An earlier try got as far as Giftishow, perhaps, and whoever asked has not heard.
    let is_unknown = order.kind() == Kind::Resend && order.step(INTENDED).is_some();
    Ok(is_unknown.then(crate::resend::unknown))
}

pub(crate) fn would(Estimate { rows, cost }: Estimate, needs_second: bool) -> Outcome {
    Outcome::Would { rows, cost, needs_second }
}

/// [`Kind::is_audited`] says otherwise.
fn recorded() -> Refusal {
    Refusal::bad_input("operation", "must be carried out and recorded")
}

/// [`Kind::is_audited`] says otherwise.
fn only_read() -> Refusal {
    Refusal::bad_input("operation", "changes nothing, and is not recorded")
}
