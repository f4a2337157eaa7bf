//! The canonical form of a data set: equal rows give equal bytes.

use hp_core::csv::line as csv_line;
use hp_core::number;
use hp_core::schema::Schema;
use hp_core::table::Table;

/// The table as CSV.
pub(super) fn write(schema: &Schema, table: &Table) -> Vec<u8> {
    let names: Vec<_> = schema.columns().map(|column| column.name.clone()).collect();
    let mut csv = csv_line(&names);
    for row in 0..table.n_rows() {
        for column in &table.features {
            csv.push_str(&number::shortest(column[row]));
            csv.push(',');
        }
        csv.push_str(&number::shortest(table.target[row]));
        csv.push('\n');
    }
    csv.into_bytes()
}

/// The table in `csv`; nothing when the columns are not those of the schema.
pub(super) fn read(schema: &Schema, csv: &[u8]) -> Option<Table> {
    let mut reader = csv::Reader::from_reader(csv);
    let header = reader.headers().ok()?;
    if !header
        .iter()
        .eq(schema.columns().map(|column| column.name.as_str()))
    {
        return None;
    }
    let mut columns = vec![Vec::new(); header.len()];
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).ok()? {
        for (column, cell) in columns.iter_mut().zip(&record) {
            column.push(cell.parse().ok()?);
        }
    }
    let target = columns.pop()?;
    Some(Table {
        features: columns,
        target,
    })
}
