//! What a body looks like, in words that hold nothing of what it says: types and sizes, and keys of a short list. Any
//! other key is told by its length, since a key can be somebody's value.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Keys that are expected, and those that could be meant by them.
const NAMES: [&str; 42] = [
    "list",
    "code",
    "userKey",
    "user_key",
    "userkey",
    "userId",
    "user_id",
    "userid",
    "user",
    "users",
    "uid",
    "key",
    "id",
    "codes",
    "data",
    "item",
    "items",
    "result",
    "results",
    "event",
    "events",
    "eventCode",
    "entry",
    "entries",
    "reward",
    "rewards",
    "rewardCode",
    "reward_code",
    "win",
    "wins",
    "winner",
    "winners",
    "payload",
    "body",
    "message",
    "type",
    "status",
    "count",
    "total",
    "timestamp",
    "version",
    "name",
];
/// Media types that are told by their names.
const MEDIA_TYPES: [&str; 11] = [
    "application/javascript",
    "application/json",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "application/xml",
    "multipart/form-data",
    "text/html",
    "text/javascript",
    "text/json",
    "text/plain",
    "text/xml",
];
/// How deep is looked.
const DEPTH: usize = 5;
/// How many different keys of one object are told.
const MOST_KEYS: usize = 12;
/// Longest text, in characters.
const MOST_CHARACTERS: usize = 600;

/// The media type of a `content-type`, if it is one that is known.
pub(crate) fn media_type(content_type: Option<&str>) -> Cow<'static, str> {
    let Some(text) = content_type else { return Cow::Borrowed("none") };
    let media_type = text.split(';').next().unwrap_or_default().trim();
    let known = MEDIA_TYPES.into_iter().find(|known| known.eq_ignore_ascii_case(media_type));
    known.map_or_else(|| format!("another one of {} characters", text.chars().count()).into(), Cow::Borrowed)
}

/// What a body looks like.
pub(crate) fn of(body: &[u8]) -> String {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut shape = Shape::default();
    let mut json = serde_json::Deserializer::from_slice(body);
    let whole = Part { shape: &mut shape, depth: 0 }.deserialize(&mut json).and_then(|()| json.end());
    let told = if whole.is_ok() { shape.to_string() } else { not_json(body) };
    match told.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => told.get(..end).unwrap_or_default().to_owned() + "…",
        None => told,
    }
}

fn not_json(body: &[u8]) -> String {
    let size = body.len();
    if body.is_empty() {
        return "nothing".into();
    }
    if body.starts_with(&[0xff, 0xfe]) || body.starts_with(&[0xfe, 0xff]) {
        return format!("UTF-16 with a byte-order mark, {size} bytes");
    }
    if body.starts_with(&[0x1f, 0x8b]) {
        return format!("compressed with gzip, {size} bytes");
    }
    if body.split(|byte| *byte == 0).count() * 3 > size + 3 {
        return format!("what looks like UTF-16, {size} bytes");
    }
    let Ok(text) = std::str::from_utf8(body) else { return format!("not UTF-8, {size} bytes") };
    let kind = match text.trim_start().chars().next() {
        None => "blanks".to_owned(),
        Some('<') => "text that looks like markup".to_owned(),
        Some('-') if text.trim_start().starts_with("--") => "text that looks like a multipart form".to_owned(),
        Some(_) if is_form(text) => format!("text that looks form-encoded: {} pairs", text.split('&').count()),
        Some('{') => "text that begins as a JSON object and is none".to_owned(),
        Some('[') => "text that begins as a JSON list and is none".to_owned(),
        Some('"') => "text that begins as a JSON text and is none".to_owned(),
        Some(_) => "text that is not JSON".to_owned(),
    };
    let named: Vec<_> = NAMES.into_iter().filter(|name| names(text, name)).collect();
    let named = if named.is_empty() { String::new() } else { format!("; named in it: {}", named.join(", ")) };
    format!("{kind}{named}; {size} bytes")
}

fn is_form(text: &str) -> bool {
    let pair = |pair: &str| pair.split_once('=').is_some_and(|(name, _)| !name.is_empty());
    let plain = |character: char| !character.is_whitespace() && !"{}<>\"".contains(character);
    text.trim_end().chars().all(plain) && text.split('&').all(pair)
}

/// Whether this word stands before a colon or an equals sign.
fn names(text: &str, word: &str) -> bool {
    let in_word = |character: char| character.is_alphanumeric() || "_-".contains(character);
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (text.get(..at), text.get(at + word.len()..));
        let begins = before.is_some_and(|before| !before.ends_with(in_word));
        let after = after.unwrap_or_default().trim_start_matches(['"', '\'']).trim_start();
        begins && after.starts_with([':', '='])
    })
}

/// From the smallest to the largest.
#[derive(Clone, Copy)]
struct Span(usize, usize);

impl Span {
    fn with(span: Option<Self>, size: usize) -> Self {
        span.map_or(Self(size, size), |Self(least, most)| Self(least.min(size), most.max(size)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(least, most) if least == most => write!(formatter, "{least}"),
            Self(least, most) => write!(formatter, "{least} to {most}"),
        }
    }
}

/// What stands at one place, in all entries of a list together.
#[derive(Default)]
struct Shape {
    texts: Option<Span>,
    /// By their digits.
    whole: Option<Span>,
    /// Other things without a size, each once.
    others: Vec<&'static str>,
    lists: Option<(Span, Box<Shape>)>,
    objects: Option<Object>,
}

#[derive(Default)]
struct Object {
    seen: usize,
    keys: Vec<Key>,
    /// Further keys.
    more: usize,
}

struct Key {
    /// The name, or how long it is.
    name: Result<&'static str, usize>,
    seen: usize,
    twice: bool,
    shape: Shape,
}

impl Object {
    fn key(&mut self, name: Result<&'static str, usize>) -> Option<&mut Key> {
        if let Some(at) = self.keys.iter().position(|key| key.name == name) {
            return self.keys.get_mut(at);
        }
        if self.keys.len() == MOST_KEYS {
            self.more += 1;
            return None;
        }
        self.keys.push(Key { name, seen: 0, twice: false, shape: Shape::default() });
        self.keys.last_mut()
    }
}

/// A value that adds to a shape.
struct Part<'a> {
    shape: &'a mut Shape,
    depth: usize,
}

impl Part<'_> {
    fn other(self, what: &'static str) {
        if !self.shape.others.contains(&what) {
            self.shape.others.push(what);
        }
    }

    fn whole(self, digits: usize) {
        self.shape.whole = Some(Span::with(self.shape.whole, digits));
    }
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.depth > DEPTH {
            self.other("more");
            return deserializer.deserialize_ignored_any(IgnoredAny).map(|_| ());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("anything")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.other("null");
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.other("true or false");
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.whole(number.to_string().len());
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.whole(number.unsigned_abs().to_string().len());
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.other("number that is not whole, or very long");
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.shape.texts = Some(Span::with(self.shape.texts, text.chars().count()));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let (span, mut entries) =
            self.shape.lists.take().map_or((None, Box::default()), |(span, entries)| (Some(span), entries));
        let mut size = 0;
        while list.next_element_seed(Part { shape: &mut entries, depth: self.depth + 1 })?.is_some() {
            size += 1;
        }
        self.shape.lists = Some((Span::with(span, size), entries));
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let object = self.shape.objects.get_or_insert_default();
        object.seen += 1;
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let known = NAMES.into_iter().find(|known| *known == key);
            let name = known.ok_or_else(|| key.chars().count());
            let Some(told) = object.key(name) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            told.seen += 1;
            told.twice |= !seen.insert(key);
            map.next_value_seed(Part { shape: &mut told.shape, depth: self.depth + 1 })?;
        }
        Ok(())
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = self.texts.map(|span| format!("text of {span}"));
        let whole = self.whole.map(|digits| format!("whole number of length {digits}"));
        let others = self.others.iter().map(|other| (*other).to_owned());
        let lists = self.lists.as_ref().map(|(span, entries)| match span {
            Span(_, 0) => "empty list".to_owned(),
            _ => format!("{span} of {entries}"),
        });
        let objects = self.objects.as_ref().map(ToString::to_string);
        let all: Vec<_> = objects.into_iter().chain(lists).chain(texts).chain(whole).chain(others).collect();
        formatter.write_str(&all.join(" or "))
    }
}

impl fmt::Display for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = |key: &Key| {
            let name = match key.name {
                Ok(name) => name.to_owned(),
                Err(length) => format!("a key of {length}"),
            };
            let twice = if key.twice { " (twice in one)" } else { "" };
            let missing =
                if key.seen < self.seen { format!(" (in {} of {})", key.seen, self.seen) } else { String::new() };
            format!("{name}{twice}{missing}: {}", key.shape)
        };
        let mut keys: Vec<_> = self.keys.iter().map(key).collect();
        if self.more > 0 {
            keys.push(format!("{} more keys", self.more));
        }
        write!(formatter, "{{{}}}", keys.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use super::*;

    fn entries(list: &[&str]) -> String {
        format!(r#"{{"list":[{}]}}"#, list.join(","))
    }

    #[test]
    fn json_is_told_by_its_types_and_sizes() {
        let cases = [
            ("{}", "{}"),
            ("[]", "empty list"),
            ("null", "null"),
            ("\u{feff}\"가나다\"", "text of 3"),
            (r#"{"list":"MARKED"}"#, "{list: text of 6}"),
            (r#"{"list":[]}"#, "{list: empty list}"),
            (
                "[12345, -6, 1.5, true]",
                "4 of whole number of length 1 to 5 or number that is not whole, or very long or true or false",
            ),
            (
                &entries(&[r#"{"code":"A","userKey":"u"}"#, r#"{"code":"ABC","userKey":null}"#, r#"{"code":7}"#]),
                "{list: 3 of {code: text of 1 to 3 or whole number of length 1, userKey (in 2 of 3): text of 1 or null}}",
            ),
            (r#"{"list":[{"code":"A","code":"B"}]}"#, "{list: 1 of {code (twice in one): text of 1}}"),
            (r#"{"name@example":{"user_key":1}}"#, "{a key of 12: {user_key: whole number of length 1}}"),
            ("[[1],[],[[2]]]", "3 of 0 to 1 of 1 of whole number of length 1 or whole number of length 1"),
            ("[[[[[[[[1]]]]]]]]", "1 of 1 of 1 of 1 of 1 of 1 of more"),
        ];
        for (body, told) in cases {
            assert_eq!(of(body.as_bytes()), told, "{body}");
        }
    }

    #[test]
    fn what_is_not_json_is_told_by_what_it_looks_like() {
        let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
        let cases: [(&[u8], &str); 14] = [
            (b"", "nothing"),
            (b" \n", "blanks; 2 bytes"),
            (&utf_16("\u{feff}{}"), "UTF-16 with a byte-order mark, 6 bytes"),
            (&utf_16("{}"), "what looks like UTF-16, 4 bytes"),
            (&[0x1f, 0x8b, 8], "compressed with gzip, 3 bytes"),
            (&[0xb0, 0xa1], "not UTF-8, 2 bytes"),
            (b"code=A&userKey=u", "text that looks form-encoded: 2 pairs; named in it: code, userKey; 16 bytes"),
            (b"<list/>", "text that looks like markup; 7 bytes"),
            (b"--x\r\nname=\"list\"", "text that looks like a multipart form; named in it: name; 16 bytes"),
            (b"list: [{ code: \"A\" }]", "text that is not JSON; named in it: list, code; 21 bytes"),
            (b"{list:[]}", "text that begins as a JSON object and is none; named in it: list; 9 bytes"),
            (b"[{'code' : 1}]", "text that begins as a JSON list and is none; named in it: code; 14 bytes"),
            (b"\"a", "text that begins as a JSON text and is none; 2 bytes"),
            (b"encode: mylist= data", "text that is not JSON; 20 bytes"),
        ];
        for (body, told) in cases {
            assert_eq!(of(body), told);
        }
    }

    #[test]
    fn a_media_type_is_told_by_its_name_or_its_length() {
        let cases = [
            (None, "none"),
            (Some("Application/JSON; charset=MARKED"), "application/json"),
            (Some("text/plain"), "text/plain"),
            (Some("application/MARKED"), "another one of 18 characters"),
            (Some(""), "another one of 0 characters"),
        ];
        for (content_type, told) in cases {
            assert_eq!(media_type(content_type), told);
        }
    }

    #[test]
    fn it_is_bounded() {
        let keys: Vec<_> =
            (1..2_000).map(|length| format!(r#""{}":[{{"code":1}}]"#, "k".repeat(length % 25))).collect();
        let told = of(format!("{{{}}}", keys.join(",")).as_bytes());
        assert!(told.chars().count() <= MOST_CHARACTERS + 1 && told.contains("a key of 3"), "{told}");
        assert!(of(&b"[".repeat(60_000)).len() < 100);
        assert!(of(&b"[{\"list\":".repeat(7_000)).len() < 100);
    }

    /// JSON and what is nearly JSON, every value and unknown key of it marked.
    fn marked() -> impl Strategy<Value = Vec<u8>> {
        let leaf = prop_oneof![
            Just("\"MARKED\"".to_owned()),
            Just("777777777".to_owned()),
            Just("7777.7777".to_owned()),
            Just("7777777777777777777777777777".to_owned()),
            Just("null".to_owned()),
            Just("\"\\u0000MARKED\"".to_owned()),
        ];
        let key = select(&["list", "code", "userKey", "MARKED", "codeMARKED", "MARKED-list", "7777"] as &[&str]);
        let json = leaf.prop_recursive(6, 60, 8, move |inner| {
            let pair = (key.clone(), inner.clone()).prop_map(|(key, value)| format!("\"{key}\":{value}"));
            prop_oneof![
                vec(inner, 0..6).prop_map(|list| format!("[{}]", list.join(","))),
                vec(pair, 0..6).prop_map(|pairs| format!("{{{}}}", pairs.join(","))),
            ]
        });
        let token = select(&["", ",", "\"", "{", "]", "=", ":", "&", "<", "\u{feff}", "MARKED", "\\ud800"] as &[&str]);
        (json, vec((any::<Index>(), 0..3usize, token), 0..4)).prop_map(|(json, damages)| {
            let mut body = json.into_bytes();
            for (at, removed, token) in damages {
                let at = at.index(body.len() + 1);
                body.splice(at..body.len().min(at + removed), token.bytes());
            }
            body
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_of_what_came_is_ever_in_it(body in marked()) {
            let told = of(&body);
            prop_assert!(!told.contains("MARKED") && !told.contains("7777"), "{}", told);
            prop_assert!(told.chars().count() <= MOST_CHARACTERS + 1);
        }

        #[test]
        fn any_bytes_are_told(body in vec(any::<u8>(), 0..200)) {
            prop_assert!(!of(&body).is_empty());
        }
    }
}
