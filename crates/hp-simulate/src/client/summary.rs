//! What came back.

use super::call::Reply;
use super::latency::Latencies;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// Different reasons of failures that are told apart.
const REASONS: usize = 10;

/// The answers to all calls.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Calls made.
    pub sent: u64,
    /// Answers by status code.
    pub statuses: BTreeMap<u16, u64>,
    /// Bad rows that were refused as they must be.
    pub refused: u64,
    /// Calls without any answer.
    pub unanswered: u64,
    /// Calls that were not answered as expected: 200 for a valid row, 422 for a bad one.
    pub failed: u64,
    /// The first reasons of failures, each with the number of its calls.
    pub failures: Vec<FailureCount>,
    /// How long the answers took.
    #[serde(rename = "latency_ms", serialize_with = "as_milliseconds")]
    pub latencies: Latencies,
}

/// A reason of failures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureCount {
    /// What was unexpected.
    pub reason: String,
    /// How often.
    pub count: u64,
}

impl Summary {
    /// Whether calls were made and not a single one was answered.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        self.unanswered > 0 && self.statuses.is_empty()
    }

    /// Number of calls whose outcome is known.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.unanswered + self.statuses.values().sum::<u64>()
    }

    pub(super) fn add(&mut self, reply: Reply) {
        match reply.status {
            Some(status) => *self.statuses.entry(status).or_default() += 1,
            None => self.unanswered += 1,
        }
        if let Some(latency) = reply.latency {
            self.latencies.add(latency);
        }
        match reply.failure {
            Some(reason) => self.fail(reason),
            None if reply.status == Some(422) => self.refused += 1,
            None => (),
        }
    }

    fn fail(&mut self, reason: String) {
        self.failed += 1;
        let position = self
            .failures
            .iter()
            .position(|known| known.reason == reason);
        if let Some(known) = position {
            self.failures[known].count += 1;
        } else if self.failures.len() < REASONS {
            self.failures.push(FailureCount { reason, count: 1 });
        }
    }
}

fn as_milliseconds<S: Serializer>(latencies: &Latencies, serializer: S) -> Result<S::Ok, S::Error> {
    latencies.milliseconds().serialize(serializer)
}
