//! How conditions are written, and the memory of what was told.

use hp_monitor::policy::{Policy, read_state};
use proptest::prelude::*;

fn parse(text: &str) -> Result<String, String> {
    let policy = text.parse::<Policy>();
    policy.map(|it| it.to_string()).map_err(|it| it.to_string())
}

#[test]
fn conditions_have_one_spelling() {
    for (text, expected) in [
        (
            "uncertain>0.2,width>22,drift,coverage<0.7",
            "uncertain>0.2,width>22,drift,coverage<0.7",
        ),
        (" uncertain >= 20% , mae<=1e1 ", "uncertain>=0.2,mae<=10"),
        ("coverage<-0", "coverage<0"),
    ] {
        assert_eq!(parse(text).as_deref(), Ok(expected));
    }
}

#[test]
fn what_is_no_condition_is_named() {
    for (text, word) in [
        ("", "condition 1 is empty"),
        ("drift,", "condition 2 is empty"),
        ("uncertain", "`uncertain` is not a condition"),
        ("drift>1", "`drift` is not one of uncertain, width"),
        ("LSTAT>1", "`LSTAT` is not one of"),
        ("uncertain>20", "a share from 0 to 1"),
        ("uncertain>101%", "a share from 0 to 1"),
        ("width>20%", "a number of 0 or more"),
        ("width>NaN", "`NaN` is not"),
        ("width>-1", "`-1` is not"),
        ("width>", "`` is not"),
        ("width=1", "`width=1` is not a condition"),
        ("drift,drift", "`drift` is there more than once"),
        ("uncertain>0.2,uncertain>20%", "more than once"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.contains(word), "{text}: {error}");
    }
}

fn condition() -> impl Strategy<Value = String> {
    let limit = prop_oneof![0.0..1.0_f64, Just(0.0), Just(1.0)];
    let figure = "uncertain|width|over|predictions|age|coverage|mae|rmse";
    let limited = (figure, "<|<=|>|>=", limit);
    let limited = limited.prop_map(|(figure, sign, limit)| format!("{figure}{sign}{limit}"));
    prop_oneof![Just("drift".to_owned()), limited]
}

proptest! {
    #[test]
    fn what_is_written_reads_back(conditions in prop::collection::vec(condition(), 1..6)) {
        let text = conditions.join(",");
        if let Ok(policy) = text.parse::<Policy>() {
            prop_assert_eq!(policy.to_string().parse::<Policy>(), Ok(policy.clone()));
            prop_assert_eq!(policy.conditions().len(), conditions.len());
        } else {
            let mut seen: Vec<_> = conditions.iter().map(|it| parse(it).unwrap()).collect();
            seen.sort();
            seen.dedup();
            prop_assert!(seen.len() < conditions.len(), "{}", text);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a-z<>=,.%0-9 \u{e9}-]{0,40}") {
        let _ = text.parse::<Policy>();
    }
}

#[test]
fn a_state_of_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    assert_eq!(read_state(&path).unwrap(), Vec::<String>::new());
    for other in ["", "[]", "{}", r#"{"met": [], "more": 1}"#] {
        std::fs::write(&path, other).unwrap();
        let error = read_state(&path).unwrap_err();
        assert!(error.to_string().contains("is not the state of a check"));
    }
    std::fs::write(&path, r#"{"met": ["drift"]}"#).unwrap();
    assert_eq!(read_state(&path).unwrap(), ["drift"]);
    assert!(read_state(folder.path()).is_err());
}
