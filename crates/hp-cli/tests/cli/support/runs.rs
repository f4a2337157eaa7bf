//! Runs and versions to compare and to promote.

use super::{Project, SMALL};
use serde_json::Value;
use std::sync::OnceLock;

const CONFIG: &str = "configs/model_config.yaml";

impl Project {
    /// Three methods are trained and evaluated as v1.0.0; v1.1.0, whose only main method has no
    /// intercept, is worse.
    pub(crate) fn with_two_versions() -> Self {
        static VERSIONS: OnceLock<Project> = OnceLock::new();
        let versions = VERSIONS.get_or_init(|| {
            let project = Self::fetched();
            project.write(CONFIG, SMALL);
            project.hp("run --from train --to evaluate").expect(0);
            project.replace(CONFIG, "v1.0.0", "v1.1.0");
            project.replace(CONFIG, "fit_intercept: True", "fit_intercept: False");
            project.hp("run --from train --to evaluate").expect(0);
            project
        });
        versions.copy()
    }

    /// What `hp runs list` knows, newest first.
    pub(crate) fn runs(&self) -> Vec<Value> {
        let list = self.hp("runs list --format json").expect(0).json();
        list.as_array().unwrap().clone()
    }

    /// How the runs stand, newest first.
    pub(crate) fn statuses(&self) -> Vec<String> {
        let text = |run: Value| run["status"].as_str().unwrap().to_owned();
        self.runs().into_iter().map(text).collect()
    }

    /// The versions that the alias meant, oldest first.
    pub(crate) fn targets(&self, alias: &str) -> Vec<String> {
        let moves = self.json("artifacts/aliases.json")["moves"].take();
        let moves = moves.as_array().unwrap().iter();
        let of_alias = moves.filter(|step| step["alias"] == alias);
        let text = |step: &Value| step["to"].as_str().unwrap().to_owned();
        of_alias.map(text).collect()
    }
}

/// The text with the n-th run written as `RUN-00…n`, and days, times and seconds hidden; every
/// column stays as wide as it was.
pub(crate) fn masked(text: &str) -> String {
    let mut runs = Vec::new();
    let mut masked = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find([' ', '\n', ',']).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        let (space, tail) = tail.split_at(tail.len().min(1));
        masked += &mask(word, &mut runs);
        masked += space;
        rest = tail;
    }
    masked
}

fn mask<'a>(word: &'a str, runs: &mut Vec<&'a str>) -> String {
    let all = |text: &str, allowed: fn(&char) -> bool| text.chars().all(|c| allowed(&c));
    if word.len() == 26 && all(word, char::is_ascii_alphanumeric) {
        let known = runs.iter().position(|run| *run == word);
        let number = known.unwrap_or_else(|| {
            runs.push(word);
            runs.len() - 1
        });
        return format!("RUN-{:0>22}", number + 1);
    }
    let digit = |c: &char| c.is_ascii_digit();
    let shape: String = word
        .chars()
        .map(|c| if digit(&c) { '0' } else { c })
        .collect();
    match shape.as_str() {
        "0000-00-00" => "YYYY-MM-DD".to_owned(),
        "00:00:00" => "hh:mm:ss".to_owned(),
        _ => word.to_owned(),
    }
}
