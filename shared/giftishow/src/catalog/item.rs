//! An item of the catalogue: typed fields that may all be missing, a code that may not, and the JSON that it came as.

use std::fmt;

use serde::Deserializer;
use serde_json::value::RawValue;

use super::text::{self, Slots};

/// The JSON of one item, byte for byte as it was answered. `Debug` shows only its length.
#[derive(Clone)]
pub struct RawItem(Box<RawValue>);

impl RawItem {
    /// The JSON text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl fmt::Debug for RawItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawItem({} bytes)", self.as_str().len())
    }
}

impl PartialEq for RawItem {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for RawItem {}

/// Why an item cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemFault {
    /// Not a JSON object, or one with a text or a number that no reader can take.
    NotAnObject,
    /// No code, or a malformed one: nothing could be stored or sent under it.
    NoCode,
}

impl ItemFault {
    /// A short name for logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAnObject => "not_an_object",
            Self::NoCode => "no_code",
        }
    }
}

impl fmt::Display for ItemFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An item of a list that cannot be used. The others of its list can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableItem {
    /// Its place in the answer, from 0.
    pub index: usize,
    /// What is wrong with it.
    pub fault: ItemFault,
    /// What came.
    pub raw: RawItem,
}

/// Something of the catalogue, made from the fields that were found in an item.
pub(crate) trait Item: Sized {
    type Fields<'a>: Slots<'a>;

    /// `None` without a usable code.
    fn made_of(fields: Self::Fields<'_>, raw: RawItem) -> Option<Self>;

    fn read(raw: &RawValue) -> Result<Self, ItemFault> {
        // RawValue has seen well-formed JSON; texts that cannot be decoded and numbers out of range show only now.
        let fields = serde_json::Deserializer::from_str(raw.get()).deserialize_map(text::Fields::new());
        let fields = fields.map_err(|_| ItemFault::NotAnObject)?;
        Self::made_of(fields, RawItem(raw.to_owned())).ok_or(ItemFault::NoCode)
    }
}

/// The item's JSON, for whoever reports that it cannot be used.
pub(crate) fn raw(raw: &RawValue) -> RawItem {
    RawItem(raw.to_owned())
}

/// Declares an item: a public struct, the slots for its fields, and the keys that fill them.
///
/// Keys are written in lower case, because the service does not keep to one spelling; several keys for one field are the
/// misspellings that were seen. The first key with a value wins.
macro_rules! catalog_item {
    (
        $(#[$meta:meta])*
        pub struct $name:ident as $fields:ident {
            $(#[$code_doc:meta])* $code:ident: $code_type:ty = $code_key:literal,
            $($(#[$doc:meta])* $field:ident: $type:ty = $($key:literal)|+,)*
        }
        computed { $($(#[$computed_doc:meta])* $computed:ident: $computed_type:ty = $compute:expr,)* }
        from { $($source:ident = $($source_key:literal)|+,)* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $(#[$code_doc])* pub $code: $code_type,
            $($(#[$doc])* pub $field: $type,)*
            $($(#[$computed_doc])* pub $computed: $computed_type,)*
            /// The whole item as it was answered, with the keys that nobody knows yet.
            pub raw: $crate::catalog::item::RawItem,
        }

        #[derive(Default)]
        pub(crate) struct $fields<'a> {
            $code: $crate::catalog::text::Slot<'a>,
            $($field: $crate::catalog::text::Slot<'a>,)*
            $($source: $crate::catalog::text::Slot<'a>,)*
        }

        impl<'a> $crate::catalog::text::Slots<'a> for $fields<'a> {
            fn slot(&mut self, key: &str) -> Option<&mut $crate::catalog::text::Slot<'a>> {
                Some(match key {
                    $code_key => &mut self.$code,
                    $($($key)|+ => &mut self.$field,)*
                    $($($source_key)|+ => &mut self.$source,)*
                    _ => return None,
                })
            }
        }

        impl $crate::catalog::item::Item for $name {
            type Fields<'a> = $fields<'a>;

            fn made_of(fields: $fields<'_>, raw: $crate::catalog::item::RawItem) -> Option<Self> {
                $(let $computed = $compute(&fields);)*
                Some(Self {
                    $code: <$code_type>::parse(fields.$code?.trim()).ok()?,
                    $($field: $crate::catalog::text::FromSlot::from_slot(fields.$field),)*
                    $($computed,)*
                    raw,
                })
            }
        }
    };
}
pub(crate) use catalog_item;
