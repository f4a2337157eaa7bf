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
    assert_snapshot!(project.hp("fetch --offline"), @"");
    assert_snapshot!(project.listing("data"), @"");
    assert_eq!(project.read("data/boston.rejected.csv").lines().count(), 1);
    assert_eq!(fingerprint(&project), FINGERPRINT);
    let first: Vec<_> = project.read("data/boston.csv").lines().take(2).map(str::to_owned).collect();
    assert_snapshot!(first.join("\n"), @"");
}

#[test]
fn a_server_gives_the_same_data_as_the_bundled_copy() {
    let bundled = Project::fetched();
    let server = Server::with(boston_csv());
    let project = with_first_source(&server.url("BostonHousing.csv"));
    let outcome = project.hp("fetch").expect(0);
    assert!(!outcome.stderr.contains("note"), "{outcome}");
    assert_eq!(project.read("data/boston.csv"), bundled.read("data/boston.csv"));
    let (ours, theirs) = (
        project.json("data/boston.manifest.json"),
        bundled.json("data/boston.manifest.json"),
    );
    assert_eq!(ours["fingerprint"], theirs["fingerprint"]);
    assert_eq!(ours["source"], server.url("BostonHousing.csv"));
    assert_eq!(theirs["source"], "data/raw/boston.csv");
}

#[test]
fn every_form_of_the_file_gives_the_same_data() {
    let project = Project::new();
    let plain = boston_csv().replace('"', "");
    project.write("semicolons.csv", plain.replace(',', ";"));
    project.write("tabs.csv", plain.replace(',', "\t"));
    project.write("windows.csv", format!("\u{feff}{}", plain.replace('\n', "\r\n")));
    project.write("boston.parquet", boston_parquet());
    for file in ["semicolons.csv", "tabs.csv", "windows.csv", "boston.parquet"] {
        project.hp(&format!("fetch --source {file}")).expect(0);
        assert_eq!(fingerprint(&project), FINGERPRINT, "{file}");
    }
}

#[test]
fn a_source_with_another_digest_is_refused_and_no_other_is_tried() {
    let server = Server::with(boston_csv() + "\n");
    let project = with_first_source(&server.url("x.csv"));
    let outcome = project.hp("fetch").refused(5, &["has sha256 ", "hint: "]);
    let digests = outcome.stderr.split(|c: char| !c.is_ascii_hexdigit()).filter(|word| word.len() == 64);
    assert_eq!(digests.count(), 2, "{outcome}");
    assert_eq!(project.listing("data"), "data/raw/boston.csv");

    let project = Project::fetched();
    let before = project.files("data");
    project.replace("data/raw/boston.csv", "0.00632,18,", "0.00633,18,");
    project.hp("fetch --offline").refused(5, &["`data/raw/boston.csv` has sha256"]);
    project.write("data/raw/boston.csv", boston_csv());
    assert_eq!(project.files("data"), before);
}

#[test]
fn a_source_that_cannot_be_reached_is_named_and_the_next_is_used() {
    let closed = with_first_source("http://127.0.0.1:1/x.csv");
    assert_snapshot!(closed.hp("fetch").expect(0).stderr, @"");
    let server = Server::failing("404 Not Found");
    let missing = with_first_source(&server.url("x.csv"));
    let outcome = missing.hp("fetch").expect(0);
    assert!(outcome.stderr.contains("x.csv: the server answered 404"), "{outcome}");
    assert_eq!(fingerprint(&closed), fingerprint(&missing));
}

#[test]
fn no_source_at_all_is_a_network_error() {
    let project = with_first_source("http://127.0.0.1:1/x.csv");
    std::fs::remove_file(project.path("data/raw/boston.csv")).unwrap();
    assert_snapshot!(project.hp("fetch"), @"");
    project.hp("fetch --offline").refused(5, &["skipped because of `--offline`"]);
    assert_eq!(project.listing("data"), "");
}

#[test]
fn another_source_can_be_named() {
    let project = Project::new();
    project.write("mine.csv", boston_csv());
    let server = Server::with(boston_csv());
    for source in ["mine.csv", &server.url("theirs.csv")] {
        project.hp(&format!("fetch --source {source}")).expect(0);
        assert_eq!(project.json("data/boston.manifest.json")["source"], *source);
        assert_eq!(fingerprint(&project), FINGERPRINT);
    }
    assert_snapshot!(project.hp("fetch --source none.csv"), @"");
    project.hp(&format!("fetch --offline --source {}", server.url("x.csv"))).refused(5, &["--offline"]);
}

#[test]
fn rejected_rows_are_kept_apart_with_line_column_value_and_rule() {
    let project = Project::new();
    let text = boston_csv()
        .replacen("0.00632,18,2.31", "-1,18,NaN", 1)
        .replacen("0.02731,0,7.07,\"0\"", "0.02731,,7.07,\"2\"", 1)
        .replacen("0.02729,0", "many,0", 1);
    project.write("bad.csv", text);
    assert_snapshot!(project.hp("fetch --source bad.csv"), @"");
    assert_snapshot!(project.read("data/boston.rejected.csv"), @"");
    assert_eq!(project.read("data/boston.csv").lines().count(), 504);
}

#[test]
fn too_many_rejected_rows_overwrite_nothing() {
    let project = Project::fetched();
    let before = project.files("data");
    let text = boston_csv().replace(",\"0\",", ",\"7\",");
    project.write("bad.csv", text);
    assert_snapshot!(project.hp("fetch --source bad.csv"), @"");
    assert_eq!(project.files("data"), before);
}

#[test]
fn unknown_columns_are_left_out_and_named_and_duplicates_kept() {
    let project = Project::new();
    let mut lines: Vec<_> = boston_csv().lines().map(|line| format!("{line},1")).collect();
    lines[0] = boston_csv().lines().next().unwrap().to_owned() + ",note";
    lines.push(lines[1].clone());
    project.write("wide.csv", lines.join("\n"));
    let outcome = project.hp("fetch --source wide.csv").expect(0);
    assert_snapshot!(outcome.stderr, @"");
    assert!(outcome.stdout.contains("duplicates, kept       1"), "{outcome}");
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
