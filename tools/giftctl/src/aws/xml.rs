use reqwest::Method;
use roxmltree::{Document, Node};
use url::form_urlencoded::Serializer;

use super::{ASK_TIMEOUT, Answered, Ask, Aws};
use crate::failure::Failure;

/// A question of the Query API: form in, XML out. Its answer as a document.
pub(super) async fn query(
    aws: &Aws,
    service: &str,
    version: &str,
    action: &str,
    fields: &[(String, String)],
) -> Result<String, Failure> {
    let mut form = Serializer::new(String::new());
    form.append_pair("Action", action).append_pair("Version", version);
    for (name, value) in fields {
        form.append_pair(name, value);
    }
    let ask = Ask {
        service,
        method: Method::POST,
        url: aws.endpoint(service)?,
        headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
        body: form.finish().into_bytes(),
        timeout: ASK_TIMEOUT,
    };
    let answered = aws.send(ask).await?;
    if (200..300).contains(&answered.status) {
        return String::from_utf8(answered.body).map_err(|_| unreadable(action));
    }
    Err(refused(action, &answered))
}

/// What an answer holds.
pub(super) fn parse<'a>(action: &str, text: &'a str) -> Result<Document<'a>, Failure> {
    Document::parse(text).map_err(|_| unreadable(action))
}

fn unreadable(action: &str) -> Failure {
    Failure::failed(format!("the answer to {action} cannot be read: is this AWS, or a stack of `cargo local`?"))
}

/// What AWS calls an error, and what it means here.
fn refused(action: &str, answered: &Answered) -> Failure {
    let text = String::from_utf8_lossy(&answered.body);
    let document = Document::parse(&text).ok();
    let said = |name| document.as_ref().and_then(|document| anywhere(document, name)?.text());
    let (code, message) = (said("Code").unwrap_or_default(), said("Message").unwrap_or("no reason given"));
    refused_as(action, answered.status, code, message)
}

/// The same, of any of its APIs.
pub(super) fn refused_as(action: &str, status: u16, code: &str, message: &str) -> Failure {
    let said = format!("AWS refuses {action}: {code} ({status}) {message}");
    match (status, code) {
        _ if message.contains("does not exist") => Failure::configuration(message.to_owned()),
        (403 | 401, _) | (_, "AccessDenied" | "AccessDeniedException") => {
            Failure::configuration(said).mend("Are these the credentials of the stack's account, and may they do this?")
        }
        _ => Failure::failed(said),
    }
}

/// The text of a child, by its local name.
pub(super) fn child<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.children().find(|child| child.tag_name().name() == name)?.text()
}

/// `<name><member>…</member>…</name>` under a node.
pub(super) fn members<'a, 'i>(node: Node<'a, 'i>, name: &str) -> impl Iterator<Item = Node<'a, 'i>> {
    let list = node.children().find(|child| child.tag_name().name() == name);
    list.into_iter().flat_map(|list| list.children().filter(|child| child.tag_name().name() == "member"))
}

/// The first node of a name, anywhere.
pub(super) fn anywhere<'a, 'i>(document: &'a Document<'i>, name: &str) -> Option<Node<'a, 'i>> {
    document.descendants().find(|node| node.tag_name().name() == name)
}
