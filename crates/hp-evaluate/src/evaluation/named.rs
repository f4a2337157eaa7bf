//! The numbers of an evaluation by the names that conditions and tracking servers use.

use super::Evaluation;
use std::collections::BTreeMap;

impl Evaluation {
    /// The metrics of the served trio: `rmse`, `mae`, `mse` and `r2` of its main regressor,
    /// `pinball_lower` and `pinball_upper` of its estimators, `coverage` and `mean_width` of its
    /// interval, `share_uncertain`.
    #[must_use]
    pub fn served_metrics(&self) -> BTreeMap<String, f64> {
        let trio = &self.served.trio;
        let mut metrics = self.method_metrics(&trio.main);
        for (name, estimator) in [
            ("pinball_lower", &trio.lower),
            ("pinball_upper", &trio.upper),
        ] {
            let pinball = self.method_metrics(estimator).remove("pinball");
            metrics.extend(pinball.map(|loss| (name.to_owned(), loss)));
        }
        let all = &self.served.all;
        metrics.extend(
            [
                ("coverage", all.coverage),
                ("mean_width", all.mean_width),
                ("share_uncertain", self.served.share_uncertain),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        metrics
    }

    /// The metrics of the method `name`: `rmse`, `mae`, `mse` and `r2` of a main regressor,
    /// `pinball`, `mae` and `mse` of an estimator, nothing of an unknown one.
    #[must_use]
    pub fn method_metrics(&self, name: &str) -> BTreeMap<String, f64> {
        let main = self.main.iter().find(|score| score.name == name);
        let estimator = self.estimators.iter().find(|score| score.name == name);
        let main = main.into_iter().flat_map(|score| {
            [
                ("rmse", Some(score.rmse)),
                ("mae", Some(score.mae)),
                ("mse", Some(score.mse)),
                ("r2", score.r2),
            ]
        });
        let estimator = estimator.into_iter().flat_map(|score| {
            [
                ("pinball", Some(score.pinball)),
                ("mae", Some(score.mae)),
                ("mse", Some(score.mse)),
            ]
        });
        main.chain(estimator)
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect()
    }
}
