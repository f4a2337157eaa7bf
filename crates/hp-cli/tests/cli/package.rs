//! `hp package`: what is in the archive, and that it works elsewhere.

use crate::support::Project;
use hp_artifact::read_entry;
use hp_core::fingerprint::Fingerprint;
use insta::assert_snapshot;

const ARCHIVE: &str = "artifacts/v1.0.0.tar.zst";

fn entry(project: &Project, name: &str) -> String {
    let bytes = read_entry(&project.path(ARCHIVE), name).unwrap();
    String::from_utf8(bytes.unwrap()).unwrap()
}

#[test]
fn the_archive_holds_the_version_its_card_and_an_example() {
    let project = Project::trained();
    let file = std::fs::File::open(project.path(ARCHIVE)).unwrap();
    let mut archive = tar::Archive::new(zstd::Decoder::new(file).unwrap());
    let names = archive.entries().unwrap().map(|entry| {
        let entry = entry.unwrap();
        entry.path().unwrap().display().to_string()
    });
    assert_snapshot!(names.collect::<Vec<_>>().join("\n"), @"");
    assert_eq!(entry(&project, "evaluation.json"), project.read("artifacts/v1.0.0.evaluation.json"));
    assert_snapshot!(entry(&project, "input_example.json"), @"");
}

#[test]
fn the_checksum_file_is_that_of_sha256sum() {
    let project = Project::trained();
    let digest = Fingerprint::of(&project.bytes(ARCHIVE));
    assert_eq!(
        project.read("artifacts/v1.0.0.tar.zst.sha256"),
        format!("{digest}  v1.0.0.tar.zst\n")
    );
}

#[test]
fn the_archive_is_the_same_every_time() {
    let project = Project::trained();
    let before = project.bytes(ARCHIVE);
    std::fs::remove_file(project.path(ARCHIVE)).unwrap();
    let outcome = project.hp("package").expect(0);
    assert_eq!(outcome.stdout, "artifacts/v1.0.0.tar.zst\n");
    let digest = Fingerprint::of(&before);
    assert_eq!(outcome.stderr, format!("{} bytes, sha256 {digest}\n", before.len()));
    assert!(project.bytes(ARCHIVE) == before);
}

#[test]
fn the_model_card_says_what_the_version_is_for() {
    assert_snapshot!(entry(&Project::trained(), "README.md"), @"");
}

#[test]
fn without_an_evaluation_the_card_has_no_results() {
    let project = Project::trained();
    std::fs::remove_file(project.path("artifacts/v1.0.0.evaluation.json")).unwrap();
    let outcome = project.hp("package").expect(0);
    assert!(outcome.stderr.starts_with("note: there is no evaluation"), "{outcome}");
    assert!(!entry(&project, "README.md").contains("## Results"));
    project.write("artifacts/v1.0.0.evaluation.json", "{");
    let outcome = project.hp("package").expect(0);
    assert!(outcome.stderr.starts_with("note: there is no evaluation"), "{outcome}");
}

#[test]
fn the_archive_predicts_elsewhere() {
    let project = Project::trained();
    let elsewhere = Project::new();
    elsewhere.write("model.tar.zst", project.bytes(ARCHIVE));
    let here = project.hp("predict --json input.json").expect(0);
    let there = elsewhere.hp("predict --json input.json --artifact model.tar.zst").expect(0);
    assert_eq!(here.stdout, there.stdout);
    elsewhere.write("example.json", entry(&project, "input_example.json"));
    elsewhere.hp("predict --json example.json --artifact model.tar.zst").expect(0);
}

#[test]
fn a_damaged_version_is_not_packaged() {
    let project = Project::trained();
    let before = project.bytes(ARCHIVE);
    let file = "artifacts/v1.0.0/ridge_regression_v1.0.0.bin";
    let mut bytes = project.bytes(file);
    bytes[100] ^= 1;
    project.write(file, bytes);
    project.hp("package").refused(1, &["ridge_regression_v1.0.0.bin", "is damaged", "hint: "]);
    assert!(project.bytes(ARCHIVE) == before);
}

#[test]
fn the_archive_goes_where_it_is_told_but_replaces_files_only() {
    let project = Project::trained();
    assert_eq!(project.hp("package --output mine.tar.zst").expect(0).stdout, "mine.tar.zst\n");
    assert!(project.bytes("mine.tar.zst") == project.bytes(ARCHIVE));
    assert!(project.read("mine.tar.zst.sha256").ends_with("  mine.tar.zst\n"));
    project.hp("package --output data").refused(1, &["`data` is not a file that can be replaced"]);
    project.hp("package --output none/mine.tar.zst").refused(1, &["`none", "hint: "]);
}
