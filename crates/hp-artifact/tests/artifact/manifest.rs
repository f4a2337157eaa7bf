//! The manifest: old formats, newer ones, and what changed between two trainings.

use crate::sample::{Sample, chain, column};
use hp_artifact::{ArtifactError, Manifest, Overwrite, TrainingInputs, write_version};
use hp_core::fingerprint::Fingerprint;
use hp_core::method::{
    Amount, BoostingLoss, BoostingParams, ForestParams, HuberParams, MaxFeatures, MethodConfig,
    RidgeParams, TreeMethod, TreeParams,
};
use hp_core::schema::DType;
use hp_testkit::test_data;
use std::path::Path;

fn path() -> &'static Path {
    Path::new("manifest.json")
}

fn fixture(name: &str) -> String {
    let file = test_data(env!("CARGO_MANIFEST_DIR"), &format!("manifest/{name}"));
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn format_1_stays_readable() {
    let manifest = Manifest::parse(path(), fixture("v1.json").as_bytes()).unwrap();
    assert_eq!(manifest.to_json().unwrap(), fixture("v1.expected.json"));
}

#[test]
fn format_1_with_a_reference_stays_readable() {
    let manifest = parse(&fixture("v1_reference.json")).unwrap();
    assert!(manifest.files.contains_key("reference.json"));
    assert_eq!(parse(&manifest.to_json().unwrap()).unwrap(), manifest);
}

fn sample() -> Manifest {
    let folder = tempfile::tempdir().unwrap();
    write_version(folder.path(), &Sample::new(20.0).parts(), Overwrite::Refuse).unwrap()
}

fn parse(text: &str) -> Result<Manifest, ArtifactError> {
    Manifest::parse(path(), text.as_bytes())
}

#[test]
fn a_newer_format_says_which_hp_wrote_it() {
    let text = r#"{"format_version": 2, "hp_version": "1.2.0", "something": "else"}"#;
    assert_eq!(
        parse(text).unwrap_err().to_string(),
        "`manifest.json` has format 2, which needs hp 1.2.0 or newer; this hp reads formats up to 1"
    );
    assert!(matches!(
        parse("{}"),
        Err(ArtifactError::ManifestSyntax { .. })
    ));
    assert!(matches!(
        parse("[1]"),
        Err(ArtifactError::ManifestSyntax { .. })
    ));
}

/// The problem found after replacing `old` by `new` in the text of a sound manifest.
fn problem(old: &str, new: &str) -> String {
    let text = sample().to_json().unwrap();
    assert!(text.contains(old), "`{old}` is not in {text}");
    chain(&parse(&text.replace(old, new)).unwrap_err())
}

#[test]
fn contradictions_are_told() {
    let inconsistent = "`manifest.json` is inconsistent: ";
    let cases = [
        (
            "\"format_version\": 1",
            "\"format_version\": 0",
            "there is no format 0",
        ),
        (
            "preprocessor.bin",
            "../a",
            "`../a` cannot be a file of a version",
        ),
        (
            "preprocessor.bin",
            "manifest.json",
            "`manifest.json` cannot be a file of a version",
        ),
        (
            "preprocessor.bin",
            "other.bin",
            "the file `preprocessor.bin` is not listed",
        ),
        (
            "\"file\": \"ridge_regression_v1.0.0.bin\"",
            "\"file\": \"ridge.bin\"",
            "the file `ridge.bin` is not listed",
        ),
        (
            "\"file\": \"ridge_regression_v1.0.0.bin\"",
            "\"file\": \"linear_regression_v1.0.0.bin\"",
            "the file `linear_regression_v1.0.0.bin` belongs to two objects",
        ),
        (
            "\"file\": \"ridge_regression_v1.0.0.bin\"",
            "\"file\": \"reference.json\"",
            "the file `reference.json` belongs to two objects",
        ),
        (
            "\"files\": {",
            "\"files\": { \"more.bin\": { \"sha256\": \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\", \"bytes\": 0 },",
            "the file `more.bin` belongs to no object",
        ),
        (
            "Ridge Regression",
            "Linear Regression",
            "the method `Linear Regression` is there twice",
        ),
        ("\"RAD\"", "\"RM\"", "the column `RM` is there twice"),
        (
            "\"role\": \"lower\"",
            "\"role\": \"upper\"",
            "`Lower Estimator_QR` is not a method of the role `lower`",
        ),
    ];
    for (old, new, expected) in cases {
        let text = problem(old, new);
        assert_eq!(text, format!("{inconsistent}{expected}"), "{old} → {new}");
    }
    let huge = problem("\"bytes\": ", "\"bytes\": 999999999");
    assert!(
        huge.contains("is said to have more than 1073741824 bytes"),
        "{huge}"
    );
}

#[test]
fn every_parameter_comes_back_exactly() {
    let tree = TreeParams {
        max_depth: Some(3),
        min_samples_split: Amount::Fraction(0.1 + 0.2),
        min_samples_leaf: Amount::Count(2),
        max_leaf_nodes: Some(9),
        max_features: MaxFeatures::Amount(Amount::Fraction(1.0)),
        min_impurity_decrease: 1e-7,
        tree_method: TreeMethod::Hist,
        max_bins: 64,
    };
    let configs = [
        MethodConfig::HuberRegressor(HuberParams {
            alpha: 0.1 + 0.7,
            ..HuberParams::default()
        }),
        MethodConfig::RandomForestRegressor(ForestParams {
            max_samples: Some(Amount::Fraction(1.0 / 3.0)),
            tree: tree.clone(),
            ..ForestParams::default()
        }),
        MethodConfig::GradientBoostingRegressor(BoostingParams {
            loss: BoostingLoss::Quantile,
            alpha: 0.05 + 0.9,
            n_iter_no_change: Some(5),
            tree: TreeParams {
                max_features: MaxFeatures::Sqrt,
                ..tree
            },
            random_state: u32::MAX,
            ..BoostingParams::default()
        }),
    ];
    let mut manifest = sample();
    for config in configs {
        manifest.methods[0].config = config;
        assert_eq!(parse(&manifest.to_json().unwrap()).unwrap(), manifest);
    }
}

/// The changes that `change` makes to the inputs of the sample, as text.
fn changes(change: impl FnOnce(&mut TrainingInputs)) -> Vec<String> {
    let manifest = sample();
    let mut wanted = manifest.training_inputs();
    change(&mut wanted);
    manifest
        .training_changes(&wanted)
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn the_same_training_has_no_changes() {
    assert!(changes(|_| {}).is_empty());
    let mut manifest = sample();
    let wanted = manifest.training_inputs();
    manifest.hp_version = "9.9.9".to_owned();
    manifest.git_commit = None;
    assert!(manifest.training_changes(&wanted).is_empty());
}

#[test]
fn changes_are_told_in_words() {
    let alpha = |wanted: &mut TrainingInputs| {
        wanted.methods[1].config = MethodConfig::Ridge(RidgeParams {
            alpha: 2.0,
            fit_intercept: false,
        });
    };
    assert_eq!(
        changes(alpha),
        [
            "Ridge Regression.alpha: 1 → 2",
            "Ridge Regression.fit_intercept: true → false"
        ]
    );
    let data = |wanted: &mut TrainingInputs| {
        wanted.data.fingerprint = Fingerprint::of(b"other");
        wanted.data.rows = 9;
        wanted.data.split.test_size = 0.25;
    };
    let [old, new] = [b"boston".as_slice(), b"other"].map(|bytes| Fingerprint::of(bytes).short());
    assert_eq!(
        changes(data),
        [
            format!("data: {old} → {new}"),
            "split.test_size: 0.2 → 0.25".into()
        ]
    );
    assert_eq!(changes(|wanted| wanted.data.rows = 9), ["data.rows: 4 → 9"]);
    let methods = |wanted: &mut TrainingInputs| {
        wanted.methods[0].name = "Huber Regressor".to_owned();
        wanted.folds = 5;
        wanted.serving.main = Some("Ridge Regression".to_owned());
    };
    assert_eq!(
        changes(methods),
        [
            "cross_validation.folds: 2 → 5",
            "method `Linear Regression` removed",
            "method `Huber Regressor` added",
            "serving.main: chosen by cross-validation → Ridge Regression",
        ]
    );
    assert_eq!(
        changes(|wanted| wanted.methods.swap(0, 1)),
        ["methods reordered"]
    );
}

#[test]
fn words_about_a_column_do_not_change_the_training() {
    let words = |wanted: &mut TrainingInputs| {
        wanted.schema.target.unit = "dollars".to_owned();
        wanted.schema.features[0].description = "rooms of a house".to_owned();
    };
    assert!(changes(words).is_empty());
}

#[test]
fn changes_of_the_schema_are_told() {
    let columns = |wanted: &mut TrainingInputs| {
        wanted.schema.features[0].max = Some(12.0);
        wanted.schema.features[1] = column("TAX", DType::Integer);
        wanted.schema.target.dtype = DType::Integer;
        wanted.schema.target.min = None;
        wanted.schema.target.allowed = Some(vec![1.0, 2.5]);
    };
    assert_eq!(
        changes(columns),
        [
            "feature `RAD` removed",
            "feature `TAX` added",
            "RM.max: none → 12",
            "target.dtype: float → integer",
            "target.min: 0 → none",
            "target.allowed: none → [1, 2.5]",
        ]
    );
    assert_eq!(
        changes(|wanted| wanted.schema.features.reverse()),
        ["features reordered"]
    );
}
