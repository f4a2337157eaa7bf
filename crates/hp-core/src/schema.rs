//! The schema: which columns a data set has, of which type, range and unit. One schema drives the
//! validation of files and requests, the documentation of the API and the signature of a model.

use crate::rule::Rule;
use serde::{Deserialize, Serialize};

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DType {
    /// Any finite number.
    Float,
    /// A whole number.
    Integer,
}

impl DType {
    /// The name used in configuration files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Float => "float",
            Self::Integer => "integer",
        }
    }
}

/// One column: its name, type and the values it may take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// The name after renaming, unique in the schema.
    pub name: String,
    /// The type.
    pub dtype: DType,
    /// The smallest value, itself allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The largest value, itself allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The only values allowed, when given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<f64>>,
    /// What the column means.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The unit of its values.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
}

impl Column {
    /// Checks a number against the column's type, range and allowed values.
    ///
    /// # Errors
    /// The first rule the number breaks.
    pub fn check(&self, value: f64) -> Result<(), Rule> {
        if !value.is_finite() {
            return Err(Rule::NotFinite);
        }
        if self.dtype == DType::Integer && value.fract() != 0.0 {
            return Err(Rule::NotAnInteger);
        }
        if let Some(min) = self.min
            && value < min
        {
            return Err(Rule::BelowMin { min });
        }
        if let Some(max) = self.max
            && value > max
        {
            return Err(Rule::AboveMax { max });
        }
        match &self.allowed {
            Some(allowed) if !allowed.contains(&value) => Err(Rule::NotAllowed {
                allowed: allowed.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Reads a cell of a text file. Surrounding blanks do not matter; an empty cell and the usual
    /// marks of a missing value (`NA`, `N/A`, `null`) are missing.
    ///
    /// # Errors
    /// The first rule the cell breaks.
    pub fn parse(&self, cell: &str) -> Result<f64, Rule> {
        let cell = cell.trim();
        if matches!(cell, "" | "NA" | "N/A" | "null" | "NULL") {
            return Err(Rule::Missing);
        }
        let value = cell.parse::<f64>().map_err(|_| Rule::NotANumber)?;
        // Minus zero would make two spellings of one value in the canonical file.
        let value = if value == 0.0 { 0.0 } else { value };
        self.check(value)?;
        Ok(value)
    }
}

/// The columns of a data set: features in order, and the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// The features, in the order of the model's matrix.
    pub features: Vec<Column>,
    /// What is predicted.
    pub target: Column,
}

impl Schema {
    /// All columns: the features in order, then the target.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.features.iter().chain([&self.target])
    }

    /// The names of the features in order.
    pub fn feature_names(&self) -> impl Iterator<Item = &str> {
        self.features.iter().map(|column| column.name.as_str())
    }

    /// The names of the features of one type, in order: `FLOAT_FEATURES` and `INT_FEATURES`.
    #[must_use]
    pub fn features_of(&self, dtype: DType) -> Vec<&str> {
        self.features
            .iter()
            .filter(|column| column.dtype == dtype)
            .map(|column| column.name.as_str())
            .collect()
    }
}
