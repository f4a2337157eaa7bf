//! What the regressors promise: scikit-learn's numbers, bands of quality, and the same bits anywhere.

mod bands;
mod boston;
mod linear_data;
mod matrices;
mod threads;

mod huber;
mod least_squares;
mod quantile;

mod boosting;
mod forest;
mod histograms;
mod single_tree;
