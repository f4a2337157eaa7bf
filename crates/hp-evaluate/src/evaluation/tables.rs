//! The evaluation as tables.

use super::{EstimatorScore, Evaluation, GroupScore, Metric};
use crate::table::{Cell, ResultTable};
use hp_core::config::Role;

impl Evaluation {
    /// The results as tables: main regressors, lower estimators, upper estimators, intervals and
    /// the served trio.
    #[must_use]
    pub fn tables(&self) -> Vec<ResultTable> {
        vec![
            self.main_table(),
            self.estimator_table(Role::Lower),
            self.estimator_table(Role::Upper),
            self.interval_table(),
            self.served_table(),
        ]
    }

    pub(crate) fn main_table(&self) -> ResultTable {
        let rows = self.main.iter().map(|score| {
            let cell = |value, metric| Cell::number(value).marked(score.best.contains(&metric));
            vec![
                Cell::text(&score.name),
                cell(score.rmse, Metric::Rmse),
                cell(score.mae, Metric::Mae),
                cell(score.mse, Metric::Mse),
                score
                    .r2
                    .map_or_else(Cell::missing, |r2| cell(r2, Metric::R2)),
            ]
        });
        table(
            "Main regressors",
            &["Method", "RMSE", "MAE", "MSE", "R²"],
            rows,
        )
    }

    pub(crate) fn estimator_table(&self, role: Role) -> ResultTable {
        let title = match role {
            Role::Upper => "Upper estimators",
            _ => "Lower estimators",
        };
        let of_role = |score: &&EstimatorScore| score.role == role;
        let rows = self.estimators.iter().filter(of_role).map(|score| {
            let best = score.best.contains(&Metric::Pinball);
            vec![
                Cell::text(&score.name),
                quantile(score.quantile),
                Cell::number(score.pinball).marked(best),
                Cell::number(score.mae),
                Cell::number(score.mse),
            ]
        });
        table(
            title,
            &["Method", "Quantile", "Pinball loss", "MAE", "MSE"],
            rows,
        )
    }

    pub(crate) fn interval_table(&self) -> ResultTable {
        let rows = self.intervals.iter().map(|score| {
            vec![
                Cell::text(&score.name),
                Cell::share(score.nominal),
                Cell::share(score.coverage),
                Cell::number(score.mean_width),
                Cell::count(score.crossings),
                Cell::text(if score.served { "yes" } else { "no" }),
            ]
        });
        table(
            "Intervals",
            &[
                "Pair",
                "Nominal",
                "Coverage",
                "Mean width",
                "Crossings",
                "Served",
            ],
            rows,
        )
    }

    pub(crate) fn served_table(&self) -> ResultTable {
        let served = &self.served;
        let groups = [
            ("All", Some(&served.all)),
            ("Certain", served.certain.as_ref()),
            ("Uncertain", served.uncertain.as_ref()),
        ];
        let rows = groups.map(|(name, group)| {
            let cell = |show: &dyn Fn(&GroupScore) -> Cell| group.map_or_else(Cell::missing, show);
            let count = group.map_or(0, |group| group.rows);
            vec![
                Cell::text(name),
                Cell::count(count),
                Cell::share(count as f64 / self.rows as f64),
                cell(&|group| Cell::number(group.rmse)),
                cell(&|group| Cell::number(group.mae)),
                cell(&|group| Cell::share(group.coverage)),
                cell(&|group| Cell::number(group.mean_width)),
            ]
        });
        table(
            "Served trio",
            &[
                "Group",
                "Rows",
                "Share",
                "RMSE",
                "MAE",
                "Coverage",
                "Mean width",
            ],
            rows,
        )
    }
}

fn quantile(value: f64) -> Cell {
    Cell {
        value: Some(value),
        ..Cell::text(value.to_string())
    }
}

fn table(title: &str, columns: &[&str], rows: impl IntoIterator<Item = Vec<Cell>>) -> ResultTable {
    ResultTable {
        title: title.to_owned(),
        columns: columns.iter().map(ToString::to_string).collect(),
        rows: rows.into_iter().collect(),
    }
}
