use serde::{Deserialize, Serialize};

/// What people read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Korean.
    #[default]
    Ko,
    /// English.
    En,
}

/// What can be told to people.
pub trait Say {
    /// In a sentence, or a word.
    fn say(&self, language: Language) -> String;
}
