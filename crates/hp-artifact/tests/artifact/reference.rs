//! What a version remembers of its training: kept, carried along, and not believed blindly.

use crate::sample::{Sample, chain, names, reference};
use hp_artifact::{
    ArtifactError, FileEntry, Manifest, Overwrite, What, load, package, read_reference, verify,
    write_version,
};
use hp_core::fingerprint::Fingerprint;
use hp_core::reference::TrainingReference;
use hp_testkit::test_data;
use std::fs;
use std::path::{Path, PathBuf};

/// A fresh version.
fn written() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    Sample::new(20.0).write(folder.path());
    let path = folder.path().join("v1.0.0");
    (folder, path)
}

#[test]
fn comes_back_bit_for_bit() {
    let (folder, path) = written();
    let found = read_reference(&path).unwrap().unwrap();
    // Debug output tells apart what differs in one bit, and zeros of different signs.
    assert_eq!(format!("{found:?}"), format!("{:?}", reference(20.0)));

    let archive = folder.path().join("v1.0.0.tar.zst");
    package(&path, &[], &archive).unwrap();
    assert_eq!(read_reference(&archive).unwrap(), Some(found));
}

#[test]
fn an_older_version_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut sample = Sample::new(20.0);
    sample.reference = None;
    sample.write(folder.path());
    let path = folder.path().join("v1.0.0");
    assert!(!names(&path).contains(&"reference.json".to_owned()));
    let manifest = verify(&path).unwrap();
    assert!(!manifest.files.contains_key("reference.json"));
    assert_eq!(read_reference(&path).unwrap(), None);

    let archive = folder.path().join("v1.0.0.tar.zst");
    package(&path, &[], &archive).unwrap();
    assert_eq!(read_reference(&archive).unwrap(), None);
}

/// What was trained without a reference need not be trained again.
#[test]
fn does_not_change_the_training() {
    let (_folder, path) = written();
    let manifest = verify(&path).unwrap();
    let mut older = manifest.clone();
    older.files.remove("reference.json");
    assert!(
        older
            .training_changes(&manifest.training_inputs())
            .is_empty()
    );
    assert!(
        manifest
            .training_changes(&older.training_inputs())
            .is_empty()
    );
}

#[test]
fn is_not_read_to_serve() {
    let (_folder, path) = written();
    fs::remove_file(path.join("reference.json")).unwrap();
    load(&path, What::Served).unwrap();
    load(&path, What::All).unwrap();
    for error in [
        read_reference(&path).unwrap_err(),
        verify(&path).unwrap_err(),
    ] {
        assert!(matches!(error, ArtifactError::Missing { .. }), "{error}");
    }
}

#[test]
fn stays_readable() {
    let file = test_data(env!("CARGO_MANIFEST_DIR"), "reference/v1.json");
    let text = fs::read_to_string(file).unwrap();
    let (_folder, path) = written();
    let found = replaced(&path, text.as_bytes()).unwrap().unwrap();
    assert_eq!(serde_json::to_string(&found).unwrap() + "\n", text);
}

#[test]
fn damage_is_told() {
    let damaged = |damage: fn(Vec<u8>) -> Vec<u8>| {
        let (_folder, path) = written();
        let file = path.join("reference.json");
        fs::write(&file, damage(fs::read(&file).unwrap())).unwrap();
        load(&path, What::All).unwrap();
        let error = read_reference(&path).unwrap_err();
        assert_eq!(verify(&path).unwrap_err().to_string(), error.to_string());
        error
    };
    let error = damaged(|bytes| bytes[..bytes.len() / 2].to_vec());
    assert!(matches!(error, ArtifactError::Length { .. }), "{error}");
    let error = damaged(|bytes| [bytes.as_slice(), b" "].concat());
    assert!(matches!(error, ArtifactError::Length { .. }), "{error}");
    let error = damaged(|bytes| {
        let text = String::from_utf8(bytes).unwrap();
        text.replacen("7.5", "7.4", 1).into_bytes()
    });
    assert!(matches!(error, ArtifactError::Damaged { .. }), "{error}");
}

/// The reference of the version at `path` after someone has put `bytes` in its place and corrected
/// the manifest.
fn replaced(path: &Path, bytes: &[u8]) -> Result<Option<TrainingReference>, ArtifactError> {
    fs::write(path.join("reference.json"), bytes).unwrap();
    let entry = FileEntry {
        sha256: Fingerprint::of(bytes),
        bytes: bytes.len() as u64,
    };
    listed_as(path, entry);
    read_reference(path)
}

fn listed_as(path: &Path, entry: FileEntry) {
    let file = path.join("manifest.json");
    let mut manifest = Manifest::parse(&file, &fs::read(&file).unwrap()).unwrap();
    manifest.files.insert("reference.json".to_owned(), entry);
    fs::write(&file, manifest.to_json().unwrap()).unwrap();
}

#[test]
fn hostile_content_is_refused() {
    let (_folder, path) = written();
    let text = fs::read_to_string(path.join("reference.json")).unwrap();
    let edited = |old: &str, new: &str| {
        assert!(text.contains(old), "`{old}` is not in {text}");
        text.replacen(old, new, 1).into_bytes()
    };
    let nested = "[".repeat(1 << 20).into_bytes();
    let unusable = [
        b"".to_vec(),
        b"null\n".to_vec(),
        b"{}".to_vec(),
        b"\xff\xfe".to_vec(),
        nested,
        edited("\"count\":3", "\"count\":18446744073709551615"),
        edited("\"count\":3", "\"count\":-1"),
        edited("7.5", "NaN"),
        edited("7.5", "null"),
        edited("7.5", "1e999"),
        edited("7.5", "-7.5"),
        edited("out_of_fold", "in_fold"),
        [text.as_bytes(), b"{}"].concat(),
    ];
    for bytes in unusable {
        let error = replaced(&path, &bytes).unwrap_err();
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
        assert!(
            matches!(error, ArtifactError::Undecodable { .. }),
            "{start}: {error}"
        );
        verify(&path).unwrap_err();
    }
    for other in [
        edited("\"RM\"", "\"<script>\""),
        edited("\"RM\"", "\"RAD\""),
    ] {
        let error = replaced(&path, &other).unwrap_err();
        assert!(
            chain(&error).ends_with("its features are not those of the schema"),
            "{error}"
        );
    }
    replaced(&path, text.as_bytes()).unwrap();
    verify(&path).unwrap();
}

#[test]
fn more_than_any_reference_is_not_read() {
    let (_folder, path) = written();
    let file = fs::File::create(path.join("reference.json")).unwrap();
    file.set_len(65 << 20).unwrap();
    let entry = FileEntry {
        sha256: Fingerprint::of(b""),
        bytes: 65 << 20,
    };
    listed_as(&path, entry);
    let error = read_reference(&path).unwrap_err();
    assert!(matches!(error, ArtifactError::TooLarge { .. }), "{error}");
}

#[test]
fn what_json_or_the_schema_cannot_hold_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = |change: fn(&mut TrainingReference)| {
        let mut sample = Sample::new(20.0);
        sample.reference.iter_mut().for_each(change);
        let error = write_version(folder.path(), &sample.parts(), Overwrite::Refuse).unwrap_err();
        assert!(names(folder.path()).is_empty());
        error
    };
    let error = refusal(|reference| reference.answers.coverage = f64::NAN);
    assert!(
        matches!(error, ArtifactError::Undecodable { .. }),
        "{error}"
    );
    let error = refusal(|reference| reference.features.swap(0, 1));
    assert!(
        matches!(error, ArtifactError::Inconsistent { .. }),
        "{error}"
    );
}
