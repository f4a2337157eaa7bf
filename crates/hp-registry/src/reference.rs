//! How a person names a model version: `v1.0.0`, `champion`, `latest`, `models:/hp@champion`.

use hp_core::config::is_alias;
use hp_core::version::ModelVersion;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Longest name of a registered model.
const LONGEST: usize = 100;

/// A name of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// The newest version in the folder, `latest`.
    Latest,
    /// A version in the folder, `v1.0.0`.
    Version(ModelVersion),
    /// The version that an alias means, `champion`.
    Alias(Alias),
    /// A version on a tracking server, `models:/hp@champion` or `models:/hp/3`.
    Remote(RemoteReference),
}

/// A version on a tracking server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteReference {
    /// The registered model, `hp`.
    pub model: String,
    /// Which of its versions.
    pub selector: Selector,
}

/// One of the versions of a registered model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// The one that an alias of the server means.
    Alias(Alias),
    /// The one with this number, which the server gave it.
    Number(u64),
}

/// A name that is moved from version to version: a small letter, then small letters, digits, `_`
/// and `-`. `latest` and whatever looks like a version are no aliases.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Alias(String);

/// The text names no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// It is no name of any kind.
    #[error(
        "`{0}` is neither a version such as `v1.0.0`, nor an alias such as `champion`, nor `latest`"
    )]
    Name(String),
    /// It is not the name of an alias.
    #[error(
        "`{0}` is not an alias: a small letter is expected, then small letters, digits, `_` and `-`"
    )]
    Alias(String),
    /// It is `latest`, which is no alias.
    #[error("`latest` always means the newest version and cannot be moved")]
    Latest,
    /// It begins with `models:` and goes on differently than expected.
    #[error("`{0}` is not like `models:/hp@champion` or `models:/hp/3`")]
    Remote(String),
}

impl Alias {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Alias {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "latest" {
            return Err(ReferenceError::Latest);
        }
        if is_alias(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ReferenceError::Alias(shortened(text)))
        }
    }
}

impl FromStr for RemoteReference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || ReferenceError::Remote(shortened(text));
        let rest = text.strip_prefix("models:/").ok_or_else(invalid)?;
        let (model, selector) = if let Some((model, alias)) = rest.split_once('@') {
            (
                model,
                Selector::Alias(alias.parse().map_err(|_| invalid())?),
            )
        } else {
            let (model, number) = rest.split_once('/').ok_or_else(invalid)?;
            let digits = number.bytes().all(|byte| byte.is_ascii_digit());
            let number = number.parse().ok().filter(|&number| digits && number > 0);
            (model, Selector::Number(number.ok_or_else(invalid)?))
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._- ".contains(c);
        if model.is_empty() || model.len() > LONGEST || !model.chars().all(allowed) {
            return Err(invalid());
        }
        Ok(Self {
            model: model.to_owned(),
            selector,
        })
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "latest" {
            return Ok(Self::Latest);
        }
        if text.starts_with("models:") {
            return text.parse().map(Self::Remote);
        }
        if let Ok(version) = text.parse() {
            return Ok(Self::Version(version));
        }
        let alias = text.parse().map(Self::Alias);
        alias.map_err(|_: ReferenceError| ReferenceError::Name(shortened(text)))
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for RemoteReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.selector {
            Selector::Alias(alias) => write!(f, "models:/{}@{alias}", self.model),
            Selector::Number(number) => write!(f, "models:/{}/{number}", self.model),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.pad("latest"),
            Self::Version(version) => version.fmt(f),
            Self::Alias(alias) => alias.fmt(f),
            Self::Remote(remote) => remote.fmt(f),
        }
    }
}

impl Serialize for Alias {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Alias {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::{Reference, Selector};

    fn parse(text: &str) -> Result<Reference, super::ReferenceError> {
        text.parse()
    }

    #[test]
    fn every_kind_is_read_and_written_alike() {
        for text in [
            "latest",
            "v1.0.0",
            "champion",
            "models:/hp@champion",
            "models:/hp/3",
        ] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        let Ok(Reference::Remote(remote)) = parse("models:/hp/3") else {
            panic!("not a remote reference");
        };
        assert_eq!(remote.selector, Selector::Number(3));
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "v1",
            "Champion",
            "../v1.0.0",
            "models:/hp",
            "models:/hp/0",
            "models:/hp/+3",
            "models:/hp@latest",
            "models://hp@champion",
            "models:/../x/1",
            "models:hp@champion",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
