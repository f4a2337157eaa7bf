//! Writing, listing, loading and verifying version folders.

use crate::sample::{Sample, chain, names, version};
use hp_artifact::{
    ArtifactError, Manifest, Overwrite, What, list_versions, load, load_version, verify,
    version_path, write_version,
};
use std::fs;
use std::path::Path;

const FILES: [&str; 7] = [
    "linear_regression_v1.0.0.bin",
    "lower_estimator_qr_v1.0.0.bin",
    "manifest.json",
    "preprocessor.bin",
    "reference.json",
    "ridge_regression_v1.0.0.bin",
    "upper_estimator_qr_v1.0.0.bin",
];

#[test]
fn comes_back_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let sample = Sample::new(20.0);
    let manifest = sample.write(folder.path());
    let path = folder.path().join("v1.0.0");
    assert_eq!(names(&path), FILES);
    assert_eq!(names(folder.path()), [".lock", "v1.0.0"]);

    let artifact = load(&path, What::All).unwrap();
    assert_eq!(artifact.manifest(), &manifest);
    assert_eq!(artifact.preprocessor(), &sample.preprocessor);
    let models: Vec<_> = artifact.models().map(|(_, model)| model.clone()).collect();
    let fitted: Vec<_> = sample
        .methods
        .iter()
        .map(|(_, fit)| fit.model.clone())
        .collect();
    assert_eq!(models, fitted);
    assert_eq!(verify(&path).unwrap(), manifest);

    let served = load(&path, What::Served).unwrap();
    assert!(served.model("Ridge Regression").is_none());
    assert_eq!(served.models().count(), 3);
}

#[test]
fn the_same_training_gives_the_same_bytes() {
    let [a, b] = [(), ()].map(|()| tempfile::tempdir().unwrap());
    for folder in [&a, &b] {
        Sample::new(20.0).write(folder.path());
    }
    for name in FILES {
        let read = |folder: &tempfile::TempDir| fs::read(folder.path().join("v1.0.0").join(name));
        assert_eq!(read(&a).unwrap(), read(&b).unwrap(), "{name}");
    }
}

#[test]
fn a_version_is_immutable_unless_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let old = Sample::new(20.0);
    write_version(folder.path(), &old.parts(), Overwrite::Refuse).unwrap();
    let mut new = Sample::new(30.0);
    new.methods.remove(1);
    let error = write_version(folder.path(), &new.parts(), Overwrite::Refuse).unwrap_err();
    assert!(matches!(error, ArtifactError::Exists { .. }), "{error}");
    let path = folder.path().join("v1.0.0");
    assert_eq!(
        load(&path, What::All).unwrap().model(old.main),
        Some(&old.methods[0].1.model)
    );

    write_version(folder.path(), &new.parts(), Overwrite::Replace).unwrap();
    verify(&path).unwrap();
    assert_eq!(
        load(&path, What::All).unwrap().model(new.main),
        Some(&new.methods[0].1.model)
    );
    assert_eq!(names(folder.path()), [".lock", "v1.0.0"]);
}

#[test]
fn clears_away_what_dead_writers_left() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".hp-version-AbCdEf")).unwrap();
    fs::write(folder.path().join(".hp-version-AbCdEf/manifest.json"), "{").unwrap();
    fs::create_dir(folder.path().join(".hp-replaced-v0.9.0")).unwrap();
    fs::create_dir(folder.path().join(".hp-replaced-v0.8.0")).unwrap();
    fs::create_dir(folder.path().join("v0.8.0")).unwrap();
    fs::create_dir(folder.path().join(".other")).unwrap();
    Sample::new(20.0).write(folder.path());
    assert_eq!(
        names(folder.path()),
        [".lock", ".other", "v0.8.0", "v0.9.0", "v1.0.0"]
    );
}

#[test]
fn a_failed_write_leaves_the_old_version() {
    let folder = tempfile::tempdir().unwrap();
    let mut sample = Sample::new(20.0);
    let manifest = sample.write(folder.path());
    sample.main = "No Such Method";
    let error = write_version(folder.path(), &sample.parts(), Overwrite::Replace).unwrap_err();
    assert!(
        chain(&error).contains("`No Such Method` is not a method of the role `main`"),
        "{error}"
    );
    assert_eq!(verify(&folder.path().join("v1.0.0")).unwrap(), manifest);
    assert_eq!(names(folder.path()), [".lock", "v1.0.0"]);
}

#[test]
fn scores_that_json_cannot_hold_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let sample = Sample::new(20.0);
    let mut parts = sample.parts();
    parts.methods[0].cross_validation.mean = f64::NAN;
    let error = write_version(folder.path(), &parts, Overwrite::Refuse).unwrap_err();
    assert!(
        matches!(error, ArtifactError::ManifestSyntax { .. }),
        "{error}"
    );
    assert!(names(folder.path()).is_empty());
}

#[test]
fn unwritable_places_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = write_version(&file, &Sample::new(1.0).parts(), Overwrite::Refuse).unwrap_err();
    assert!(
        chain(&error).starts_with("cannot create `"),
        "{}",
        chain(&error)
    );
}

#[test]
fn writers_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes: Vec<bool> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|level| {
                let path = folder.path();
                scope.spawn(move || {
                    let sample = Sample::new(f64::from(level));
                    write_version(path, &sample.parts(), Overwrite::Refuse).is_ok()
                })
            })
            .collect();
        writers
            .into_iter()
            .map(|writer| writer.join().unwrap())
            .collect()
    });
    assert_eq!(outcomes.iter().filter(|&&written| written).count(), 1);
    verify(&folder.path().join("v1.0.0")).unwrap();
    assert_eq!(names(folder.path()), [".lock", "v1.0.0"]);
}

#[test]
fn lists_by_number() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(list_versions(folder.path()).unwrap().pop(), None);
    assert_eq!(list_versions(&folder.path().join("none")).unwrap(), []);
    for name in ["v1.10.0", "v1.9.0", "1.11.0", "v01.2.0", "v2", "other"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("v3.0.0"), "").unwrap();
    let versions = list_versions(folder.path()).unwrap();
    assert_eq!(versions, [version("v1.9.0"), version("v1.10.0")]);
    assert_eq!(
        list_versions(folder.path()).unwrap().pop(),
        Some(version("v1.10.0"))
    );
}

#[test]
fn a_renamed_folder_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    Sample::new(20.0).write(folder.path());
    let other = version_path(folder.path(), version("v2.0.0"));
    fs::rename(folder.path().join("v1.0.0"), other).unwrap();
    let error = load_version(folder.path(), version("v2.0.0"), What::Served).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("v2.0.0` holds the model version v1.0.0"),
        "{error}"
    );
}

/// Does something to a fresh version and gives the error of loading it.
fn broken(damage: impl FnOnce(&Path)) -> ArtifactError {
    let folder = tempfile::tempdir().unwrap();
    Sample::new(20.0).write(folder.path());
    let path = folder.path().join("v1.0.0");
    damage(&path);
    verify(&path).unwrap_err();
    load(&path, What::All).unwrap_err()
}

#[test]
fn every_kind_of_damage_is_told() {
    let error = broken(|path| fs::remove_file(path.join(FILES[0])).unwrap());
    assert!(matches!(error, ArtifactError::Missing { .. }), "{error}");

    let error = broken(|path| fs::write(path.join(FILES[0]), "").unwrap());
    assert!(
        matches!(error, ArtifactError::Length { found: 0, .. }),
        "{error}"
    );

    let error = broken(|path| {
        let bytes = fs::read(path.join(FILES[0])).unwrap();
        fs::write(path.join(FILES[0]), [bytes.as_slice(), b"\n\n"].concat()).unwrap();
    });
    let ArtifactError::Length {
        expected, found, ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!(found, expected + 2);

    let error = broken(|path| {
        let mut bytes = fs::read(path.join(FILES[0])).unwrap();
        bytes[40] ^= 1;
        fs::write(path.join(FILES[0]), bytes).unwrap();
    });
    assert!(matches!(error, ArtifactError::Damaged { .. }), "{error}");

    // A sound file in the place of another.
    let error = broken(|path| {
        fs::copy(path.join(FILES[5]), path.join(FILES[0])).unwrap();
    });
    assert!(matches!(error, ArtifactError::Damaged { .. }), "{error}");

    let error = broken(|path| fs::write(path.join("manifest.json"), "no").unwrap());
    assert!(
        matches!(error, ArtifactError::ManifestSyntax { .. }),
        "{error}"
    );

    let error = broken(|path| {
        let manifest = fs::File::create(path.join("manifest.json")).unwrap();
        manifest.set_len(17 << 20).unwrap();
    });
    assert!(matches!(error, ArtifactError::TooLarge { .. }), "{error}");

    let error = broken(|path| {
        let text = fs::read_to_string(path.join("manifest.json")).unwrap();
        let text = text.replace(
            "linear_regression_v1.0.0.bin",
            "../linear_regression_v1.0.0.bin",
        );
        fs::write(path.join("manifest.json"), text).unwrap();
    });
    assert!(
        matches!(error, ArtifactError::Inconsistent { .. }),
        "{error}"
    );
}

#[test]
fn models_must_fit_the_schema() {
    let error = broken(|path| {
        let path = path.join("manifest.json");
        let mut manifest = Manifest::parse(&path, &fs::read(&path).unwrap()).unwrap();
        manifest.schema.features.pop();
        fs::write(&path, manifest.to_json().unwrap()).unwrap();
    });
    assert!(
        error
            .to_string()
            .ends_with("it has 2 features, the schema 1"),
        "{error}"
    );

    let folder = tempfile::tempdir().unwrap();
    let mut sample = Sample::new(20.0);
    sample.schema.features.pop();
    let error = write_version(folder.path(), &sample.parts(), Overwrite::Refuse).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("`the preprocessor` has 2 features, the schema 1"),
        "{error}"
    );
}

#[test]
fn verification_finds_everything() {
    let folder = tempfile::tempdir().unwrap();
    Sample::new(20.0).write(folder.path());
    let path = folder.path().join("v1.0.0");
    fs::write(path.join("notes.txt"), "").unwrap();
    let error = verify(&path).unwrap_err();
    assert!(matches!(error, ArtifactError::Unlisted { .. }), "{error}");
    fs::remove_file(path.join("ridge_regression_v1.0.0.bin")).unwrap();
    let ArtifactError::Unsound { faults, .. } = verify(&path).unwrap_err() else {
        panic!()
    };
    assert_eq!(faults.len(), 2);
    // What is served is still there.
    load(&path, What::Served).unwrap();
}

#[cfg(unix)]
#[test]
fn finished_folders_are_as_readable_as_any_other() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    Sample::new(20.0).write(folder.path());
    fs::create_dir(folder.path().join("plain")).unwrap();
    let mode = |name| {
        fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode()
    };
    assert_eq!(mode("v1.0.0"), mode("plain"));
}
