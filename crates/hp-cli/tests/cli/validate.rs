//! `hp validate`: every fault of a file in one report, and nothing written.

use crate::support::{Project, boston_csv, boston_parquet};
use insta::assert_snapshot;

/// A file with a fault of every kind.
const FAULTY: &str = "\
crim,zn,indus,chas,nox,rm,age,dis,rad,tax,ptratio,lstat,medv
0.1,0,7,0,0.5,6,65,4,1,296,15,5,24
0.1,0,7,0,0.5,6,65,4,1,296,15,5,24
,x,7,0,0.5,6,65,4,1,296,15,5,24
0.1,0,7,2,0.5,6,65,4,1,296,15,5,24
0.1,0,7,0.5,0.5,6,65,4,1.5,296,15,5,24
0.1,0,inf,0,1e400,NaN,65,4,1,296,15,5,24
-0.1,0,7,0,0.5,6,65,4,99,296,15,5,51
0.1,0,7
";

#[test]
fn a_good_file_passes_and_nothing_is_written() {
    let project = Project::new();
    assert_snapshot!(project.hp("validate data/raw/boston.csv"), @"
    exit code 0
    --- stdout
     rows               count
    ──────────────────────────
     read                 506
     valid                506
     rejected               0
     duplicates, kept       0
    ");
    assert_eq!(project.listing("data"), "data/raw/boston.csv");
    project.write("boston.parquet", boston_parquet());
    project.hp("validate boston.parquet").expect(0);
}

#[test]
fn every_fault_is_reported() {
    let project = Project::new();
    project.write("faulty.csv", FAULTY);
    assert_snapshot!(project.hp("validate faulty.csv"), @"
    exit code 3
    --- stdout
     rows               count
    ──────────────────────────
     read                   8
     valid                  2
     rejected               6
     duplicates, kept       1

    What is wrong
     column   rule             cells   first line   value there
    ────────────────────────────────────────────────────────────
     (row)    field_count          1            9   3 fields
     CHAS     not_allowed          1            5   2
     CHAS     not_an_integer       1            6   0.5
     CRIM     below_min            1            8   -0.1
     CRIM     missing              1            4
     INDUS    not_finite           1            7   inf
     MEDV     above_max            1            8   51
     NOX      not_finite           1            7   1e400
     RAD      above_max            1            8   99
     RAD      not_an_integer       1            6   1.5
     RM       not_finite           1            7   NaN
     ZN       not_a_number         1            4   x

    Refused cells
     line   column   value      why
    ────────────────────────────────────────────────────
     4      CRIM                is missing
     4      ZN       x          is not a number
     5      CHAS     2          is not one of 0, 1
     6      CHAS     0.5        is not an integer
     6      RAD      1.5        is not an integer
     7      INDUS    inf        is not finite
     7      NOX      1e400      is not finite
     7      RM       NaN        is not finite
     8      CRIM     -0.1       is below the minimum 0
     8      RAD      99         is above the maximum 24
     8      MEDV     51         is above the maximum 50
     9               3 fields   instead of 13
    --- stderr
    error: 6 of 8 rows are rejected, 75.0 %, and at most 5.0 % may be
    hint: `hp validate FILE` lists the cells; correct them, or adapt `columns` and `max_rejected` in the data configuration
    ");
}

#[test]
fn the_report_is_available_to_programs() {
    let project = Project::new();
    project.write("faulty.csv", FAULTY);
    let outcome = project.hp("validate faulty.csv --format json").expect(3);
    let json = outcome.json();
    assert_eq!(json["rows_read"], 8);
    assert_eq!(json["rows_rejected"], 6);
    assert_eq!(json["rejections"][0]["line"], 4);
    assert_eq!(json["rejections"][0]["column"], "CRIM");
    let csv = project
        .hp("validate faulty.csv --format csv")
        .expect(3)
        .stdout;
    assert!(csv.contains("\nread,8\n"), "{csv}");
}

#[test]
fn a_few_bad_rows_are_within_the_policy() {
    let project = Project::new();
    project.write("few.csv", boston_csv().replacen("0.00632", "-1", 1));
    let outcome = project.hp("validate few.csv").expect(0);
    assert!(outcome.stdout.contains("below the minimum 0"), "{outcome}");
}

#[test]
fn the_verdict_does_not_depend_on_the_reader() {
    let project = Project::new();
    project.write("faulty.csv", FAULTY);
    let outcome = project.shell("{ $hp validate faulty.csv; echo code $? >&2; } | head -0");
    assert!(outcome.stderr.ends_with("code 3\n"), "{outcome}");
}
