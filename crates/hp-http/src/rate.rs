//! How often each client may ask.

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    /// The owner of the key at this place.
    Key(u32),
    /// Whoever uses this address, of IPv6 this network of 64 bits, which one customer is given whole.
    Address(IpAddr),
    /// Nothing is known, as on a platform that hides the connection: all of them are one client.
    Unknown,
}

impl Client {
    /// The client at `address`.
    pub(crate) fn at(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
            address @ IpAddr::V4(_) => address,
        })
    }
}

/// A bucket of requests for each client, which refills evenly.
#[derive(Debug)]
pub(crate) struct Rates {
    buckets: DefaultKeyedRateLimiter<Client>,
    /// Requests so far, by which the full buckets are dropped now and then.
    requests: AtomicU32,
}

impl Rates {
    /// `per_second` requests of each client, as many at once.
    pub(crate) fn new(per_second: NonZeroU32) -> Self {
        Self {
            buckets: RateLimiter::keyed(Quota::per_second(per_second)),
            requests: AtomicU32::new(0),
        }
    }

    /// Counts a request of `client`: whether it is welcome. If not, one is within a second.
    pub(crate) fn admit(&self, client: Client) -> bool {
        self.prune();
        self.buckets.check_key(&client).is_ok()
    }

    /// Drops full buckets, which are like none at all, so that memory holds the clients of the last
    /// second and at most `INTERVAL` others.
    fn prune(&self) {
        const INTERVAL: u32 = 8192;
        let requests = self.requests.fetch_add(1, Ordering::Relaxed);
        if requests % INTERVAL == INTERVAL - 1 {
            self.buckets.retain_recent();
            self.buckets.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Client, Rates};
    use std::net::{IpAddr, Ipv4Addr};
    use std::num::NonZeroU32;

    #[test]
    fn each_client_has_a_rate_of_its_own() {
        let rates = Rates::new(NonZeroU32::new(2).unwrap());
        let (one, other) = (Client::Key(0), Client::Unknown);
        let admitted = [one, one, one, other].map(|client| rates.admit(client));
        assert_eq!(admitted, [true, true, false, true]);
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        let client = |text: &str| Client::at(text.parse().unwrap());
        assert_eq!(client("2001:db8::1"), client("2001:db8::ffff:1"));
        assert_ne!(client("2001:db8::1"), client("2001:db8:0:1::1"));
        assert_eq!(client("::ffff:10.0.0.1"), client("10.0.0.1"));
    }

    #[test]
    fn forgets_clients_that_went_away() {
        // A rate so high that buckets are full again at once.
        let rates = Rates::new(NonZeroU32::MAX);
        for bits in 0..100_000 {
            let address = IpAddr::V4(Ipv4Addr::from_bits(bits));
            assert!(rates.admit(Client::at(address)));
        }
        assert!(rates.buckets.len() <= 8192, "{}", rates.buckets.len());
    }
}
