//! What every web face of hp shares: keys, limits, request ids, error bodies, metrics, connections
//! and a graceful end. It knows nothing of models.
//!
//! A face builds an [`axum::Router`], has it [`protect`]ed, and lets [`serve`] answer with it.
//! TLS is left to the proxy in front.

mod protection;

mod access_log;
mod address;
mod admission;
mod body;
mod cors;
mod envelope;
mod error;
mod keys;
mod limits;
mod panics;
mod rate;
mod recorder;
mod request_id;
mod sending;
mod server;
mod traffic;

pub use address::{AddressError, check_address};
pub use cors::{Origin, OriginError};
pub use error::HttpError;
pub use error::detail::{Detail, Location};
pub use keys::{ApiKeys, KeyError};
pub use limits::Limits;
pub use panics::log_panics;
pub use protection::{Protection, protect};
pub use recorder::Recorder;
pub use request_id::RequestId;
pub use server::serve;
