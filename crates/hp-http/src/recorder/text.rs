//! The text format of Prometheus, version 0.0.4.

use super::buckets::Buckets;
use super::{Families, Series};
use metrics::Key;
use std::fmt::{self, Display, Write};
use std::sync::atomic::Ordering;

/// The series of `families`; a metric without any is left out.
pub(super) fn of(families: &Families) -> String {
    let mut text = String::new();
    for (name, family) in families {
        // Writing to a text never fails.
        let _ = write_family(&mut text, name, &family.help, family.series.iter());
    }
    text
}

/// The labels of `key` as they stand between braces, sorted by name.
pub(super) fn labels(key: &Key) -> String {
    let mut labels: Vec<_> = key
        .labels()
        .map(|label| format!("{}=\"{}\"", label.key(), escaped(label.value())))
        .collect();
    labels.sort();
    labels.join(",")
}

fn write_family<'a>(
    text: &mut String,
    name: &str,
    help: &str,
    series: impl Iterator<Item = (&'a String, &'a Series)>,
) -> fmt::Result {
    let mut series = series.peekable();
    let Some((_, first)) = series.peek() else {
        return Ok(());
    };
    if !help.is_empty() {
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        writeln!(text, "# HELP {name} {help}")?;
    }
    writeln!(text, "# TYPE {name} {}", kind(first))?;
    for (labels, series) in series {
        match series {
            Series::Counter(number) => {
                let number = number.load(Ordering::Relaxed);
                writeln!(text, "{name}{} {number}", Braces(labels, None))?;
            }
            Series::Gauge(bits) => {
                let number = f64::from_bits(bits.load(Ordering::Relaxed));
                writeln!(text, "{name}{} {number}", Braces(labels, None))?;
            }
            Series::Histogram(buckets) => write_histogram(text, name, labels, buckets)?,
        }
    }
    Ok(())
}

fn write_histogram(text: &mut String, name: &str, labels: &str, buckets: &Buckets) -> fmt::Result {
    let (bounds, total) = buckets.cumulative();
    for (bound, count) in bounds {
        let braces = Braces(labels, Some(&bound));
        writeln!(text, "{name}_bucket{braces} {count}")?;
    }
    let braces = Braces(labels, Some(&"+Inf"));
    writeln!(text, "{name}_bucket{braces} {total}")?;
    let braces = Braces(labels, None);
    writeln!(text, "{name}_sum{braces} {}", buckets.sum())?;
    writeln!(text, "{name}_count{braces} {total}")
}

fn kind(series: &Series) -> &'static str {
    match series {
        Series::Counter(_) => "counter",
        Series::Gauge(_) => "gauge",
        Series::Histogram(_) => "histogram",
    }
}

fn escaped(value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    value.replace('\n', "\\n")
}

/// The labels of a line and the bound of its bucket, if it has any.
struct Braces<'a>(&'a str, Option<&'a dyn Display>);

impl Display for Braces<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            ("", None) => Ok(()),
            (labels, None) => write!(f, "{{{labels}}}"),
            ("", Some(bound)) => write!(f, "{{le=\"{bound}\"}}"),
            (labels, Some(bound)) => write!(f, "{{{labels},le=\"{bound}\"}}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Recorder;
    use metrics::{counter, describe_counter, gauge, histogram, with_local_recorder};

    #[test]
    fn every_kind_is_written_as_prometheus_reads_it() {
        let recorder = Recorder::new(&[("seconds", &[0.000_1, 2.5]), ("unused", &[1.0])]);
        with_local_recorder(&recorder, || {
            describe_counter!("requests", "All of them,\nby \\ kind.");
            describe_counter!("never", "Has no series.");
            counter!("requests", "path" => "/a\"b\\c\nd", "code" => "200").increment(2);
            counter!("requests", "code" => "200", "path" => "/a\"b\\c\nd").increment(1);
            counter!("requests", "code" => "404").increment(1);
            gauge!("depth").set(-0.5);
            histogram!("seconds", "path" => "/").record(0.001);
            histogram!("seconds", "path" => "/").record(10.0);
            histogram!("widths").record(3.0);
            // Another kind under a name that is taken.
            gauge!("requests", "code" => "404").set(9.0);
        });
        insta::assert_snapshot!(recorder.render(), @r##"
        # TYPE depth gauge
        depth -0.5
        # HELP requests All of them,\nby \\ kind.
        # TYPE requests counter
        requests{code="200",path="/a\"b\\c\nd"} 3
        requests{code="404"} 1
        # TYPE seconds histogram
        seconds_bucket{path="/",le="0.0001"} 0
        seconds_bucket{path="/",le="2.5"} 1
        seconds_bucket{path="/",le="+Inf"} 2
        seconds_sum{path="/"} 10.001
        seconds_count{path="/"} 2
        # TYPE widths histogram
        widths_bucket{le="+Inf"} 1
        widths_sum 3
        widths_count 1
        "##);
    }
}
