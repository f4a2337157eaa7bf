//! Monitoring of predictions: how certain the model is, whether its inputs still look like its
//! training data, and whether its intervals keep their promise.
//!
//! [`statistics`] are pure functions of slices; [`view`] asks the prediction log and answers with
//! figures; [`web`] shows them to browsers and machines, [`report`] puts them together, and a
//! [`policy`] says what must not be.

pub mod statistics;
pub mod view;

pub mod web;

pub mod policy;
pub mod report;
