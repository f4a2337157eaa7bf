//! Versions of models, `v1.0.0`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A model version: `v`, then major, minor and patch number. Ordered by number, so `v1.10.0` is
/// newer than `v1.9.0`; safe as the name of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelVersion {
    /// Raised when predictions of the old version should not be compared with the new.
    pub major: u32,
    /// Raised for a new method or parameter.
    pub minor: u32,
    /// Raised for a correction.
    pub patch: u32,
}

impl ModelVersion {
    /// The version to propose after this one: the minor number raised.
    #[must_use]
    pub fn next(self) -> Self {
        Self {
            minor: self.minor.saturating_add(1),
            patch: 0,
            ..self
        }
    }
}

impl fmt::Display for ModelVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The text is not a model version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a model version like `v1.0.0`")]
pub struct VersionError(String);

impl FromStr for ModelVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || VersionError(text.chars().take(40).collect());
        let number = |part: Option<&str>| {
            let digits = part.filter(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))?;
            digits.parse().ok()
        };
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let mut next = || number(parts.next()).ok_or_else(invalid);
        let version = Self {
            major: next()?,
            minor: next()?,
            patch: next()?,
        };
        match parts.next() {
            None => Ok(version),
            Some(_) => Err(invalid()),
        }
    }
}

impl Serialize for ModelVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ModelVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::ModelVersion;

    #[test]
    fn orders_by_number() {
        let parse = |text: &str| text.parse::<ModelVersion>().unwrap();
        assert!(parse("v1.10.0") > parse("v1.9.9"));
        assert_eq!(parse("1.0.0").to_string(), "v1.0.0");
        assert_eq!(parse("v1.2.3").next().to_string(), "v1.3.0");
    }

    #[test]
    fn refuses_what_is_no_version() {
        for text in [
            "",
            "v1",
            "v1.0",
            "v1.0.0.0",
            "v1.0.x",
            "../v1.0.0",
            "v+1.0.0",
            "v99999999999.0.0",
        ] {
            assert!(text.parse::<ModelVersion>().is_err(), "{text}");
        }
    }
}
