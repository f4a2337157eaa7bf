//! The prediction log in memory: for tests, for trying out, and the plain model of what the other
//! backends do.

/// Keeps predictions until the process ends.
#[derive(Debug, Default)]
pub struct MemoryStore {}
