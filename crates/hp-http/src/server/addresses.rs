//! How many connections each address has.

use crate::rate::Client;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The open connections by address, of IPv6 by network.
#[derive(Debug)]
pub(super) struct Addresses {
    most: usize,
    open: Mutex<HashMap<Client, usize>>,
}

impl Addresses {
    /// No connections yet; `most` of them for each address.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            open: Mutex::default(),
        }
    }

    /// Counts a connection of `address` until what is returned is dropped; `None` is one too many.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Entered> {
        let client = Client::at(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(client).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Entered {
            addresses: Arc::clone(self),
            client,
        })
    }

    fn leave(&self, client: Client) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&client) {
            *count -= 1;
            if *count == 0 {
                open.remove(&client);
            }
        }
    }
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Entered {
    addresses: Arc<Addresses>,
    client: Client,
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.addresses.leave(self.client);
    }
}

#[cfg(test)]
mod tests {
    use super::Addresses;
    use std::net::IpAddr;
    use std::sync::Arc;

    #[test]
    fn an_address_that_left_is_forgotten() {
        let addresses = Arc::new(Addresses::new(2));
        let address: IpAddr = "10.0.0.1".parse().unwrap();
        let first = addresses.enter(address);
        let second = addresses.enter(address);
        assert!(second.is_some() && addresses.enter(address).is_none());
        drop(first);
        let third = addresses.enter(address);
        assert!(third.is_some());
        drop((second, third));
        assert!(addresses.open.lock().unwrap().is_empty());
    }
}
