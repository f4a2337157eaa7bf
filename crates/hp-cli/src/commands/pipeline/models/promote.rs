//! `hp models promote`: an alias gets a version, if the version deserves it.

use super::conditions::{conditions, unreadable};
use super::moves;
use super::scores::required_scores;
use crate::environment;
use crate::failure::{Code, Failure};
use crate::output::{self, Format, Sheet};
use crate::settings::{ModelArgs, StoreArgs, Tracked};
use anyhow::anyhow;
use hp_core::version::ModelVersion;
use hp_registry::RegistryError;
use hp_registry::aliases::{self, Aliases, Promotion};
use hp_registry::gate::{Gate, Rivals, Verdict};
use hp_registry::reference::{Alias, Reference};
use jiff::Timestamp;
use serde_json::json;
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// The model configuration, unless another is named.
const CONFIG: &str = "configs/model_config.yaml";

/// Move an alias to a version, if the version is good enough
///
/// The condition compares metrics of the version on the held-out rows with numbers and with the
/// version that an alias means now: `rmse <= champion * 1.02 and coverage >= 0.75`. The metrics are
/// `rmse`, `mae`, `mse`, `r2`, `pinball_lower`, `pinball_upper`, `coverage`, `mean_width` and `share_uncertain`. A
/// comparison with an alias that means nothing yet holds, if it is the one that is moved, `champion`
/// or `challenger`. When the condition does not hold nothing
/// moves and the exit code is 3.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A version, an alias or `latest`
    version: Reference,
    /// The alias to move: small letters, digits, `_` and `-`
    #[arg(long, value_name = "NAME")]
    alias: Alias,
    /// What must hold [default: what `promotion` in the model configuration says of the alias]
    #[arg(long = "if", value_name = "CONDITION")]
    condition: Option<String>,
    /// Why, for the history
    #[arg(long, short = 'm', value_name = "TEXT")]
    reason: Option<String>,
    /// Where `promotion` is written [default: `configs/model_config.yaml`]
    #[arg(long, value_name = "FILE", env = "HP_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
    /// How to print the comparisons
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let artifacts = &args.store.artifacts;
    let gate = args.gate()?;
    let version = hp_registry::resolve(artifacts, &args.version)?;
    let aliases = Aliases::load(artifacts)?;
    let current = aliases.target(&args.alias);
    if current == Some(version) {
        output::say(format!("{} is {version} already", args.alias));
        return Ok(());
    }
    match &gate {
        Some(gate) => args.judge(gate, version, &aliases)?,
        None => output::say(format!(
            "note: no condition is configured for {}",
            args.alias
        )),
    }
    let promotion = Promotion {
        alias: args.alias.clone(),
        version,
        expected: current,
        at: Timestamp::now(),
        by: environment::user(),
        reason: args.reason.clone(),
        gate: gate.map(|gate| gate.to_string()),
    };
    let step = aliases::promote(artifacts, promotion)?;
    output::say(moves::sentence(&step));
    Tracked::tell_alias(&step.alias, step.to, artifacts);
    Ok(())
}

impl Args {
    /// The condition, if there is one.
    fn gate(&self) -> Result<Option<Gate>, Failure> {
        if let Some(condition) = &self.condition {
            let gate = condition.parse();
            return gate
                .map(Some)
                .map_err(|error| unreadable(Code::Usage, error));
        }
        // Versions may be promoted far from the configuration they were trained with.
        if self.config.is_none() && !Path::new(CONFIG).exists() {
            return Ok(None);
        }
        let file = self.config.clone().unwrap_or_else(|| CONFIG.into());
        let model = ModelArgs { config: file };
        let mut configured = conditions(&model.config, &model.config()?)?;
        Ok(configured.remove(self.alias.as_str()))
    }

    /// Prints what became of every comparison; an error when the condition does not hold.
    fn judge(&self, gate: &Gate, version: ModelVersion, aliases: &Aliases) -> Result<(), Failure> {
        let artifacts = &self.store.artifacts;
        let candidate = required_scores(artifacts, version)?;
        let unknown = RefCell::new(None);
        let of_rival = |alias: &Alias| {
            let rival = aliases.target(alias)?;
            let scores = required_scores(artifacts, rival);
            scores
                .map_err(|failure| unknown.replace(Some(failure)))
                .ok()
        };
        let rivals = Rivals {
            moved: &self.alias,
            aliases: &aliases.names(),
            scores: &of_rival,
        };
        let verdict = gate.check(&candidate, &rivals);
        if let Some(failure) = unknown.into_inner() {
            return Err(failure);
        }
        let verdict = verdict.map_err(RegistryError::from)?;
        output::print(
            self.format,
            &json!({ "version": version, "alias": self.alias, "verdict": verdict }),
            &[sheet(&verdict)],
        )?;
        if verdict.met {
            return Ok(());
        }
        let error = anyhow!(
            "{version} does not become {}: `{gate}` does not hold",
            self.alias
        );
        Err(
            Failure::new(Code::Policy, error).hint(match aliases.target(&self.alias) {
                Some(current) => format!("{} is still {current}", self.alias),
                None => format!("{} still means nothing", self.alias),
            }),
        )
    }
}

fn sheet(verdict: &Verdict) -> Sheet {
    let mut sheet = Sheet::new("", &["comparison", "left", "right", "holds", "note"]);
    for comparison in &verdict.comparisons {
        let number = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.4}"));
        sheet.push([
            comparison.text.clone(),
            number(comparison.left),
            number(comparison.right),
            if comparison.holds { "yes" } else { "NO" }.to_owned(),
            comparison.note.clone().unwrap_or_default(),
        ]);
    }
    sheet
}
