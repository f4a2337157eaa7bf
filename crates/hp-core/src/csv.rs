//! How a line of CSV is written.

/// One line of CSV with its end, each cell quoted where it must be (RFC 4180).
#[must_use]
pub fn line(cells: &[String]) -> String {
    let quoted: Vec<_> = cells
        .iter()
        .map(|cell| {
            if cell.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        })
        .collect();
    quoted.join(",") + "\n"
}
