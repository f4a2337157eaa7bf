//! Progress bars, on a terminal only.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// A bar over bytes, for downloads and files whose size may become known later.
pub(crate) fn bytes(name: impl Into<String>) -> ProgressBar {
    let unknown = style("{prefix}  {spinner} {bytes} {bytes_per_sec}");
    ProgressBar::no_length()
        .with_style(unknown)
        .with_prefix(name.into())
}

/// Moves a bar over bytes to `done` of `total`.
pub(crate) fn advance(bar: &ProgressBar, done: u64, total: Option<u64>) {
    if bar.length().is_none()
        && let Some(total) = total
    {
        bar.set_style(style(
            "{prefix}  {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
        ));
        bar.set_length(total);
    }
    bar.set_position(done);
}

/// A bar over calls, of which there may be no end.
pub(crate) fn calls(count: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::no_length().with_prefix("calling");
    match count {
        Some(count) => {
            bar.set_length(count);
            bar.with_style(style("{prefix}  {wide_bar} {pos}/{len} {elapsed}  {msg}"))
        }
        None => bar.with_style(style("{prefix}  {spinner} {pos} {elapsed}  {msg}")),
    }
}

/// A bar over the parts of a computation.
pub(crate) fn parts(name: impl Into<String>) -> ProgressBar {
    let known = style("{prefix:24} {wide_bar} {percent:>3} % {elapsed}");
    ProgressBar::new(1)
        .with_style(known)
        .with_prefix(name.into())
}

/// A sign of life while somebody else is waited for.
pub(crate) fn waiting(name: impl Into<String>) -> ProgressBar {
    let bar = ProgressBar::new_spinner()
        .with_style(style("{prefix}  {spinner} {elapsed}"))
        .with_prefix(name.into());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
