//! What is wrong with a request, in FastAPI's shape: all of it at once.

mod rules;

pub(crate) use rules::of_problem;

use hp_http::{Detail, HttpError, Location};
use serde_json::{Value, json};

/// The most problems that an answer lists.
pub(crate) const LISTED: usize = 1000;

/// The most bytes of a value that an answer repeats.
const REPEATED: usize = 1000;

/// Where a row stands in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is the body.
    Body,
    /// It is this row of the body, 0-based.
    Row(usize),
}

impl Place {
    /// The location of the row itself.
    pub(crate) fn location(self) -> Vec<Location> {
        let body = Location::Name("body".to_owned());
        match self {
            Self::Body => vec![body],
            Self::Row(row) => vec![body, Location::Index(row)],
        }
    }

    /// The location of one of its fields.
    pub(crate) fn field(self, name: &str) -> Vec<Location> {
        let mut location = self.location();
        location.push(Location::Name(name.to_owned()));
        location
    }
}

/// Problems as they are found. All are counted, the first are kept: a body of empty rows would
/// otherwise be answered with hundreds of times its size.
#[derive(Default)]
pub(crate) struct Details {
    listed: Vec<Detail>,
    more: usize,
}

impl Details {
    /// Adds a problem.
    pub(crate) fn push(&mut self, detail: impl FnOnce() -> Detail) {
        if self.listed.len() < LISTED {
            self.listed.push(detail());
        } else {
            self.more += 1;
        }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// Gives `value` when there is no problem.
    ///
    /// # Errors
    /// The problems.
    pub(crate) fn or<T>(self, value: T) -> Result<T, HttpError> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self.into_error())
        }
    }

    /// The refusal that tells the problems.
    pub(crate) fn into_error(mut self) -> HttpError {
        if self.more > 0 {
            self.listed.push(Detail {
                r#type: "too_many_problems",
                loc: Place::Body.location(),
                msg: format!("{} more problems are not listed", self.more),
                input: Value::Null,
                ctx: Some(json!({ "listed": LISTED, "not_listed": self.more })),
            });
        }
        HttpError::Validation(self.listed)
    }
}

/// The refusal for one problem.
pub(crate) fn refusal(detail: Detail) -> HttpError {
    HttpError::Validation(vec![detail])
}

/// Nothing stands at `loc` where something must; `input` is what surrounds it.
pub(crate) fn missing(loc: Vec<Location>, input: Value) -> Detail {
    Detail {
        r#type: "missing",
        loc,
        msg: "Field required".to_owned(),
        input,
        ctx: None,
    }
}

/// The text is not JSON at byte `offset`.
pub(crate) fn not_json(place: Place, offset: usize, error: &serde_json::Error) -> Detail {
    let mut loc = place.location();
    loc.push(Location::Index(offset));
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or_default();
    Detail {
        r#type: "json_invalid",
        loc,
        msg: "JSON decode error".to_owned(),
        input: json!({}),
        ctx: Some(json!({ "error": reason })),
    }
}

/// The value is not an object.
pub(crate) fn not_an_object(place: Place, input: Value) -> Detail {
    Detail {
        r#type: "model_attributes_type",
        loc: place.location(),
        msg: "Input should be a valid dictionary or object to extract fields from".to_owned(),
        input,
        ctx: None,
    }
}

/// The value is not a list.
pub(crate) fn not_a_list(input: Value) -> Detail {
    Detail {
        r#type: "list_type",
        loc: Place::Body.location(),
        msg: "Input should be a valid list".to_owned(),
        input,
        ctx: None,
    }
}

/// The line of CSV cannot be a row.
pub(crate) fn not_csv(place: Place, reason: String) -> Detail {
    Detail {
        r#type: "csv_invalid",
        loc: place.location(),
        msg: reason,
        input: Value::Null,
        ctx: None,
    }
}

/// The values are valid one by one, yet so large together that nothing can be predicted.
pub(crate) fn not_finite(place: Place) -> Detail {
    let reason = "the prediction is not finite: the values are too far from those of the training";
    Detail {
        r#type: "value_error",
        loc: place.location(),
        msg: format!("Value error, {reason}"),
        input: Value::Null,
        ctx: Some(json!({ "error": reason })),
    }
}

/// The value in JSON text `raw`, as it is repeated in the answer. What is too long, too deep or too
/// large for a number becomes text.
pub(crate) fn repeat(raw: &str) -> Value {
    if raw.len() <= REPEATED {
        serde_json::from_str(raw).unwrap_or_else(|_| raw.into())
    } else {
        let beginning: String = raw.chars().take(REPEATED / 10).collect();
        format!("{beginning}…").into()
    }
}
