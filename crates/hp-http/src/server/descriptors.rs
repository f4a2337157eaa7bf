//! The file descriptors of the process, of which every connection takes one.

use rustix::process::{Resource, getrlimit};

/// As many of `connections` as the process may open without running out of descriptors for files.
/// It logs when those are fewer.
pub(super) fn affordable(connections: usize) -> usize {
    let descriptors = getrlimit(Resource::Nofile).current;
    let Some(descriptors) = descriptors else {
        return connections;
    };
    let affordable = clamp(connections, descriptors);
    if affordable < connections {
        tracing::warn!(
            connections,
            descriptors,
            affordable,
            "the process may not open that many connections"
        );
    }
    affordable
}

fn clamp(connections: usize, descriptors: u64) -> usize {
    /// For the listener, the runtime, the model, the log and its database.
    const OTHERS: u64 = 100;
    let rest = descriptors.saturating_sub(OTHERS).max(1);
    usize::try_from(rest).map_or(connections, |rest| connections.min(rest))
}

#[cfg(test)]
mod tests {
    use super::clamp;

    #[test]
    fn some_descriptors_are_left_for_files() {
        assert_eq!(clamp(10_000, 20_000), 10_000);
        assert_eq!(clamp(10_000, 1024), 924);
        assert_eq!(clamp(10_000, 50), 1);
    }
}
