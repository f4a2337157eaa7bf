//! `hp features`: what the models will see.

use crate::failure::Failure;
use crate::output::{self, Format, Sheet};
use crate::settings::DataArgs;
use hp_core::number::shortest;
use hp_core::schema::DType;
use hp_features::{Preprocessor, feature_matrix, train_test_split};
use serde_json::json;

/// Show the feature groups, the train/test split and the fitted scaler
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    data: DataArgs,
    /// How to print it
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let config = args.data.config()?;
    let (schema, split) = (&config.schema, config.split);
    let (table, _) = args.data.data_set(&config).load(schema)?;
    let rows = train_test_split(table.n_rows(), split)?;
    let preprocessor = Preprocessor::fit(schema, feature_matrix(&table, &rows.train).view())?;
    let scaler = preprocessor.scaler();

    let names: Vec<_> = schema.feature_names().collect();
    let floats = schema.features_of(DType::Float);
    let integers = schema.features_of(DType::Integer);
    let target = &schema.target.name;

    let mut groups = Sheet::new("Features", &["group", "columns"]);
    groups.push(["FLOAT_FEATURES".to_owned(), floats.join(" ")]);
    groups.push(["INT_FEATURES".to_owned(), integers.join(" ")]);
    groups.push(["TARGET".to_owned(), target.clone()]);

    let title = format!("Split (random_state {})", split.random_state);
    let mut sizes = Sheet::new(title, &["part", "rows"]);
    sizes.push(["train".to_owned(), rows.train.len().to_string()]);
    sizes.push(["test".to_owned(), rows.test.len().to_string()]);

    let title = "Scaler, fitted on the training rows";
    let mut scaling = Sheet::new(title, &["feature", "mean", "deviation"]);
    let mut scaled = Vec::new();
    for (column, &feature) in preprocessor.scaled_features().iter().enumerate() {
        let (mean, scale) = (scaler.mean[column], scaler.scale[column]);
        scaling.push([names[feature].to_owned(), shortest(mean), shortest(scale)]);
        scaled.push(json!({ "feature": names[feature], "mean": mean, "scale": scale }));
    }
    let json = json!({
        "float_features": floats,
        "int_features": integers,
        "target": target,
        "test_size": split.test_size,
        "random_state": split.random_state,
        "train_rows": rows.train.len(),
        "test_rows": rows.test.len(),
        "train_indices": rows.train,
        "test_indices": rows.test,
        "scaler": scaled,
    });
    output::print(args.format, &json, &[groups, sizes, scaling])
}
