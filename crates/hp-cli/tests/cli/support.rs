//! A project in a temporary folder, and what `hp` does there.

mod api;
mod runs;
mod server;

pub(crate) use api::{Api, receive};
pub(crate) use runs::masked;
pub(crate) use server::Server;

use hp_testkit::test_data;
use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use tempfile::TempDir;

const DATA_CONFIG: &str = include_str!("../../../../configs/data_config.yaml");
const MODEL_CONFIG: &str = include_str!("../../../../configs/model_config.yaml");

/// Three methods that fit quickly.
pub(crate) const SMALL: &str = r#"
model_versions: "v1.0.0"
Methods:
  - name: "Upper Estimator_QR"
    config: { quantile: .9, alpha: 0, solver: "highs" }
  - name: "Lower Estimator_QR"
    config: { quantile: .1, alpha: 0, solver: "highs" }
  - name: "Linear Regression"
    config: { fit_intercept: True }
"#;

/// The first census tract.
pub(crate) const ROW: &str = include_str!("../../../../input.json");

/// A folder with the shipped configuration and the bundled data.
pub(crate) struct Project(TempDir);

impl Project {
    /// Nothing has been done yet.
    pub(crate) fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.write("configs/data_config.yaml", DATA_CONFIG);
        project.write("configs/model_config.yaml", MODEL_CONFIG);
        project.write("data/raw/boston.csv", boston_csv());
        project.write("input.json", ROW);
        project
    }

    /// The data is fetched.
    pub(crate) fn fetched() -> Self {
        let project = Self::new();
        project.hp("fetch --offline").expect(0);
        project
    }

    /// `hp run` has been done.
    pub(crate) fn trained() -> Self {
        static TRAINED: OnceLock<Project> = OnceLock::new();
        let trained = TRAINED.get_or_init(|| {
            let project = Self::new();
            project.hp("run --offline").expect(0);
            project
        });
        trained.copy()
    }

    /// Another project with the same files.
    fn copy(&self) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        for (name, bytes) in self.files("") {
            project.write(&name, bytes);
        }
        project
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    /// Replaces the only occurrence of `from` in a file.
    pub(crate) fn replace(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {name}");
        self.write(name, text.replace(from, to));
    }

    /// Every file below `folder` but the locks, by name, with its bytes.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut open = vec![self.path(folder)];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else if path.extension().is_none_or(|end| end != "lock")
                    && !path.ends_with(".lock")
                {
                    let name = path.strip_prefix(self.0.path()).unwrap();
                    files.insert(name.to_str().unwrap().to_owned(), fs::read(&path).unwrap());
                }
            }
        }
        files
    }

    /// The names of all files below `folder`, a line each.
    pub(crate) fn listing(&self, folder: &str) -> String {
        self.files(folder)
            .into_keys()
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Runs `hp` with arguments that hold no spaces.
    pub(crate) fn hp(&self, args: &str) -> Outcome {
        self.run(self.command().args(args.split_whitespace()))
    }

    /// Runs `hp` with something on its standard input.
    pub(crate) fn hp_with_input(&self, args: &str, input: &str) -> Outcome {
        let mut hp = self.command();
        hp.args(args.split_whitespace());
        let output = assert_cmd::Command::from_std(hp)
            .write_stdin(input)
            .output();
        Outcome::new(&output.unwrap(), self.0.path())
    }

    /// Runs a line of the shell with `$hp` in it.
    pub(crate) fn shell(&self, script: &str) -> Outcome {
        let hp = self.command();
        let mut shell = self.surround(Command::new("sh"));
        self.run(shell.args(["-c", script]).env("hp", hp.get_program()))
    }

    /// `hp`, to be run in the project, untouched by the environment of the tests.
    pub(crate) fn command(&self) -> Command {
        self.surround(Command::new(assert_cmd::cargo::cargo_bin!("hp")))
    }

    pub(crate) fn run(&self, command: &mut Command) -> Outcome {
        Outcome::new(&command.output().unwrap(), self.0.path())
    }

    fn surround(&self, mut command: Command) -> Command {
        command.current_dir(self.0.path());
        for name in [
            "MODEL_VERSION",
            "HP_CONFIG",
            "HP_DATA_CONFIG",
            "HP_DATA_DIR",
            "HP_DATA_STORE",
            "HP_ARTIFACTS",
            "HP_HOST",
            "HP_PORT",
            "HP_THREADS",
            "HP_STORE",
            "HP_SPOOL",
            "HP_SPOOL_BYTES",
            "HP_API_KEYS",
            "HP_API_KEY",
            "HP_INSECURE",
            "HP_OPEN_DOCS",
            "HP_WIDTH_THRESHOLD",
            "HP_MONITOR_HOST",
            "HP_MONITOR_PORT",
            "HP_MONITOR_WEBHOOK",
            "HP_URL",
            "RUST_LOG",
            "AWS_LAMBDA_RUNTIME_API",
            "AWS_LAMBDA_FUNCTION_NAME",
            "COLUMNS",
        ] {
            command.env_remove(name);
        }
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("MLFLOW_") {
                command.env_remove(name);
            }
        }
        // Whoever runs the tests may have credentials and an identity of git there.
        command.env("HOME", self.path(""));
        command.env("USER", "ada");
        // Wherever temporary folders are, the project is not part of a checkout.
        command.env("GIT_DIR", "none");
        // No proxy stands between the tests and their own server.
        command.env("NO_PROXY", "*");
        command
    }
}

/// The bundled copy of the data.
pub(crate) fn boston_csv() -> String {
    fs::read_to_string(test_data(env!("CARGO_MANIFEST_DIR"), "boston.csv")).unwrap()
}

/// The same rows as Parquet, under the schema's names.
pub(crate) fn boston_parquet() -> Vec<u8> {
    fs::read(test_data(env!("CARGO_MANIFEST_DIR"), "boston.parquet")).unwrap()
}

/// How a command ended and what it printed, with the project's folder written as `[DIR]`.
pub(crate) struct Outcome {
    /// None when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    fn new(output: &Output, folder: &Path) -> Self {
        let folder = folder.display().to_string();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&folder, "[DIR]");
        Self {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// Fails the test unless the command ended with `code`.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Fails the test unless the command failed with `code`, said all of `words`, and printed
    /// nothing where data is expected.
    #[track_caller]
    pub(crate) fn refused(self, code: i32, words: &[&str]) -> Self {
        let outcome = self.expect(code);
        for word in words {
            assert!(
                outcome.stderr.contains(word),
                "`{word}` is missing in\n{outcome}"
            );
        }
        assert!(outcome.stderr.contains("error: "), "{outcome}");
        assert!(!outcome.stderr.contains("panicked"), "{outcome}");
        assert_eq!(outcome.stdout, "");
        outcome
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in\n{self}"))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => writeln!(f, "exit code {code}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                write!(f, "--- {name}\n{text}")?;
            }
        }
        Ok(())
    }
}
