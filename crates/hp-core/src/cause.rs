//! Why something failed, as one text for a log, whose fields keep only the outermost error.

use std::error::Error;
use std::iter::successors;

/// The text of `error` and of its sources, joined by colons.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let errors = successors(Some(error), |&error| error.source());
    let texts: Vec<_> = errors.map(ToString::to_string).collect();
    texts.join(": ")
}
