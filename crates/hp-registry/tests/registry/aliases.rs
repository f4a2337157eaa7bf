//! Promoting and rolling back.

use crate::sample::{alias, at, version, write};
use hp_core::version::ModelVersion;
use hp_registry::RegistryError;
use hp_registry::aliases::{Action, Aliases, Move, Promotion, Rollback, promote, rollback};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn artifacts() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (level, name) in [(1.0, "v1.0.0"), (2.0, "v1.1.0"), (3.0, "v2.0.0")] {
        write(folder.path(), name, level);
    }
    folder
}

fn promotion(to: &str, expected: Option<&str>) -> Promotion {
    Promotion {
        alias: alias("champion"),
        version: version(to),
        expected: expected.map(version),
        at: at(7),
        by: Some("ada".to_owned()),
        reason: Some("better".to_owned()),
        gate: Some("rmse <= champion".to_owned()),
    }
}

fn back(expected: Option<&str>) -> Rollback {
    Rollback {
        alias: alias("champion"),
        expected: expected.map(version),
        at: at(8),
        by: None,
        reason: None,
    }
}

fn champion(artifacts: &Path) -> Option<ModelVersion> {
    Aliases::load(artifacts).unwrap().target(&alias("champion"))
}

#[test]
fn an_alias_moves_and_comes_back() {
    let folder = artifacts();
    let path = folder.path();
    assert_eq!(Aliases::load(path).unwrap(), Aliases::default());
    let first = promote(path, promotion("v1.0.0", None)).unwrap();
    let expected = Move {
        alias: alias("champion"),
        action: Action::Promote,
        from: None,
        to: version("v1.0.0"),
        at: at(7),
        by: Some("ada".to_owned()),
        reason: Some("better".to_owned()),
        gate: Some("rmse <= champion".to_owned()),
    };
    assert_eq!(first, expected);
    promote(path, promotion("v1.1.0", Some("v1.0.0"))).unwrap();
    promote(path, promotion("v2.0.0", Some("v1.1.0"))).unwrap();
    assert_eq!(champion(path), Some(version("v2.0.0")));
    let moved = rollback(path, back(Some("v2.0.0"))).unwrap();
    assert_eq!(
        (moved.from, moved.to),
        (Some(version("v2.0.0")), version("v1.1.0"))
    );
    rollback(path, back(Some("v1.1.0"))).unwrap();
    assert_eq!(champion(path), Some(version("v1.0.0")));
    let error = rollback(path, back(Some("v1.0.0"))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`champion` has had no target before v1.0.0"
    );
    // A promotion after rollbacks is what the next rollback undoes.
    promote(path, promotion("v2.0.0", Some("v1.0.0"))).unwrap();
    rollback(path, back(Some("v2.0.0"))).unwrap();
    assert_eq!(champion(path), Some(version("v1.0.0")));
    assert_eq!(Aliases::load(path).unwrap().moves().len(), 7);
}

#[test]
fn aliases_are_apart() {
    let folder = artifacts();
    let path = folder.path();
    promote(path, promotion("v1.0.0", None)).unwrap();
    for to in ["v1.1.0", "v1.0.0"] {
        let expected = Aliases::load(path).unwrap().target(&alias("challenger"));
        let challenger = Promotion {
            alias: alias("challenger"),
            expected,
            ..promotion(to, None)
        };
        promote(path, challenger).unwrap();
    }
    let aliases = Aliases::load(path).unwrap();
    assert_eq!(
        aliases.of(version("v1.0.0")),
        [&alias("challenger"), &alias("champion")]
    );
    assert!(aliases.of(version("v1.1.0")).is_empty());
    assert_eq!(aliases.all().count(), 2);
    let targets: Vec<_> = aliases.targets(&alias("challenger")).collect();
    assert_eq!(targets, [version("v1.0.0"), version("v1.1.0")]);
}

#[test]
fn whoever_comes_late_loses() {
    let folder = artifacts();
    let path = folder.path();
    promote(path, promotion("v1.0.0", None)).unwrap();
    let error = promote(path, promotion("v2.0.0", None)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`champion` meant no version when this was decided, and means v1.0.0 now: ada moved it at \
         2026-09-21T14:13:27Z"
    );
    rollback(path, back(Some("v2.0.0"))).unwrap_err();
    rollback(path, back(None)).unwrap_err();
    let error = promote(path, promotion("v1.0.0", Some("v1.0.0"))).unwrap_err();
    assert_eq!(error.to_string(), "`champion` means v1.0.0 already");
    assert_eq!(champion(path), Some(version("v1.0.0")));
    assert_eq!(Aliases::load(path).unwrap().moves().len(), 1);
}

#[test]
fn only_sound_versions_are_promoted() {
    let folder = artifacts();
    let path = folder.path();
    let error = promote(path, promotion("v9.0.0", None)).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("there is no version v9.0.0 in `"),
        "{error}"
    );
    assert_eq!(
        error.hint().unwrap(),
        "choose from `v2.0.0`, `v1.1.0`, `v1.0.0`"
    );
    fs::write(path.join("v1.0.0/preprocessor.bin"), "x").unwrap();
    promote(path, promotion("v1.0.0", None)).unwrap_err();
    fs::remove_dir_all(path.join("v1.1.0")).unwrap();
    fs::rename(path.join("v2.0.0"), path.join("v1.1.0")).unwrap();
    let error = promote(path, promotion("v1.1.0", None)).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("holds the model version v2.0.0"),
        "{error}"
    );
    assert_eq!(champion(path), None);
}

#[test]
fn a_rollback_needs_a_target_that_is_there() {
    let folder = artifacts();
    let path = folder.path();
    let error = rollback(path, back(None)).unwrap_err();
    assert!(
        matches!(error, RegistryError::UnknownAlias { .. }),
        "{error}"
    );
    promote(path, promotion("v1.0.0", None)).unwrap();
    promote(path, promotion("v1.1.0", Some("v1.0.0"))).unwrap();
    fs::write(path.join("v1.0.0/manifest.json"), "{").unwrap();
    rollback(path, back(Some("v1.1.0"))).unwrap_err();
    fs::remove_dir_all(path.join("v1.0.0")).unwrap();
    let error = rollback(path, back(Some("v1.1.0"))).unwrap_err();
    assert!(matches!(error, RegistryError::TargetGone { .. }), "{error}");
    assert_eq!(champion(path), Some(version("v1.1.0")));
}

#[test]
fn a_file_that_hp_did_not_write_is_refused() {
    let folder = artifacts();
    let path = folder.path();
    promote(path, promotion("v1.0.0", None)).unwrap();
    promote(path, promotion("v1.1.0", Some("v1.0.0"))).unwrap();
    rollback(path, back(Some("v1.1.0"))).unwrap();
    let file = path.join("aliases.json");
    let sound = fs::read_to_string(&file).unwrap();
    let once = |from: &str, to: &str| {
        assert!(sound.contains(from), "{sound}");
        sound.replacen(from, to, 1)
    };
    let inconsistent = "is inconsistent: move";
    for (text, problem) in [
        (
            sound[..sound.len() / 2].to_owned(),
            "is not as hp writes it",
        ),
        (String::new(), "is not as hp writes it"),
        (
            "{\"format_version\": 1}".to_owned(),
            "is not as hp writes it",
        ),
        (
            once("\"champion\"", "\"../champion\""),
            "is not as hp writes it",
        ),
        (once("\"v1.0.0\"", "\"1\""), "is not as hp writes it"),
        (
            once("\"format_version\": 1", "\"format_version\": 2"),
            "has format 2",
        ),
        (once("\"from\": null", "\"from\": \"v3.0.0\""), inconsistent),
        (
            once("\"to\": \"v1.0.0\"", "\"to\": \"v1.5.0\""),
            inconsistent,
        ),
        (
            once("\"to\": \"v1.1.0\"", "\"to\": \"v1.0.0\""),
            inconsistent,
        ),
        (once("\"promote\"", "\"rollback\""), inconsistent),
        (" ".repeat((16 << 20) + 1), "has more than"),
    ] {
        fs::write(&file, &text).unwrap();
        let error = Aliases::load(path).unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
        assert!(error.to_string().contains("aliases.json"), "{error}");
        promote(path, promotion("v2.0.0", Some("v1.0.0"))).unwrap_err();
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
}
