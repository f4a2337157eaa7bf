//! What the query of a request asks for. Whatever is wrong with it is told, all at once.

use crate::view::{PageQuery, Range, Selection, When, beginning, end};
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use hp_http::{Detail, HttpError};
use hp_store::{Bucket, RankBy};
use std::fmt::Display;
use std::num::NonZeroUsize;
use std::str::FromStr;

/// The parameters of a request in order.
pub(super) type Given = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// The most rows of a page.
const LARGEST_PAGE: usize = 500;

/// The most pages.
const LAST_PAGE: usize = 1_000_000_000;

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    Parquet,
}

/// Reads the parameters that every question has; `threshold` is that of a request without one.
pub(super) fn selection(given: Given, threshold: f64) -> Result<Selection, HttpError> {
    let mut parameters = Parameters::new(given);
    let selection = parameters.selection(threshold);
    parameters.or(selection)
}

/// Reads the parameters of a page of records.
pub(super) fn page(given: Given, threshold: f64) -> Result<(Selection, PageQuery), HttpError> {
    let mut parameters = Parameters::new(given);
    let selection = parameters.selection(threshold);
    let page = PageQuery {
        by: parameters.one_of("sort", &SORTS).unwrap_or(RankBy::Time),
        descending: parameters
            .one_of("order", &[("asc", false), ("desc", true)])
            .unwrap_or(true),
        page: parameters.number("page", LAST_PAGE, 1),
        size: parameters.number("size", LARGEST_PAGE, 50),
    };
    parameters.or((selection, page))
}

/// Reads the parameters of an export.
pub(super) fn export(given: Given, threshold: f64) -> Result<(Selection, Form), HttpError> {
    let mut parameters = Parameters::new(given);
    let selection = parameters.selection(threshold);
    let forms = [("csv", Form::Csv), ("parquet", Form::Parquet)];
    let form = parameters.one_of("format", &forms).unwrap_or(Form::Csv);
    parameters.or((selection, form))
}

/// Refuses all parameters.
pub(super) fn none(given: Given) -> Result<(), HttpError> {
    Parameters::new(given).or(())
}

/// The refusal of a part of the path.
pub(super) fn bad_path(name: &str, value: &str, problem: impl Display) -> HttpError {
    HttpError::Validation(vec![detail("value_error", &["path", name], value, problem)])
}

const SORTS: [(&str, RankBy); 7] = [
    ("time", RankBy::Time),
    ("width", RankBy::Width),
    ("prediction", RankBy::Prediction),
    ("lower", RankBy::Lower),
    ("upper", RankBy::Upper),
    ("excess", RankBy::Excess),
    ("error", RankBy::Error),
];

const BUCKETS: [(&str, Option<Bucket>); 4] = [
    ("none", None),
    ("hour", Some(Bucket::Hour)),
    ("day", Some(Bucket::Day)),
    ("week", Some(Bucket::Week)),
];

/// Parameters that have not been read yet, and what was wrong with others.
struct Parameters {
    given: Vec<(String, String)>,
    problems: Vec<Detail>,
}

impl Parameters {
    fn new(given: Given) -> Self {
        match given {
            Ok(Query(given)) => Self {
                given,
                problems: Vec::new(),
            },
            Err(rejection) => Self {
                given: Vec::new(),
                problems: vec![detail("value_error", &["query"], "", rejection.body_text())],
            },
        }
    }

    fn selection(&mut self, threshold: f64) -> Selection {
        let certainty = [("certain", false), ("uncertain", true)];
        Selection {
            time: self.time(),
            threshold: self.take("threshold", width).unwrap_or(threshold),
            bucket: self.one_of("bucket", &BUCKETS).flatten(),
            model_version: self.take("version", parsed),
            source: self.take("source", parsed),
            uncertain: self.one_of("certainty", &certainty),
        }
    }

    fn time(&mut self) -> When {
        let range = self.take("range", parsed::<Range>);
        let from = self.take("from", |text| beginning(text).map_err(|it| it.to_string()));
        let to = self.take("to", |text| end(text).map_err(|it| it.to_string()));
        if let (Some(from), Some(to)) = (from, to)
            && to <= from
        {
            self.problem("to", "", "it is not after `from`");
        }
        match (range, from, to) {
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
                self.problem("range", "", "it is given together with `from` or `to`");
                When::Between { from, to }
            }
            (Some(range), None, None) => When::Last(range),
            (None, None, None) => When::Last(Range::Month),
            (None, from, to) => When::Between { from, to },
        }
    }

    /// Reads the parameter `name`, if it is there.
    fn take<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let place = self.given.iter().position(|(given, _)| given == name)?;
        let (_, value) = self.given.remove(place);
        if self.given.iter().any(|(given, _)| given == name) {
            self.given.retain(|(given, _)| given != name);
            self.problem(name, &value, "it is given more than once");
            return None;
        }
        match read(&value) {
            Ok(read) => Some(read),
            Err(problem) => {
                self.problem(name, &value, problem);
                None
            }
        }
    }

    fn one_of<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        self.take(name, |text| {
            let chosen = choices.iter().find(|(choice, _)| *choice == text);
            chosen.map(|(_, value)| *value).ok_or_else(|| {
                let names: Vec<_> = choices
                    .iter()
                    .map(|(name, _)| format!("`{name}`"))
                    .collect();
                format!("one of {} is expected", names.join(", "))
            })
        })
    }

    fn number(&mut self, name: &str, most: usize, default: usize) -> NonZeroUsize {
        let read = |text: &str| match text.parse::<NonZeroUsize>() {
            Ok(number) if number.get() <= most => Ok(number),
            _ => Err(format!("a whole number from 1 to {most} is expected")),
        };
        let default = NonZeroUsize::new(default).unwrap_or(NonZeroUsize::MIN);
        self.take(name, read).unwrap_or(default)
    }

    fn problem(&mut self, name: &str, value: &str, problem: impl Display) {
        let detail = detail("value_error", &["query", name], value, problem);
        self.problems.push(detail);
    }

    /// Gives `value` when everything was right and nothing is left.
    fn or<T>(mut self, value: T) -> Result<T, HttpError> {
        const LISTED: usize = 20;
        for (name, value) in self.given.iter().take(LISTED) {
            let problem = "there is no such parameter";
            let detail = detail("extra_forbidden", &["query", name], value, problem);
            self.problems.push(detail);
        }
        if self.problems.is_empty() {
            Ok(value)
        } else {
            Err(HttpError::Validation(self.problems))
        }
    }
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

fn width(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(width) if width >= 0.0 && width.is_finite() => Ok(width),
        _ => Err("a width of 0 or more is expected, in units of the target".to_owned()),
    }
}

fn detail(kind: &'static str, loc: &[&str], value: &str, problem: impl Display) -> Detail {
    const REPEATED: usize = 100;
    let short = |text: &str| text.chars().take(REPEATED).collect::<String>();
    Detail {
        r#type: kind,
        loc: loc.iter().map(|part| short(part).into()).collect(),
        msg: problem.to_string(),
        input: short(value).into(),
        ctx: None,
    }
}
