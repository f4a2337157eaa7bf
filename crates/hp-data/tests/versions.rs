//! Versions of a data set: kept byte for byte, brought back, and refused when they are not sound.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use hp_core::config::DataConfig;
use hp_core::fingerprint::Fingerprint;
use hp_data::versions::{
    CheckedOut, DataFile, DataVersion, DataVersionError, Loose, NewTag, Outcome, Tagged, Versions,
};
use hp_data::{
    Batches, DataError, DataSet, Layout, Origin, Purpose, ReadOptions, Validated, validate,
};
use jiff::Timestamp;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const CONFIG: &str = "
version: 1
name: tiny
sources: [{ path: tiny.csv }]
target: c
columns:
  - { name: a, dtype: float, min: 0 }
  - { name: b, dtype: integer }
  - { name: c, dtype: float }
";

/// A folder for data and one for the store.
struct Project(TempDir);

impl Project {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn set(&self) -> DataSet {
        DataSet::new(self.path("data"), "tiny")
    }

    fn versions(&self) -> Versions {
        Versions::new(self.path("store"), &self.path("data"))
    }

    fn publish(&self, seed: u32) {
        let config = DataConfig::parse("tiny.yaml", CONFIG).unwrap();
        let origin = Origin {
            source: "tiny.csv".to_owned(),
            sha256: Fingerprint::of(b"source"),
            bytes: 6,
            fetched_at: Timestamp::from_second(seed.into()).unwrap(),
        };
        let set = self.set();
        set.publish(&validated(&config, seed), &config, &origin)
            .unwrap();
    }

    fn tag(&self, tag: &str) -> Result<Tagged, DataVersionError> {
        let new = NewTag {
            tag: tag.parse()?,
            created_at: Timestamp::UNIX_EPOCH,
            message: None,
        };
        self.versions().tag(new, &self.set())
    }

    fn checkout(&self, text: &str) -> Result<CheckedOut, DataVersionError> {
        self.checkout_or_lose(text, Loose::Refuse)
    }

    fn checkout_or_lose(&self, text: &str, loose: Loose) -> Result<CheckedOut, DataVersionError> {
        let versions = self.versions();
        versions.checkout(&versions.find(text)?, &self.set(), loose)
    }

    /// The three files.
    fn files(&self) -> Vec<Vec<u8>> {
        let set = self.set();
        let paths = [set.csv_path(), set.manifest_path(), set.rejected_path()];
        paths.iter().map(|path| fs::read(path).unwrap()).collect()
    }

    fn object(&self, version: &DataVersion) -> PathBuf {
        let digest = version.fingerprint.to_string();
        let folder = self.path("store").join(&digest[..2]);
        folder.join(format!("{digest}.zst"))
    }

    fn pointer(&self, tag: &str) -> PathBuf {
        self.path("data/versions").join(format!("{tag}.json"))
    }
}

/// Two rows and a rejected one, all of which depend on `seed`.
fn validated(config: &DataConfig, seed: u32) -> Validated {
    let layout = Layout::of(config);
    let text = format!("a,b,c\n{seed}.5,1,1e-7\n1,2,3\n-{seed},1,1\n");
    let options = ReadOptions::validating(config);
    let reader = io::Cursor::new(text.into_bytes());
    let batches = Batches::from_reader(reader, "tiny.csv", &layout, &options).unwrap();
    validate(batches, &layout, Purpose::Labelled, &mut |_| ()).unwrap()
}

/// Every file below `folder`, with its bytes and the time of its last change.
fn tree(folder: &Path) -> Vec<(PathBuf, Vec<u8>, std::time::SystemTime)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(tree(&path));
        } else {
            let changed = path.metadata().unwrap().modified().unwrap();
            files.push((path.clone(), fs::read(&path).unwrap(), changed));
        }
    }
    files.sort();
    files
}

#[test]
fn all_three_files_come_back_byte_for_byte() {
    let project = Project::new();
    project.publish(1);
    let first = project.files();
    let tagged = project.tag("v1.0.0").unwrap();
    assert!(tagged.is_new);
    project.publish(2);
    let second = project.files();
    assert!(first.iter().zip(&second).all(|(a, b)| a != b));

    let outcome = project.checkout("v1.0.0").unwrap().outcome;
    let Outcome::Replaced { kept: Some(kept) } = outcome else {
        panic!("nothing was kept");
    };
    assert!(project.files() == first);
    let unchanged = CheckedOut {
        outcome: Outcome::Unchanged,
        missing: Vec::new(),
    };
    assert_eq!(project.checkout("v1.0.0").unwrap(), unchanged);
    // What lay there was never tagged, and is not lost.
    project.checkout(&kept.to_string()[..8]).unwrap();
    assert!(project.files() == second);
    let fingerprint = tagged.pointer.version.fingerprint;
    assert_eq!(
        project.versions().with_fingerprint(fingerprint).unwrap(),
        tagged.pointer.version
    );
}

#[test]
fn a_version_comes_back_where_there_is_no_data() {
    let project = Project::new();
    project.publish(1);
    project.tag("v1").unwrap();
    let files = project.files();
    for name in ["tiny.csv", "tiny.manifest.json", "tiny.rejected.csv"] {
        fs::remove_file(project.path("data").join(name)).unwrap();
    }
    assert_eq!(
        project.checkout("v1").unwrap().outcome,
        Outcome::Replaced { kept: None }
    );
    assert!(project.files() == files);
}

#[test]
fn keeping_again_writes_nothing_and_mends_what_is_damaged() {
    let project = Project::new();
    project.publish(1);
    let store = project.versions().store().clone();
    let kept = store.keep(&project.set()).unwrap();
    let before = tree(&project.path("store"));
    assert_eq!(before.len(), 4);
    assert_eq!(store.keep(&project.set()).unwrap(), kept);
    assert!(tree(&project.path("store")) == before);

    fs::write(project.object(&kept), b"damaged").unwrap();
    assert!(store.check(&kept).is_err());
    store.keep(&project.set()).unwrap();
    store.check(&kept).unwrap();
}

#[test]
fn a_tag_never_changes_its_meaning() {
    let project = Project::new();
    project.publish(1);
    let first = project.tag("v1").unwrap();
    let again = project.tag("v1").unwrap();
    assert_eq!((again.is_new, &again.pointer), (false, &first.pointer));
    project.publish(2);
    let error = project.tag("v1").unwrap_err();
    assert!(matches!(error, DataVersionError::Taken { .. }), "{error}");
    assert_eq!(
        project.versions().find("v1").unwrap(),
        first.pointer.version
    );
}

#[test]
fn of_several_taggers_one_wins() {
    let project = Project::new();
    let other = Project::new();
    project.publish(1);
    other.publish(2);
    // Both keep their own data and want the same tag in the same folder.
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let tag = |set: DataSet| {
            let versions = project.versions();
            let new = NewTag {
                tag: "v1".parse().unwrap(),
                created_at: Timestamp::UNIX_EPOCH,
                message: None,
            };
            scope.spawn(move || versions.tag(new, &set))
        };
        let threads = [tag(project.set()), tag(other.set())];
        threads.map(|thread| thread.join().unwrap()).into()
    });
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 1));
    let winner = &won[0].as_ref().unwrap().pointer;
    assert_eq!(project.versions().find("v1").unwrap(), winner.version);
    assert!(matches!(lost[0], Err(DataVersionError::Taken { .. })));
}

#[test]
fn data_that_cannot_be_kept_is_left_alone_unless_it_may_be_lost() {
    let project = Project::new();
    project.publish(1);
    project.tag("v1").unwrap();
    let files = project.files();
    let csv = project.set().csv_path();
    let manifest = project.set().manifest_path();
    for (path, loose) in [(&csv, "a,b,c\n9,9,9\n"), (&manifest, "{}")] {
        fs::write(path, loose).unwrap();
        let error = project.checkout("v1").unwrap_err();
        assert!(matches!(error, DataVersionError::Unkept { .. }), "{error}");
        assert_eq!(fs::read_to_string(path).unwrap(), loose);
        project.checkout_or_lose("v1", Loose::Replace).unwrap();
        assert!(project.files() == files);
    }
    // A table without manifest was put there by hand.
    fs::remove_file(&manifest).unwrap();
    assert!(project.checkout("v1").is_err());
    assert!(project.tag("v2").is_err());
}

#[test]
fn objects_that_are_not_sound_are_refused_and_nothing_changes() {
    let project = Project::new();
    project.publish(1);
    let version = project.tag("v1").unwrap().pointer.version;
    project.publish(2);
    let files = project.files();
    let object = project.object(&version);
    let good = fs::read(&object).unwrap();
    let compressed = |bytes: &[u8]| zstd::encode_all(bytes, 3).unwrap();
    let csv = zstd::decode_all(good.as_slice()).unwrap();
    let longer = [csv.as_slice(), b"1,2,3\n"].concat();
    for damage in [
        Vec::new(),
        good[..good.len() - 3].to_vec(),
        [good.as_slice(), b"rest"].concat(),
        csv.clone(),
        compressed(&csv[1..]),
        compressed(&longer),
        compressed(&vec![b'1'; csv.len()]),
        compressed(&vec![0; 1 << 24]),
    ] {
        fs::write(&object, damage).unwrap();
        let error = project.checkout("v1").unwrap_err();
        assert!(matches!(error, DataVersionError::Damaged { .. }), "{error}");
        let verified = project.versions().verify(None).unwrap();
        assert!(verified.iter().any(|found| !found.faults.is_empty()));
    }
    fs::remove_file(&object).unwrap();
    let error = project.checkout("v1").unwrap_err();
    assert!(matches!(error, DataVersionError::Missing { .. }), "{error}");
    #[cfg(unix)]
    {
        let elsewhere = project.path("elsewhere.zst");
        fs::write(&elsewhere, &good).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &object).unwrap();
        let error = project.checkout("v1").unwrap_err();
        assert!(matches!(error, DataVersionError::Damaged { .. }), "{error}");
        fs::remove_file(&object).unwrap();
    }
    assert!(project.files() == files);
    fs::write(&object, &good).unwrap();
    project.checkout("v1").unwrap();
}

#[test]
fn pointers_that_are_not_sound_are_refused() {
    let project = Project::new();
    project.publish(1);
    let version = project.tag("v1").unwrap().pointer.version;
    let files = project.files();
    let path = project.pointer("v1");
    let good = fs::read_to_string(&path).unwrap();
    let digest = version.fingerprint.to_string();
    let other = Fingerprint::of(b"other").to_string();
    let bytes = format!("\"bytes\": {}", version.files.csv.bytes);
    for (from, to) in [
        ("\"tiny.csv\"", "\"../tiny.csv\"".to_owned()),
        ("\"tiny.csv\"", "\"/etc/passwd\"".to_owned()),
        ("\"tiny.manifest.json\"", "\"tiny.csv\"".to_owned()),
        ("\"name\": \"tiny\",", "\"name\": \"..\",".to_owned()),
        ("\"name\": \"tiny\",", "\"name\": \"a/b\",".to_owned()),
        ("\"tag\": \"v1\"", "\"tag\": \"v2\"".to_owned()),
        ("\"tag\": \"v1\"", "\"tag\": \"../v1\"".to_owned()),
        (&bytes, "\"bytes\": 99999999999999".to_owned()),
        (&bytes, "\"bytes\": -1".to_owned()),
        (&bytes, "\"bytes\": 1".to_owned()),
        ("\"rows\": 2", "\"rows\": 3".to_owned()),
        (&digest, other.clone()),
        ("\"format_version\": 1", "\"format_version\": 2".to_owned()),
        ("\"format_version\": 1", "\"format_version\": 0".to_owned()),
        ("{", "[".to_owned()),
        ("}", "}".repeat(1 << 16)),
    ] {
        assert!(good.contains(from), "{from}");
        fs::write(&path, good.replacen(from, &to, 1)).unwrap();
        // Another version lies there, so that the checkout has something to do.
        project.publish(2);
        let outcome = project.checkout("v1");
        assert!(outcome.is_err(), "{from} → {to}: {outcome:?}");
        let verified = project
            .versions()
            .verify(Some(&"v1".parse().unwrap()))
            .unwrap();
        assert!(!verified[0].faults.is_empty(), "{from} → {to}");
        project.publish(1);
        assert!(project.files() == files);
    }
    #[cfg(unix)]
    {
        let elsewhere = project.path("elsewhere.json");
        fs::write(&elsewhere, &good).unwrap();
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        let error = project.checkout("v1").unwrap_err().to_string();
        assert!(error.contains("not a regular file"), "{error}");
        assert!(project.tag("v1").is_err());
    }
}

#[test]
fn a_version_of_another_data_set_is_refused() {
    let project = Project::new();
    project.publish(1);
    project.tag("v1").unwrap();
    let versions = project.versions();
    let other = DataSet::new(project.path("data"), "other");
    let outcome = versions.checkout(&versions.find("v1").unwrap(), &other, Loose::Replace);
    assert!(matches!(outcome, Err(DataVersionError::OtherName { .. })));
}

#[test]
fn what_is_not_there_lists_what_is() {
    let project = Project::new();
    let unknown = |text: &str| project.versions().find(text).unwrap_err();
    assert!(unknown("v1").hint().unwrap().contains("hp data tag"));
    project.publish(1);
    project.tag("v1").unwrap();
    for text in ["v2", "", "..", "../v1", "zzzzzz", "86bef"] {
        let error = unknown(text);
        assert!(matches!(error, DataVersionError::Unknown { .. }), "{text}");
        assert_eq!(error.hint().unwrap(), "choose from v1");
    }
    let none = Project::new();
    let error = none.tag("v1").unwrap_err();
    assert!(matches!(
        error,
        DataVersionError::Data(DataError::NotFetched { .. })
    ));
}

/// After a clone the pointers are there, the objects are not, and the data is fetched anew.
#[test]
fn the_same_rows_of_another_fetch_stand_in() {
    let project = Project::new();
    project.publish(1);
    let version = project.tag("v1").unwrap().pointer.version;
    fs::remove_dir_all(project.path("store")).unwrap();
    assert!(!project.versions().has(&version));
    let tag = "v1".parse().unwrap();
    let faults = |project: &Project| {
        let verified = project.versions().verify(Some(&tag)).unwrap();
        verified[0].faults.len()
    };
    assert_eq!(faults(&project), 3);
    // Its manifest has another time.
    let manifest = project.set().manifest_path();
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(
        &manifest,
        text.replace("1970-01-01T00:00:01Z", "1980-01-01T00:00:00Z"),
    )
    .unwrap();
    let files = project.files();
    assert!(!project.tag("v1").unwrap().is_new);
    assert!(project.versions().has(&version));
    assert_eq!(faults(&project), 0);
    project.publish(2);
    let missing = project.checkout("v1").unwrap().missing;
    assert_eq!(missing, [version.files.manifest]);
    assert!(project.files() == files);
}

/// The pointer names a manifest that is not there, and others stand in for it.
#[test]
fn what_is_missing_is_said_and_what_contradicts_is_refused() {
    let project = Project::new();
    project.publish(1);
    let version = project.tag("v1").unwrap().pointer.version;
    let path = project.pointer("v1");
    let digest = |file: &DataFile| file.sha256.to_string();
    let files = &version.files;
    let text = fs::read_to_string(&path).unwrap();
    let text = text.replace(&digest(&files.manifest), &"0".repeat(64));
    fs::write(&path, &text).unwrap();
    let checked_out = project.checkout("v1").unwrap();
    assert_eq!(checked_out.outcome, Outcome::Unchanged);
    let missing = &checked_out.missing[0];
    assert_eq!(digest(missing), "0".repeat(64));
    assert_eq!(
        (missing.name.as_str(), checked_out.missing.len()),
        ("tiny.manifest.json", 1)
    );
    let verified = || {
        let tag = "v1".parse().unwrap();
        project.versions().verify(Some(&tag)).unwrap().remove(0)
    };
    assert_eq!(verified().missing, checked_out.missing);

    let bytes = |file: &DataFile| format!("\"bytes\": {}\n", file.bytes);
    let csv = digest(&files.csv);
    for (from, to) in [
        ("\"rows\": 2".to_owned(), "\"rows\": 3".to_owned()),
        (bytes(&files.csv), "\"bytes\": 1\n".to_owned()),
        (bytes(&files.rejected), "\"bytes\": 1\n".to_owned()),
        (csv.clone(), "1".repeat(64)),
    ] {
        assert!(text.contains(&from), "{from}: {text}");
        fs::write(&path, text.replacen(&from, &to, 1)).unwrap();
        let outcome = project.checkout("v1");
        assert!(outcome.is_err(), "{from}: {outcome:?}");
        assert!(!verified().faults.is_empty(), "{from}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_store_that_cannot_be_written_changes_nothing() {
    let project = Project::new();
    project.publish(1);
    let versions = Versions::new("/proc/hp", &project.path("data"));
    let new = NewTag {
        tag: "v1".parse().unwrap(),
        created_at: Timestamp::UNIX_EPOCH,
        message: None,
    };
    let error = versions.tag(new, &project.set()).unwrap_err();
    assert!(matches!(error, DataVersionError::Io(_)), "{error}");
    assert!(!project.pointer("v1").exists());
}
