//! `model_config.yaml`: the version, the methods and which of them are served.

use super::estimator;
use crate::method::MethodConfig;
use crate::version::ModelVersion;
use crate::yaml::{self, ConfigError, Mapping, Node, Problems};
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;
use std::collections::BTreeMap;

/// A checked `model_config.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelConfig {
    /// The version that training makes.
    pub version: ModelVersion,
    /// The methods in the order of the file; names are unique.
    pub methods: Vec<Method>,
    /// Which methods are served, where the file decides instead of cross-validation.
    pub serving: ServingPins,
    /// Number of cross-validation folds, at least 2.
    pub folds: usize,
    /// By alias, the condition under which a version gets it, as it is written.
    pub promotion: BTreeMap<String, String>,
}

/// One entry of `Methods`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Method {
    /// The published name, `Random Forest Regressor`.
    pub name: String,
    /// What the method estimates.
    pub role: Role,
    /// Its parameters.
    pub config: MethodConfig,
    /// Keys that are accepted but have no effect here, such as `n_jobs`.
    #[serde(skip)]
    pub ignored: Vec<String>,
}

/// What a method estimates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The value itself.
    Main,
    /// The lower limit.
    Lower,
    /// The upper limit.
    Upper,
}

impl Role {
    /// All roles, main first.
    pub const ALL: [Self; 3] = [Self::Main, Self::Lower, Self::Upper];

    /// `main`, `lower` or `upper`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Lower => "lower",
            Self::Upper => "upper",
        }
    }
}

/// Names of the methods that the file pins to a role.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ServingPins {
    /// The main regressor.
    pub main: Option<String>,
    /// The lower estimator.
    pub lower: Option<String>,
    /// The upper estimator.
    pub upper: Option<String>,
}

impl ServingPins {
    /// The pinned method of `role`.
    #[must_use]
    pub fn of(&self, role: Role) -> Option<&str> {
        match role {
            Role::Main => self.main.as_deref(),
            Role::Lower => self.lower.as_deref(),
            Role::Upper => self.upper.as_deref(),
        }
    }
}

impl Method {
    /// The quantile that a lower or upper estimator is fitted to; `None` for a main regressor.
    #[must_use]
    pub fn quantile(&self) -> Option<f64> {
        match (&self.config, self.role) {
            (_, Role::Main) => None,
            (MethodConfig::QuantileRegressor(params), _) => Some(params.quantile),
            (MethodConfig::GradientBoostingRegressor(params), _) => Some(params.alpha),
            _ => None,
        }
    }

    /// The name as part of a file name: `random_forest_regressor`.
    #[must_use]
    pub fn slug(&self) -> String {
        self.name.to_lowercase().replace(' ', "_")
    }
}

impl ModelConfig {
    /// Parses and checks `text`; `file` is its name for errors.
    ///
    /// # Errors
    /// Every problem of the file, with its place.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        let root = yaml::parse(file, text)?;
        let problems = Problems::new(file, text);
        let config = Mapping::open("the model configuration", &root, &problems)
            .and_then(|top| read(top, &problems));
        problems.into_result(config)
    }

    /// The methods of one role, in the order of the file.
    pub fn methods_of(&self, role: Role) -> impl Iterator<Item = &Method> {
        self.methods
            .iter()
            .filter(move |method| method.role == role)
    }
}

/// Whether `name` can be moved from version to version: at most 100 bytes, a small letter, then
/// small letters, digits, `_` and `-`. A tracking server keeps `latest` and `v1` for itself.
#[must_use]
pub fn is_alias(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
    let numbered = name.strip_prefix('v').unwrap_or_default();
    let reserved = name == "latest"
        || (!numbered.is_empty() && numbered.bytes().all(|byte| byte.is_ascii_digit()));
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 100
        && name.chars().all(allowed)
        && !reserved
}

fn read<'a>(mut top: Mapping<'a>, problems: &'a Problems<'a>) -> Option<ModelConfig> {
    let version = read_version(&mut top, problems);
    let methods = read_methods(&mut top, problems);
    let serving = read_serving(&mut top, &methods, problems);
    let mut folds = 5;
    if let Some(value) = top.get("cross_validation")
        && let Some(mut entry) = Mapping::open("`cross_validation`", value, problems)
    {
        folds = entry.integer("folds", folds, 2);
        entry.finish();
    }
    let promotion = read_promotion(&mut top, problems);
    top.finish();
    Some(ModelConfig {
        version: version?,
        methods,
        serving,
        folds,
        promotion,
    })
}

fn read_version(top: &mut Mapping<'_>, problems: &Problems<'_>) -> Option<ModelVersion> {
    let value = top.require("model_versions")?;
    let Node::Text(text) = &value.value else {
        top.refuse("model_versions", value, "a version like `v1.0.0`");
        return None;
    };
    let version = text.parse();
    version
        .map_err(|error| problems.report(value.referenced, format!("`model_versions`: {error}")))
        .ok()
}

fn read_methods<'a>(top: &mut Mapping<'a>, problems: &'a Problems<'a>) -> Vec<Method> {
    let Some(value) = top.require("Methods") else {
        return Vec::new();
    };
    let Node::List(items) = &value.value else {
        top.refuse("Methods", value, "a list of methods");
        return Vec::new();
    };
    let mut methods: Vec<Method> = Vec::new();
    for item in items {
        let Some(method) = read_method(item, problems) else {
            continue;
        };
        if methods.iter().any(|known| known.name == method.name) {
            let message = format!("method `{}` is listed twice", method.name);
            problems.report(item.referenced, message);
        }
        methods.push(method);
    }
    // Roles of entries that could not be read are not known, so only a clean list is judged.
    if methods.len() == items.len() {
        for role in Role::ALL {
            if methods.iter().all(|method| method.role != role) {
                let message = format!("no method has the role `{}`", role.name());
                problems.report(value.referenced, message);
            }
        }
        check_quantiles(&methods, value, problems);
    }
    methods
}

/// Any lower estimator may be served with any upper one, so every pair must be in order.
fn check_quantiles(methods: &[Method], value: &Spanned<Node>, problems: &Problems<'_>) {
    for lower in methods.iter().filter(|m| m.role == Role::Lower) {
        for upper in methods.iter().filter(|m| m.role == Role::Upper) {
            if let (Some(low), Some(high)) = (lower.quantile(), upper.quantile())
                && low >= high
            {
                let message = format!(
                    "the quantile {low} of `{}` must be below the quantile {high} of `{}`",
                    lower.name, upper.name
                );
                problems.report(value.referenced, message);
            }
        }
    }
}

fn read_method<'a>(item: &'a Spanned<Node>, problems: &'a Problems<'a>) -> Option<Method> {
    let mut entry = Mapping::open("a method", item, problems)?;
    let name = entry.require_text("name");
    let config = entry.get("config");
    entry.finish();
    let name = name?;
    let Some(known) = estimator::KNOWN.iter().find(|known| known.name == name) else {
        let names: Vec<_> = estimator::KNOWN
            .iter()
            .map(|k| format!("`{}`", k.name))
            .collect();
        let message = format!(
            "unknown method `{name}`; known methods: {}",
            names.join(", ")
        );
        problems.report(item.referenced, message);
        return None;
    };
    let empty = Spanned::new(Node::Null, item.referenced, item.defined);
    let (config, ignored) = estimator::read(known, config.unwrap_or(&empty), problems)?;
    Some(Method {
        name,
        role: known.role,
        config,
        ignored,
    })
}

fn read_serving<'a>(
    top: &mut Mapping<'a>,
    methods: &[Method],
    problems: &'a Problems<'a>,
) -> ServingPins {
    let mut pins = ServingPins::default();
    let Some(value) = top.get("serving") else {
        return pins;
    };
    let Some(mut entry) = Mapping::open("`serving`", value, problems) else {
        return pins;
    };
    for role in Role::ALL {
        let Some(name) = entry.text(role.name()) else {
            continue;
        };
        let mut candidates = methods.iter().filter(|method| method.role == role);
        if candidates.all(|method| method.name != name) {
            let message = format!(
                "`{name}` is not a configured method of the role `{}`",
                role.name()
            );
            problems.report(value.referenced, message);
        }
        match role {
            Role::Main => pins.main = Some(name),
            Role::Lower => pins.lower = Some(name),
            Role::Upper => pins.upper = Some(name),
        }
    }
    entry.finish();
    pins
}

fn read_promotion(top: &mut Mapping<'_>, problems: &Problems<'_>) -> BTreeMap<String, String> {
    let mut conditions = BTreeMap::new();
    let Some(value) = top.get("promotion") else {
        return conditions;
    };
    let Node::Map(entries) = &value.value else {
        top.refuse("promotion", value, "a mapping of aliases to conditions");
        return conditions;
    };
    for (alias, condition) in entries {
        let Node::Text(text) = &condition.value else {
            top.refuse(
                &alias.value,
                condition,
                "a condition like `rmse <= champion`",
            );
            continue;
        };
        if !is_alias(&alias.value) {
            let message = format!(
                "`{}` of `promotion` is not an alias: a small letter is expected, then small \
                 letters, digits, `_` and `-`, and neither `latest` nor `v1`",
                alias.value
            );
            problems.report(alias.referenced, message);
        }
        conditions.insert(alias.value.clone(), text.clone());
    }
    conditions
}
