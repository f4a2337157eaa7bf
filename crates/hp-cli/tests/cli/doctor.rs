//! `hp doctor`: what is wrong and its cure.

use crate::support::Project;
use insta::assert_snapshot;

/// The findings of `hp doctor`: check, whether it is fine, cure.
fn findings(project: &Project, code: i32) -> Vec<(String, bool, String)> {
    let json = project.hp("doctor --format json").expect(code).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let findings = json.as_array().unwrap().iter();
    findings
        .map(|finding| {
            (
                text(&finding["check"]),
                finding["ok"] == true,
                text(&finding["cure"]),
            )
        })
        .collect()
}

/// The bad ones of [`findings`] and their cures, a line each.
fn bad(project: &Project) -> String {
    let findings = findings(project, 1);
    let bad = findings.iter().filter(|(_, ok, _)| !ok);
    let lines: Vec<_> = bad
        .map(|(check, _, cure)| format!("{check}: {cure}"))
        .collect();
    lines.join("\n")
}

#[test]
fn a_sound_project_passes() {
    let project = Project::trained();
    assert!(
        findings(&project, 0)
            .iter()
            .all(|(_, ok, cure)| *ok && cure.is_empty())
    );
    let outcome = project.hp("doctor");
    // How much room the disk has is not known.
    let lines: Vec<_> = outcome
        .stdout
        .lines()
        .filter(|line| !line.contains("MiB"))
        .collect();
    assert_eq!(lines.len(), 8, "{outcome}");
    assert!(
        lines.iter().skip(2).all(|line| line.contains(" ok ")),
        "{outcome}"
    );
    assert_eq!(outcome.stderr, "");
}

#[test]
fn an_empty_project_is_told_how_to_begin() {
    let project = Project::new();
    assert_snapshot!(bad(&project), @"
    data set: run `hp fetch`
    model versions: run `hp train`
    ");
    assert!(!project.path("artifacts").exists());
    assert_eq!(project.hp("doctor").stderr, "error: 2 checks failed\n");
}

#[test]
fn every_damage_has_a_cure() {
    let project = Project::trained();
    project.replace(
        "configs/model_config.yaml",
        "\"Ridge Regression\"",
        "\"Ridge\"",
    );
    project.replace("data/boston.csv", "0.00632", "0.00633");
    project.write("artifacts/v1.0.0/preprocessor.bin", "short");
    assert_snapshot!(bad(&project), @"
    configs/model_config.yaml: correct it
    data set: run `hp fetch`
    model v1.0.0: train it again with --overwrite
    ");
}

#[test]
fn a_data_set_of_another_configuration_is_noticed() {
    let project = Project::trained();
    project.replace(
        "configs/data_config.yaml",
        "max_rejected: 0.05",
        "max_rejected: 0.01",
    );
    assert_snapshot!(bad(&project), @"data set: run `hp fetch`");
}

#[test]
fn missing_and_unusable_folders_are_noticed() {
    let project = Project::new();
    std::fs::remove_dir_all(project.path("configs")).unwrap();
    project.write("artifacts", "a file");
    assert_snapshot!(bad(&project), @"
    configs/model_config.yaml: run `hp` in the project's folder, or name the file
    configs/data_config.yaml: run `hp` in the project's folder, or name the file
    data set: run `hp` in the project's folder, or name the file
    artifacts folder: choose another folder, or change its permissions
    model versions: choose another place
    aliases: choose another place
    runs: choose another place
    ");
}
