use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::attempt::Attempt;
use crate::cap::Cap;
use crate::fault::LineFault;
use crate::ids::Owner;
use crate::krw::Krw;
use crate::moment::Moment;
use crate::rules::Rules;

/// Rule 8: refused so often as if Giftishow took nothing from us, an attempt is suspected of being alone with it.
const SUSPECT_AFTER: u32 = 2;
/// For so long it may be refused before an answered probe counts against it.
const ALONE_AFTER: Duration = Duration::from_hours(1);

/// The way to Giftishow as a whole: open, or paused. Pausing is not failing: payouts wait as `accepted`, no attempt is used
/// up, and a probe reopens it (rule 8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// How often it was written; what a change is conditional on.
    #[serde(default)]
    pub version: u64,
    /// Who wrote it last: tells a writer whose answer was lost that the change is its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// Sends in a row without an answer.
    #[serde(default)]
    pub unanswered: u32,
    /// Pauses that a probe has ended since a send was answered. If 0301 answers and 0204 does not, the line must not be
    /// opened every minute.
    #[serde(default)]
    pub reopened: u32,
    /// When the last pause ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_since: Option<Moment>,
    /// When a send was answered, as far as that was of interest: while something seemed to be wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Moment>,
    /// When a probe was last answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probed_at: Option<Moment>,
    /// Why and until when it is paused; `None` while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<Pause>,
}

/// Why nothing is sent, and when to try again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Why.
    pub reason: PauseReason,
    /// Since when.
    pub since: Moment,
    /// When to look whether the reason is gone.
    pub probe_at: Moment,
    /// How often that was in vain.
    #[serde(default)]
    pub probes: u32,
    /// The balance that is needed at least, in won.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed: Option<Krw>,
}

/// Why the line is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// Giftishow refuses the credentials.
    Credentials,
    /// Giftishow refuses the account, or how it is asked.
    Configuration,
    /// The prepaid balance is too low.
    Balance,
    /// Giftishow does not answer.
    Outage,
    /// `DAILY_BUDGET_KRW` is used up.
    DailyBudget,
    /// `MAX_SENDS_PER_HOUR` is used up.
    SendsPerHour,
    /// A person has stopped it; only a person opens it again.
    Operator,
    /// The table of payouts is an older copy of itself; open again once a person has had it repaired.
    Restored,
}

impl PauseReason {
    /// As the row and the logs write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Configuration => "configuration",
            Self::Balance => "balance",
            Self::Outage => "outage",
            Self::DailyBudget => "daily_budget",
            Self::SendsPerHour => "sends_per_hour",
            Self::Operator => "operator",
            Self::Restored => "restored",
        }
    }

    /// How to find out whether the reason is gone.
    pub fn ends_by(self) -> EndsBy {
        match self {
            Self::Credentials | Self::Configuration | Self::Balance | Self::Outage => EndsBy::Probe,
            Self::DailyBudget | Self::SendsPerHour => EndsBy::Time,
            Self::Operator => EndsBy::Person,
            Self::Restored => EndsBy::Repair,
        }
    }
}

impl From<LineFault> for PauseReason {
    fn from(fault: LineFault) -> Self {
        match fault {
            LineFault::Credentials => Self::Credentials,
            LineFault::Configuration => Self::Configuration,
            LineFault::Balance => Self::Balance,
        }
    }
}

/// What ends a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndsBy {
    /// Asking Giftishow for the balance (0301), which costs nothing.
    Probe,
    /// Time alone.
    Time,
    /// A person alone.
    Person,
    /// The repair of the table of payouts, which shows in its heartbeat.
    Repair,
}

/// What happened to the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEvent {
    /// A send was answered clearly, whatever the answer.
    Answered,
    /// A send was not answered, or could not even be sent.
    Unanswered,
    /// Giftishow takes nothing from us.
    Refused {
        /// Why.
        fault: LineFault,
        /// What the refused send might have cost.
        needed: Option<Krw>,
    },
    /// A cap of the whole line is reached; it begins anew at `until`.
    CapReached {
        /// Which.
        cap: Cap,
        /// When it begins anew.
        until: Moment,
    },
    /// The probe was answered with the balance.
    ProbeAnswered {
        /// The prepaid balance.
        balance: Krw,
    },
    /// The probe was refused.
    ProbeRefused(LineFault),
    /// The probe was not answered.
    ProbeUnanswered,
    /// The time of a pause that ends by time is over.
    WaitOver,
    /// The table of payouts was found to be an older copy of itself.
    TableIsOlder,
    /// An older copy of the table was repaired: it is none any more.
    TableRepaired,
    /// A person stops it.
    Stopped,
    /// A person opens it, whatever it was paused for.
    Resumed,
}

impl Line {
    /// Whether anything may be sent.
    pub fn is_open(&self) -> bool {
        self.pause.is_none()
    }

    /// Whether `at` is the time to look whether a pause can end, and how.
    pub fn to_be_ended(&self, at: Moment) -> Option<EndsBy> {
        let pause = self.pause.as_ref().filter(|pause| pause.probe_at <= at)?;
        Some(pause.reason.ends_by()).filter(|by| *by != EndsBy::Person)
    }

    /// Whether something seems to be wrong, so that even an answer is of interest.
    pub fn is_disturbed(&self) -> bool {
        self.unanswered > 0 || self.reopened > 0
    }

    /// Rule 8: whether an attempt that is refused now, as if Giftishow took nothing from us, is alone with that: it was
    /// refused twice before, and since the first time another send was answered, or an hour has passed in which probes were.
    pub fn tells_apart(&self, refused: &Attempt, now: Moment) -> bool {
        let Some(since) = refused.line_refused_since.filter(|_| refused.line_refusals >= SUSPECT_AFTER) else {
            return false;
        };
        let later = |moment: Option<Moment>| moment.is_some_and(|moment| moment > since);
        later(self.answered_at) || now.since(since) >= ALONE_AFTER && later(self.probed_at)
    }

    /// What the event makes of the line, to be written on condition that the version is still this one's; `None` if it
    /// changes nothing.
    #[must_use]
    pub fn after(&self, event: LineEvent, now: Moment, rules: &Rules) -> Option<Self> {
        let mut line = self.clone();
        line.version = line.version.saturating_add(1);
        match (&self.pause, event) {
            // Usually nothing seems to be wrong, and nothing needs to be written.
            (_, LineEvent::Answered) if self.is_disturbed() => {
                (line.unanswered, line.reopened, line.answered_at) = (0, 0, Some(now));
            }
            (_, LineEvent::Unanswered) => line.unanswered = line.unanswered.saturating_add(1).min(rules.outage_after),
            // Whatever else is wrong can wait: nothing may be sent before a person has looked.
            (pause_now, LineEvent::TableIsOlder) => {
                let since = pause_now.as_ref().filter(|pause| pause.reason == PauseReason::Restored);
                line.pause = since.cloned().or_else(|| Some(pause(PauseReason::Restored, now, rules.settled(now))));
            }
            // Whatever left before it was found may still be under way; the table does not tell of it.
            (Some(pause), LineEvent::TableRepaired)
                if pause.reason == PauseReason::Restored && pause.probe_at <= now =>
            {
                line.open(now, rules);
            }
            // Only its repair tells what may be sent after it.
            (Some(pause), LineEvent::Stopped | LineEvent::Resumed) if pause.reason == PauseReason::Restored => {
                return None;
            }
            (Some(pause), LineEvent::Stopped) if pause.reason == PauseReason::Operator => return None,
            (_, LineEvent::Stopped) => {
                line.forget();
                line.pause = Some(pause(PauseReason::Operator, now, now));
            }
            (Some(_), LineEvent::Resumed) => {
                line.forget();
                line.open(now, rules);
            }
            (None, LineEvent::Refused { fault, needed }) => {
                let needed = needed.filter(|_| fault == LineFault::Balance);
                line.pause = Some(Pause { needed, ..pause(fault.into(), now, self.probe_at(now, rules)) });
            }
            (None, LineEvent::CapReached { cap, until }) => {
                // An operator may have raised the cap meanwhile: do not wait longer than for anything else.
                let until = until.min(now.after(rules.longest_back_off()));
                let reason =
                    if cap == Cap::SendsPerHour { PauseReason::SendsPerHour } else { PauseReason::DailyBudget };
                line.pause = Some(pause(reason, now, until));
            }
            // What was found out while a person, or a cap, has paused it for another reason says nothing about that.
            (Some(pause), LineEvent::WaitOver) if pause.reason.ends_by() == EndsBy::Time => line.open(now, rules),
            (Some(pause), event) if pause.reason.ends_by() == EndsBy::Probe => match (event, pause.needed) {
                (LineEvent::ProbeAnswered { balance }, Some(needed)) if balance < needed => {
                    line.wait_longer(Some(PauseReason::Balance), now, rules);
                }
                (LineEvent::ProbeAnswered { .. }, _) => {
                    line.open(now, rules);
                    line.reopened = line.reopened.saturating_add(1);
                    line.probed_at = Some(now);
                }
                (LineEvent::ProbeRefused(fault), _) => line.wait_longer(Some(fault.into()), now, rules),
                (LineEvent::ProbeUnanswered, _) => line.wait_longer(None, now, rules),
                _ => return None,
            },
            _ => return None,
        }
        if line.pause.is_none() && line.unanswered >= rules.outage_after {
            line.pause = Some(pause(PauseReason::Outage, now, self.probe_at(now, rules)));
        }
        let same = Self { version: self.version, ..line.clone() } == *self;
        (!same).then_some(line)
    }

    /// After an outage one more send without an answer is enough to pause again.
    fn open(&mut self, now: Moment, rules: &Rules) {
        self.pause = None;
        self.open_since = Some(now);
        self.unanswered = self.unanswered.min(rules.outage_after.saturating_sub(1));
    }

    /// A person has looked: what seemed to be wrong before counts no more.
    fn forget(&mut self) {
        (self.unanswered, self.reopened) = (0, 0);
    }

    /// The first probe of a pause that begins now.
    fn probe_at(&self, now: Moment, rules: &Rules) -> Moment {
        now.after(rules.back_off(self.reopened))
    }

    fn wait_longer(&mut self, reason: Option<PauseReason>, now: Moment, rules: &Rules) {
        if let Some(pause) = &mut self.pause {
            pause.reason = reason.unwrap_or(pause.reason);
            pause.probes = pause.probes.saturating_add(1);
            pause.probe_at = now.after(rules.back_off(self.reopened.saturating_add(pause.probes)));
        }
    }
}

fn pause(reason: PauseReason, since: Moment, probe_at: Moment) -> Pause {
    Pause { reason, since, probe_at, probes: 0, needed: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000_000;

    fn at(seconds: i64) -> Moment {
        Moment::from_millis(NOW + seconds * 1_000)
    }

    fn after(line: &Line, event: LineEvent, seconds: i64) -> Line {
        line.after(event, at(seconds), &Rules::default()).unwrap()
    }

    fn reason(line: &Line) -> Option<PauseReason> {
        line.pause.as_ref().map(|pause| pause.reason)
    }

    #[test]
    fn five_sends_in_a_row_without_an_answer_are_an_outage_and_four_are_not() {
        let mut line = Line::default();
        for _ in 0..4 {
            line = after(&line, LineEvent::Unanswered, 0);
        }
        assert!(line.is_open());
        let answered = after(&line, LineEvent::Answered, 0);
        assert_eq!((answered.unanswered, answered.reopened, answered.is_open()), (0, 0, true));
        line = after(&line, LineEvent::Unanswered, 0);
        assert_eq!(reason(&line), Some(PauseReason::Outage));
        assert_eq!(line.version, 5);
        // The sends that were on their way when it was paused change nothing.
        assert_eq!(line.after(LineEvent::Unanswered, at(1), &Rules::default()), None);
    }

    #[test]
    fn with_eight_sends_at_a_time_those_that_were_on_their_way_together_count_as_one() {
        let rules = Rules::default().at_a_time(8);
        let mut line = Line::default();
        for _ in 0..11 {
            line = line.after(LineEvent::Unanswered, at(0), &rules).unwrap();
        }
        assert!(line.is_open());
        line = line.after(LineEvent::Unanswered, at(0), &rules).unwrap();
        assert_eq!(reason(&line), Some(PauseReason::Outage));
        assert_eq!(Rules::default().at_a_time(1), Rules::default());
    }

    #[test]
    fn an_older_table_pauses_the_line_whatever_else_is_wrong_until_it_is_repaired() {
        let refused = LineEvent::Refused { fault: LineFault::Credentials, needed: None };
        for line in [Line::default(), after(&Line::default(), refused, 0)] {
            let older = after(&line, LineEvent::TableIsOlder, 10);
            assert_eq!(
                (reason(&older), older.to_be_ended(at(624)), older.to_be_ended(at(625))),
                (Some(PauseReason::Restored), None, Some(EndsBy::Repair))
            );
            assert_eq!(older.after(LineEvent::TableIsOlder, at(20), &Rules::default()), None);
            assert_eq!(older.after(LineEvent::ProbeAnswered { balance: Krw(1) }, at(20), &Rules::default()), None);
            assert_eq!(older.after(LineEvent::TableRepaired, at(624), &Rules::default()), None);
            assert!(after(&older, LineEvent::TableRepaired, 625).is_open());
        }
        assert_eq!(Line::default().after(LineEvent::TableRepaired, at(0), &Rules::default()), None);
    }

    #[test]
    fn an_attempt_that_was_refused_twice_is_alone_with_it_once_another_send_or_an_hours_probes_were_answered() {
        let refused = |times, seconds| {
            let scheme = crate::TrIdScheme::new("bg", "test").unwrap();
            let payout = crate::PayoutKey {
                code: crate::RewardCode::try_from("CODE".to_owned()).unwrap(),
                user_key: crate::UserKey::try_from("user".to_owned()).unwrap(),
                slot: crate::Slot::new("once"),
            };
            let stamp = crate::Stamp { owner: Owner::new("o"), at: at(0), evidence: crate::Evidence::default() };
            let first = Attempt::first(&scheme, &payout, 0, &stamp, &Rules::default());
            Attempt { line_refusals: times, line_refused_since: Some(at(seconds)), ..first }
        };
        let fault = LineEvent::Refused { fault: LineFault::Configuration, needed: None };
        let probed = after(&after(&Line::default(), fault, 0), LineEvent::ProbeAnswered { balance: Krw(0) }, 60);
        assert!(probed.is_disturbed());
        let answered = after(&probed, LineEvent::Answered, 61);
        assert!(!answered.is_disturbed());
        assert!(answered.tells_apart(&refused(2, 0), at(90)));
        assert!(!answered.tells_apart(&refused(1, 0), at(90)), "twice may be chance");
        assert!(!answered.tells_apart(&refused(2, 61), at(90)), "the answer came before");
        assert!(!probed.tells_apart(&refused(2, 0), at(3_599)));
        assert!(probed.tells_apart(&refused(2, 0), at(3_600)));
        assert!(!Line::default().tells_apart(&refused(2, 0), at(7_200)), "no probe was answered");
    }

    #[test]
    fn after_an_outage_one_more_send_without_an_answer_pauses_again() {
        let mut line = Line::default();
        for _ in 0..5 {
            line = after(&line, LineEvent::Unanswered, 0);
        }
        let open = after(&line, LineEvent::ProbeAnswered { balance: Krw(0) }, 60);
        assert!(open.is_open());
        let again = after(&open, LineEvent::Unanswered, 61);
        assert_eq!(reason(&again), Some(PauseReason::Outage));
        // If 0301 answers and 0204 does not, each pause is longer than the last.
        assert_eq!((again.to_be_ended(at(120)), again.to_be_ended(at(121))), (None, Some(EndsBy::Probe)));
        let answered = after(&open, LineEvent::Answered, 61);
        assert_eq!((answered.is_open(), answered.reopened), (true, 0));
    }

    #[test]
    fn a_low_balance_waits_for_what_is_needed() {
        let refused = LineEvent::Refused { fault: LineFault::Balance, needed: Some(Krw(5_000)) };
        let line = after(&Line::default(), refused, 0);
        assert_eq!((reason(&line), line.to_be_ended(at(29))), (Some(PauseReason::Balance), None));
        assert_eq!(line.to_be_ended(at(30)), Some(EndsBy::Probe));
        let poor = after(&line, LineEvent::ProbeAnswered { balance: Krw(4_999) }, 30);
        assert_eq!(
            (poor.is_open(), poor.to_be_ended(at(89)), poor.to_be_ended(at(90))),
            (false, None, Some(EndsBy::Probe))
        );
        assert!(after(&poor, LineEvent::ProbeAnswered { balance: Krw(5_000) }, 90).is_open());
        // The first refusal counts; the second send had left before it.
        assert_eq!(line.after(refused, at(1), &Rules::default()), None);
    }

    #[test]
    fn a_probe_that_is_refused_says_why_and_is_made_less_and_less_often() {
        let refused = LineEvent::Refused { fault: LineFault::Credentials, needed: Some(Krw(1)) };
        let mut line = after(&Line::default(), refused, 0);
        assert_eq!(line.pause.as_ref().unwrap().needed, None);
        for _ in 0..20 {
            line = after(&line, LineEvent::ProbeRefused(LineFault::Configuration), 0);
        }
        assert_eq!(reason(&line), Some(PauseReason::Configuration));
        assert_eq!(line.pause.as_ref().unwrap().probe_at, at(15 * 60));
        assert_eq!(reason(&after(&line, LineEvent::ProbeUnanswered, 1)), Some(PauseReason::Configuration));
    }

    #[test]
    fn a_cap_ends_by_time_and_a_person_by_a_person() {
        let reached = LineEvent::CapReached { cap: Cap::SendsPerHour, until: at(100) };
        let line = after(&Line::default(), reached, 0);
        assert_eq!((line.to_be_ended(at(99)), line.to_be_ended(at(100))), (None, Some(EndsBy::Time)));
        assert!(after(&line, LineEvent::WaitOver, 100).is_open());
        assert_eq!(reason(&line), Some(PauseReason::SendsPerHour));
        let far = LineEvent::CapReached { cap: Cap::DailyBudget, until: at(80_000) };
        assert_eq!(after(&Line::default(), far, 0).to_be_ended(at(900)), Some(EndsBy::Time));
        assert_eq!(reason(&after(&Line::default(), far, 0)), Some(PauseReason::DailyBudget));
        let stopped = after(&Line::default(), LineEvent::Stopped, 0);
        assert_eq!(stopped.to_be_ended(at(1_000_000)), None);
        // A probe that was under way when the person stopped it, or a cap's end, does not undo that.
        let rules = Rules::default();
        for event in [
            LineEvent::ProbeAnswered { balance: Krw(1) },
            LineEvent::ProbeRefused(LineFault::Credentials),
            LineEvent::ProbeUnanswered,
            LineEvent::WaitOver,
        ] {
            assert_eq!(stopped.after(event, at(1), &rules), None, "{event:?}");
        }
        assert_eq!(line.after(LineEvent::ProbeAnswered { balance: Krw(1) }, at(1), &rules), None);
    }

    #[test]
    fn a_person_stops_and_opens_it_whatever_else_is_wrong_and_begins_anew() {
        let refused = LineEvent::Refused { fault: LineFault::Balance, needed: Some(Krw(5_000)) };
        let reopened = Line { unanswered: 4, reopened: 3, ..Line::default() };
        for line in [reopened.clone(), after(&reopened, refused, 0)] {
            let stopped = after(&line, LineEvent::Stopped, 10);
            assert_eq!(stopped.pause, Some(pause(PauseReason::Operator, at(10), at(10))));
            assert_eq!((stopped.unanswered, stopped.reopened, stopped.version), (0, 0, line.version + 1));
            let again = stopped.after(LineEvent::Stopped, at(11), &Rules::default());
            assert_eq!(again, None, "since when it is stopped stays");
            let open = after(&stopped, LineEvent::Resumed, 20);
            assert_eq!((open.is_open(), open.open_since, open.version), (true, Some(at(20)), stopped.version + 1));
            assert_eq!(open.after(LineEvent::Resumed, at(21), &Rules::default()), None);
        }
        let open = after(&after(&reopened, refused, 0), LineEvent::Resumed, 20);
        assert_eq!((open.is_open(), open.unanswered, open.reopened), (true, 0, 0));
        // What a person has opened pauses again by itself if it must.
        assert_eq!(reason(&after(&open, refused, 21)), Some(PauseReason::Balance));
    }

    #[test]
    fn a_person_neither_stops_nor_opens_it_over_an_older_table() {
        let older = after(&after(&Line::default(), LineEvent::Stopped, 0), LineEvent::TableIsOlder, 10);
        for event in [LineEvent::Stopped, LineEvent::Resumed] {
            assert_eq!(older.after(event, at(1_000), &Rules::default()), None, "{event:?}");
        }
    }

    #[test]
    fn a_reason_is_said_as_the_row_writes_it() {
        use PauseReason as R;
        for reason in
            [R::Credentials, R::Configuration, R::Balance, R::Outage, R::DailyBudget, R::SendsPerHour, R::Operator]
        {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }

    #[test]
    fn an_open_line_is_not_opened_again_by_a_late_probe() {
        for event in [
            LineEvent::ProbeAnswered { balance: Krw(1) },
            LineEvent::ProbeRefused(LineFault::Balance),
            LineEvent::ProbeUnanswered,
            LineEvent::WaitOver,
            LineEvent::Answered,
        ] {
            assert_eq!(Line::default().after(event, at(0), &Rules::default()), None, "{event:?}");
        }
    }
}
