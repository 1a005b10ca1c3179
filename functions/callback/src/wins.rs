use std::fmt;
use std::marker::PhantomData;

use payout::{CodeError, RewardCode, UserKey};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::refusal::Refusal;

/// Longest body, in bytes; checked before parsing.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024;
/// Most entries of one list: Bleepy's documentation names 50 for its manual retries.
const MAX_ENTRIES: usize = 50;

/// One entry of Bleepy's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Win {
    pub(crate) code: RewardCode,
    pub(crate) user_key: UserKey,
}

/// UTF-8's byte-order mark.
const MARK: &[u8] = b"\xef\xbb\xbf";

#[derive(Deserialize)]
struct Body {
    list: Vec<Object<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    code: Option<Text>,
    #[serde(rename = "userKey")]
    user_key: Option<Text>,
}

/// Reads `{"list":[{"code","userKey"}]}` with 1 to 50 entries, or the list alone. Keys that Bleepy may add are ignored.
pub(crate) fn parse(body: &[u8]) -> Result<Vec<Win>, Refusal> {
    if body.len() > MAX_BODY_BYTES {
        return Err(Refusal::TooLarge);
    }
    let body = body.strip_prefix(MARK).unwrap_or(body);
    let list = match body.trim_ascii_start().first() {
        Some(b'[') => serde_json::from_slice(body),
        _ => serde_json::from_slice(body).map(|Object(Body { list })| list),
    };
    // serde's own message may quote the body: only the place is told.
    let list: Vec<Object<Entry>> = list.map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Refusal::malformed(format!(
            "the body must be {{\"list\":[{{\"code\":\"…\",\"userKey\":\"…\"}}]}} in JSON; see {place}"
        ))
    })?;
    if !(1..=MAX_ENTRIES).contains(&list.len()) {
        return Err(Refusal::malformed(format!("list must have 1 to {MAX_ENTRIES} entries, not {}", list.len())));
    }
    let entry = |(index, Object(entry)): (usize, Object<Entry>)| {
        let read = || Ok(Win { code: field("code", entry.code)?, user_key: field("userKey", entry.user_key)? });
        read().map_err(|message: String| Refusal::Malformed { message: message.into(), index: Some(index) })
    };
    list.into_iter().enumerate().map(entry).collect()
}

fn field<T: TryFrom<String, Error = CodeError>>(name: &str, value: Option<Text>) -> Result<T, String> {
    let Some(Text(Some(text))) = value else { return Err(format!("{name} must be a text or a whole number")) };
    T::try_from(text).map_err(|why| format!("{name} {why}; it must have 1 to 128"))
}

/// A text, or a whole number as its digits stand there, however many: nothing for any other value.
struct Text(Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        let digits = json.strip_prefix('-').unwrap_or(json);
        // Zero has one text.
        let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit()) && json != "-0";
        Ok(Self(if is_whole { Some(json.to_owned()) } else { serde_json::from_str(json).ok() }))
    }
}

/// An object. serde's own reading of a struct takes its values in a list as well, and would guess which is which.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(Fields(PhantomData))
    }
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
        let two_marks = format!("\u{feff}\u{feff}{}", list_of(1)).into_bytes();
        for body in [
            b"".to_vec(),
            b"null".to_vec(),
            b"{}".to_vec(),
            b"list: [{code: \"A\", userKey: \"u\"}]".to_vec(),
            br#"[[{"code":"A","userKey":"u"}]]"#.to_vec(),
            br#"[["A","u"]]"#.to_vec(),
            br#"{"list":[["A","u"]]}"#.to_vec(),
            br#"{"list":"A"}"#.to_vec(),
            br#"{"list":{"code":"A","userKey":"u"}}"#.to_vec(),
            br#"{"list":[{"code":"A"}]}"#.to_vec(),
            br#"{"list":[{"code":1.0,"userKey":"u"}]}"#.to_vec(),
            br#"{"list":[{"code":1e3,"userKey":"u"}]}"#.to_vec(),
            br#"{"list":[{"code":-0,"userKey":"u"}]}"#.to_vec(),
            br#"{"list":[{"code":01,"userKey":"u"}]}"#.to_vec(),
            br#"{"list":[{"code":true,"userKey":"u"}]}"#.to_vec(),
            br#"{"list":[{"code":["A"],"userKey":"u"}]}"#.to_vec(),
            br#"{"list":[{"code":"A","userKey":null}]}"#.to_vec(),
            br#"{"list":[{"code":"A","code":"B","userKey":"u"}]}"#.to_vec(),
            br#"{"list":[],"list":[{"code":"A","userKey":"u"}]}"#.to_vec(),
            [list_of(1).as_bytes(), b"x"].concat(),
            utf_16,
            two_marks,
            "\u{feff}".into(),
        ] {
            assert!(matches!(parse(&body), Err(Refusal::Malformed { .. })), "{}", String::from_utf8_lossy(&body));
        }
    }

    #[test]
    fn a_mark_a_bare_list_and_whole_numbers_are_what_they_mean() {
        let listed = parse(list_of(2).as_bytes()).unwrap();
        for body in [
            format!("\u{feff}{}", list_of(2)),
            format!("\u{feff} \r\n{}", list_of(2).strip_prefix(r#"{"list":"#).unwrap().strip_suffix('}').unwrap()),
        ] {
            assert_eq!(parse(body.as_bytes()).as_ref(), Ok(&listed), "{body}");
        }
        let digits = "9".repeat(128);
        for number in ["0", "7", "-12", "18446744073709551616", "-9223372036854775809", &digits] {
            let body = format!(r#"[{{"code":{number},"userKey": {number} }}]"#);
            let win = &parse(body.as_bytes()).unwrap()[0];
            assert_eq!((win.code.as_str(), win.user_key.as_str()), (number, number));
        }
        let body = format!(r#"[{{"code":{digits}9,"userKey":"u"}}]"#);
        assert!(matches!(parse(body.as_bytes()), Err(Refusal::Malformed { index: Some(0), .. })));
    }

    #[test]
    fn the_entry_that_is_wrong_is_named_and_never_quoted() {
        let body =
            format!(r#"{{"list":[{{"code":"A","userKey":"u"}},{{"code":"A","userKey":"{}"}}]}}"#, "k".repeat(10_240));
        let Err(Refusal::Malformed { message, index }) = parse(body.as_bytes()) else { panic!("taken") };
        assert_eq!((message.as_ref(), index), ("userKey has more than 128 characters; it must have 1 to 128", Some(1)));
        let Err(Refusal::Malformed { message, index }) = parse(br#"[{"code":"A"}]"#) else { panic!("taken") };
        assert_eq!((message.as_ref(), index), ("userKey must be a text or a whole number", Some(0)));
        let marked = br#"{"list":[{"code":"A","userKey":SECRET}]}"#;
        assert!(!format!("{:?}", parse(marked)).contains("SECRET"));
    }

    #[test]
    fn size_is_judged_before_the_form() {
        assert_eq!(parse(&vec![b' '; MAX_BODY_BYTES + 1]), Err(Refusal::TooLarge));
    }

    /// A whole number that no machine word holds.
    const LONG: &str = "123456789012345678901234567890";

    /// Bodies that are nearly right: every user key holds the marker, and up to three places are damaged.
    fn nearly_a_body() -> impl Strategy<Value = Vec<u8>> {
        let part = select(&["", "A", " ", "\\u0000", "😀", "\\ud800", "\",\"code\":\"B"] as &[&str]);
        let number = select(&["0", "-0", "-7", "1.5", "1e2", LONG, "01"] as &[&str]);
        let texts = (part.clone(), part, 0..140usize).prop_map(|(code, key, more)| {
            format!(r#"{{"code":"A{code}","userKey":"MARKED{key}{}"}}"#, "k".repeat(more))
        });
        let numbers = number.prop_map(|code| format!(r#"{{"code":{code},"userKey":"MARKED"}}"#));
        let entry = prop_oneof![20 => texts, 1 => numbers];
        let forms = select(&[("{\"list\":[", "]}"), ("[", "]"), ("\u{feff}{\"list\":[", "]}"), (" \n[", "] ")]);
        let body =
            (forms, vec(entry, 0..53)).prop_map(|((open, close), list)| format!("{open}{}{close}", list.join(",")));
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

    /// Whether `value` of a tree says `read`. A tree keeps no digits beyond 64 bits: those must be of the number that it
    /// keeps and stand in the body as they were read.
    fn says(value: &Value, read: &str, body: &[u8]) -> bool {
        match value {
            Value::String(text) => text == read,
            Value::Number(number) if number.is_f64() => {
                // By the same reader, which may round the last bit in its own way.
                serde_json::from_str(read).ok().as_ref() == Some(number)
                    && read.strip_prefix('-').unwrap_or(read).bytes().all(|byte| byte.is_ascii_digit())
                    && body.windows(read.len()).any(|part| part == read.as_bytes())
            }
            Value::Number(number) => serde_json::from_str(read).ok().as_ref() == Some(number),
            _ => false,
        }
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
                        if let Ok(tree) = serde_json::from_slice::<Value>(body.strip_prefix(MARK).unwrap_or(&body)) {
                            let listed = tree.as_array().or(tree["list"].as_array()).unwrap();
                            prop_assert_eq!(wins.len(), listed.len());
                            for (win, entry) in wins.iter().zip(listed) {
                                for (read, value) in
                                    [(win.code.as_str(), &entry["code"]), (win.user_key.as_str(), &entry["userKey"])]
                                {
                                    prop_assert!(says(value, read, &body), "{} is not {}", read, value);
                                }
                            }
                        }
                        prop_assert!((1..=MAX_ENTRIES).contains(&wins.len()));
                        let within = |text: &str| (1..=128).contains(&text.chars().count());
                        prop_assert!(wins.iter().all(|win| within(win.code.as_str()) && within(win.user_key.as_str())));
                    }
                    Err(refusal) => {
                        let shown = format!("{refusal:?} {}", crate::shape::of(&body));
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
