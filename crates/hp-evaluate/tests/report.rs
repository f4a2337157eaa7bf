//! The report of the oracle's predictions, of hostile names and of extreme data.

#[path = "support/oracle.rs"]
mod oracle;

use hp_core::config::Role;
use hp_evaluate::evaluation::{MethodPredictions, Observations};
use hp_evaluate::report::{ReportData, ReportError, render};
use oracle::{evaluate, observations, trio};
use std::collections::BTreeSet;

fn report(observations: &Observations) -> String {
    render(&evaluate(observations), &data(observations)).expect("a report")
}

fn data(observations: &Observations) -> ReportData<'_> {
    ReportData {
        observations,
        created_at: "2024-09-08T16:46:02Z".parse().expect("a time"),
        hp_version: "0.1.0",
    }
}

/// What stands between every `start` and the next `end`.
fn all_between<'a>(html: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    let pieces = html.split(start).skip(1);
    pieces.filter_map(|rest| rest.split(end).next()).collect()
}

/// Asserts that every element is closed, in order.
#[track_caller]
fn assert_well_formed(html: &str) {
    let mut open = Vec::new();
    for tag in all_between(html, "<", ">") {
        let name = tag.split([' ', '\n', '/']).next().unwrap_or_default();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "closing {closed}");
        } else if !tag.ends_with('/') && !matches!(name, "!DOCTYPE" | "meta") {
            open.push(name);
        }
    }
    assert_eq!(open, [""; 0]);
}

#[test]
fn needs_nothing_but_itself() {
    let html = report(&observations());
    for needle in [
        "http", "src=", "href=", "url(", "@import", "<script", "<link", "<iframe",
    ] {
        assert!(!html.contains(needle), "{needle}");
    }
    assert_well_formed(&html);
}

#[test]
fn same_arguments_give_the_same_bytes() {
    assert_eq!(report(&observations()), report(&observations()));
}

#[test]
fn has_every_picture_with_title_and_description() {
    let html = report(&observations());
    let titles = all_between(&html, "<figcaption><h3>", "</h3>");
    assert_eq!(
        titles,
        [
            "RMSE by main regressor",
            "Pinball loss by lower estimator",
            "Pinball loss by upper estimator",
            "Intervals sorted by prediction",
            "Predicted against actual",
            "Residuals against predictions",
            "Distribution of residuals",
            "Feature importances",
            "Coverage against nominal",
        ]
    );
    let ids: Vec<_> = all_between(&html, " id=\"", "\"");
    assert_eq!(
        ids.iter().collect::<BTreeSet<_>>().len(),
        ids.len(),
        "ids are unique"
    );
    for labels in all_between(&html, "aria-labelledby=\"", "\"") {
        assert!(
            labels.split(' ').all(|label| ids.contains(&label)),
            "{labels}"
        );
    }
    let descriptions = all_between(&html, "<desc id=\"", "</desc>");
    assert_eq!(descriptions.len(), titles.len());
    assert!(
        descriptions
            .iter()
            .all(|description| description.len() > 20)
    );
    assert!(descriptions[0].contains("Random Forest Regressor: 2.8407 ★"));
}

#[test]
fn has_every_table_and_says_where_it_comes_from() {
    let html = report(&observations());
    for table in evaluate(&observations()).tables() {
        assert!(html.contains(&format!("<caption><div>{} ", table.title)));
        for cell in table.rows.iter().flatten() {
            assert!(
                html.contains(&format!(">{}<", cell.text)) || cell.best,
                "{}",
                cell.text
            );
        }
    }
    assert_eq!(html.matches("aria-label=\"best\"").count(), 6);
    let fingerprint = "3c66157844fa8ce7e9b67b0022383d7709ba2b30f8306d3c9b2eceb2cd91e4dc";
    for fact in [
        "v1.0.0",
        fingerprint,
        "102 evaluated, 404 for training",
        "2024-09-08 16:46 UTC",
    ] {
        assert!(html.contains(fact), "{fact}");
    }
}

#[test]
fn uncertain_rows_differ_in_shape() {
    let html = report(&observations());
    let intervals = all_between(&html, "<figure", "</figure>")[3];
    let chart = intervals.split("</desc>").nth(1).unwrap();
    assert_eq!(chart.matches("<polygon").count(), 4);
    assert_eq!(chart.matches("<circle").count(), 98 + 102);
}

#[test]
fn every_colour_of_a_chart_has_a_place_in_the_dark() {
    let html = report(&observations());
    let style = all_between(&html, "<style>", "</style>")[0];
    let charts = html.split("</style>").nth(1).unwrap();
    let mut drawn = 0;
    for attribute in ["fill", "stroke"] {
        for color in all_between(charts, &format!(" {attribute}=\"#"), "\"") {
            let selector = format!("svg [{attribute}=\"#{color}\"]{{{attribute}:var(--");
            assert!(style.contains(&selector), "{selector}");
            drawn += 1;
        }
    }
    assert!(drawn > 500);
}

#[test]
fn hostile_text_stays_text() {
    let hostile = "</title></svg><script>alert('x')</script>&\"\u{202e}\u{0}_QR";
    let mut observations = observations();
    let lower = &mut observations.methods[5];
    assert_eq!(lower.role, Role::Lower);
    lower.name = format!("lower {hostile}");
    observations.methods[4].name = format!("upper {hostile}");
    observations.methods[3].name = hostile.to_owned();
    observations.feature_names[5] = hostile.to_owned();
    observations.target.name = hostile.to_owned();
    observations.target.unit = Some(hostile.to_owned());
    observations.served = trio(
        hostile,
        &format!("lower {hostile}"),
        &format!("upper {hostile}"),
    );
    let html = report(&observations);
    assert_well_formed(&html);
    assert!(!html.contains("<script"));
    assert!(!html.contains(['\u{202e}', '\u{0}']));
    assert!(html.contains("&lt;/svg&gt;&lt;script&gt;alert(&#39;x&#39;)"));
}

#[test]
fn very_long_names_are_cut_in_charts() {
    let mut observations = observations();
    observations.methods[0].name = "x".repeat(10_000);
    let html = report(&observations);
    assert!(html.contains(&format!("{}…", "x".repeat(24))));
}

/// Observations of `y_true`, predicted by `predict` with limits `half_width` away.
fn synthetic(y_true: Vec<f64>, predict: impl Fn(f64) -> f64, half_width: f64) -> Observations {
    let method = |name: &str, role, quantile, shift: f64| MethodPredictions {
        name: name.to_owned(),
        role,
        quantile,
        predictions: y_true.iter().map(|y| predict(*y) + shift).collect(),
        feature_importances: None,
    };
    Observations {
        methods: vec![
            method("Linear Regression", Role::Main, None, 0.0),
            method("Lower Estimator_QR", Role::Lower, Some(0.1), -half_width),
            method("Upper Estimator_QR", Role::Upper, Some(0.9), half_width),
        ],
        served: trio(
            "Linear Regression",
            "Lower Estimator_QR",
            "Upper Estimator_QR",
        ),
        y_true,
        ..observations()
    }
}

#[test]
fn a_hundred_thousand_rows_are_thinned() {
    let rows = (0..100_000u32).map(|row| f64::from(row % 977) * 0.1 + f64::from(row) * 1e-5);
    let html = report(&synthetic(rows.collect(), |y| y * 0.9 + 3.0, -1.0));
    assert!(html.contains("Of 100000 rows, 2000 are drawn, evenly spaced."));
    assert!(html.contains("Of 100000 rows, 600 are drawn, evenly spaced."));
    assert!(html.len() < 1_500_000, "{} bytes", html.len());
}

#[test]
fn extreme_data_can_be_drawn() {
    for (y_true, half_width) in [
        (vec![1.0], 1.0),
        (vec![0.0; 5], 0.0),
        (vec![7.0; 5], -2.0),
        (vec![-1e150, 1e150], 1.0),
        (vec![1e15, 1e15 + 1.0], 0.5),
        (vec![1e-200, 3e-200], 0.0),
    ] {
        let html = report(&synthetic(y_true.clone(), |y| y, half_width));
        assert_well_formed(&html);
        assert!(
            !html.contains("NaN") && !html.contains("inf<"),
            "{y_true:?}"
        );
    }
}

#[test]
fn without_importances_there_is_no_picture_of_them() {
    let html = report(&synthetic(vec![1.0, 2.0, 3.0], |y| y + 0.5, 1.0));
    assert!(!html.contains("Feature importances"));
}

#[test]
fn observations_of_another_evaluation_are_refused() {
    let evaluation = evaluate(&observations());
    let others = synthetic(vec![1.0, 2.0], |y| y, 1.0);
    let refused = render(&evaluation, &data(&others)).unwrap_err();
    assert!(matches!(refused, ReportError::Mismatch(_)), "{refused}");
    let expected = "the evaluation was made from other observations: the number of rows differs";
    assert_eq!(refused.to_string(), expected);
}
