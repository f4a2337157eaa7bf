//! `hp models`: aliases that are promoted under conditions and rolled back, and what they mean
//! elsewhere; damage that is found.

use crate::support::{Api, Project, ROW, masked};
use insta::assert_snapshot;

const CONFIG: &str = "configs/model_config.yaml";

/// `champion` is v1.0.0.
fn with_champion() -> Project {
    let project = Project::with_two_versions();
    project
        .hp("models promote v1.0.0 --alias champion")
        .expect(0);
    project
}

#[test]
fn versions_are_listed_with_their_aliases() {
    let project = with_champion();
    assert_snapshot!(project.hp("models list").expect(0).stdout, @"
     version   aliases    main                  rmse      mae   coverage     width   data           commit
    ───────────────────────────────────────────────────────────────────────────────────────────────────────
     v1.1.0    latest     Linear Regression   6.9400   5.1261     0.8627   10.5683   86befae859f7
     v1.0.0    champion   Linear Regression   4.7726   3.1114     0.8627   10.5683   86befae859f7
    ");
    let json = project.hp("models list --format json").json();
    assert_eq!(json[0]["aliases"], serde_json::json!(["latest"]));
    assert_eq!(json[1]["aliases"], serde_json::json!(["champion"]));
    let show = project.hp("models show champion --format json").json();
    assert_eq!(show["version"], "v1.0.0");
    assert_eq!(show["run"], project.runs()[1]["id"]);
    assert_eq!(show["history"][0]["by"], "ada");
    project.hp("models show v7.0.0").refused(
        1,
        &["hint: choose from `v1.1.0`, `v1.0.0`, or from the alias `champion`"],
    );
    project.hp("models show V1").refused(
        2,
        &["`V1` is neither a version such as `v1.0.0`, nor an alias"],
    );
}

#[test]
fn a_condition_that_is_not_met_moves_nothing() {
    let project = with_champion();
    let before = project.files("artifacts");
    let outcome = project.run(project.command().args([
        "models",
        "promote",
        "v1.1.0",
        "--alias",
        "champion",
        "--if",
        "rmse <= champion * 1.02 and coverage >= 0.75",
    ]));
    assert_snapshot!(outcome, @"
    exit code 3
    --- stdout
     comparison                  left    right   holds   note
    ──────────────────────────────────────────────────────────
     rmse <= champion * 1.02   6.9400   4.8681   NO
     coverage >= 0.75          0.8627   0.7500   yes
    --- stderr
    error: v1.1.0 does not become champion: `rmse <= champion * 1.02 and coverage >= 0.75` does not hold
    hint: champion is still v1.0.0
    ");
    assert!(project.files("artifacts") == before);
    for (condition, words) in [
        ("rmse <=", "column 8 of the gate"),
        ("speed > 1", "there is no metric `speed`"),
        ("rmse < rival", "rival"),
    ] {
        let mut hp = project.command();
        hp.args(["models", "promote", "v1.1.0", "--alias", "champion", "--if"]);
        let outcome = project.run(hp.arg(condition));
        assert!(outcome.stderr.contains(words), "{condition}: {outcome}");
        assert_ne!(outcome.code, Some(0), "{condition}: {outcome}");
        assert!(project.files("artifacts") == before);
    }
}

#[test]
fn a_condition_that_is_met_is_remembered() {
    let project = with_champion();
    let mut hp = project.command();
    hp.args(["models", "promote", "latest", "--alias", "champion", "-m"]);
    hp.args(["cheaper", "--if", "rmse < champion * 2"]);
    let outcome = project.run(&mut hp).expect(0);
    assert_snapshot!(outcome, @"
    exit code 0
    --- stdout
     comparison              left    right   holds   note
    ──────────────────────────────────────────────────────
     rmse < champion * 2   6.9400   9.5452   yes
    --- stderr
    champion: v1.0.0 → v1.1.0
    ");
    let show = project.hp("models show champion").expect(0).stdout;
    let history = show.split("History\n").nth(1).unwrap();
    assert_snapshot!(masked(history), @"
     when (UTC)            alias      what      from     to       by    why
    ────────────────────────────────────────────────────────────────────────────────────────────────────
     YYYY-MM-DD hh:mm:ss   champion   promote   v1.0.0   v1.1.0   ada   cheaper; if rmse < champion * 2
    ");
    assert_eq!(
        project
            .hp("models promote v1.1.0 --alias champion")
            .expect(0)
            .stderr,
        "champion is v1.1.0 already\n"
    );
    // A slip is told even where nothing is to be moved.
    project
        .hp("models promote v1.1.0 --alias champion --if rmse<=")
        .refused(
            2,
            &[
                "column 7 of the gate",
                "hint: write it like `rmse <= champion * 1.02",
            ],
        );
}

#[test]
fn a_mistyped_alias_in_a_condition_opens_nothing() {
    let project = with_champion();
    for (condition, words) in [
        ("rmse<=champoin.rmse*0.001", "there is no alias `champoin`"),
        ("rmse<=challenger.bogus", "there is no metric `bogus`"),
    ] {
        project
            .hp(&format!(
                "models promote v1.1.0 --alias champion --if {condition}"
            ))
            .refused(
                1,
                &[words, "`champion`"][..if condition.contains("bogus") { 1 } else { 2 }],
            );
    }
    project
        .hp("models promote v1.1.0 --alias staging --if rmse<=staging.rmse")
        .expect(0);
    assert_eq!(project.targets("champion"), ["v1.0.0"]);
}

#[test]
fn a_condition_is_never_skipped_in_silence() {
    let project = with_champion();
    project.replace(
        CONFIG,
        "Methods:",
        "promotion: { champion: rmse <= champion }\nMethods:",
    );
    project
        .hp("models promote v1.1.0 --alias champion --config configs/modell.yaml")
        .refused(4, &["`configs/modell.yaml` cannot be read"]);
    assert_eq!(project.targets("champion"), ["v1.0.0"]);
    let told = project
        .hp("models promote v1.1.0 --alias challenger")
        .expect(0);
    assert_eq!(
        told.stderr,
        "note: no condition is configured for challenger\nchallenger: v1.1.0\n"
    );
    std::fs::remove_file(project.path(CONFIG)).unwrap();
    let told = project
        .hp("models promote v1.1.0 --alias champion")
        .expect(0);
    assert!(
        told.stderr
            .starts_with("note: no condition is configured for champion\n"),
        "{told}"
    );
    project.hp("models promote v1.1.0 --alias latest").refused(
        2,
        &["`latest` always means the newest version and cannot be moved"],
    );
}

#[test]
fn conditions_that_cannot_be_read_are_errors_of_the_configuration() {
    let project = with_champion();
    let written = project.read(CONFIG);
    for (block, words) in [
        (
            "{ Champion: rmse <= champion }",
            "`Champion` of `promotion` is not an alias",
        ),
        (
            "{ champion: rmse <= }",
            "`promotion.champion` of `configs/model_config.yaml`",
        ),
    ] {
        let with = format!("promotion: {block}\nMethods:");
        project.write(CONFIG, written.replace("Methods:", &with));
        for args in ["models promote v1.1.0 --alias challenger", "train"] {
            project.hp(args).refused(4, &[words]);
        }
        let doctor = project.hp("doctor").expect(1);
        assert!(doctor.stdout.contains("promotion"), "{doctor}");
    }
}

#[test]
fn a_comparison_with_a_version_of_other_data_says_so() {
    let project = with_champion();
    let fewer: Vec<_> = crate::support::boston_csv()
        .lines()
        .take(400)
        .map(str::to_owned)
        .collect();
    project.write("fewer.csv", fewer.join("\n"));
    project.hp("fetch --source fewer.csv").expect(0);
    project.replace(CONFIG, "v1.1.0", "v1.2.0");
    project.hp("train").expect(0);
    project.hp("evaluate").expect(0);
    let told = project
        .hp("models promote v1.2.0 --alias champion --if rmse<=champion*9")
        .expect(0);
    assert!(told.stdout.contains("other data: champion"), "{told}");
    let compared = project.hp("runs compare v1.0.0 v1.2.0").expect(0);
    assert!(compared.stderr.contains("are of other data"), "{compared}");
}

#[test]
fn a_version_that_an_alias_means_is_not_replaced() {
    let project = with_champion();
    let before = project.files("artifacts/v1.0.0");
    project.replace(CONFIG, "v1.1.0", "v1.0.0");
    project.hp("train --overwrite").refused(
        3,
        &[
            "v1.0.0 is champion and cannot be replaced",
            "hint: raise `model_versions`",
        ],
    );
    assert!(project.files("artifacts/v1.0.0") == before);
    project
        .hp("models promote v1.1.0 --alias champion")
        .expect(0);
    project.hp("train --overwrite").expect(0);
    assert!(project.files("artifacts/v1.0.0") != before);
}

#[test]
fn the_condition_may_stand_in_the_configuration() {
    let project = with_champion();
    project.replace(
        CONFIG,
        "Methods:",
        "promotion: { champion: rmse <= champion }\nMethods:",
    );
    let outcome = project.hp("models promote v1.1.0 --alias champion");
    assert_snapshot!(outcome.expect(3).stderr, @"
    error: v1.1.0 does not become champion: `rmse <= champion` does not hold
    hint: champion is still v1.0.0
    ");
    project
        .hp("models promote v1.1.0 --alias challenger")
        .expect(0);
    project.replace(CONFIG, "rmse <= champion", "rmse ~ champion");
    project
        .hp("models promote v1.1.0 --alias champion")
        .refused(4, &["`promotion.champion` of `configs/model_config.yaml`"]);
    assert_eq!(project.targets("champion"), ["v1.0.0"]);
}

#[test]
fn a_version_without_evaluation_cannot_be_judged() {
    let project = with_champion();
    std::fs::remove_file(project.path("artifacts/v1.1.0.evaluation.json")).unwrap();
    let args = "models promote v1.1.0 --alias champion --if rmse<=champion";
    project.hp(args).refused(
        1,
        &[
            "v1.1.0 is not evaluated",
            "hint: run `hp evaluate --model-version v1.1.0`",
        ],
    );
    project.hp("evaluate --model-version v1.1.0").expect(0);
    project.hp(args).expect(3);
}

#[test]
fn a_rollback_leads_back_step_by_step() {
    let project = with_champion();
    project.replace(CONFIG, "v1.1.0", "v1.2.0");
    project.hp("train").expect(0);
    for version in ["v1.1.0", "v1.2.0"] {
        project
            .hp(&format!("models promote {version} --alias champion"))
            .expect(0);
    }
    let back = "models rollback --alias champion";
    assert_eq!(
        project.hp(back).expect(0).stderr,
        "champion: v1.2.0 → v1.1.0\n"
    );
    let because = project.hp(&format!("{back} -m drift")).expect(0);
    assert_eq!(because.stderr, "champion: v1.1.0 → v1.0.0\n");
    let before = project.files("artifacts");
    assert_snapshot!(project.hp(back), @"
    exit code 1
    --- stderr
    error: `champion` has had no target before v1.0.0
    hint: promote another version instead
    ");
    project.hp("models rollback --alias challenger").refused(
        1,
        &["there is no alias `challenger`", "the alias `champion`"],
    );
    assert!(project.files("artifacts") == before);
    assert_eq!(
        project.targets("champion"),
        ["v1.0.0", "v1.1.0", "v1.2.0", "v1.1.0", "v1.0.0"]
    );
    let reasons = project.json("artifacts/aliases.json");
    assert_eq!(reasons["moves"][4]["reason"], "drift");
}

#[test]
fn an_alias_stands_wherever_a_version_does() {
    let project = with_champion();
    let version = |hp: &mut std::process::Command| {
        hp.args(["predict", "--json", "input.json"]);
        project.run(hp).expect(0).json()["model_version"].clone()
    };
    assert_eq!(version(&mut project.command()), "v1.1.0");
    let mut hp = project.command();
    assert_eq!(version(hp.env("MODEL_VERSION", "champion")), "v1.0.0");
    let evaluated = project.hp("evaluate --model-version champion").expect(0);
    assert!(
        evaluated
            .stderr
            .contains("artifacts/v1.0.0.evaluation.json"),
        "{evaluated}"
    );
    let packed = project.hp("package --model-version champion").expect(0);
    assert_eq!(packed.stdout, "artifacts/v1.0.0.tar.zst\n");
    project
        .hp("predict --json input.json --model-version challenger")
        .refused(
            1,
            &[
                "there is no alias `challenger` in `artifacts`",
                "choose from `v1.1.0`, `v1.0.0`, or from the alias `champion`",
            ],
        );

    let mut hp = project.command();
    hp.args(["serve", "--port", "0"]);
    let api = Api::with(hp.env("MODEL_VERSION", "champion"));
    let served = || api.post("/v1/predict", ROW).json()["model_version"].clone();
    assert_eq!(served(), "v1.0.0");
    project
        .hp("models promote v1.1.0 --alias champion")
        .expect(0);
    assert_eq!(served(), "v1.0.0");
    api.signal("HUP");
    api.line_with("reloaded");
    assert_eq!(served(), "v1.1.0");
    assert_eq!(api.stop(), Some(0));
}

#[test]
fn damage_is_found_and_damaged_versions_are_not_promoted() {
    let project = with_champion();
    let sound = project.hp("models verify").expect(0).stdout;
    assert_eq!(sound.matches("sound").count(), 2, "{sound}");
    let file = "artifacts/v1.1.0/linear_regression_v1.1.0.bin";
    let mut bytes = project.bytes(file);
    bytes[100] ^= 1;
    project.write(file, bytes);
    let outcome = project.hp("models verify --format json").expect(1);
    assert_eq!(outcome.json()[0]["sound"], true);
    let problem = outcome.json()[1]["problem"].clone();
    assert!(problem.as_str().unwrap().contains(file), "{problem}");
    assert!(outcome.stderr.contains("1 of 2 versions"), "{outcome}");
    project.hp("models verify champion").expect(0);
    project
        .hp("models promote v1.1.0 --alias champion")
        .refused(1, &[file, "hint: "]);
    assert_eq!(project.targets("champion"), ["v1.0.0"]);

    std::fs::remove_dir_all(project.path("artifacts/v1.0.0")).unwrap();
    project
        .hp("predict --json input.json --model-version champion")
        .refused(
            1,
            &[
                "`champion` leads to v1.0.0, which is not in `artifacts`",
                "hint: train or pull that version again",
            ],
        );
    let list = project.hp("models list").expect(0).stdout;
    let gone = list.lines().find(|line| line.contains("v1.0.0")).unwrap();
    assert!(gone.contains("champion   MISSING"), "{list}");
    project.write("artifacts/aliases.json", "[]");
    project.hp("models list").refused(
        1,
        &[
            "`artifacts/aliases.json` is not as hp writes it",
            "hint: restore it from a copy; moved away, every alias is lost",
        ],
    );
}
