//! A data set on disk: written as one, read back checked, never half old and half new.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use hp_core::config::DataConfig;
use hp_core::fingerprint::Fingerprint;
use hp_data::{
    Batches, DataError, DataSet, Layout, Origin, Purpose, ReadOptions, Validated,
    config_fingerprint, validate,
};
use hp_testkit::test_data;
use jiff::Timestamp;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const CONFIG: &str = r#"
version: 1
name: tiny
sources: [{ path: tiny.csv }]
target: c
columns:
  - { name: a, dtype: float, min: 0 }
  - { name: "b,\"", dtype: integer }
  - { name: c, dtype: float }
"#;

const FILES: [&str; 3] = ["tiny.csv", "tiny.manifest.json", "tiny.rejected.csv"];

fn config() -> DataConfig {
    DataConfig::parse("tiny.yaml", CONFIG).unwrap()
}

fn origin() -> Origin {
    Origin {
        source: "tiny.csv".to_owned(),
        sha256: Fingerprint::of(b"source"),
        bytes: 6,
        fetched_at: Timestamp::UNIX_EPOCH,
    }
}

/// Three rows; all numbers depend on `seed`.
fn validated(seed: u32) -> Validated {
    let config = config();
    let layout = Layout::of(&config);
    let rows = format!("{seed}.5,1.0,1e-7\n0.25,{seed},1e20\n-{seed},1,1\n1,2,3\n");
    let text = format!("a,\"b,\"\"\",c\n{rows}");
    let reader = io::Cursor::new(text.into_bytes());
    let options = ReadOptions::validating(&config);
    let batches = Batches::from_reader(reader, "tiny.csv", &layout, &options).unwrap();
    validate(batches, &layout, Purpose::Labelled, &mut |_| ()).unwrap()
}

fn publish(folder: &Path, seed: u32) -> Result<hp_data::DataManifest, DataError> {
    DataSet::new(folder, "tiny").publish(&validated(seed), &config(), &origin())
}

/// The seed of the set that is loaded.
fn loaded_seed(folder: &Path) -> Result<u32, DataError> {
    let (table, manifest) = DataSet::new(folder, "tiny").load(&config().schema)?;
    let rejected = fs::read_to_string(folder.join("tiny.rejected.csv")).unwrap();
    // The manifest and the rejected rows must be of the same set.
    let expected = validated(table.features[1][1].to_string().parse().unwrap());
    assert_eq!(table, expected.table);
    assert_eq!(manifest.rows_rejected, 1);
    let (_, seed) = rejected.split_once(",-").unwrap();
    let seed = seed.split_once(',').unwrap().0.parse().unwrap();
    assert_eq!(validated(seed).table, table);
    Ok(seed)
}

/// What lies in the folder besides the lock.
fn listing(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name != ".tiny.lock").collect();
    names.sort();
    names
}

#[test]
fn files_have_their_canonical_form() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = publish(folder.path(), 7).unwrap();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let csv = read("tiny.csv");
    assert_eq!(csv, "a,\"b,\"\"\",c\n7.5,1,1e-7\n0.25,7,1e20\n1,2,3\n");
    assert_eq!(
        read("tiny.rejected.csv"),
        "line,column,value,rule\n4,a,-7,below_min\n"
    );
    assert_eq!(manifest.fingerprint, Fingerprint::of(csv.as_bytes()));
    let expected = format!(
        r#"{{
  "format_version": 1,
  "name": "tiny",
  "fingerprint": "{}",
  "config_fingerprint": "{}",
  "origin": {{
    "source": "tiny.csv",
    "sha256": "{}",
    "bytes": 6,
    "fetched_at": "1970-01-01T00:00:00Z"
  }},
  "rows_read": 4,
  "rows_valid": 3,
  "rows_rejected": 1,
  "duplicates": 0,
  "extra_columns": [],
  "dropped_columns": [],
  "columns": [
    {{
      "name": "a",
      "min": 0.25,
      "max": 7.5,
      "mean": 2.9166666666666665
    }},
    {{
      "name": "b,\"",
      "min": 1.0,
      "max": 7.0,
      "mean": 3.3333333333333335
    }},
    {{
      "name": "c",
      "min": 1e-7,
      "max": 1e+20,
      "mean": 3.333333333333333e+19
    }}
  ]
}}
"#,
        manifest.fingerprint,
        manifest.config_fingerprint,
        origin().sha256
    );
    assert_eq!(read("tiny.manifest.json"), expected);
}

#[test]
fn a_data_set_reads_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = publish(folder.path(), 7).unwrap();
    let data_set = DataSet::new(folder.path(), "tiny");
    let loaded = data_set.load(&config().schema).unwrap();
    assert_eq!(loaded, (validated(7).table, manifest.clone()));
    assert_eq!(data_set.manifest().unwrap(), manifest);
    assert_eq!(listing(folder.path()), FILES);
}

#[test]
fn the_fingerprint_of_boston_stays_what_it_is() {
    let read = |name| fs::read_to_string(test_data(env!("CARGO_MANIFEST_DIR"), name)).unwrap();
    let config = DataConfig::parse("boston.yaml", &read("boston.yaml")).unwrap();
    let layout = Layout::of(&config);
    let raw = test_data(env!("CARGO_MANIFEST_DIR"), "boston_raw.csv");
    let batches = Batches::open(&raw, &layout, &ReadOptions::validating(&config)).unwrap();
    let validated = validate(batches, &layout, Purpose::Labelled, &mut |_| ()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data_set = DataSet::new(folder.path(), "boston");
    let manifest = data_set.publish(&validated, &config, &origin()).unwrap();
    assert_eq!(
        manifest.fingerprint.to_string(),
        "86befae859f79de03fd4bb82e999ce10e7ce72d59ebd3be6ceb6eb76a3902d42"
    );
    let csv = fs::read_to_string(data_set.csv_path()).unwrap();
    let mut lines = csv.lines();
    assert_eq!(
        lines.next(),
        Some("CRIM,ZN,INDUS,CHAS,NOX,RM,AGE,DIS,RAD,TAX,PTRATIO,LSTAT,MEDV")
    );
    assert_eq!(
        lines.next(),
        Some("0.00632,18,2.31,0,0.538,6.575,65.2,4.09,1,296,15.3,4.98,24")
    );
    assert_eq!(lines.count(), 505);
}

#[test]
fn only_what_decides_about_rows_is_in_the_configuration_fingerprint() {
    let original = config_fingerprint(&config());
    let mut same = config();
    same.split.random_state = 7;
    same.download.retries = 0;
    same.schema.features[0].description = "words".to_owned();
    same.schema.features[0].unit = "m".to_owned();
    assert_eq!(config_fingerprint(&same), original);
    let changes: [fn(&mut DataConfig); 6] = [
        |config| config.schema.features[0].min = Some(1.0),
        |config| config.schema.features.swap(0, 1),
        |config| config.max_rejected = 0.5,
        |config| config.drop.push("z".to_owned()),
        |config| config.rename = hp_core::config::Rename::Upper,
        |config| config.sources[0].sha256 = Some(Fingerprint::of(b"")),
    ];
    for change in changes {
        let mut other = config();
        change(&mut other);
        assert_ne!(config_fingerprint(&other), original, "{other:?}");
    }
}

#[test]
fn a_changed_or_missing_data_set_is_not_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let data_set = DataSet::new(folder.path(), "tiny");
    let load = || data_set.load(&config().schema).unwrap_err();
    assert!(matches!(load(), DataError::NotFetched { .. }));
    assert_eq!(load().hint().as_deref(), Some("run `hp fetch`"));
    publish(folder.path(), 7).unwrap();

    let csv = fs::read_to_string(data_set.csv_path()).unwrap();
    fs::write(data_set.csv_path(), csv.replace("7.5", "7.6")).unwrap();
    assert!(matches!(load(), DataError::Changed { .. }));
    fs::write(data_set.csv_path(), csv).unwrap();

    let mut schema = config().schema;
    schema.features[0].name = "other".to_owned();
    let other = data_set.load(&schema).unwrap_err();
    assert!(matches!(other, DataError::OtherSchema { .. }));

    let manifest = fs::read_to_string(data_set.manifest_path()).unwrap();
    for broken in [
        manifest.replace("\"format_version\": 1", "\"format_version\": 2"),
        manifest.replace("\"rows_read\": 4", "\"rows_read\": \"4\""),
        manifest[..manifest.len() / 2].to_owned(),
        String::new(),
    ] {
        fs::write(data_set.manifest_path(), broken).unwrap();
        assert!(matches!(load(), DataError::BadManifest { .. }));
    }
    fs::remove_file(data_set.csv_path()).unwrap();
    fs::write(data_set.manifest_path(), manifest).unwrap();
    assert!(matches!(load(), DataError::NotFetched { .. }));
}

#[test]
fn no_rows_publish_nothing() {
    let folder = tempfile::tempdir().unwrap();
    publish(folder.path(), 1).unwrap();
    let mut empty = validated(2);
    empty.table.target.clear();
    let error = DataSet::new(folder.path(), "tiny").publish(&empty, &config(), &origin());
    assert!(matches!(error, Err(DataError::NoRows { .. })));
    assert_eq!(loaded_seed(folder.path()).unwrap(), 1);
}

/// Lays out the files as a process leaves them that dies at each step of replacing set 1 by set 2:
/// `staged` files of the new set written, the set ready or not, `moved` files in place.
fn interrupted(staged: usize, ready: bool, moved: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    publish(folder.path(), 1).unwrap();
    let new = tempfile::tempdir().unwrap();
    publish(new.path(), 2).unwrap();
    let name = if ready {
        ".tiny.ready"
    } else {
        ".tiny.staging"
    };
    let aside = folder.path().join(name);
    fs::create_dir(&aside).unwrap();
    for (index, file) in FILES.iter().enumerate().take(staged) {
        let content = fs::read(new.path().join(file)).unwrap();
        let place = if index < moved { folder.path() } else { &aside };
        fs::write(place.join(file), content).unwrap();
    }
    folder
}

#[test]
fn an_interruption_before_the_commit_leaves_the_old_set() {
    for staged in 0..=3 {
        let folder = interrupted(staged, false, 0);
        assert_eq!(loaded_seed(folder.path()).unwrap(), 1, "{staged}");
        assert_eq!(listing(folder.path()), FILES, "{staged}");
        publish(folder.path(), 3).unwrap();
        assert_eq!(loaded_seed(folder.path()).unwrap(), 3, "{staged}");
        assert_eq!(listing(folder.path()), FILES, "{staged}");
    }
}

#[test]
fn an_interruption_after_the_commit_leaves_the_new_set() {
    for moved in 0..=3 {
        let folder = interrupted(3, true, moved);
        assert_eq!(loaded_seed(folder.path()).unwrap(), 2, "{moved}");
        assert_eq!(listing(folder.path()), FILES, "{moved}");
        let folder = interrupted(3, true, moved);
        publish(folder.path(), 3).unwrap();
        assert_eq!(loaded_seed(folder.path()).unwrap(), 3, "{moved}");
        assert_eq!(listing(folder.path()), FILES, "{moved}");
    }
}

#[test]
fn writers_and_readers_do_not_disturb_each_other() {
    let folder = tempfile::tempdir().unwrap();
    publish(folder.path(), 1).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..2 {
            let folder = folder.path();
            scope.spawn(move || {
                for seed in 1..20 {
                    publish(folder, 2 * seed + writer).unwrap();
                }
            });
        }
        for _ in 0..50 {
            let data_set = DataSet::new(folder.path(), "tiny");
            data_set.load(&config().schema).unwrap();
        }
    });
}

/// Runs this test program again as another process that does `work` in `folder`.
fn again(work: &str, folder: &Path, shell: &str) -> Command {
    let mut command = Command::new("sh");
    let test = "child_process";
    command
        .args([
            "-c",
            &format!("{shell} exec \"$0\" --exact {test} --ignored --nocapture"),
        ])
        .arg(std::env::current_exe().unwrap())
        .env("HP_DATA_TEST_WORK", work)
        .env("HP_DATA_TEST_FOLDER", folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
#[ignore = "runs as the child of other tests"]
fn child_process() {
    let Some(folder) = std::env::var_os("HP_DATA_TEST_FOLDER").map(PathBuf::from) else {
        return;
    };
    match std::env::var("HP_DATA_TEST_WORK").unwrap().as_str() {
        "publish for ever" => {
            for seed in 2.. {
                publish(&folder, seed).unwrap();
            }
        }
        "publish once" => {
            let error = publish(&folder, 2).unwrap_err();
            println!("<{error}; {}>", error.hint().unwrap_or_default());
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_killed_writer_leaves_a_whole_set() {
    let folder = tempfile::tempdir().unwrap();
    publish(folder.path(), 1).unwrap();
    let mut newest = 1;
    for round in 0..12 {
        let mut child = again("publish for ever", folder.path(), "")
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(30 + 7 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        newest = loaded_seed(folder.path()).unwrap().max(newest);
        assert_eq!(listing(folder.path()), FILES);
    }
    assert!(newest > 1, "no child got as far as publishing");
}

#[test]
#[cfg(unix)]
fn a_full_disk_leaves_the_old_set_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    publish(folder.path(), 1).unwrap();
    // The smallest limit on the size of files; without the trap the process would be killed.
    let full = "trap '' XFSZ; ulimit -f 0;";
    let output = again("publish once", folder.path(), full).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let path = folder.path().join("tiny.csv");
    let expected = format!("<cannot write `{}`; make room on the disk", path.display());
    assert!(text.contains(&expected), "{text}");
    assert_eq!(loaded_seed(folder.path()).unwrap(), 1);
    assert_eq!(listing(folder.path()), FILES);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = publish(&file.join("data"), 1).unwrap_err();
    let expected = format!("cannot create `{}`", file.join("data").display());
    assert_eq!(error.to_string(), expected);
    let error = publish(Path::new("/proc/hp"), 1).unwrap_err();
    assert_eq!(error.to_string(), "cannot create `/proc/hp`");
}
