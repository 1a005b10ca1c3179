//! The demo's second act: a coupon went to a wrong number, and people put it right, through the function `operate`.

mod desk;
mod report;
mod verdict;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use operation::{
    AuditRecord, FindBy, Language, MoneyDay, NewRecipient, Operation, Outcome, Phone, Say as _, Standing, Way,
};
use payout::{Moment as At, Then, TrId, UserKey, korean_day};

use super::timeline::{self, Moment};
use super::{LIMIT, cost, is_settled, judge, report as ledgers};
use crate::{Reward, Stack};
use desk::{Desk, Given};
use verdict::Evidence;

/// Who wins in this act.
const WINNER: &str = "winner-00002";
/// What was registered for them and what is theirs: numbers that belong to nobody.
const WRONG: &str = "01000001111";
const RIGHT: &str = "01000001234";
/// Why the coupon is cancelled.
const REASON: &str = "wrong number";
/// Who registers winners, who answers them, and who keeps the books.
const REGISTRAR: &str = "jiho";
const SUPPORT: &str = "minji";
const ACCOUNTING: &str = "seojun";
/// For how long a number is kept.
const KEPT: Duration = Duration::from_hours(90 * 24);

/// Plays it beside winners who were paid before, and tells it; true if Giftishow's ledger and the audit say what they must. The
/// catalogue must have been copied: what a coupon costs is taken from there.
///
/// # Errors
/// If a table or the fake Giftishow cannot be read.
pub async fn people_at_work(stack: &Stack, paid_before: &[String]) -> Result<bool> {
    let clock = Instant::now();
    let mut act = Act::new(stack)?;
    println!("\nSecond act: {WINNER} wins, too, and the number that {REGISTRAR} registers for them is wrong.");
    println!("{REGISTRAR}, {SUPPORT} and {ACCOUNTING} sign as users of IAM; `operate` does what they ask.\n");
    let played = act.play().await;
    act.print();

    let winners: Vec<String> = paid_before.iter().cloned().chain([WINNER.to_owned()]).collect();
    let (rows, ledger) = (stack.payouts(), stack.sim().ledger());
    ledgers::print_ledgers(&rows, &ledger);
    report::print_money(&act.money);
    report::print_audit(&act.audit);

    let mut problems = match played {
        Ok(()) => verdict::judge_people(&act.evidence(), &rows, &ledger),
        // What did not come to its end is known to lack the rest.
        Err(error) => vec![format!("{error:#}")],
    };
    problems.extend(judge(&winners, &rows, &ledger));
    problems.extend(cost::given_up(stack));
    println!();
    if problems.is_empty() {
        println!(
            "✔ One live coupon for each of {} winners; {WINNER}'s is on {}, and the one on",
            winners.len(),
            act.right.masked()
        );
        println!(
            "  {} was cancelled. Difference 0, and the audit says who and why. {:.1} s",
            act.wrong.masked(),
            clock.elapsed().as_secs_f64()
        );
    } else {
        ledgers::print_problems("Giftishow's ledger and the audit", &problems);
    }
    Ok(problems.is_empty())
}

/// What happens in it, and what is left to be judged.
struct Act<'a> {
    stack: &'a Stack,
    winner: UserKey,
    wrong: Phone,
    right: Phone,
    began: Timestamp,
    moments: Vec<Moment>,
    given: Vec<Given>,
    money: Vec<MoneyDay>,
    audit: Vec<AuditRecord>,
    /// The attempt whose cancel was ordered.
    ordered: Option<TrId>,
}

impl<'a> Act<'a> {
    fn new(stack: &'a Stack) -> Result<Self> {
        Ok(Self {
            stack,
            winner: UserKey::try_from(WINNER.to_owned())?,
            wrong: Phone::parse(WRONG)?,
            right: Phone::parse(RIGHT)?,
            began: Timestamp::now(),
            moments: Vec::new(),
            given: Vec::new(),
            money: Vec::new(),
            audit: Vec::new(),
            ordered: None,
        })
    }

    async fn play(&mut self) -> Result<()> {
        self.take_the_balance().await?;
        self.register(REGISTRAR, self.wrong.clone()).await?;
        self.win().await?;
        let tr_id = self.find().await?;
        self.register(SUPPORT, self.right.clone()).await?;
        self.look(&tr_id).await?;
        self.order_the_cancel(tr_id).await?;
        self.take_the_balance().await?;
        self.read_the_audit().await
    }

    /// `reconcile`, by hand: the first time there is nothing to compare the balance with.
    async fn take_the_balance(&mut self) -> Result<()> {
        let asked = Timestamp::now();
        let Outcome::Money(money) = self.order(ACCOUNTING, Operation::Reconcile, None).await? else {
            return Err(desk::another_answer());
        };
        let day = money.days.into_iter().next().context("no balance was taken")?;
        let compared =
            day.difference.map_or("nothing to compare it with yet".to_owned(), |won| format!("difference {won}"));
        self.tell(asked, ACCOUNTING, format!("takes the balance: {}, {compared}", day.balance));
        self.money.push(day);
        Ok(())
    }

    async fn register(&mut self, who: &'static str, phone: Phone) -> Result<()> {
        self.tell(Timestamp::now(), who, format!("registers {} for {WINNER}", phone.masked()));
        let expires_at = At::new(Timestamp::now()).after(KEPT);
        let new = NewRecipient { user_key: self.winner.clone(), phone, expires_at };
        self.order(who, Operation::RecipientPut(new), None).await.map(|_| ())
    }

    async fn win(&mut self) -> Result<()> {
        let code = Reward::sample().code;
        self.tell(Timestamp::now(), "Bleepy", format!("posts {code} for {WINNER}"));
        let (status, body) = self.stack.post_callback(&[(&code, WINNER)]).await?;
        ensure!(status == 200, "the callback answered {status}: {body}");
        self.tell(Timestamp::now(), "Bleepy", "gets 200");
        self.wait_for_the_end(1).await
    }

    /// The winner calls: no message came.
    async fn find(&mut self) -> Result<TrId> {
        let asked = Timestamp::now();
        let by = FindBy::UserKey(self.winner.clone());
        let Outcome::Payouts(found) = self.ask(SUPPORT, Operation::Find(by)).await? else {
            return Err(desk::another_answer());
        };
        let payout = found.rows.into_iter().next().with_context(|| format!("{WINNER} has no payout"))?;
        let state = payout.state.say(Language::En);
        self.tell(asked, SUPPORT, format!("{}  found for {WINNER}, who got no message: {state}", payout.tr_id));
        Ok(payout.tr_id)
    }

    async fn look(&mut self, tr_id: &TrId) -> Result<()> {
        let asked = Timestamp::now();
        let Outcome::Payout(payout) = self.ask(SUPPORT, Operation::Look { tr_id: tr_id.clone() }).await? else {
            return Err(desk::another_answer());
        };
        let seen = payout.seen.context("Giftishow was not asked")?;
        let lives = match (seen.standing, seen.same_phone) {
            (Standing::Live, Some(false)) => "it lives on another number",
            (Standing::Live, _) => "it lives",
            _ => "no coupon lives",
        };
        let is_open = |way| payout.ways.iter().any(|out| out.way == way && out.why_not.is_none());
        let may = if is_open(Way::CancelAndReissue) { "may" } else { "may not" };
        self.tell(asked, SUPPORT, format!("{tr_id}  looks: {lives}, {may} be cancelled"));
        Ok(())
    }

    /// The sweeper cancels, and the next attempt goes to the number that is registered by then.
    async fn order_the_cancel(&mut self, tr_id: TrId) -> Result<()> {
        let way = Way::CancelAndReissue.say(Language::En);
        self.tell(Timestamp::now(), SUPPORT, format!("{tr_id}  orders: {way} (“{REASON}”)"));
        let cancel = Operation::Cancel { tr_id: tr_id.clone(), then: Then::Reissue };
        self.ordered = Some(tr_id);
        self.order(SUPPORT, cancel, Some(REASON)).await?;
        self.wait_for_the_end(2).await
    }

    /// All pages of the month; of both, if one ended meanwhile.
    async fn read_the_audit(&mut self) -> Result<()> {
        let month = |at| korean_day(At::new(at)).strftime("%Y-%m").to_string();
        let (asked, mut months) = (Timestamp::now(), vec![month(self.began), month(Timestamp::now())]);
        months.dedup();
        for month in months {
            let mut after = None;
            loop {
                let page = Operation::Audit { month: month.clone(), after };
                // That it was read is recorded, too, but after what it shows.
                let Outcome::Audit(page) = self.ask(ACCOUNTING, page).await? else {
                    return Err(desk::another_answer());
                };
                self.audit.extend(page.rows);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        self.audit.sort_by_key(|record| record.at);
        self.tell(asked, ACCOUNTING, "reads the audit");
        Ok(())
    }

    /// Waits until the winner's payout has ended in this attempt or a later one, and all of it was seen.
    async fn wait_for_the_end(&self, attempt: u8) -> Result<()> {
        let has_ended = |stack: &Stack| {
            let rows = stack.attempts(WINNER);
            let is_there = rows.iter().any(|row| row["attempt"] == attempt);
            is_there && is_settled(1, &rows) && timeline::is_complete(&rows, &stack.changes())
        };
        let waited = self.stack.wait_until("the payout has ended", LIMIT, has_ended).await;
        waited.ok().with_context(|| format!("{WINNER}'s payout had not ended in attempt {attempt} after {LIMIT:?}"))
    }

    /// Asks for what is not judged.
    async fn ask(&self, who: &'static str, operation: Operation) -> Result<Outcome> {
        Desk::new(self.stack, who).ask(operation, None).await
    }

    /// Gives an order, which the audit must know.
    async fn order(
        &mut self,
        who: &'static str,
        operation: Operation,
        reason: Option<&'static str>,
    ) -> Result<Outcome> {
        self.given.push(Given { who, kind: operation.kind(), about: operation.about(), reason });
        Desk::new(self.stack, who).ask(operation, reason).await
    }

    fn tell(&mut self, at: Timestamp, who: &'static str, what: impl Into<String>) {
        self.moments.push(Moment { at, who, what: what.into() });
    }

    /// The number that a coupon went to, as people may see it.
    fn number(&self, tr_id: &str) -> Option<String> {
        let went_to = |phone: &&Phone| self.stack.sim().went_to(tr_id, phone.expose());
        [&self.wrong, &self.right].into_iter().find(went_to).map(Phone::masked)
    }

    fn print(&self) {
        let ledger = self.stack.sim().ledger();
        let told = timeline::tell(WINNER, &self.stack.changes(), &ledger.events, |tr_id| self.number(tr_id));
        let mut moments: Vec<Moment> = self.moments.iter().cloned().chain(told).collect();
        moments.sort_by_key(|moment| moment.at);
        timeline::print(self.began, &moments);
    }

    fn evidence(&self) -> Evidence<'_> {
        Evidence {
            winner: WINNER,
            ordered: self.ordered.as_ref().map(TrId::as_str),
            numbers: [self.wrong.expose(), self.right.expose()],
            went_to: Box::new(|tr_id, phone| self.stack.sim().went_to(tr_id, phone)),
            given: &self.given,
            money: self.money.get(1),
            audit: &self.audit,
        }
    }
}
