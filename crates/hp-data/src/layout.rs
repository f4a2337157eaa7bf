//! How the columns of a file become the columns of the schema.

use crate::error::DataError;
use hp_core::config::{DataConfig, Rename};
use hp_core::schema::{Column, Schema};

/// The schema that files are read against, and how their column names become its names.
#[derive(Debug, Clone, Copy)]
pub struct Layout<'a> {
    /// Features and target.
    pub schema: &'a Schema,
    /// How column names of a file become names of the schema.
    pub rename: &'a Rename,
    /// Columns, after renaming, that are left out on purpose.
    pub drop: &'a [String],
}

/// What a column of a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnRole {
    /// The feature with this 0-based index.
    Feature(usize),
    /// What is predicted.
    Target,
    /// Left out on purpose.
    Dropped,
    /// Unknown to the schema.
    Extra,
}

impl<'a> Layout<'a> {
    /// The layout of a data set's configuration.
    #[must_use]
    pub fn of(config: &'a DataConfig) -> Self {
        Self {
            schema: &config.schema,
            rename: &config.rename,
            drop: &config.drop,
        }
    }

    /// The layout of files that already use the schema's names.
    #[must_use]
    pub fn plain(schema: &'a Schema) -> Self {
        Self {
            schema,
            rename: &Rename::Keep,
            drop: &[],
        }
    }

    /// What the column `name` of a file is for.
    #[must_use]
    pub fn role(&self, name: &str) -> ColumnRole {
        let name = self.rename.apply(name);
        let feature = self.schema.feature_names().position(|known| known == name);
        match feature {
            Some(index) => ColumnRole::Feature(index),
            None if name == self.schema.target.name => ColumnRole::Target,
            None if self.drop.contains(&name) => ColumnRole::Dropped,
            None => ColumnRole::Extra,
        }
    }

    /// How many of `names` belong to the schema.
    pub(crate) fn known(&self, names: &[String]) -> usize {
        let roles = names.iter().map(|name| self.role(name));
        roles
            .filter(|role| matches!(role, ColumnRole::Feature(_) | ColumnRole::Target))
            .count()
    }

    /// The column of the schema that `role` stands for.
    pub(crate) fn column(&self, role: ColumnRole) -> Option<&'a Column> {
        match role {
            ColumnRole::Feature(index) => self.schema.features.get(index),
            ColumnRole::Target => Some(&self.schema.target),
            ColumnRole::Dropped | ColumnRole::Extra => None,
        }
    }

    /// Checks that every name in the header of `file` stands for one column only.
    pub(crate) fn check_unique(&self, file: &str, names: &[String]) -> Result<(), DataError> {
        let mut seen = std::collections::HashMap::new();
        for (index, name) in names.iter().enumerate() {
            let column = self.rename.apply(name);
            if let Some(first) = seen.insert(column.clone(), index) {
                return Err(DataError::DuplicateColumn {
                    file: file.to_owned(),
                    column,
                    first: first + 1,
                    second: index + 1,
                });
            }
        }
        Ok(())
    }
}
