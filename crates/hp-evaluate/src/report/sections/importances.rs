//! The chart of feature importances.

use super::Source;
use super::bar_figure::BarFigure;
use crate::evaluation::MethodPredictions;
use crate::report::ReportError;
use crate::report::chart::Bar;
use crate::report::html::{Figure, chart_text};
use crate::table::number;
use hp_core::config::Role;

/// Most features whose importance is drawn.
const MAX_FEATURES: usize = 20;

/// The importances of the served main regressor, or of the first method that has some.
pub(super) fn figure(source: &Source<'_>) -> Result<Option<Figure>, ReportError> {
    let observations = source.observations;
    let served = |method: &&MethodPredictions| method.name == observations.served.main;
    let mut methods: Vec<_> = observations.methods_of(Role::Main).collect();
    methods.sort_by_key(|method| !served(method));
    let found = methods
        .iter()
        .find_map(|method| Some((method, method.feature_importances.as_ref()?)));
    let Some((method, importances)) = found else {
        return Ok(None);
    };
    let mut ranked: Vec<_> = observations.feature_names.iter().zip(importances).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(a.1));
    let bars = ranked.iter().take(MAX_FEATURES).map(|(name, value)| Bar {
        name: chart_text(name),
        value: **value,
        label: number(**value),
        highlighted: true,
    });
    let cut = if ranked.len() > MAX_FEATURES {
        format!(" The {MAX_FEATURES} largest of {}.", ranked.len())
    } else {
        String::new()
    };
    BarFigure {
        title: "Feature importances".to_owned(),
        caption: format!("What {} relies on; longer is more.{cut}", method.name),
        axis: "Importance (share of the whole)".to_owned(),
        bars: bars.collect(),
        legend: Vec::new(),
    }
    .draw()
    .map(Some)
}
