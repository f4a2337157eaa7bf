//! Keeps the workspace in the shape that ARCHITECTURE.md describes.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every crate and its layer; a crate may depend only on crates of a lower layer.
const LAYERS: &[(&str, u8)] = &[
    ("hp-core", 0),
    ("hp-durable", 0),
    ("hp-data", 1),
    ("hp-features", 1),
    ("hp-models", 1),
    ("hp-evaluate", 1),
    ("hp-store", 1),
    ("hp-simulate", 1),
    ("hp-train", 2),
    ("hp-artifact", 2),
    ("hp-http", 2),
    ("hp-registry", 3),
    ("hp-monitor", 4),
    ("hp-serve", 4),
    ("hp-cli", 5),
];

/// Crates for developers, which others use in their tests at most.
const OUTSIDE: [&str; 2] = ["hp-testkit", "hp-bench"];

/// Libraries with the crates that may use them.
const OWNERS: &[(&str, &[&str])] = &[
    ("serde-saphyr", &["hp-core"]),
    ("polars", &["hp-data"]),
    (
        "reqwest",
        &["hp-data", "hp-simulate", "hp-registry", "hp-monitor"],
    ),
    ("smartcore", &["hp-models"]),
    ("plotters", &["hp-evaluate"]),
    ("rusqlite", &["hp-store", "hp-registry"]),
    ("aws-sdk-dynamodb", &["hp-store"]),
    ("wincode", &["hp-artifact"]),
    ("axum", &["hp-http", "hp-serve", "hp-monitor"]),
    ("plotly", &["hp-monitor"]),
    ("lambda_http", &["hp-serve"]),
    ("clap", &["hp-cli"]),
    ("anyhow", &["hp-cli"]),
    ("indicatif", &["hp-cli"]),
];

/// Crates of the serving path, which must stay small and start fast.
const SERVING: &[&str] = &[
    "hp-artifact",
    "hp-models",
    "hp-registry",
    "hp-serve",
    "hp-store",
];

/// What the serving path never reaches.
const HEAVY: &[&str] = &["polars", "hp-data", "hp-train", "hp-evaluate"];

const LONGEST_FILE: usize = 600;

fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest
        .ancestors()
        .nth(2)
        .expect("the workspace")
        .to_owned()
}

/// What Cargo knows of each crate of the workspace.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo metadata");
    let mut metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    match metadata["packages"].take() {
        Value::Array(packages) => packages,
        other => panic!("no packages but {other}"),
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Dependencies of each crate: (name, whether for tests only).
fn dependencies() -> BTreeMap<String, Vec<(String, bool)>> {
    let edges = |package: &Value| {
        let dependencies = package["dependencies"].as_array().expect("dependencies");
        dependencies
            .iter()
            .map(|dependency| (text(&dependency["name"]), dependency["kind"] == "dev"))
            .collect()
    };
    packages()
        .iter()
        .map(|package| (text(&package["name"]), edges(package)))
        .collect()
}

/// Every Rust file of the workspace.
fn rust_files() -> Vec<PathBuf> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.ends_with("target") {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    for folder in ["crates", "bench"] {
        walk(&root().join(folder), &mut files);
    }
    files.sort();
    files
}

#[test]
fn every_crate_has_a_layer() {
    let known: BTreeSet<_> = LAYERS
        .iter()
        .map(|(name, _)| *name)
        .chain(OUTSIDE)
        .collect();
    let crates = dependencies();
    let found: BTreeSet<_> = crates.keys().map(String::as_str).collect();
    assert_eq!(found, known);
}

#[test]
fn dependencies_point_to_lower_layers() {
    let layers: BTreeMap<_, _> = LAYERS.iter().copied().collect();
    for (name, edges) in dependencies() {
        for (dependency, for_tests) in edges {
            if OUTSIDE.contains(&dependency.as_str()) {
                assert!(for_tests, "{name} uses {dependency} outside its tests");
            } else if let Some(layer) = layers.get(dependency.as_str()) {
                let own = layers.get(name.as_str()).copied().unwrap_or(u8::MAX);
                assert!(*layer < own || for_tests, "{name} depends on {dependency}");
            }
        }
    }
}

#[test]
fn each_vendor_has_its_owners() {
    let owners: BTreeMap<_, _> = OWNERS.iter().copied().collect();
    for (name, edges) in dependencies() {
        for (dependency, for_tests) in edges {
            if let Some(owners) = owners.get(dependency.as_str()) {
                assert!(
                    owners.contains(&name.as_str()) || for_tests,
                    "{name} uses {dependency}, which is for {owners:?}"
                );
            }
        }
    }
}

#[test]
fn the_serving_path_stays_light() {
    let crates = dependencies();
    for start in SERVING {
        let mut reached = BTreeSet::new();
        let mut open = vec![(*start).to_owned()];
        while let Some(name) = open.pop() {
            for (dependency, for_tests) in crates.get(&name).into_iter().flatten() {
                if !for_tests && reached.insert(dependency.clone()) {
                    open.push(dependency.clone());
                }
            }
        }
        for heavy in HEAVY {
            assert!(!reached.contains(*heavy), "{start} reaches {heavy}");
        }
    }
}

/// The image for serving holds a build of `hp` without its stages.
#[test]
fn a_build_for_serving_leaves_the_stages_out() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", "hp-cli", "--no-default-features"])
        .args(["--features", "dynamodb,lambda"])
        .args(["--edges", "normal", "--prefix", "none", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo tree");
    let tree = String::from_utf8(output.stdout).expect("UTF-8");
    let reached: BTreeSet<_> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(reached.contains("hp-serve"), "{tree}");
    for heavy in HEAVY.iter().chain(&["hp-monitor"]) {
        assert!(!reached.contains(heavy), "hp for serving reaches {heavy}");
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for path in rust_files() {
        let text = fs::read_to_string(&path).expect("UTF-8");
        assert!(
            text.starts_with("//! "),
            "{} does not open with //!",
            path.display()
        );
    }
}

#[test]
fn files_are_short_and_none_is_called_mod() {
    for path in rust_files() {
        let lines = fs::read_to_string(&path).expect("UTF-8").lines().count();
        assert!(
            lines <= LONGEST_FILE,
            "{} has {lines} lines",
            path.display()
        );
        assert!(
            !path.ends_with("mod.rs"),
            "{}: use foo.rs + foo/",
            path.display()
        );
    }
}

/// A file that no `mod` line names is not compiled, and its tests never run.
#[test]
fn no_file_is_forgotten() {
    let files = rust_files();
    let texts: Vec<_> = files
        .iter()
        .map(|path| fs::read_to_string(path).expect("UTF-8"))
        .collect();
    for path in &files {
        let folder = path.parent().expect("a folder");
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a name");
        let in_src = folder.ends_with("src");
        let target = ["tests", "benches"]
            .iter()
            .any(|name| folder.ends_with(name));
        if target || path.ends_with("build.rs") || stem == "main" || (in_src && stem == "lib") {
            continue;
        }
        let parents = if in_src {
            vec![folder.join("lib.rs"), folder.join("main.rs")]
        } else {
            vec![folder.with_extension("rs"), folder.join("main.rs")]
        };
        let named = |(parent, text): (&PathBuf, &String)| {
            parents.contains(parent)
                && text
                    .lines()
                    .any(|line| line.trim_end().ends_with(&format!("mod {stem};")))
        };
        // Helpers of tests stand in a folder, so that Cargo does not take them for tests.
        let included = format!("#[path = \"{}/{stem}.rs\"]", name_of(folder));
        let declared = files.iter().zip(&texts).any(named)
            || texts.iter().any(|text| text.contains(&included));
        assert!(declared, "no `mod {stem};` for {}", path.display());
    }
}

fn name_of(folder: &Path) -> &str {
    folder
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a name")
}

#[test]
fn every_crate_keeps_the_lints() {
    for package in packages() {
        let manifest = text(&package["manifest_path"]);
        assert!(
            fs::read_to_string(&manifest)
                .expect("a manifest")
                .contains("[lints]\nworkspace = true"),
            "{manifest} does not inherit the lints"
        );
    }
}
