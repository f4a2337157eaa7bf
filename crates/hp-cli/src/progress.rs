//! Progress bars, on a terminal only.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over bytes, for downloads and files.
pub(crate) fn bytes(name: impl Into<String>, total: Option<u64>) -> ProgressBar {
    let bar = match total {
        Some(total) => ProgressBar::new(total).with_style(style(
            "{prefix}  {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
        )),
        None => ProgressBar::no_length()
            .with_style(style("{prefix}  {spinner} {bytes} {bytes_per_sec}")),
    };
    bar.with_prefix(name.into())
}

/// A bar over the parts of a computation.
pub(crate) fn parts(name: impl Into<String>) -> ProgressBar {
    let bar =
        ProgressBar::new(1).with_style(style("{prefix:24} {wide_bar} {percent:>3} % {elapsed}"));
    bar.with_prefix(name.into())
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
