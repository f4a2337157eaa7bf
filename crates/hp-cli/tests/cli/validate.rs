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
    assert_snapshot!(project.hp("validate data/raw/boston.csv"), @"");
    assert_eq!(project.listing("data"), "data/raw/boston.csv");
    project.write("boston.parquet", boston_parquet());
    project.hp("validate boston.parquet").expect(0);
}

#[test]
fn every_fault_is_reported() {
    let project = Project::new();
    project.write("faulty.csv", FAULTY);
    assert_snapshot!(project.hp("validate faulty.csv"), @"");
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
    let csv = project.hp("validate faulty.csv --format csv").expect(3).stdout;
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
