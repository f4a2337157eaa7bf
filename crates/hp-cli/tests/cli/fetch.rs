//! `hp fetch`: sources in order, what is written, and what is refused.

use crate::support::{Project, Server, boston_csv, boston_parquet};
use insta::assert_snapshot;

const CONFIG: &str = "configs/data_config.yaml";
const URL: &str = "https://raw.githubusercontent.com/selva86/datasets/master/BostonHousing.csv";

/// The fingerprint of the valid rows.
const FINGERPRINT: &str = "86befae859f7";

/// A project whose first source is `url`.
fn with_first_source(url: &str) -> Project {
    let project = Project::new();
    project.replace(CONFIG, URL, url);
    project
}

/// The beginning of the fingerprint in the manifest.
fn fingerprint(project: &Project) -> String {
    let manifest = project.json("data/boston.manifest.json");
    manifest["fingerprint"].as_str().unwrap()[..12].to_owned()
}

#[test]
fn the_bundled_copy_serves_without_network() {
    let project = Project::new();
    assert_snapshot!(project.hp("fetch --offline"), @"
    exit code 0
    --- stdout
     rows               count
    ──────────────────────────
     read                 506
     valid                506
     rejected               0
     duplicates, kept       0

    Columns
     column        min       max       mean
    ────────────────────────────────────────
     CRIM      0.00632   88.9762     3.6135
     ZN              0       100    11.3636
     INDUS        0.46     27.74    11.1368
     CHAS            0         1     0.0692
     NOX         0.385     0.871     0.5547
     RM          3.561      8.78     6.2846
     AGE           2.9       100    68.5749
     DIS        1.1296   12.1265     3.7950
     RAD             1        24     9.5494
     TAX           187       711   408.2372
     PTRATIO      12.6        22    18.4555
     LSTAT        1.73     37.97    12.6531
     MEDV            5        50    22.5328
    --- stderr
    note: https://raw.githubusercontent.com/selva86/datasets/master/BostonHousing.csv: skipped because of `--offline`
    wrote data/boston.csv (fingerprint 86befae859f7)
    ");
    assert_snapshot!(project.listing("data"), @"
    data/boston.csv
    data/boston.manifest.json
    data/boston.rejected.csv
    data/raw/boston.csv
    ");
    assert_eq!(project.read("data/boston.rejected.csv").lines().count(), 1);
    assert_eq!(fingerprint(&project), FINGERPRINT);
    let first: Vec<_> = project
        .read("data/boston.csv")
        .lines()
        .take(2)
        .map(str::to_owned)
        .collect();
    assert_snapshot!(first.join("\n"), @"
    CRIM,ZN,INDUS,CHAS,NOX,RM,AGE,DIS,RAD,TAX,PTRATIO,LSTAT,MEDV
    0.00632,18,2.31,0,0.538,6.575,65.2,4.09,1,296,15.3,4.98,24
    ");
}

#[test]
fn a_server_gives_the_same_data_as_the_bundled_copy() {
    let bundled = Project::fetched();
    let server = Server::with(boston_csv());
    let project = with_first_source(&server.url("BostonHousing.csv"));
    let outcome = project.hp("fetch").expect(0);
    assert!(!outcome.stderr.contains("note"), "{outcome}");
    assert_eq!(
        project.read("data/boston.csv"),
        bundled.read("data/boston.csv")
    );
    let (ours, theirs) = (
        project.json("data/boston.manifest.json"),
        bundled.json("data/boston.manifest.json"),
    );
    assert_eq!(ours["fingerprint"], theirs["fingerprint"]);
    assert_eq!(ours["origin"]["source"], server.url("BostonHousing.csv"));
    assert_eq!(theirs["origin"]["source"], "data/raw/boston.csv");
}

#[test]
fn every_form_of_the_file_gives_the_same_data() {
    let project = Project::new();
    let plain = boston_csv().replace('"', "");
    project.write("semicolons.csv", plain.replace(',', ";"));
    project.write("tabs.csv", plain.replace(',', "\t"));
    project.write(
        "windows.csv",
        format!("\u{feff}{}", plain.replace('\n', "\r\n")),
    );
    project.write("boston.parquet", boston_parquet());
    for file in [
        "semicolons.csv",
        "tabs.csv",
        "windows.csv",
        "boston.parquet",
    ] {
        project.hp(&format!("fetch --source {file}")).expect(0);
        assert_eq!(fingerprint(&project), FINGERPRINT, "{file}");
    }
}

#[test]
fn a_source_with_another_digest_is_refused_and_no_other_is_tried() {
    let server = Server::with(boston_csv() + "\n");
    let project = with_first_source(&server.url("x.csv"));
    let outcome = project.hp("fetch").refused(5, &["has sha256 ", "hint: "]);
    let digests = outcome
        .stderr
        .split(|c: char| !c.is_ascii_hexdigit())
        .filter(|word| word.len() == 64);
    assert_eq!(digests.count(), 2, "{outcome}");
    assert_eq!(project.listing("data"), "data/raw/boston.csv");

    let project = Project::fetched();
    let before = project.files("data");
    project.replace("data/raw/boston.csv", "0.00632,18,", "0.00633,18,");
    project
        .hp("fetch --offline")
        .refused(5, &["`data/raw/boston.csv` has sha256"]);
    project.write("data/raw/boston.csv", boston_csv());
    assert_eq!(project.files("data"), before);
}

#[test]
fn a_source_that_cannot_be_reached_is_named_and_the_next_is_used() {
    let closed = with_first_source("http://127.0.0.1:1/x.csv");
    assert_snapshot!(closed.hp("fetch").expect(0).stderr, @"
    note: http://127.0.0.1:1/x.csv: the connection was refused
    wrote data/boston.csv (fingerprint 86befae859f7)
    ");
    let server = Server::failing("404 Not Found");
    let missing = with_first_source(&server.url("x.csv"));
    let outcome = missing.hp("fetch").expect(0);
    assert!(
        outcome.stderr.contains("x.csv: the server answered 404"),
        "{outcome}"
    );
    assert_eq!(fingerprint(&closed), fingerprint(&missing));
}

#[test]
fn no_source_at_all_is_a_network_error() {
    let project = with_first_source("http://127.0.0.1:1/x.csv");
    std::fs::remove_file(project.path("data/raw/boston.csv")).unwrap();
    assert_snapshot!(project.hp("fetch"), @"
    exit code 5
    --- stderr
    note: http://127.0.0.1:1/x.csv: the connection was refused
    note: data/raw/boston.csv: cannot read it: No such file or directory (os error 2)
    error: no source could be used: `http://127.0.0.1:1/x.csv`: the connection was refused; `data/raw/boston.csv`: cannot read it: No such file or directory (os error 2)
    hint: check the network, or name a file: hp fetch --source PATH
    ");
    project
        .hp("fetch --offline")
        .refused(5, &["skipped because of `--offline`"]);
    assert_eq!(project.listing("data"), "");
}

#[test]
fn another_source_can_be_named() {
    let project = Project::new();
    project.write("mine.csv", boston_csv());
    let server = Server::with(boston_csv());
    for source in ["mine.csv", &server.url("theirs.csv")] {
        project.hp(&format!("fetch --source {source}")).expect(0);
        assert_eq!(
            project.json("data/boston.manifest.json")["origin"]["source"],
            *source
        );
        assert_eq!(fingerprint(&project), FINGERPRINT);
    }
    assert_snapshot!(project.hp("fetch --source none.csv"), @"
    exit code 1
    --- stderr
    error: no source could be used: `none.csv`: cannot read it: No such file or directory (os error 2)
    hint: check the path
    ");
    project
        .hp(&format!("fetch --offline --source {}", server.url("x.csv")))
        .refused(5, &["--offline"]);
}

#[test]
fn rejected_rows_are_kept_apart_with_line_column_value_and_rule() {
    let project = Project::new();
    let text = boston_csv()
        .replacen("0.00632,18,2.31", "-1,18,NaN", 1)
        .replacen("0.02731,0,7.07,\"0\"", "0.02731,,7.07,\"2\"", 1)
        .replacen("0.02729,0", "many,0", 1);
    project.write("bad.csv", text);
    assert_snapshot!(project.hp("fetch --source bad.csv"), @"
    exit code 0
    --- stdout
     rows               count
    ──────────────────────────
     read                 506
     valid                503
     rejected               3
     duplicates, kept       0

    Columns
     column        min       max       mean
    ────────────────────────────────────────
     CRIM      0.00906   88.9762     3.6350
     ZN              0       100    11.3956
     INDUS        0.46     27.74    11.1705
     CHAS            0         1     0.0696
     NOX         0.385     0.871     0.5551
     RM          3.561      8.78     6.2820
     AGE           2.9       100    68.5759
     DIS        1.1296   12.1265     3.7898
     RAD             1        24     9.5964
     TAX           187       711   409.1213
     PTRATIO      12.6        22    18.4644
     LSTAT        1.73     37.97    12.6924
     MEDV            5        50    22.5076
    --- stderr
    What is wrong
     column   rule           cells   first line   value there
    ──────────────────────────────────────────────────────────
     CHAS     not_allowed        1            3   2
     CRIM     below_min          1            2   -1
     CRIM     not_a_number       1            4   many
     INDUS    not_finite         1            2   NaN
     ZN       missing            1            3

    note: 3 of 506 rows are rejected; see data/boston.rejected.csv
    wrote data/boston.csv (fingerprint ef6ed2d01ced)
    ");
    assert_snapshot!(project.read("data/boston.rejected.csv"), @"
    line,column,value,rule
    2,CRIM,-1,below_min
    2,INDUS,NaN,not_finite
    3,ZN,,missing
    3,CHAS,2,not_allowed
    4,CRIM,many,not_a_number
    ");
    assert_eq!(project.read("data/boston.csv").lines().count(), 504);
}

#[test]
fn too_many_rejected_rows_overwrite_nothing() {
    let project = Project::fetched();
    let before = project.files("data");
    let text = boston_csv().replace(",\"0\",", ",\"7\",");
    project.write("bad.csv", text);
    assert_snapshot!(project.hp("fetch --source bad.csv"), @"
    exit code 3
    --- stderr
    What is wrong
     column   rule          cells   first line   value there
    ─────────────────────────────────────────────────────────
     CHAS     not_allowed     471            2             7

    error: the data of `bad.csv` is not used: 471 of 506 rows are rejected, 93.1 %, and at most 5.0 % may be
    hint: `hp validate FILE` lists the cells; correct them, or adapt `columns` and `max_rejected` in the data configuration
    ");
    assert_eq!(project.files("data"), before);
}

#[test]
fn unknown_columns_are_left_out_and_named_and_duplicates_kept() {
    let project = Project::new();
    let mut lines: Vec<_> = boston_csv()
        .lines()
        .map(|line| format!("{line},1"))
        .collect();
    lines[0] = boston_csv().lines().next().unwrap().to_owned() + ",note";
    lines.push(lines[1].clone());
    project.write("wide.csv", lines.join("\n"));
    let outcome = project.hp("fetch --source wide.csv").expect(0);
    assert_snapshot!(outcome.stderr, @"
    note: columns unknown to the schema are left out: NOTE
    wrote data/boston.csv (fingerprint a205abe80443)
    ");
    assert!(
        outcome.stdout.contains("duplicates, kept       1"),
        "{outcome}"
    );
}

#[test]
fn the_summary_is_available_to_programs() {
    let project = Project::new();
    let json = project.hp("fetch --offline --format json").expect(0).json();
    assert_eq!(json["rows_valid"], 506);
    assert_eq!(json, project.json("data/boston.manifest.json"));
    let csv = project.hp("fetch --offline --format csv").expect(0).stdout;
    assert!(csv.contains("\nCRIM,0.00632,88.9762,3.6135\n"), "{csv}");
}
