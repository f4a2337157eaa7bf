//! Whether a data set is what its configuration asks for now.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use hp_core::config::DataConfig;
use hp_core::fingerprint::Fingerprint;
use hp_data::{Batches, DataError, DataSet, Layout, Origin, Purpose, ReadOptions, Stale, validate};
use jiff::Timestamp;
use std::fs;
use std::path::PathBuf;

const TABLE: &str = "a,c\n1,2\n3,4\n";

/// A folder with a data set that was fetched from one of three sources: a file, an address, a file.
struct Fetched {
    folder: tempfile::TempDir,
    config: DataConfig,
}

impl Fetched {
    /// Fetched from what `source` makes of the names of the sources.
    fn from(source: impl FnOnce([String; 3]) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [first, last] = ["first.csv", "last.csv"].map(|name| folder.path().join(name));
        let text = format!(
            "version: 1\nname: tiny\ntarget: c\n\
             sources:\n- {{ path: '{}' }}\n- {{ url: https://example.org/a.csv }}\n- {{ path: '{}' }}\n\
             columns: [{{ name: a, dtype: float }}, {{ name: c, dtype: float }}]\n",
            first.display(),
            last.display()
        );
        let config = DataConfig::parse("tiny.yaml", &text).unwrap();
        let sources = [0, 1, 2].map(|index| config.sources[index].location.to_string());
        let origin = Origin {
            source: source(sources),
            sha256: Fingerprint::of(TABLE.as_bytes()),
            bytes: TABLE.len() as u64,
            fetched_at: Timestamp::UNIX_EPOCH,
        };
        let layout = Layout::of(&config);
        let options = ReadOptions::validating(&config);
        let batches = Batches::from_reader(TABLE.as_bytes(), "tiny.csv", &layout, &options);
        let validated = validate(batches.unwrap(), &layout, Purpose::Labelled, &mut |_| ());
        let data_set = DataSet::new(folder.path(), "tiny");
        data_set
            .publish(&validated.unwrap(), &config, &origin)
            .unwrap();
        Self { folder, config }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    /// Why the data set has to be fetched again; empty when it has not.
    fn reason(&self) -> String {
        let status = DataSet::new(self.folder.path(), "tiny").status(&self.config);
        let reason = status.err().map(|stale| stale.to_string());
        let folder = format!("{}/", self.folder.path().display());
        reason.unwrap_or_default().replace(&folder, "")
    }
}

const FIRST_CHANGED: &str = "`first.csv` has other content than it was fetched with";
const LAST_CHANGED: &str = "`last.csv` has other content than it was fetched with";

#[test]
fn the_file_it_came_from_counts_by_content() {
    let fetched = Fetched::from(|[_, _, last]| last);
    assert_eq!(fetched.reason(), "");
    fetched.write("last.csv", TABLE);
    assert_eq!(fetched.reason(), "");
    fetched.write("last.csv", &TABLE.replace('4', "5"));
    assert_eq!(fetched.reason(), LAST_CHANGED);
    fetched.write("last.csv", "");
    assert_eq!(fetched.reason(), LAST_CHANGED);
}

#[test]
fn a_file_counts_when_it_would_be_tried_before() {
    let fetched = Fetched::from(|[_, url, _]| url);
    fetched.write("last.csv", "other");
    assert_eq!(fetched.reason(), "");
    fetched.write("first.csv", TABLE);
    assert_eq!(fetched.reason(), "");
    fetched.write("first.csv", "other");
    assert_eq!(fetched.reason(), FIRST_CHANGED);
    fs::remove_file(fetched.path("first.csv")).unwrap();
    fs::create_dir(fetched.path("first.csv")).unwrap();
    assert_eq!(fetched.reason(), "");
}

#[test]
fn a_file_too_large_to_be_used_counts_when_the_data_came_from_it() {
    for (index, expected) in [(0, FIRST_CHANGED), (2, "")] {
        let mut fetched = Fetched::from(|sources| sources[index].clone());
        fetched.config.download.max_bytes = 10;
        fetched.write("first.csv", "more than ten bytes");
        assert_eq!(fetched.reason(), expected);
    }
}

#[test]
fn another_source_or_configuration_is_told() {
    let fetched = Fetched::from(|_| "other.csv".to_owned());
    let expected = "it was fetched from `other.csv`, which is not a configured source";
    assert_eq!(fetched.reason(), expected);
    let mut fetched = Fetched::from(|[first, _, _]| first);
    fetched.config.max_rejected = 0.5;
    assert_eq!(fetched.reason(), "the data configuration changed");
}

#[test]
fn what_cannot_be_loaded_is_unusable() {
    let fetched = Fetched::from(|[first, _, _]| first);
    fetched.write("tiny.csv", "a,c\n1,2\n");
    let data_set = DataSet::new(fetched.folder.path(), "tiny");
    let status = data_set.status(&fetched.config);
    let expected = matches!(status, Err(Stale::Unusable(DataError::Changed { .. })));
    assert!(expected, "{status:?}");
    fs::remove_file(data_set.manifest_path()).unwrap();
    let status = data_set.status(&fetched.config);
    let expected = matches!(status, Err(Stale::Unusable(DataError::NotFetched { .. })));
    assert!(expected, "{status:?}");
}
