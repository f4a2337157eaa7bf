//! `hp data`: naming, listing, bringing back, comparing and checking versions of the data.

pub(crate) mod git;

use crate::support::{Project, SMALL, boston_csv};
use insta::assert_snapshot;
use std::fs;

/// Other data takes the place of the first: one row is changed, one is gone, one is new.
fn change(project: &Project) {
    let text = boston_csv();
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    let changed = lines[1].replacen("0.00632,18,", "0.00632,19,", 1);
    assert_ne!(changed, lines[1]);
    lines[1] = changed;
    lines.remove(10);
    lines.push(lines[400].replacen(',', "1,", 1));
    project.write("changed.csv", lines.join("\n") + "\n");
    project.hp("fetch --source changed.csv").expect(0);
}

/// Two tagged versions; the second lies there.
fn tagged() -> Project {
    let project = Project::fetched();
    project.hp("data tag v1.0.0 -m first").expect(0);
    change(&project);
    project.hp("data tag v1.1.0").expect(0);
    project
}

#[test]
fn a_tag_is_a_small_text_and_the_bytes_are_kept_once() {
    let project = Project::fetched();
    let outcome = project.hp("data tag v1.0.0").expect(0);
    assert_snapshot!(outcome.stderr, @"
    wrote data/versions/v1.0.0.json (506 rows, fingerprint 86befae859f7)
    note: Git should track that file; --git commits and tags it
    ");
    let pointer = project.json("data/versions/v1.0.0.json");
    assert_eq!(pointer["tag"], "v1.0.0");
    assert_eq!(pointer["rows"], 506);
    assert_eq!(pointer["fingerprint"], pointer["files"]["csv"]["sha256"]);
    assert_eq!(project.files("artifacts/data").len(), 4);
    let before = project.files("");
    assert_snapshot!(project.hp("data tag v1.0.0").expect(0).stderr, @"unchanged: data/versions/v1.0.0.json (506 rows, fingerprint 86befae859f7)");
    assert_snapshot!(project.hp("data tag v1.0.0 -m other").expect(0).stderr, @"unchanged: data/versions/v1.0.0.json (506 rows, fingerprint 86befae859f7) (the message stays as it was)");
    assert!(project.files("") == before);

    change(&project);
    assert_snapshot!(project.hp("data tag v1.0.0"), @"
    exit code 3
    --- stderr
    error: the tag `v1.0.0` exists and means other data: 86befae859f7, not e79dd50fb325
    hint: choose another tag; a tag never changes its meaning
    ");
}

#[test]
fn a_pointer_to_a_file_that_is_not_kept_is_told_of() {
    let project = Project::fetched();
    project.hp("data tag v1.0.0").expect(0);
    let pointer = project.json("data/versions/v1.0.0.json");
    let digest = pointer["files"]["manifest"]["sha256"].as_str().unwrap();
    project.replace("data/versions/v1.0.0.json", digest, &"0".repeat(64));
    assert_snapshot!(project.hp("data checkout v1.0.0").expect(0).stderr, @"
    unchanged: data/boston.csv (506 rows, fingerprint 86befae859f7)
    note: `boston.manifest.json` with the sha256 000000000000 is not kept here; the one that the same rows were kept with last is taken in its place
    ");
    let verified = project.hp("data verify v1.0.0").expect(0).stdout;
    assert!(
        verified.contains("ok, with boston.manifest.json of another fetch"),
        "{verified}"
    );
}

#[test]
fn a_pointer_that_git_ignores_is_not_set() {
    let project = git::checkout();
    project.write(".gitignore", "/data/*\n");
    let mut hp = project.command();
    git::without_configuration(hp.args(["data", "tag", "v1", "--git"]));
    let refused = project.run(&mut hp).refused(
        1,
        &[
            "v1 could not be committed",
            "git ignores",
            "hint: add `!data/versions` to .gitignore",
        ],
    );
    assert_eq!(refused.stderr.matches("hint:").count(), 1, "{refused}");
    assert!(!project.path("data/versions/v1.json").exists());
}

#[test]
fn versions_are_listed_with_the_one_that_lies_there() {
    let project = tagged();
    let list = project.hp("data list --format json").expect(0).json();
    let lines = list.as_array().unwrap();
    let tags: Vec<_> = lines.iter().map(|line| &line["tag"]).collect();
    assert_eq!(tags, ["v1.0.0", "v1.1.0"]);
    let current: Vec<_> = lines.iter().map(|line| &line["current"]).collect();
    assert_eq!(current, [false, true]);
    assert!(lines.iter().all(|line| line["kept"] == true));
    assert_eq!(lines[0]["message"], "first");
    let table = project.hp("data list").expect(0).stdout;
    let marked = |line: &str| line.starts_with(" v1.1.0 ") && line.ends_with('*');
    assert!(table.lines().any(marked), "{table}");
    let csv = project.hp("data list --format csv").expect(0).stdout;
    assert!(
        csv.starts_with("tag,rows,fingerprint,date,kept,current,git tag,message\n"),
        "{csv}"
    );

    fs::remove_dir_all(project.path("artifacts/data")).unwrap();
    let list = project.hp("data list --format json").expect(0).json();
    assert_eq!(list[0]["kept"], false);
    project.write("data/versions/v1.0.0.json", "{}");
    let outcome = project.hp("data list --format json").expect(0);
    assert_eq!(outcome.json().as_array().unwrap().len(), 1);
    assert!(outcome.stderr.starts_with("warning: "), "{outcome}");
}

#[test]
fn a_version_is_checked_out_and_nothing_is_lost() {
    let project = Project::fetched();
    let first = project.files("data");
    project.hp("data tag v1.0.0").expect(0);
    change(&project);
    let second = project.files("data");
    let outcome = project.hp("data checkout v1.0.0").expect(0);
    assert_snapshot!(outcome.stderr, @"
    wrote data/boston.csv (506 rows, fingerprint 86befae859f7)
    note: what was there is kept: hp data checkout e79dd50fb325
    ");
    assert!(
        first
            .iter()
            .all(|(name, bytes)| project.bytes(name) == *bytes)
    );
    assert_snapshot!(project.hp("data checkout v1.0.0").expect(0).stderr, @"unchanged: data/boston.csv (506 rows, fingerprint 86befae859f7)");
    let all = project.hp("data list --all --format json").json();
    let lost = all
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["tag"].is_null());
    let fingerprint = lost.unwrap()["fingerprint"].as_str().unwrap();
    project
        .hp(&format!("data checkout {}", &fingerprint[..12]))
        .expect(0);
    assert!(
        second
            .iter()
            .all(|(name, bytes)| project.bytes(name) == *bytes)
    );

    project.replace("data/boston.csv", "0.00632,19,", "0.00632,20,");
    let changed = project.bytes("data/boston.csv");
    project.hp("data checkout v1.0.0").refused(
        1,
        &[
            "would be lost",
            "its manifest says",
            "hint: save what you need of it, then give --force",
        ],
    );
    assert!(project.bytes("data/boston.csv") == changed);
    project.hp("data checkout v1.0.0 --force").expect(0);
    assert!(
        first
            .iter()
            .all(|(name, bytes)| project.bytes(name) == *bytes)
    );
    project.hp("data checkout v2.0.0").refused(
        1,
        &["there is no data version `v2.0.0`", "choose from v1.0.0"],
    );
    project.hp("data checkout").refused(2, &["--of-model"]);
    project.hp("data tag ../v1").refused(2, &["is not a tag"]);
}

/// What a model was trained on comes back from its manifest alone, and gives the same model.
#[test]
fn the_data_of_a_model_comes_back_and_trains_the_same_bytes() {
    let project = Project::fetched();
    project.write("configs/model_config.yaml", SMALL);
    project.hp("train").expect(0);
    project
        .hp("models promote v1.0.0 --alias champion")
        .expect(0);
    change(&project);
    project.hp("train").refused(3, &["was trained differently"]);
    let manifest = project.bytes("artifacts/v1.0.0/manifest.json");
    let trained = project.files("artifacts/v1.0.0");
    // The models are not needed for it.
    fs::remove_dir_all(project.path("artifacts/v1.0.0")).unwrap();
    project.write("artifacts/v1.0.0/manifest.json", manifest);
    project.hp("data checkout --of-model champion").expect(0);
    project
        .hp("train --artifacts again --data-dir data")
        .expect(0);
    for (name, bytes) in trained {
        let name = name.replacen("artifacts", "again", 1);
        assert!(project.bytes(&name) == bytes, "{name}");
    }
    project
        .hp("data checkout --of-model v3.0.0")
        .refused(1, &["v3.0.0", "hint: "]);
    project
        .hp("data checkout --of-model latest --data-store elsewhere")
        .refused(
            1,
            &["the data of v1.0.0 cannot be brought back", "506 rows"],
        );
}

#[test]
fn two_versions_are_compared() {
    let project = tagged();
    assert_snapshot!(project.hp("data diff v1.0.0 v1.1.0 --rows 1").expect(0).stdout, @"
     rows        count
    ───────────────────
     in v1.0.0     506
     in v1.1.0     506
     equal         504
     moved           0
     changed         1
     removed         1
     added           1

    Columns, first and second version
     column        mean     mean 2     shift        std      std 2       min     min 2       max     max 2   changed cells
    ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
     CRIM        3.6135     3.6627   +0.0057     8.5930     8.6442   0.00632   0.00632   88.9762   88.9762               0
     ZN         11.3636    11.3409   -0.0010    23.2994    23.3054         0         0       100       100               1
     INDUS      11.1368    11.1570   +0.0029     6.8536     6.8590      0.46      0.46     27.74     27.74               0
     CHAS        0.0692     0.0692   +0.0000     0.2537     0.2537         0         0         1         1               0
     NOX         0.5547     0.5550   +0.0029     0.1158     0.1159     0.385     0.385     0.871     0.871               0
     RM          6.2846     6.2846   -0.0000     0.7019     0.7019     3.561     3.561      8.78      8.78               0
     AGE        68.5749    68.6028   +0.0010    28.1210    28.1452       2.9       2.9       100       100               0
     DIS         3.7950     3.7852   -0.0047     2.1036     2.1022    1.1296    1.1296   12.1265   12.1265               0
     RAD         9.5494     9.5870   +0.0043     8.6987     8.7199         1         1        24        24               0
     TAX       408.2372   408.9387   +0.0042   168.3705   168.7032       187       187       711       711               0
     PTRATIO    18.4555    18.4654   +0.0046     2.1628     2.1593      12.6      12.6        22        22               0
     LSTAT      12.6531    12.6722   +0.0027     7.1340     7.1588      1.73      1.73     37.97     37.97               0
     MEDV       22.5328    22.5065   -0.0029     9.1880     9.2173         5         5        50        50               0

    Rows; --rows N prints more
     row       line   line 2   cells
    ────────────────────────────────────────────────────────────────────────────────────────────
     changed      2        2   ZN: 18 → 19
     removed     11            0.17004,12.5,7.87,0,0.524,6.004,85.9,6.5921,5,311,15.2,17.1,18.9
     added               507   25.04611,0,18.1,0,0.693,5.987,100,1.5888,24,666,20.2,26.77,5.6
    ");
    let json = project.hp("data diff v1.0.0 current --format json").json();
    assert_eq!(json["after"]["rows"], 506);
    assert_eq!(
        (json["changed"].as_u64(), json["moved"].as_u64()),
        (Some(1), Some(0))
    );
    assert_eq!(
        json["changed_rows"][0]["cells"]["ZN"],
        serde_json::json!([18, 19])
    );
    assert_eq!(json["removed_rows"][0]["line"], 11);
    assert_eq!(json["added_rows"][0]["line"], 507);
    let none = project.hp("data diff current v1.1.0").expect(0).stdout;
    assert!(!none.contains("Rows; "), "{none}");
    let csv = project.hp("data diff v1.0.0 v1.1.0 --format csv").expect(0);
    assert!(csv.stdout.contains("\ncolumn,mean,mean 2,shift,"), "{csv}");
    project
        .hp("data diff v1.0.0 v9")
        .refused(1, &["there is no data version `v9`"]);
}

#[test]
fn damage_is_found_and_the_cure_is_named() {
    let project = tagged();
    project.hp("data verify").expect(0);
    let digest = project.json("data/versions/v1.1.0.json")["fingerprint"].clone();
    let digest = digest.as_str().unwrap();
    let object = format!("artifacts/data/{}/{digest}.zst", &digest[..2]);
    let good = project.bytes(&object);
    project.write(&object, &good[..good.len() / 2]);
    let outcome = project.hp("data verify --format json").expect(1);
    let found = outcome.json();
    let bad: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["ok"] == false)
        .collect();
    assert_eq!(bad.len(), 2, "the tag and what is kept: {found}");
    assert_eq!(bad[0]["version"], "v1.1.0");
    let cure = bad[0]["faults"][0]["cure"].as_str().unwrap();
    assert!(cure.ends_with("`hp data tag v1.1.0`"), "{cure}");
    assert!(outcome.stderr.contains("2 of 4 data versions"), "{outcome}");
    project.hp("data verify v1.0.0").expect(0);
    project.hp("data tag v1.1.0").expect(0);
    project.hp("data verify").expect(0);
    project
        .hp("data verify v9")
        .refused(1, &["choose from v1.0.0, v1.1.0"]);
}

#[test]
fn of_two_processes_that_set_a_tag_one_wins() {
    let project = Project::fetched();
    let folders = ["data", "other"];
    change(&project);
    fs::create_dir(project.path("other")).unwrap();
    for name in ["boston.csv", "boston.manifest.json", "boston.rejected.csv"] {
        fs::copy(
            project.path("data").join(name),
            project.path("other").join(name),
        )
        .unwrap();
    }
    project.hp("fetch --offline").expect(0);
    // The same pointers, other data.
    fs::create_dir_all(project.path("data/versions")).unwrap();
    std::os::unix::fs::symlink(
        project.path("data/versions"),
        project.path("other/versions"),
    )
    .unwrap();
    std::os::unix::fs::symlink(
        project.path("data/.versions.lock"),
        project.path("other/.versions.lock"),
    )
    .unwrap();
    let children = folders.map(|folder| {
        let mut hp = project.command();
        hp.args(["data", "tag", "v1", "--data-dir", folder]);
        hp.stderr(std::process::Stdio::null()).spawn().unwrap()
    });
    let mut codes = children.map(|mut child| child.wait().unwrap().code());
    codes.sort_unstable();
    assert_eq!(codes, [Some(0), Some(3)]);
    project.hp("data verify").expect(0);
}
