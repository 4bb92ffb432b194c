use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::config::{NumberField, StageField, TextField};

fn status(comparison: Comparison, with: u64) -> Condition {
    Condition::Number(NumberField::Status, comparison, with)
}

fn is(field: TextField, text: &str) -> Condition {
    Condition::Text(field, TextMatch::Is(text.to_owned()))
}

#[test]
fn what_they_mean() {
    use Comparison::{AtLeast, Equal, Greater, Less};
    let slow = Condition::Stage(StageField::Duration, Greater, Duration::from_secs(1));
    let error = || Condition::Has(LogField::Text(TextField::Error));
    let not = |condition| Condition::Not(Box::new(condition));
    for (text, meant) in [
        ("status >= 500", status(AtLeast, 500)),
        ("status>=500", status(AtLeast, 500)),
        ("status >= 500 or duration > 1s", Condition::Any(vec![status(AtLeast, 500), slow.clone()])),
        ("status != 200", not(status(Equal, 200))),
        ("error", error()),
        ("not error", not(error())),
        ("not not error", not(not(error()))),
        (
            "error and status < 500 or method = GET",
            Condition::Any(vec![
                Condition::All(vec![error(), status(Less, 500)]),
                is(TextField::Method, "GET"),
            ]),
        ),
        (
            "error and (status < 500 or method = 'GET')",
            Condition::All(vec![
                error(),
                Condition::Any(vec![status(Less, 500), is(TextField::Method, "GET")]),
            ]),
        ),
        ("path begins /api/v2", Condition::Text(TextField::Path, TextMatch::Begins("/api/v2".to_owned()))),
        ("user_agent = \"a b\"", is(TextField::UserAgent, "a b")),
        ("upstream = http://127.0.0.1:9001", is(TextField::Upstream, "http://127.0.0.1:9001")),
        ("duration > '0s 1000ms'", slow),
    ] {
        assert_eq!(condition(text), Ok(meant), "{text}");
    }
}

#[test]
fn what_is_wrong_is_pointed_at() {
    for (text, place, what, expected) in [
        ("", "", "there is no field here", "a field such as status, not, or ("),
        ("status >=", "", "the condition ends too early", "a whole number, such as 500"),
        ("status >= 5xx", "5xx", "found \"5xx\"", "a whole number, such as 500"),
        ("status >= -1", "-1", "found \"-1\"", "a whole number, such as 500"),
        ("duration > 1", "1", "found \"1\"", "a time with its unit, such as 1s or 500ms"),
        ("duration > (", "(", "found \"(\"", "a time with its unit, such as 1s or 500ms"),
        (
            "duration_us > 1",
            "duration_us",
            "this can't be compared",
            "a field such as duration, with a time such as 1s",
        ),
        ("method < GET", "method", "this is a text", "=, != or begins after a text"),
        ("status begins 5", "begins", "only texts begin", "=, !=, <, <=, > or >="),
        ("(status >= 500", "", "a parenthesis isn't closed", ")"),
        ("status >= 500)", ")", "the condition is over here", "and, or, or nothing more"),
        ("error error", "error", "the condition is over here", "and, or, or nothing more"),
        ("error or", "", "there is no field here", "a field such as status, not, or ("),
        ("method = 'GET", "'GET", "this quote isn't closed", "another '"),
        ("!error", "!", "! stands alone", "not, or !="),
    ] {
        let fault = condition(text).unwrap_err();
        assert_eq!(
            (text.get(fault.at.clone()), &*fault.what, &*fault.expected),
            (Some(place), what, expected),
            "{text}"
        );
    }
    let fault = condition("statsu >= 500").unwrap_err();
    assert!(fault.expected.ends_with("(did you mean status?)"), "{}", fault.expected);
    let deep = "(".repeat(100) + "error" + &")".repeat(100);
    assert_eq!(condition(&deep).unwrap_err().what, "this is nested too deeply");
}

/// A condition as a file may have it.
fn written() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("error".to_owned()),
        (prop_oneof![Just("status"), Just("bytes"), Just("tries")], "(=|!=|<|<=|>|>=)", any::<u64>())
            .prop_map(|(field, compare, number)| format!("{field} {compare} {number}")),
        ("(duration|head|connect)", "(=|!=|<|<=|>|>=)", 0..10_000_u64)
            .prop_map(|(field, compare, time)| format!("{field}{compare}{time}ms")),
        ("(method|path|ended)", "(=|!=|begins)", "[^']*")
            .prop_map(|(field, compare, text)| format!("{field} {compare} '{text}'")),
    ];
    leaf.prop_recursive(6, 64, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| format!("not ({one})")),
            (inner.clone(), inner.clone()).prop_map(|(one, two)| format!("({one}) or ({two})")),
            (inner.clone(), inner).prop_map(|(one, two)| format!("({one}) and ({two})")),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_well_formed_is_read(text in written()) {
        prop_assert!(condition(&text).is_ok(), "{}: {:?}", text, condition(&text));
    }

    /// Whatever is written there, there is a condition or a fault within the text.
    #[test]
    fn any_text_is_read(text in "([a-z0-9'\"()=<>! é]|status|duration|not | and | or |>= )*") {
        if let Err(fault) = condition(&text) {
            prop_assert!(text.get(fault.at.clone()).is_some(), "{:?}", fault);
        }
    }
}
