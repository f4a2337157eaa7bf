//! The name of a data version.

use super::error::DataVersionError;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// Longest name.
const LONGEST: usize = 100;

/// A name for a data version, `v1.0.0`: letters, digits, `.`, `_` and `-`, safe as the name of a
/// file and, behind `data-`, of a git tag. `current` is no tag: it means the data that lies there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

impl Tag {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Tag {
    type Err = DataVersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let is_plain = (1..=LONGEST).contains(&text.len())
            && text.bytes().all(allowed)
            && text.starts_with(|first: char| first.is_ascii_alphanumeric());
        // Git has no such names either.
        let is_lock = Path::new(text)
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("lock"));
        let is_for_git = !text.contains("..") && !text.ends_with('.') && !is_lock;
        if is_plain && is_for_git && text != "current" {
            Ok(Self(text.to_owned()))
        } else {
            Err(DataVersionError::NotATag {
                text: text.chars().take(LONGEST).collect(),
            })
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Tag;

    #[test]
    fn names_are_plain() {
        for text in ["v1.0.0", "2026-11_final", "a"] {
            assert_eq!(text.parse::<Tag>().unwrap().as_str(), text);
        }
        let long = "a".repeat(101);
        for text in [
            "", ".", "..", "../a", "a/b", "a\\b", "-a", ".a", "a..b", "a.", "a.lock", "a b", "ä",
            "current", &long,
        ] {
            assert!(text.parse::<Tag>().is_err(), "{text}");
        }
    }
}
