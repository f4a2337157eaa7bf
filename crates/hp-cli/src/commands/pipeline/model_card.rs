//! The model card: what a version is, how good it is, what it is for. The front matter is that of
//! Hugging Face's model cards.

use hp_artifact::Manifest;
use hp_core::config::{Card, Role};
use hp_core::number::shortest;
use hp_core::schema::Column;
use hp_evaluate::evaluation::Evaluation;
use std::fmt::Write;

/// Writes the card of a version; without an evaluation it has the cross-validated scores only.
pub(crate) fn write(manifest: &Manifest, evaluation: Option<&Evaluation>, card: &Card) -> String {
    let sections = [
        front_matter(manifest, evaluation),
        introduction(manifest),
        prose("Intended use", &card.intended_use),
        prose("Limitations", &card.limitations),
        prose("Ethical considerations", &card.ethics),
        data(manifest, card),
        evaluation.map(results).unwrap_or_default(),
        methods(manifest),
        inputs(manifest),
        use_it(manifest),
    ];
    let sections: Vec<_> = sections
        .into_iter()
        .filter(|section| !section.is_empty())
        .collect();
    sections.join("\n")
}

fn front_matter(manifest: &Manifest, evaluation: Option<&Evaluation>) -> String {
    let mut text = "---\nlibrary_name: hp\npipeline_tag: tabular-regression\ntags: [tabular-regression, prediction-interval]\n".to_owned();
    if let Some(evaluation) = evaluation {
        let served = &evaluation.served.all;
        let name = quoted(&manifest.data.name);
        let revision = manifest.data.fingerprint;
        text.push_str("model-index:\n");
        lines(
            &mut text,
            &[
                format!("  - name: hp {}", manifest.model_version),
                "    results:".to_owned(),
                "      - task: { type: tabular-regression }".to_owned(),
                format!(
                    "        dataset: {{ type: {name}, name: {name}, split: test, revision: {revision} }}"
                ),
                "        metrics:".to_owned(),
                format!("          - {{ type: rmse, value: {} }}", served.rmse),
                format!("          - {{ type: mae, value: {} }}", served.mae),
                format!(
                    "          - {{ type: coverage, value: {} }}",
                    served.coverage
                ),
                format!(
                    "          - {{ type: mean_interval_width, value: {} }}",
                    served.mean_width
                ),
            ],
        );
    }
    text.push_str("---\n");
    text
}

fn introduction(manifest: &Manifest) -> String {
    let target = &manifest.schema.target;
    let commit = manifest.git_commit.as_deref();
    let commit = commit.map_or_else(String::new, |commit| format!(" at commit {commit}"));
    format!(
        "# {} {}\n\nPredicts {} with a lower and an upper limit. A prediction outside its limits is called uncertain.\n\n\
         Trained by hp {}{commit}.\n",
        manifest.data.name,
        manifest.model_version,
        meaning(target),
        manifest.hp_version,
    )
}

fn prose(title: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("## {title}\n{text}\n")
}

fn data(manifest: &Manifest, card: &Card) -> String {
    let data = &manifest.data;
    let words = if card.data.is_empty() {
        String::new()
    } else {
        format!("{}\n\n", card.data)
    };
    format!(
        "## Data\n{words}{} rows, {} to train and {} held out (`random_state` {}); fingerprint `{}`.\n",
        data.rows, data.train_rows, data.test_rows, data.split.random_state, data.fingerprint,
    )
}

fn results(evaluation: &Evaluation) -> String {
    let mut text = format!("## Results on {} held-out rows\n", evaluation.rows);
    for table in evaluation.tables() {
        let rows = table.rows.iter().map(|row| {
            let cells = row.iter().map(|cell| {
                if cell.best {
                    format!("**{}**", cell.text)
                } else {
                    cell.text.clone()
                }
            });
            cells.collect()
        });
        let _ = write!(
            text,
            "\n{}\n\n{}",
            table.title,
            markdown(&table.columns, rows)
        );
    }
    text
}

fn methods(manifest: &Manifest) -> String {
    let columns = ["method", "role", "served", "cross-validated", "parameters"].map(str::to_owned);
    let rows = manifest.methods.iter().map(|method| {
        let scores = &method.cross_validation;
        let parameters = serde_json::to_string(&method.config).unwrap_or_default();
        let served = manifest
            .serving
            .role_of(&method.name)
            .map_or("", Role::name);
        vec![
            method.name.clone(),
            method.role.name().to_owned(),
            served.to_owned(),
            format!("{} {:.4}", scores.metric, scores.mean),
            format!("`{parameters}`"),
        ]
    });
    format!("## Methods\n{}", markdown(&columns, rows))
}

fn inputs(manifest: &Manifest) -> String {
    let columns = ["input", "type", "range", "meaning"].map(str::to_owned);
    let rows = manifest.schema.features.iter().map(|column| {
        vec![
            column.name.clone(),
            column.dtype.name().to_owned(),
            range(column),
            meaning(column),
        ]
    });
    format!("## Inputs\n{}", markdown(&columns, rows))
}

fn use_it(manifest: &Manifest) -> String {
    format!(
        "## Use\n```\nhp predict --artifact {}.tar.zst --json input_example.json\n```\n",
        manifest.model_version
    )
}

fn range(column: &Column) -> String {
    if let Some(allowed) = &column.allowed {
        let values: Vec<_> = allowed.iter().map(|value| shortest(*value)).collect();
        return values.join(", ");
    }
    match (column.min, column.max) {
        (Some(min), Some(max)) => format!("{} to {}", shortest(min), shortest(max)),
        (Some(min), None) => format!("at least {}", shortest(min)),
        (None, Some(max)) => format!("at most {}", shortest(max)),
        (None, None) => "any".to_owned(),
    }
}

fn meaning(column: &Column) -> String {
    let words = match (column.description.as_str(), column.unit.as_str()) {
        ("", "") => return column.name.clone(),
        (description, "") => description.to_owned(),
        ("", unit) => unit.to_owned(),
        (description, unit) => format!("{description} ({unit})"),
    };
    words.replace('|', "\\|")
}

fn markdown(columns: &[String], rows: impl Iterator<Item = Vec<String>>) -> String {
    let rule = vec!["---".to_owned(); columns.len()];
    let mut text = String::new();
    for row in [columns.to_vec(), rule].into_iter().chain(rows) {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn lines(text: &mut String, lines: &[String]) {
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
}
