//! Fields of an item as text, whatever JSON they came as, borrowed from the answer where possible.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::types::Won;

/// What was found under a key, if anything.
pub(crate) type Slot<'a> = Option<Cow<'a, str>>;

/// The slots of one kind of item.
pub(crate) trait Slots<'a>: Default {
    /// Where the value of this key belongs. The key is in lower case.
    fn slot(&mut self, key: &str) -> Option<&mut Slot<'a>>;
}

/// A typed field, made from what was found. What cannot be read counts as missing.
pub(crate) trait FromSlot {
    fn from_slot(slot: Slot<'_>) -> Self;
}

impl FromSlot for Option<String> {
    fn from_slot(slot: Slot<'_>) -> Self {
        slot.map(Cow::into_owned)
    }
}

impl FromSlot for Option<i64> {
    fn from_slot(slot: Slot<'_>) -> Self {
        slot?.trim().parse().ok()
    }
}

impl FromSlot for Option<Won> {
    fn from_slot(slot: Slot<'_>) -> Self {
        <Option<i64>>::from_slot(slot).map(Won)
    }
}

impl FromSlot for Option<f64> {
    fn from_slot(slot: Slot<'_>) -> Self {
        slot?.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }
}

impl FromSlot for Option<bool> {
    fn from_slot(slot: Slot<'_>) -> Self {
        match slot?.trim() {
            "Y" | "y" => Some(true),
            "N" | "n" => Some(false),
            _ => None,
        }
    }
}

/// Fills the slots from a JSON object. Unknown keys are skipped, repeated ones do no harm.
pub(crate) struct Fields<S>(PhantomData<S>);

impl<S> Fields<S> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'a, S: Slots<'a>> Visitor<'a> for Fields<S> {
    type Value = S;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<S, A::Error> {
        let mut slots = S::default();
        while let Some(slot) = map.next_key_seed(Key(&mut slots, PhantomData))? {
            match slot {
                Some(slot) if slot.is_none() => *slot = map.next_value_seed(Text)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(slots)
    }
}

/// Longer keys are of no interest.
const KEY_MAX: usize = 32;

struct Key<'s, 'a, S>(&'s mut S, PhantomData<&'a ()>);

impl<'s, 'a: 's, S: Slots<'a>> DeserializeSeed<'a> for Key<'s, 'a, S> {
    type Value = Option<&'s mut Slot<'a>>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'s, 'a: 's, S: Slots<'a>> Visitor<'a> for Key<'s, 'a, S> {
    type Value = Option<&'s mut Slot<'a>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        let Self(slots, _) = self;
        let mut buffer = [0; KEY_MAX];
        let Some(buffer) = buffer.get_mut(..key.len()) else {
            return Ok(None);
        };
        buffer.copy_from_slice(key.as_bytes());
        buffer.make_ascii_lowercase();
        Ok(match std::str::from_utf8(buffer) {
            Ok(key) => slots.slot(key),
            Err(_) => None,
        })
    }
}

/// A value as text: a string that is not blank, a number, or a flag as `Y` and `N`. Anything else counts as missing.
struct Text;

impl<'a> DeserializeSeed<'a> for Text {
    type Value = Slot<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Text {
    type Value = Slot<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Self::Value, E> {
        Ok((!text.trim().is_empty()).then_some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok((!text.trim().is_empty()).then(|| Cow::Owned(text.to_owned())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    /// Shown without an exponent and without a zero fraction, so `800.0` still is an amount.
    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(if flag { "Y" } else { "N" })))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}
