//! Where a web face may listen.

use crate::ApiKeys;
use std::net::SocketAddr;

/// Anyone who reaches the address could use what listens there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{address}` can be reached from other machines and no key is asked for: \
     set `HP_API_KEYS`, listen on 127.0.0.1, or pass `--insecure`"
)]
pub struct AddressError {
    address: SocketAddr,
}

/// Checks that only this machine reaches `address`, that clients must show a key, or that `insecure`
/// says that neither is needed. An unspecified address (`0.0.0.0`, `[::]`) is reached from everywhere.
///
/// # Errors
/// When none of these holds.
pub fn check_address(
    address: SocketAddr,
    keys: &ApiKeys,
    insecure: bool,
) -> Result<(), AddressError> {
    let local = address.ip().to_canonical().is_loopback();
    if local || insecure || !keys.is_empty() {
        Ok(())
    } else {
        Err(AddressError { address })
    }
}

#[cfg(test)]
mod tests {
    use super::check_address;
    use crate::ApiKeys;

    #[test]
    fn asks_for_keys_where_others_can_reach() {
        let none = ApiKeys::default();
        let keys = ApiKeys::parse("secret").unwrap();
        let local = [
            "127.0.0.1:8000",
            "127.9.9.9:1",
            "[::1]:8000",
            "[::ffff:127.0.0.1]:1",
        ];
        for address in local {
            assert!(check_address(address.parse().unwrap(), &none, false).is_ok());
        }
        for address in [
            "0.0.0.0:8000",
            "[::]:8000",
            "10.0.0.1:80",
            "[::ffff:10.0.0.1]:1",
        ] {
            let address = address.parse().unwrap();
            let error = check_address(address, &none, false).unwrap_err();
            assert!(error.to_string().contains("HP_API_KEYS"), "{error}");
            assert!(check_address(address, &keys, false).is_ok());
            assert!(check_address(address, &none, true).is_ok());
        }
    }
}
