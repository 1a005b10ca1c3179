//! Simple Notification Service, as much of it as the functions use: `Publish`. What is told to people is kept for whoever
//! looks, and goes nowhere.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use hyper::StatusCode;
use url::form_urlencoded;

use crate::http::{self, AbortOnDrop, Listener, Request, Response};

const ACCEPTED: &str = r#"<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>00000000-0000-0000-0000-000000000000</MessageId></PublishResult><ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata></PublishResponse>"#;
const REFUSED: &str = r#"<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>the local topic knows Publish only</Message></Error><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>"#;

/// What was told to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The ARN of the topic.
    pub topic: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// A local topic. Whatever is told to it is in memory.
pub struct Topic {
    letters: Arc<Mutex<Vec<Letter>>>,
    endpoint: String,
    _server: AbortOnDrop,
}

impl Topic {
    pub(crate) async fn start() -> Result<Self> {
        let listener = Listener::bind(0, "the topic").await?;
        let endpoint = format!("http://{}", listener.address()?);
        let letters = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&letters);
        let server = listener.serve(move |request, _| {
            let reply = answer(&kept, &request);
            async move { Some(reply) }
        });
        Ok(Self { letters, endpoint, _server: server })
    }

    /// Base URL of the service.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What was told so far, oldest first.
    pub fn letters(&self) -> Vec<Letter> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn answer(letters: &Mutex<Vec<Letter>>, request: &Request) -> Response {
    let mut action = String::new();
    let mut letter = Letter { topic: String::new(), subject: String::new(), text: String::new() };
    for (name, value) in form_urlencoded::parse(request.body()) {
        match name.as_ref() {
            "Action" => action = value.into_owned(),
            "TopicArn" => letter.topic = value.into_owned(),
            "Subject" => letter.subject = value.into_owned(),
            "Message" => letter.text = value.into_owned(),
            _ => {}
        }
    }
    if action != "Publish" || letter.topic.is_empty() || letter.text.is_empty() {
        return http::bytes(StatusCode::BAD_REQUEST, "text/xml", REFUSED.into());
    }
    letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter);
    http::bytes(StatusCode::OK, "text/xml", ACCEPTED.into())
}
