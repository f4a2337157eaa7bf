//! Gates: how they are read, and what they decide.

use crate::sample::{alias, metrics};
use hp_core::fingerprint::Fingerprint;
use hp_registry::gate::{Gate, GateError, Rivals, Scores, Verdict};
use hp_registry::reference::Alias;
use proptest::prelude::*;

fn candidate() -> Scores {
    Scores {
        metrics: metrics(&[
            ("rmse", 3.0),
            ("coverage", 0.8),
            ("pinball_lower", 0.5),
            ("zero", 0.0),
        ]),
        data: Fingerprint::of(b"boston"),
    }
}

fn champion(name: &Alias) -> Option<Scores> {
    let known = Scores {
        metrics: metrics(&[("rmse", 2.95), ("mae", 2.0), ("coverage", 0.7)]),
        data: Fingerprint::of(b"boston"),
    };
    (*name == alias("champion") || *name == alias("former")).then_some(known)
}

/// Checks `gate` for a version that is to be the champion.
fn check(gate: &Gate, scores: &dyn Fn(&Alias) -> Option<Scores>) -> Result<Verdict, GateError> {
    let known = [alias("champion"), alias("former")];
    let aliases = known.into_iter().filter(|alias| scores(alias).is_some());
    let rivals = Rivals {
        moved: &alias("champion"),
        aliases: &aliases.collect::<Vec<_>>(),
        scores,
    };
    gate.check(&candidate(), &rivals)
}

fn verdict(text: &str) -> Verdict {
    let gate: Gate = text
        .parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"));
    check(&gate, &champion).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn undecided(text: &str) -> GateError {
    let gate: Gate = text.parse().unwrap();
    check(&gate, &champion).unwrap_err()
}

fn unread(text: &str) -> GateError {
    text.parse::<Gate>().unwrap_err()
}

#[test]
fn the_example_is_decided() {
    let verdict = verdict("rmse <= champion * 1.02 and coverage >= 0.75");
    assert!(verdict.met);
    let sides: Vec<_> = verdict
        .comparisons
        .iter()
        .map(|compared| {
            (
                compared.text.as_str(),
                compared.left,
                compared.right,
                compared.holds,
            )
        })
        .collect();
    assert_eq!(
        sides,
        [
            (
                "rmse <= champion * 1.02",
                Some(3.0),
                Some(2.95 * 1.02),
                true
            ),
            ("coverage >= 0.75", Some(0.8), Some(0.75), true),
        ]
    );
}

#[test]
fn operators_bind_as_usual() {
    for (text, met) in [
        ("rmse < 3", false),
        ("rmse <= 3", true),
        ("rmse > 3", false),
        ("rmse >= 3", true),
        ("rmse == 3", true),
        ("3==rmse", true),
        ("1 + 2 * 3 == 7", true),
        ("(1 + 2) * 3 == 9", true),
        ("7 - 2 - 1 == 4", true),
        ("8 / 2 / 2 == 2", true),
        ("-rmse < -2", true),
        ("2 - -1 == rmse", true),
        ("--1 == 1", true),
        ("-(1 + 2) * 2 == -6", true),
        ("1e-3 == .001", true),
        ("1.5E+2 == 150.", true),
        ("1 < 2 or 1 > 2 and 1 > 2", true),
        ("(1 < 2 or 1 > 2) and 1 > 2", false),
        ("not 1 > 2 and 1 < 2", true),
        ("not (1 > 2 or 1 < 2)", false),
        ("not not 1 < 2", true),
        ("((rmse)) <= ((3))", true),
        ("((rmse <= 3))", true),
        ("pinball_lower < rmse", true),
        ("rmse <= former.rmse * 1.02", true),
        ("rmse <= former * 1.02", true),
        ("coverage > champion", true),
        ("rmse > champion.mae + champion.coverage", true),
        ("champion * 1.02 >= rmse", true),
        ("\trmse\n<= 3 ", true),
    ] {
        assert_eq!(verdict(text).met, met, "{text}");
    }
}

#[test]
fn every_comparison_is_told() {
    let verdict = verdict("1 > 2 and 2 < 3 or not 3 == 3");
    assert!(!verdict.met);
    let held: Vec<_> = verdict
        .comparisons
        .iter()
        .map(|compared| compared.holds)
        .collect();
    assert_eq!(held, [false, true, true]);
}

#[test]
fn without_a_champion_there_is_nothing_to_be_worse_than() {
    let none = |_: &Alias| None;
    for text in [
        "rmse <= champion * 1.02 and coverage >= 0.75",
        "not rmse > champion",
        "not (coverage < 0.7 or not rmse < champion.rmse)",
        "rmse < challenger",
    ] {
        let gate: Gate = text.parse().unwrap();
        let verdict = check(&gate, &none).unwrap();
        assert!(verdict.met, "{text}");
        let mut notes = verdict
            .comparisons
            .iter()
            .filter_map(|compared| compared.note.as_deref());
        assert!(
            notes.next().unwrap().starts_with("there is no cha"),
            "{text}"
        );
    }
    let gate: Gate = "rmse <= champion and coverage >= 0.95".parse().unwrap();
    assert!(!check(&gate, &none).unwrap().met);
    // Other names may be a slip of the pen.
    let gate: Gate = "rmse <= chanpion".parse().unwrap();
    let error = check(&gate, &none).unwrap_err();
    assert!(matches!(error, GateError::UnknownMetric { .. }));
}

#[test]
fn only_the_alias_that_is_moved_and_the_common_ones_may_mean_nothing() {
    let decide = |text: &str, moved: &str, known: &dyn Fn(&Alias) -> Option<Scores>| {
        let gate: Gate = text.parse().unwrap();
        let rivals = Rivals {
            moved: &alias(moved),
            aliases: &[alias("former")],
            scores: known,
        };
        gate.check(&candidate(), &rivals)
    };
    let none = |_: &Alias| None;
    for text in ["rmse <= champoin.rmse * 0.001", "rmse <= production.rmse"] {
        let error = decide(text, "champion", &none).unwrap_err();
        assert!(matches!(error, GateError::UnknownAlias { .. }), "{error}");
        assert_eq!(error.hint().unwrap(), "there are `former`");
    }
    assert!(
        decide("rmse <= production", "production", &none)
            .unwrap()
            .met
    );
    assert!(
        decide("rmse <= production.rmse", "production", &none)
            .unwrap()
            .met
    );
    assert!(
        decide("rmse <= challenger.rmse", "production", &none)
            .unwrap()
            .met
    );
    // The metric must be one all the same.
    let error = decide("rmse <= champion.bogus", "champion", &none).unwrap_err();
    assert_eq!(error.to_string(), "there is no metric `bogus`");
}

#[test]
fn a_comparison_across_data_sets_says_so() {
    let elsewhere = |name: &Alias| {
        champion(name).map(|scores| Scores {
            data: Fingerprint::of(b"newer"),
            ..scores
        })
    };
    let gate: Gate = "rmse < champion * 2 and rmse < former.mae * 2 and coverage > 0.5"
        .parse()
        .unwrap();
    let verdict = check(&gate, &elsewhere).unwrap();
    let notes: Vec<_> = verdict
        .comparisons
        .iter()
        .map(|compared| compared.note.as_deref())
        .collect();
    assert_eq!(
        notes,
        [
            Some("other data: champion"),
            Some("other data: former"),
            None
        ]
    );
}

#[test]
fn numbers_that_are_none_speak_against() {
    for text in [
        "rmse / zero > 1",
        "not rmse / zero < 1",
        "zero / zero == zero / zero",
        "1e308 * 10 > 1",
    ] {
        let verdict = verdict(text);
        assert!(!verdict.met, "{text}");
        let compared = &verdict.comparisons[0];
        assert!(
            compared
                .note
                .as_ref()
                .unwrap()
                .contains("not a finite number")
        );
        assert!(compared.left.is_none());
        serde_json::to_string(&verdict).unwrap();
    }
}

#[test]
fn unknown_names_list_the_known() {
    let error = undecided("rsme < 3");
    assert_eq!(error.to_string(), "there is no metric `rsme`");
    assert_eq!(
        error.hint().unwrap(),
        "there are `coverage`, `pinball_lower`, `rmse`, `zero`, `champion`, `former`"
    );
    assert_eq!(
        undecided("RMSE < 3").to_string(),
        "there is no metric `RMSE`"
    );
    let error = undecided("pinball_lower < champion");
    assert_eq!(
        error.to_string(),
        "the version of `champion` has no metric `pinball_lower`"
    );
    assert_eq!(error.hint().unwrap(), "there are `coverage`, `mae`, `rmse`");
    assert_eq!(
        undecided("1 < champion.x").to_string(),
        "the version of `champion` has no metric `x`"
    );
    for text in [
        "champion < 3",
        "rmse + coverage < champion",
        "champion < champion",
    ] {
        let error = undecided(text);
        assert!(
            matches!(error, GateError::Unclear { .. }),
            "{text}: {error}"
        );
        assert_eq!(error.hint().unwrap(), "name it, like `champion.rmse`");
    }
}

#[test]
fn errors_point_at_their_place() {
    let error = unread("rmse <= * 2");
    assert_eq!(
        error.to_string(),
        "column 9 of the gate: a number, a metric, `-` or `(` is expected, not `*`\n\
         \x20 | rmse <= * 2\n\
         \x20 |         ^"
    );
    for (text, column, expected) in [
        ("", 1, "a number, a metric, `-` or `(`"),
        ("rmse", 5, "an operator such as `<=`"),
        ("rmse and 1 < 2", 6, "an operator such as `<=`"),
        ("1 < 2 < 3", 7, "`and`, `or` or the end"),
        ("1 < 2 rmse", 7, "`and`, `or` or the end"),
        ("1 < (2 < 3)", 5, "a number or a metric"),
        ("(1 < 2) + 1 < 2", 9, "`and`, `or` or the end"),
        ("(1 < 2", 7, "an operator or `)`"),
        ("1 < 2)", 6, "`and`, `or` or the end"),
        ("champion. < 2", 11, "a metric"),
        (
            "rmse = 3",
            6,
            "a number, a metric, an operator or a parenthesis",
        ),
        (
            "rmse <= 3 && 1 < 2",
            11,
            "a number, a metric, an operator or a parenthesis",
        ),
        (
            "é < 3",
            1,
            "a number, a metric, an operator or a parenthesis",
        ),
        (
            "1 < 1e999",
            5,
            "a number, a metric, an operator or a parenthesis",
        ),
        ("not", 4, "a number, a metric, `-` or `(`"),
        ("1 < 2 and", 10, "a number, a metric, `-` or `(`"),
        ("-(1 < 2) < 3", 2, "a number or a metric"),
    ] {
        match unread(text) {
            GateError::Syntax {
                column: at,
                expected: what,
                ..
            } => {
                assert_eq!((at, what), (column, expected), "{text}");
            }
            other => panic!("{text}: {other}"),
        }
    }
}

#[test]
fn length_and_depth_are_limited() {
    assert!(matches!(
        unread(&"1".repeat(1001)),
        GateError::TooLong { length: 1001, .. }
    ));
    for level in ["(", "-", "not "] {
        let text = format!("{}1", level.repeat(200));
        assert!(
            matches!(unread(&text), GateError::TooDeep { .. }),
            "{level}"
        );
    }
    let nested = format!("{}1{} < 2", "(".repeat(50), ")".repeat(50));
    assert!(verdict(&nested).met);
    assert!(verdict(&format!("{}1 > 2", "1+".repeat(490))).met);
    assert!(verdict(&format!("1 < 2{}", " or 1 > 2".repeat(100))).met);
}

/// Arithmetic as text and the number that it comes to.
fn arithmetic() -> impl Strategy<Value = (String, f64)> {
    let number = (0_u32..1000, 0_u32..4).prop_map(|(digits, point)| {
        let value = f64::from(digits) / 10_f64.powi(point.cast_signed());
        (format!("{value}"), value)
    });
    number.prop_recursive(5, 40, 2, |inner| {
        (inner.clone(), 0_u8..5, inner).prop_map(|((a, x), operation, (b, y))| match operation {
            0 => (format!("({a} + {b})"), x + y),
            1 => (format!("({a}-{b})"), x - y),
            2 => (format!("({a}) * ({b})"), x * y).grouped(),
            3 => (format!("({a})/({b})"), x / y).grouped(),
            _ => (format!("-({a})"), -x).grouped(),
        })
    })
}

trait Grouped {
    fn grouped(self) -> Self;
}

impl Grouped for (String, f64) {
    fn grouped(self) -> Self {
        (format!("({})", self.0), self.1)
    }
}

proptest! {
    #[test]
    fn arithmetic_is_right((text, expected) in arithmetic()) {
        prop_assume!(text.len() < 900);
        let gate: Gate = format!("{text} == 0").parse().unwrap();
        let verdict = check(&gate, &champion).unwrap();
        let left = verdict.comparisons[0].left;
        prop_assert_eq!(left, Some(expected).filter(|number| number.is_finite()), "{}", text);
    }

    #[test]
    fn sums_and_products_go_from_left_to_right(
        numbers in prop::collection::vec(1_u32..20, 2..9),
        operations in prop::collection::vec(0_usize..4, 8),
    ) {
        // The oracle works out the products first, then adds them up.
        let mut text = numbers[0].to_string();
        let mut terms = vec![f64::from(numbers[0])];
        for (&number, &operation) in numbers[1..].iter().zip(&operations) {
            text = format!("{text} {} {number}", ["+", "-", "*", "/"][operation]);
            let number = f64::from(number);
            let last = terms.last_mut().unwrap();
            match operation {
                0 => terms.push(number),
                1 => terms.push(-number),
                2 => *last *= number,
                _ => *last /= number,
            }
        }
        let expected = terms[1..].iter().fold(terms[0], |sum, term| sum + term);
        let gate: Gate = format!("{text} >= 0").parse().unwrap();
        let verdict = check(&gate, &champion).unwrap();
        prop_assert_eq!(verdict.comparisons[0].left, Some(expected), "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        let _ = text.parse::<Gate>().map_err(|error| error.to_string());
    }

    #[test]
    fn any_words_are_decided_or_refused(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "rmse", "champion", ".", "coverage", "1", "2e3", "<", "<=", "==", "+", "-", "*", "/",
                "(", ")", "and", "or", "not", "é", "\n",
            ]),
            0..25,
        )
    ) {
        if let Ok(gate) = words.join(" ").parse::<Gate>() {
            let _ = check(&gate, &champion);
        }
    }
}
