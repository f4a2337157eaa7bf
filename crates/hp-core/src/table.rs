//! A validated data set in memory.

/// Rows that passed validation, column by column in the schema's order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The features `[features][rows]`.
    pub features: Vec<Vec<f64>>,
    /// The target `[rows]`.
    pub target: Vec<f64>,
}

impl Table {
    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.target.len()
    }
}
