//! What two versions differ in, against small tables counted by hand and against counting rows.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use hp_data::versions::{Rows, RowsDiff, diff};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn rows(csv: &str) -> Rows {
    Rows::parse("test.csv", csv.as_bytes()).unwrap()
}

fn compared(before: &str, after: &str) -> RowsDiff {
    diff(&rows(before), &rows(after))
}

#[test]
fn equal_tables_have_no_difference() {
    let table = "a,b\n1,2\n1,2\n3,4\n";
    let found = compared(table, table);
    assert_eq!((found.equal, found.moved), (3, 0));
    assert!(found.added.is_empty() && found.removed.is_empty() && found.changed.is_empty());
    assert!(found.columns.iter().all(|column| column.shift == Some(0.0)));
}

#[test]
fn added_removed_changed_and_moved_rows_are_told_apart() {
    let before = "a,b,c\n1,1,1\n2,2,2\n3,3,3\n4,4,4\n5,5,5\n";
    // Row 0 went to the end, row 1 was changed in c, row 3 is gone, a new one is before row 4.
    let after = "a,b,c\n2,2,9\n3,3,3\n7,7,7\n5,5,5\n1,1,1\n";
    let found = compared(before, after);
    assert_eq!((found.equal, found.moved), (2, 1));
    assert_eq!(found.changed, [(1, 0)]);
    assert_eq!(found.removed, [3]);
    assert_eq!(found.added, [2]);
    let cells: Vec<_> = found.columns.iter().map(|c| c.changed_cells).collect();
    assert_eq!(cells, [0, 0, 1]);
}

#[test]
fn a_row_twice_is_another_table_than_once() {
    let found = compared("a,b\n1,2\n", "a,b\n1,2\n1,2\n");
    assert_eq!((found.equal, found.added), (1, vec![1]));
    let found = compared("a,b\n1,2\n1,2\n5,6\n", "a,b\n5,6\n1,2\n");
    assert_eq!((found.equal + found.moved, found.removed), (2, vec![1]));
}

#[test]
fn among_several_changed_rows_the_most_alike_are_paired() {
    let before = "a,b,c\n0,0,0\n1,1,1\n2,2,2\n9,9,9\n";
    let after = "a,b,c\n0,0,0\n1,1,5\n7,7,7\n2,2,6\n9,9,9\n";
    let found = compared(before, after);
    assert_eq!(found.changed, [(1, 1), (2, 3)]);
    assert_eq!(found.added, [2]);
    // With hardly a cell in common they are other rows.
    let found = compared("a,b,c\n1,2,3\n", "a,b,c\n1,5,6\n");
    assert_eq!((found.removed, found.added), (vec![0], vec![0]));
}

#[test]
fn columns_shift_by_standard_deviations_of_the_first() {
    // Population standard deviation of 1, 2, 3, 4: √1.25.
    let found = compared("a,b\n1,7\n2,7\n3,7\n4,7\n", "a,b\n2,7\n3,7\n4,7\n5,8\n");
    let [a, b] = found.columns.as_slice() else {
        panic!("two columns");
    };
    assert_eq!((a.before.min, a.before.max, a.before.mean), (1.0, 4.0, 2.5));
    assert!((a.before.std - 1.25_f64.sqrt()).abs() < 1e-15);
    assert!((a.shift.unwrap() - 1.0 / 1.25_f64.sqrt()).abs() < 1e-15);
    assert_eq!((b.before.std, b.shift, b.after.max), (0.0, None, 8.0));
}

#[test]
fn tables_with_other_columns_are_compared_in_those_of_both() {
    let found = compared("a,b,c\n1,2,3\n4,5,6\n", "d,c,a\n0,3,1\n0,9,4\n");
    assert_eq!(found.columns_removed, ["b"]);
    assert_eq!(found.columns_added, ["d"]);
    assert_eq!((found.equal, &found.changed), (1, &vec![(1, 1)]));
    let found = compared("a\n1\n", "b\n1\n");
    assert_eq!((found.equal, found.columns.len()), (1, 0));
}

#[test]
fn no_table_is_an_error_and_no_rows_are_none() {
    for text in ["a,b\n1\n", "a\nx\n", "a\n\u{feff}\n"] {
        assert!(Rows::parse("test.csv", text.as_bytes()).is_err(), "{text}");
    }
    let found = compared("a\n", "a\n1\n");
    assert_eq!(found.added, [0]);
    assert_eq!(found.columns[0].shift, None);
}

/// A shuffled table of many rows takes the time of sorting it.
#[test]
fn many_rows_in_another_order_are_compared_at_once() {
    let line = |row: usize| format!("{row},{}\n", row % 7);
    let table = |order: &dyn Fn(usize) -> usize| {
        let lines: String = (0..20_000).map(|row| line(order(row))).collect();
        format!("a,b\n{lines}")
    };
    let found = compared(&table(&|row| row), &table(&|row| (row * 7919) % 20_000));
    assert_eq!(found.equal + found.moved, 20_000);
    // All rows are others.
    let found = compared(&table(&|row| row), &table(&|row| row + 20_000));
    assert_eq!(found.equal + found.moved, 0);
    assert_eq!(found.changed.len() + found.added.len(), 20_000);
}

/// How often each row is there.
fn counts<'a>(rows: impl Iterator<Item = &'a Vec<u8>>) -> BTreeMap<Vec<u8>, i64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row.clone()).or_default() += 1;
    }
    counts
}

fn csv(table: &[Vec<u8>]) -> String {
    let line = |row: &Vec<u8>| {
        let cells: Vec<_> = row.iter().map(ToString::to_string).collect();
        cells.join(",") + "\n"
    };
    "a,b,c\n".to_owned() + &table.iter().map(line).collect::<String>()
}

fn table() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(0_u8..3, 3), 0..12)
}

proptest! {
    /// Taking away what is removed or changed and adding what is added or became of it leads from
    /// one table to the other, with no row too many.
    #[test]
    fn the_difference_leads_from_one_table_to_the_other(before in table(), after in table()) {
        let found = compared(&csv(&before), &csv(&after));
        let (gone, come): (Vec<_>, Vec<_>) = found.changed.iter().copied().unzip();
        let gone: Vec<_> = found.removed.iter().chain(&gone).map(|&row| &before[row]).collect();
        let come: Vec<_> = found.added.iter().chain(&come).map(|&row| &after[row]).collect();
        prop_assert_eq!(before.len(), found.equal + found.moved + gone.len());
        prop_assert_eq!(after.len(), found.equal + found.moved + come.len());
        let mut balance = counts(before.iter());
        for row in &gone {
            *balance.entry((*row).clone()).or_default() -= 1;
        }
        for row in &come {
            *balance.entry((*row).clone()).or_default() += 1;
        }
        balance.retain(|_, count| *count != 0);
        prop_assert_eq!(balance, counts(after.iter()));
        // Nothing equal is called different.
        prop_assert!(gone.iter().all(|row| !come.contains(row)));
    }
}
