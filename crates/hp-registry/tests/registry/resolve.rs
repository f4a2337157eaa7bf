//! From names to versions.

use crate::sample::{alias, at, version, write};
use hp_core::version::ModelVersion;
use hp_registry::aliases::{Promotion, promote};
use hp_registry::{RegistryError, resolve};
use std::fs;
use std::path::Path;

fn resolved(artifacts: &Path, text: &str) -> Result<ModelVersion, RegistryError> {
    resolve(artifacts, &text.parse().unwrap())
}

#[test]
fn every_name_leads_to_its_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let error = resolved(path, "latest").unwrap_err();
    assert!(matches!(error, RegistryError::NoVersion { .. }));
    let error = resolved(path, "champion").unwrap_err();
    assert_eq!(
        error.hint().unwrap(),
        "there is no version yet; run `hp train`"
    );

    write(path, "v1.9.0", 1.0);
    write(path, "v1.10.0", 2.0);
    let promotion = Promotion {
        alias: alias("champion"),
        version: version("v1.9.0"),
        expected: None,
        at: at(1),
        by: None,
        reason: None,
        gate: None,
    };
    promote(path, promotion).unwrap();
    assert_eq!(resolved(path, "latest").unwrap(), version("v1.10.0"));
    assert_eq!(resolved(path, "v1.9.0").unwrap(), version("v1.9.0"));
    assert_eq!(resolved(path, "champion").unwrap(), version("v1.9.0"));

    for (text, problem) in [
        ("v2.0.0", "there is no version v2.0.0 in `"),
        ("challenger", "there is no alias `challenger` in `"),
    ] {
        let error = resolved(path, text).unwrap_err();
        assert!(error.to_string().starts_with(problem), "{error}");
        let hint = "choose from `v1.10.0`, `v1.9.0`, or from the alias `champion`";
        assert_eq!(error.hint().unwrap(), hint);
    }
    let error = resolved(path, "models:/hp@champion").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`models:/hp@champion` is on a tracking server"
    );

    fs::remove_dir_all(path.join("v1.9.0")).unwrap();
    let error = resolved(path, "champion").unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("`champion` leads to v1.9.0, which is not in `")
    );
}

#[test]
fn damaged_aliases_are_no_matter_for_versions() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "v1.0.0", 1.0);
    fs::write(folder.path().join("aliases.json"), "{").unwrap();
    resolved(folder.path(), "v1.0.0").unwrap();
    resolved(folder.path(), "latest").unwrap();
    let error = resolved(folder.path(), "v2.0.0").unwrap_err();
    assert!(matches!(error, RegistryError::UnknownVersion { .. }));
    let error = resolved(folder.path(), "champion").unwrap_err();
    assert!(matches!(error, RegistryError::Malformed { .. }));
}
