//! The keys that clients must show, kept as hashes only.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::{ConditionallySelectable, ConstantTimeEq};

/// The keys of which a client must show one. Without any, nobody has to.
#[derive(Clone, Default)]
pub struct ApiKeys(Vec<Hash>);

/// A list of keys cannot be used. The text names a key by its place, never by what it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Two commas, or a comma at an end.
    #[error("key {position} of the API keys is empty")]
    Empty {
        /// 1-based.
        position: usize,
    },
    /// No header can carry it.
    #[error("key {position} of the API keys has characters other than visible ASCII")]
    NotVisibleAscii {
        /// 1-based.
        position: usize,
    },
    /// `sha256:` is not followed by a SHA-256.
    #[error("key {position} of the API keys is not `sha256:` and 64 hexadecimal digits")]
    NotAHash {
        /// 1-based.
        position: usize,
    },
}

impl ApiKeys {
    /// Reads keys between commas; each is the key itself, or `sha256:` and the hexadecimal SHA-256 of
    /// it, so that the key need not be written down. A blank text means no keys.
    ///
    /// # Errors
    /// When a key is empty, no header can carry it, or its hash is none.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let keys = text.split(',').map(str::trim).zip(1..);
        let hashes: Result<Vec<Hash>, KeyError> =
            keys.map(|(key, position)| hash(key, position)).collect();
        hashes.map(Self)
    }

    /// Whether nobody has to show a key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The place of the key that `headers` show, as `Authorization: Bearer KEY` or `x-api-key: KEY`.
    pub(crate) fn find(&self, headers: &HeaderMap) -> Option<u32> {
        if self.is_empty() {
            return None;
        }
        self.position(shown(headers)?)
    }

    /// Compares with every key to the end: the time taken tells nothing about them.
    fn position(&self, key: &[u8]) -> Option<u32> {
        let given: Hash = Sha256::digest(key).into();
        let mut found = u32::MAX;
        for (hash, position) in self.0.iter().zip(0..) {
            found.conditional_assign(&position, hash.ct_eq(&given));
        }
        (found != u32::MAX).then_some(found)
    }
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeys({})", self.0.len())
    }
}

type Hash = [u8; 32];

fn hash(key: &str, position: usize) -> Result<Hash, KeyError> {
    if key.is_empty() {
        return Err(KeyError::Empty { position });
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(KeyError::NotVisibleAscii { position });
    }
    match key.strip_prefix("sha256:") {
        Some(digits) => from_hex(digits).ok_or(KeyError::NotAHash { position }),
        None => Ok(Sha256::digest(key).into()),
    }
}

fn from_hex(digits: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if pairs.len() != hash.len() || !rest.is_empty() {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
        *byte = u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?;
    }
    Some(hash)
}

fn shown(headers: &HeaderMap) -> Option<&[u8]> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| {
        let (scheme, key) = value.as_bytes().split_at_checked(b"Bearer ".len())?;
        scheme.eq_ignore_ascii_case(b"Bearer ").then_some(key)
    });
    let key = bearer.or_else(|| Some(headers.get("x-api-key")?.as_bytes()));
    key.map(<[u8]>::trim_ascii)
}

#[cfg(test)]
mod tests {
    use super::{ApiKeys, KeyError};
    use axum::http::HeaderMap;

    /// SHA-256 of `third`.
    const THIRD: &str = "sha256:B1E99324505BD32DA0E1F85DCF5E19A09DB0481E8A15F62C41EB320304A8E927";

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
    }

    #[test]
    fn finds_a_key_by_its_place() {
        let keys = ApiKeys::parse("first, second").unwrap();
        let found = |name, value| keys.find(&headers(name, value));
        assert_eq!(found("authorization", "Bearer first"), Some(0));
        assert_eq!(found("authorization", "bearer second"), Some(1));
        assert_eq!(found("x-api-key", "second"), Some(1));
        assert_eq!(found("x-api-key", "secon"), None);
        assert_eq!(found("x-api-key", ""), None);
        assert_eq!(found("authorization", "Basic first"), None);
        assert_eq!(found("authorization", "Bearer"), None);
        assert_eq!(keys.find(&HeaderMap::new()), None);
    }

    #[test]
    fn reads_a_hash_in_place_of_a_key() {
        let keys = ApiKeys::parse(THIRD).unwrap();
        assert_eq!(keys.find(&headers("x-api-key", "third")), Some(0));
        assert_eq!(keys.find(&headers("x-api-key", THIRD)), None);
    }

    #[test]
    fn a_blank_text_means_no_keys() {
        assert!(ApiKeys::parse("  ").unwrap().is_empty());
        assert!(!ApiKeys::parse("key").unwrap().is_empty());
    }

    #[test]
    fn refuses_what_cannot_be_a_key() {
        let error = |text| ApiKeys::parse(text).unwrap_err();
        assert_eq!(error("a,,b"), KeyError::Empty { position: 2 });
        assert_eq!(error("a,"), KeyError::Empty { position: 2 });
        assert_eq!(error("a b"), KeyError::NotVisibleAscii { position: 1 });
        assert_eq!(error("a,sha256:12"), KeyError::NotAHash { position: 2 });
        let not_hex = format!("sha256:{}", "g".repeat(64));
        assert_eq!(error(&not_hex), KeyError::NotAHash { position: 1 });
    }

    #[test]
    fn shows_no_secret() {
        let keys = ApiKeys::parse("first,second").unwrap();
        assert_eq!(format!("{keys:?}"), "ApiKeys(2)");
    }
}
