//! Answers at random: made up from the words of the wire, or recorded ones with some damage.

use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

const KEYS: &[&str] = &[
    "code",
    "result",
    "orderNo",
    "pinNo",
    "couponImgUrl",
    "message",
    "couponInfoList",
    "resCode",
    "pinStatusCd",
    "balance",
    "listNum",
    "goodsList",
    "brandList",
    "goodsDetail",
    "brandDetail",
    "goodsCode",
    "brandCode",
    "salePrice",
    "limitDay",
    "goodsStateCd",
];
const TEXTS: &[&str] = &[
    "0000",
    "000",
    "E0010",
    "E0009",
    "E0007",
    "ERR0214",
    "ERR0215",
    "ERR0808",
    "ERR0401",
    "ERR0212",
    "PAG0001",
    "COUPON.0007",
    "COUPON.0011",
    "ERR9998",
    "",
    " ",
    "1",
    "01",
    "20260904",
    "G1",
    "SALE",
];

/// The bodies of `tests/fixtures`.
pub(crate) fn recorded() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let folders = ["spec", "live"].map(|kind| std::fs::read_dir(folder.join(kind)).unwrap());
    folders.into_iter().flatten().map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => select(TEXTS).prop_map(|text| json!(text)),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(|flag| json!(flag)),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => vec(any::<char>(), 0..8).prop_map(|text| json!(String::from_iter(text))),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            3 => vec((select(KEYS), inner.clone()), 0..6)
                .prop_map(|fields| fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>().into()),
            1 => vec(inner, 0..4).prop_map(Value::from),
        ]
    })
}

/// A good answer in which single fields are replaced by anything.
fn near_miss() -> impl Strategy<Value = Value> {
    let field = |good: &'static str| prop_oneof![3 => Just(json!(good)), 1 => any_json()];
    let payload = prop_oneof![
        4 => (field("2019"), field("9003"), field("http://127.0.0.1/1.jpg"))
            .prop_map(|(order_no, pin_no, url)| json!({"orderNo": order_no, "pinNo": pin_no, "couponImgUrl": url})),
        1 => any_json(),
    ];
    (field("0000"), field("0000"), payload, vec(any_json(), 0..4), any_json()).prop_map(
        |(outer, inner, payload, list, detail)| {
            json!({"code": outer, "result": {"code": inner, "result": payload, "balance": detail, "listNum": list.len(),
                "goodsList": list, "goodsDetail": detail}})
        },
    )
}

/// Words that a JSON reader or this protocol gives a meaning to.
const TOKENS: &[&str] = &[
    "0000",
    "\"0000\"",
    "null",
    "{}",
    "[]",
    "\"\"",
    "{\"code\":\"0000\"}",
    "\\u0000",
    "\\ud800",
    "1e999",
    "-",
    ",",
    ":",
    "\"",
    "}",
    "]",
    "[[[[[[[[[[[[[[[[",
    "\u{feff}",
    "99999999999999999999",
    "true",
    "\"code\":",
    "\"result\":",
    "ERR0214",
    "E0010",
];

#[derive(Debug, Clone)]
enum Damage {
    Cut(Index),
    Byte(Index, u8),
    Insert(Index, &'static str),
    Remove(Index, u8),
    Copy(Index, Index, u8),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        1 => any::<Index>().prop_map(Damage::Cut),
        3 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        4 => (any::<Index>(), select(TOKENS)).prop_map(|(at, token)| Damage::Insert(at, token)),
        3 => (any::<Index>(), 1..40u8).prop_map(|(at, length)| Damage::Remove(at, length)),
        2 => (any::<Index>(), any::<Index>(), any::<u8>()).prop_map(|(from, to, length)| Damage::Copy(from, to, length)),
    ]
}

fn damaged(mut body: Vec<u8>, damages: Vec<Damage>) -> Vec<u8> {
    for damage in damages {
        // One more than there are bytes: everything can also happen at the end.
        let size = body.len() + 1;
        match damage {
            Damage::Cut(at) => body.truncate(at.index(size)),
            Damage::Byte(at, byte) => {
                if let Some(place) = body.get_mut(at.index(size)) {
                    *place = byte;
                }
            }
            Damage::Insert(at, token) => {
                let at = at.index(size);
                body.splice(at..at, token.bytes());
            }
            Damage::Remove(at, length) => {
                let at = at.index(size);
                body.drain(at..body.len().min(at + usize::from(length)));
            }
            Damage::Copy(from, to, length) => {
                let (from, to) = (from.index(size), to.index(size));
                let copied = body[from..body.len().min(from + usize::from(length))].to_vec();
                body.splice(to..to, copied);
            }
        }
    }
    body
}

/// Any answer.
pub(crate) fn answer() -> impl Strategy<Value = Vec<u8>> {
    let made_up = prop_oneof![near_miss(), any_json()].prop_map(|value| value.to_string().into_bytes());
    let whole = prop_oneof![made_up, select(recorded())];
    let damaged = (whole, vec(damage(), 0..4)).prop_map(|(body, damages)| damaged(body, damages));
    prop_oneof![19 => damaged, 1 => vec(any::<u8>(), 0..64)]
}
