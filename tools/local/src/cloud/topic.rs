//! SNS: what is published would be mailed, so it is shown and kept.

use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::query::{Query, Refusal};
use super::{Answer, tag};
use crate::stack::Deployment;
use crate::template::ACCOUNT;

/// SNS's own limits.
const SUBJECT_CHARS: usize = 100;
const MESSAGE_BYTES: usize = 262_144;

/// What would have been mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// ARN of the topic.
    pub topic: String,
    /// The subject; may be empty.
    pub subject: String,
    /// The text.
    pub message: String,
}

/// All mails of this run.
#[derive(Clone)]
pub(crate) struct Topic {
    mails: Arc<Mutex<Vec<Mail>>>,
    shown: bool,
}

impl Topic {
    /// `shown`: on standard output, too.
    pub(crate) fn new(shown: bool) -> Self {
        Self { mails: Arc::default(), shown }
    }

    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn publish(&self, to: &str, mail: Mail) {
        if self.shown {
            println!("\n✉ {to} ← {}", mail.subject);
            mail.message.lines().for_each(|line| println!("  │ {line}"));
        }
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
    }
}

pub(super) fn answer(deployment: &Deployment, topic: &Topic, query: &Query) -> Answer {
    let arn = query.text("TopicArn");
    if !deployment.topics().iter().any(|known| known == arn) {
        return Err(Refusal::not_found("Topic does not exist"));
    }
    let to = deployment.parameter("AlarmEmail");
    match query.action() {
        "Publish" => {
            let mail = mail(arn, query)?;
            topic.publish(&to, mail);
            Ok(tag("MessageId", &Uuid::new_v4().to_string()))
        }
        "ListSubscriptionsByTopic" => {
            let subscription = [
                tag("SubscriptionArn", &format!("{arn}:00000000-0000-0000-0000-000000000000")),
                tag("Owner", ACCOUNT),
                tag("Protocol", "email"),
                tag("Endpoint", &to),
                tag("TopicArn", arn),
            ];
            Ok(format!("<Subscriptions><member>{}</member></Subscriptions>", subscription.concat()))
        }
        _ => Err(Refusal::unknown(query)),
    }
}

fn mail(topic: &str, query: &Query) -> Result<Mail, Refusal> {
    let (subject, message) = (query.text("Subject"), query.text("Message"));
    if subject.chars().count() >= SUBJECT_CHARS || subject.chars().any(char::is_control) {
        return Err(Refusal::new("InvalidParameter", "Invalid parameter: Subject"));
    }
    if message.is_empty() {
        return Err(Refusal::new("InvalidParameter", "Invalid parameter: Empty message"));
    }
    if message.len() > MESSAGE_BYTES {
        return Err(Refusal::new("InvalidParameter", "Invalid parameter: Message too long"));
    }
    Ok(Mail { topic: topic.to_owned(), subject: subject.to_owned(), message: message.to_owned() })
}
