//! Reading a small, well-formed CSV file without the crate that reads any.

use crate::Result;
use hp_core::config::DataConfig;
use hp_core::table::Table;

/// The columns of the schema in `csv`, whose cells are numbers and whose header may be quoted.
///
/// # Errors
/// When a column is missing or a cell is no number.
pub fn table(csv: &str, data: &DataConfig) -> Result<Table> {
    let mut lines = csv.lines();
    let header = lines.next().ok_or("no header")?.replace('"', "");
    let header: Vec<_> = header
        .split(',')
        .map(|name| data.rename.apply(name))
        .collect();
    let mut columns = vec![Vec::new(); header.len()];
    for line in lines {
        for (column, cell) in columns.iter_mut().zip(line.split(',')) {
            column.push(cell.trim_matches('"').parse::<f64>()?);
        }
    }
    let column = |name: &str| -> Result<Vec<f64>> {
        let place = header.iter().position(|found| found == name);
        Ok(columns[place.ok_or_else(|| format!("no column `{name}`"))?].clone())
    };
    let features = data.schema.feature_names().map(column);
    Ok(Table {
        features: features.collect::<Result<_>>()?,
        target: column(&data.schema.target.name)?,
    })
}
