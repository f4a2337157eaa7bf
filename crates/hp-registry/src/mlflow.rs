//! A tracking server that speaks MLflow's REST protocol: it is told of runs, models and aliases,
//! and model versions are fetched from it.
//!
//! Nothing here is needed to train or to serve. What was sent is noted beside what it is about, and
//! whatever may already be on the server is looked up before it is created, so that a transfer that
//! was stopped at any moment goes on and nothing is there twice.

mod settings;

mod sync;

mod aliases;
mod pull;

mod probe;

mod api;
mod artifacts;
mod client;
mod memory;
mod mlmodel;
mod state;

mod error;

pub use error::MlflowError;
pub use memory::last_pulled;
pub use probe::Probe;
pub use pull::Pulled;
pub use settings::Settings;
pub use state::is_synced;
pub use sync::Synced;

use client::Client;

/// The registered model that the versions of hp belong to.
pub const REGISTERED_MODEL: &str = "hp";

/// A tracking server.
#[derive(Debug)]
pub struct Tracking {
    client: Client,
}

impl Tracking {
    /// Prepares calls to the server of `settings`; nothing is sent yet.
    ///
    /// # Errors
    /// A certificate cannot be read or used.
    pub fn new(settings: Settings) -> Result<Self, MlflowError> {
        Ok(Self {
            client: Client::new(settings)?,
        })
    }
}
