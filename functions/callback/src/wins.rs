use payout::{CodeError, RewardCode, UserKey};
use serde::Deserialize;

/// Longest body, in bytes; checked before parsing.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// Most entries of one list: Bleepy's documentation names 50 for its manual retries.
const MAX_ENTRIES: usize = 50;

/// One entry of Bleepy's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Win {
    pub(crate) code: RewardCode,
    pub(crate) user_key: UserKey,
}

/// Why a body is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    TooLarge,
    /// What is wrong and what it must be; `index` of the entry, if it is one.
    Malformed {
        message: String,
        index: Option<usize>,
    },
}

#[derive(Deserialize)]
struct Body {
    list: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    code: String,
    #[serde(rename = "userKey")]
    user_key: String,
}

/// Reads `{"list":[{"code","userKey"}]}` with 1 to 50 entries. Keys that Bleepy may add are ignored.
pub(crate) fn parse(body: &[u8]) -> Result<Vec<Win>, Refusal> {
    if body.len() > MAX_BODY_BYTES {
        return Err(Refusal::TooLarge);
    }
    let malformed = |message: String, index| Refusal::Malformed { message, index };
    // serde's own message may quote the body: only the place is told.
    let body: Body = serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        malformed(
            format!("the body must be {{\"list\":[{{\"code\":\"…\",\"userKey\":\"…\"}}]}} in JSON; see {place}"),
            None,
        )
    })?;
    if !(1..=MAX_ENTRIES).contains(&body.list.len()) {
        return Err(malformed(format!("list must have 1 to {MAX_ENTRIES} entries, not {}", body.list.len()), None));
    }
    let entry = |(index, Entry { code, user_key }): (usize, Entry)| {
        let wrong =
            |field: &str, why: CodeError| malformed(format!("{field} {why}; it must have 1 to 128"), Some(index));
        Ok(Win {
            code: RewardCode::try_from(code).map_err(|why| wrong("code", why))?,
            user_key: UserKey::try_from(user_key).map_err(|why| wrong("userKey", why))?,
        })
    };
    body.list.into_iter().enumerate().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};
    use proptest::test_runner::{Config, TestRunner};
    use serde_json::Value;

    use super::*;

    fn list_of(entries: usize) -> String {
        format!(r#"{{"list":[{}]}}"#, vec![r#"{"code":"A","userKey":"u"}"#; entries].join(","))
    }

    #[test]
    fn one_to_fifty_entries_are_taken() {
        assert_eq!(parse(list_of(1).as_bytes()).unwrap().len(), 1);
        assert_eq!(parse(list_of(50).as_bytes()).unwrap().len(), 50);
        for entries in [0, 51, 500] {
            assert!(matches!(parse(list_of(entries).as_bytes()), Err(Refusal::Malformed { index: None, .. })));
        }
    }

    #[test]
    fn keys_that_are_not_known_are_ignored_and_any_character_is_taken() {
        let body = r#"{"v":2,"list":[{"code":"A","userKey":"\u0000😀","extra":null}]}"#;
        assert_eq!(parse(body.as_bytes()).unwrap()[0].user_key.as_str(), "\0😀");
    }

    #[test]
    fn what_is_not_the_documented_form_is_refused() {
        let utf_16: Vec<u8> = list_of(1).encode_utf16().flat_map(u16::to_le_bytes).collect();
        let with_mark = format!("\u{feff}{}", list_of(1)).into_bytes();
        for body in [
            b"".to_vec(),
            b"null".to_vec(),
            b"{}".to_vec(),
            b"list: [{code: \"A\", userKey: \"u\"}]".to_vec(),
            br#"[{"code":"A","userKey":"u"}]"#.to_vec(),
            br#"{"list":{"code":"A","userKey":"u"}}"#.to_vec(),
            br#"{"list":[{"code":"A"}]}"#.to_vec(),
            br#"{"list":[{"code":1,"userKey":"u"}]}"#.to_vec(),
            br#"{"list":[{"code":"A","userKey":null}]}"#.to_vec(),
            br#"{"list":[{"code":"A","code":"B","userKey":"u"}]}"#.to_vec(),
            br#"{"list":[],"list":[{"code":"A","userKey":"u"}]}"#.to_vec(),
            [list_of(1).as_bytes(), b"x"].concat(),
            utf_16,
            with_mark,
        ] {
            assert!(matches!(parse(&body), Err(Refusal::Malformed { .. })), "{}", String::from_utf8_lossy(&body));
        }
    }

    #[test]
    fn the_entry_that_is_wrong_is_named_and_never_quoted() {
        let body =
            format!(r#"{{"list":[{{"code":"A","userKey":"u"}},{{"code":"A","userKey":"{}"}}]}}"#, "k".repeat(10_240));
        let Err(Refusal::Malformed { message, index }) = parse(body.as_bytes()) else { panic!("taken") };
        assert_eq!((message.as_str(), index), ("userKey has more than 128 characters; it must have 1 to 128", Some(1)));
        let marked = br#"{"list":[{"code":"A","userKey":SECRET}]}"#;
        assert!(!format!("{:?}", parse(marked)).contains("SECRET"));
    }

    #[test]
    fn size_is_judged_before_the_form() {
        assert_eq!(parse(&vec![b' '; MAX_BODY_BYTES + 1]), Err(Refusal::TooLarge));
    }

    /// Bodies that are nearly right: every user key holds the marker, and up to three places are damaged.
    fn nearly_a_body() -> impl Strategy<Value = Vec<u8>> {
        let part = select(&["", "A", " ", "\\u0000", "😀", "\\ud800", "\",\"code\":\"B"] as &[&str]);
        let entry = (part.clone(), part, 0..140usize).prop_map(|(code, key, more)| {
            format!(r#"{{"code":"A{code}","userKey":"MARKED{key}{}"}}"#, "k".repeat(more))
        });
        let body = vec(entry, 0..53).prop_map(|list| format!(r#"{{"list":[{}]}}"#, list.join(",")));
        let token =
            select(&["", "null", "[]", "{}", "\"", ",", "1e999", "\u{feff}", "[[[[[[[[", "\"list\":"] as &[&str]);
        let damage = vec((any::<Index>(), 0..3usize, token), 0..4);
        (body, damage).prop_map(|(body, damages)| {
            let mut body = body.into_bytes();
            for (at, removed, token) in damages {
                let at = at.index(body.len() + 1);
                body.splice(at..body.len().min(at + removed), token.bytes());
            }
            body
        })
    }

    /// Runs for `FUZZ_SECONDS`, or for a moment.
    #[test]
    fn any_body_is_a_list_within_its_limits_or_refused_without_being_quoted() {
        let seconds = std::env::var("FUZZ_SECONDS").map_or(0, |seconds| seconds.parse().unwrap());
        let until = Instant::now() + Duration::from_secs(seconds);
        let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
        let bodies = prop_oneof![9 => nearly_a_body(), 1 => vec(any::<u8>(), 0..64)];
        loop {
            let outcome = TestRunner::new(config.clone()).run(&bodies, |body| {
                match parse(&body) {
                    Ok(wins) => {
                        // Half a surrogate pair in a key that is ignored is JSON by its grammar, but no text for a tree.
                        if let Ok(tree) = serde_json::from_slice::<Value>(&body) {
                            let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
                            let listed = tree["list"].as_array().unwrap().iter();
                            let listed = listed.map(|entry| (text(entry, "code"), text(entry, "userKey")));
                            let entry = |win: &Win| (win.code.as_str().to_owned(), win.user_key.as_str().to_owned());
                            prop_assert_eq!(wins.iter().map(entry).collect::<Vec<_>>(), listed.collect::<Vec<_>>());
                        }
                        prop_assert!((1..=MAX_ENTRIES).contains(&wins.len()));
                        let within = |text: &str| (1..=128).contains(&text.chars().count());
                        prop_assert!(wins.iter().all(|win| within(win.code.as_str()) && within(win.user_key.as_str())));
                    }
                    Err(refusal) => {
                        let shown = format!("{refusal:?}");
                        prop_assert!(!shown.contains("MARKED"), "{}", shown);
                    }
                }
                Ok(())
            });
            outcome.unwrap();
            if Instant::now() >= until {
                return;
            }
        }
    }
}
