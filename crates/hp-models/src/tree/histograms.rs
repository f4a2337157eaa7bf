//! What the rows of a large node add up to, code by code.

use super::bins::{Bins, Codes};
use super::totals::{Sample, Totals};

/// Codes of a feature where no feature has more.
const NARROW: usize = 1 << 8;

/// The histograms of one node after the other.
#[derive(Debug, Default)]
pub(super) struct Histograms {
    /// By feature and code while codes are narrow, else of one feature by code.
    bins: Vec<Totals>,
    centre: i64,
}

impl Histograms {
    /// Takes the rows of a node, their targets relative to `centre`. Where codes are narrow all
    /// features are added up in one pass over the rows, whose codes lie side by side.
    pub(super) fn fill(&mut self, samples: &[Sample], centre: i64, bins: &Bins) {
        self.centre = centre;
        let Codes::Narrow(codes) = bins.codes() else {
            return;
        };
        let n_features = bins.n_features();
        self.bins.clear();
        self.bins.resize(n_features * NARROW, Totals::default());
        let (histograms, _) = self.bins.as_chunks_mut::<NARROW>();
        for sample in samples {
            let totals = sample.totals_around(centre);
            let row = &codes[sample.row as usize * n_features..][..n_features];
            for (histogram, &code) in histograms.iter_mut().zip(row) {
                histogram[usize::from(code)].add(totals);
            }
        }
    }

    /// The totals of `feature` by ascending code, those of the node whose rows `samples` are and have
    /// been taken.
    pub(super) fn by_code(
        &mut self,
        feature: usize,
        samples: &[Sample],
        bins: &Bins,
    ) -> impl Iterator<Item = (u16, Totals)> + '_ {
        let histogram = match bins.codes() {
            Codes::Narrow(_) => &self.bins[feature * NARROW..][..NARROW],
            Codes::Wide(codes) => {
                self.bins.clear();
                let n_codes = bins.column(feature).n_codes();
                self.bins.resize(n_codes, Totals::default());
                for sample in samples {
                    let place = sample.row as usize * bins.n_features() + feature;
                    self.bins[usize::from(codes[place])].add(sample.totals_around(self.centre));
                }
                &self.bins[..]
            }
        };
        let runs = (0..=u16::MAX).zip(histogram);
        runs.filter(|(_, totals)| totals.count() > 0)
            .map(|(code, &totals)| (code, totals))
    }
}
