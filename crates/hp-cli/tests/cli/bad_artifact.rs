//! Model files that are damaged, foreign, newer or hostile: refused, and never a wrong answer.

use crate::support::Project;
use insta::assert_snapshot;
use std::io::Write;

const FOREST: &str = "artifacts/v1.0.0/random_forest_regressor_v1.0.0.bin";
const MANIFEST: &str = "artifacts/v1.0.0/manifest.json";
const ARCHIVE: &str = "artifacts/v1.0.0.tar.zst";

/// What `hp predict` says after the file was changed.
fn changed(file: &str, change: impl Fn(&mut Vec<u8>)) -> String {
    let project = Project::trained();
    let mut bytes = project.bytes(file);
    change(&mut bytes);
    project.write(file, bytes);
    let artifact = if file == ARCHIVE {
        ARCHIVE
    } else {
        "artifacts/v1.0.0"
    };
    let args = format!("predict --json input.json --artifact {artifact}");
    project.hp(&args).refused(1, &["hint: "]).stderr
}

#[test]
fn a_truncated_file() {
    assert_snapshot!(changed(FOREST, |bytes| bytes.truncate(1000)), @"
    error: `artifacts/v1.0.0/random_forest_regressor_v1.0.0.bin` has 1000 bytes where 578301 are expected
    hint: take it from where it is sound, or make it again: `hp train --overwrite`, `hp package`
    ");
    assert_snapshot!(changed(FOREST, Vec::clear), @"
    error: `artifacts/v1.0.0/random_forest_regressor_v1.0.0.bin` has 0 bytes where 578301 are expected
    hint: take it from where it is sound, or make it again: `hp train --overwrite`, `hp package`
    ");
}

#[test]
fn a_flipped_bit() {
    let report = changed(FOREST, |bytes| bytes[50_000] ^= 1);
    assert!(
        report.contains("random_forest_regressor_v1.0.0.bin` is damaged: its sha256 is"),
        "{report}"
    );
    for place in [10, 1000, 100_000] {
        let report = changed(ARCHIVE, |bytes| bytes[place] ^= 1);
        assert!(report.contains("v1.0.0.tar.zst"), "{report}");
    }
}

#[test]
fn a_foreign_file() {
    assert_snapshot!(changed(MANIFEST, |bytes| *bytes = b"hello".to_vec()), @"
    error: `artifacts/v1.0.0/manifest.json` is not a manifest of hp: expected value at line 1 column 1
    hint: take it from where it is sound, or make it again: `hp train --overwrite`, `hp package`
    ");
    assert_snapshot!(changed(ARCHIVE, |bytes| *bytes = b"hello".to_vec()), @"
    error: `artifacts/v1.0.0.tar.zst` is not a model file of hp
    hint: take it from where it is sound, or make it again: `hp train --overwrite`, `hp package`
    ");
}

#[test]
fn a_newer_format() {
    let report = changed(MANIFEST, |bytes| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.contains("\"format_version\": 1,"));
        *bytes = text
            .replacen("\"format_version\": 1,", "\"format_version\": 99,", 1)
            .into_bytes();
    });
    assert_snapshot!(report, @"
    error: `artifacts/v1.0.0/manifest.json` has format 99, which needs hp 0.1.0 or newer; this hp reads formats up to 1
    hint: update hp
    ");
}

#[test]
fn a_missing_file() {
    let project = Project::trained();
    std::fs::remove_file(project.path(FOREST)).unwrap();
    assert_snapshot!(project.hp("predict --json input.json"), @"
    exit code 1
    --- stderr
    error: `artifacts/v1.0.0/random_forest_regressor_v1.0.0.bin` does not exist
    hint: check the path, or run `hp train`
    ");
}

#[test]
fn a_truncated_archive() {
    assert_snapshot!(changed(ARCHIVE, |bytes| bytes.truncate(5000)), @"
    error: cannot unpack `artifacts/v1.0.0.tar.zst`: incomplete frame
    hint: take it from where it is sound, or make it again: `hp train --overwrite`, `hp package`
    ");
}

#[test]
fn a_damaged_version_is_trained_again_only_when_told() {
    let project = Project::trained();
    let before = project.bytes(FOREST);
    project.write(FOREST, "damaged");
    assert_snapshot!(project.hp("train"), @"
    exit code 1
    --- stderr
    error: v1.0.0 exists but is damaged: `artifacts/v1.0.0/random_forest_regressor_v1.0.0.bin` has 7 bytes where 578301 are expected
    hint: replace it with --overwrite
    ");
    project.hp("run").refused(
        1,
        &["damaged", "--overwrite", "resume with: hp run --from train"],
    );
    project.hp("run --overwrite").expect(0);
    assert!(project.bytes(FOREST) == before);
}

/// An archive with one entry.
fn archive(header: &tar::Header, contents: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    builder.append(header, contents).unwrap();
    zstd::encode_all(&*builder.into_inner().unwrap(), 1).unwrap()
}

fn header(name: &str, kind: tar::EntryType, size: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    // The builder itself would refuse such names.
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

#[test]
fn a_hostile_archive() {
    let project = Project::trained();
    let before = project.files("");
    let mut link = header("v1.0.0/manifest.json", tar::EntryType::Symlink, 0);
    link.set_link_name("/etc/passwd").unwrap();
    link.set_cksum();
    for (name, bytes) in [
        ("link", archive(&link, b"")),
        (
            "up",
            archive(
                &header("../manifest.json", tar::EntryType::Regular, 2),
                b"{}",
            ),
        ),
        (
            "root",
            archive(
                &header("/tmp/manifest.json", tar::EntryType::Regular, 2),
                b"{}",
            ),
        ),
        (
            "device",
            archive(
                &header("v1.0.0/manifest.json", tar::EntryType::Char, 0),
                b"",
            ),
        ),
    ] {
        let file = format!("{name}.tar.zst");
        project.write(&file, bytes);
        let outcome = project.hp(&format!("predict --json input.json --artifact {file}"));
        outcome.refused(1, &[&file, "contains `", "hint: "]);
        std::fs::remove_file(project.path(&file)).unwrap();
    }
    assert!(project.files("") == before);
}

#[test]
fn an_archive_that_unpacks_without_end() {
    let project = Project::trained();
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    let size = 2 << 30;
    let head = header("v1.0.0/manifest.json", tar::EntryType::Regular, size);
    encoder.write_all(head.as_bytes()).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..64 {
        encoder.write_all(&zeros).unwrap();
    }
    project.write("bomb.tar.zst", encoder.finish().unwrap());
    let outcome = project.hp("predict --json input.json --artifact bomb.tar.zst");
    outcome.refused(1, &["bomb.tar.zst", "hint: "]);
}
