//! Where a model is from: the data and the commit stand in everything that is made of them.

use crate::data::git::{checkout, git, without_configuration};
use crate::support::{Api, Outcome, Project, ROW};
use hp_artifact::read_archive;

/// Runs `hp` with the git of the project.
fn hp(project: &Project, args: &str) -> Outcome {
    let mut hp = project.command();
    without_configuration(&mut hp);
    project.run(hp.args(args.split(' ')))
}

#[test]
fn data_and_commit_are_in_manifest_run_card_and_log() {
    let project = checkout();
    let head = git(&project, "rev-parse HEAD").expect(0).stdout;
    let head = head.trim();
    hp(&project, "run --offline").expect(0);

    let manifest = project.json("artifacts/v1.0.0/manifest.json");
    let fingerprint = manifest["data"]["fingerprint"].as_str().unwrap();
    assert_eq!(manifest["git_commit"], head);
    let run = project.hp("runs show --format json").json();
    assert_eq!(run["git"]["commit"], head);
    assert_eq!(run["git"]["branch"], "main");
    assert_eq!(run["git"]["dirty"], false);
    assert_eq!(run["data"]["fingerprint"], fingerprint);
    let archive = read_archive(&project.path("artifacts/v1.0.0.tar.zst")).unwrap();
    let card = String::from_utf8(archive["README.md"].clone()).unwrap();
    assert!(card.contains(fingerprint), "{card}");
    assert!(card.contains(head), "{card}");

    let api = Api::start(&project);
    assert_eq!(api.post("/v1/predict", ROW).status, 200);
    assert_eq!(api.stop(), Some(0));
    let logged = project.hp("log list --format json").json();
    assert_eq!(logged[0]["data_fingerprint"], fingerprint);
    assert_eq!(logged[0]["git_commit"], head);

    project.replace("configs/model_config.yaml", "v1.0.0", "v1.1.0");
    hp(&project, "train").expect(0);
    let run = project.hp("runs show --format json").json();
    assert_eq!(run["git"]["dirty"], true);
    let shown = project.hp("runs show").expect(0).stdout;
    assert!(shown.contains(&format!("{head}, with changes")), "{shown}");
}
