//! Rows that resemble real requests, as the published scheduled job sends them, and the client that
//! sends them at a rate (feature `client`).
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use hp_core::schema::Schema;
//! use hp_simulate::{Plan, Sampler};
//! use rand::SeedableRng;
//!
//! let schema: Schema = serde_json::from_str(r#"{
//!     "features": [{ "name": "AGE", "dtype": "float", "min": 0, "max": 100 }],
//!     "target": { "name": "MEDV", "dtype": "float" }
//! }"#)?;
//! let plan = Plan { drift: vec!["AGE=+1sd".parse()?], bad: 0.01 };
//! let mut rng = rand::rngs::StdRng::seed_from_u64(42);
//! let row = Sampler::uniform(&schema, plan)?.row(&mut rng);
//! assert!(row["AGE"].as_f64().is_some_and(|age| age <= 100.0));
//! # Ok(()) }
//! ```

mod drift;
mod sampler;

#[cfg(feature = "client")]
mod client;

pub use drift::{Drift, DriftError, Shift};
pub use sampler::{Defect, Plan, SampleError, Sampler, SimulatedRow};

#[cfg(feature = "client")]
pub use client::{Client, ClientError, FailureCount, Latencies, Pace, Summary, Target};
