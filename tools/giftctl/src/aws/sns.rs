use super::Aws;
use super::xml::{anywhere, child, members, parse, query};
use crate::failure::Failure;

/// Pages of subscribers: a hundred each.
const MOST_PAGES: usize = 5;

impl Aws {
    /// Whether each subscriber of a topic has confirmed.
    pub(crate) async fn subscribers(&self, topic: &str) -> Result<Vec<bool>, Failure> {
        let action = "ListSubscriptionsByTopic";
        let (mut subscribers, mut next) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let mut fields = vec![("TopicArn".to_owned(), topic.to_owned())];
            fields.extend(next.take().map(|token| ("NextToken".to_owned(), token)));
            let answer = query(self, "sns", "2010-03-31", action, &fields).await?;
            let document = parse(action, &answer)?;
            let Some(result) = anywhere(&document, "Subscriptions").and_then(|list| list.parent()) else { break };
            subscribers.extend(
                members(result, "Subscriptions")
                    .filter_map(|member| child(member, "SubscriptionArn"))
                    // Until then it is a word: `PendingConfirmation`, or `Deleted`.
                    .map(|arn| arn.starts_with("arn:")),
            );
            next = child(result, "NextToken").map(str::to_owned);
            if next.is_none() {
                break;
            }
        }
        Ok(subscribers)
    }
}
