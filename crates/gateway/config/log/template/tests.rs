use proptest::prelude::*;

use super::*;
use crate::config::{NumberField, StageField, TextField};

fn parts(text: &str) -> Vec<Part> {
    template(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}")).parts
}

#[test]
fn what_they_mean() {
    let text = |text: &str| Part::Text(text.to_owned());
    let field = Part::Field;
    for (template, meant) in [
        ("", vec![]),
        ("plain", vec![text("plain")]),
        (
            "{client} {method} \"{path}\" {status}",
            vec![
                field(LogField::Text(TextField::Client)),
                text(" "),
                field(LogField::Text(TextField::Method)),
                text(" \""),
                field(LogField::Text(TextField::Path)),
                text("\" "),
                field(LogField::Number(NumberField::Status)),
            ],
        ),
        ("{{{time}}}", vec![text("{"), field(LogField::Time), text("}")]),
        ("{duration}{duration_us}", {
            let duration = StageField::Duration;
            vec![field(LogField::Seconds(duration)), field(LogField::Micros(duration))]
        }),
        ("é{{}}é", vec![text("é{}é")]),
    ] {
        assert_eq!(parts(template), meant, "{template}");
    }
}

#[test]
fn what_is_wrong_is_pointed_at() {
    for (text, place, what) in [
        ("{client} {metod}", "{metod}", "\"metod\" is no field"),
        ("é {}", "{}", "\"\" is no field"),
        ("{client", "{", "this brace stands alone"),
        ("a } b", "}", "this brace stands alone"),
        ("{{}", "}", "this brace stands alone"),
        ("{a{b}", "{a{b}", "\"a{b\" is no field"),
        ("a\tb", "a\tb", "there is a control character in it"),
    ] {
        let fault = template(text).unwrap_err();
        assert_eq!((text.get(fault.at.clone()), &*fault.what), (Some(place), what), "{text}: {fault:?}");
    }
    let fault = template("{metod}").unwrap_err();
    assert!(fault.expected.ends_with("(did you mean method?)"), "{}", fault.expected);
}

proptest! {
    /// Text without fields comes out as it was, whatever it is.
    #[test]
    fn other_text_stays(text in "[^\\p{Cc}]*") {
        let escaped = text.replace('{', "{{").replace('}', "}}");
        let expected = if text.is_empty() { vec![] } else { vec![Part::Text(text)] };
        prop_assert_eq!(parts(&escaped), expected);
    }

    /// Whatever is written there, there is a template or a fault within the text.
    #[test]
    fn any_text_is_read(text in "([{}a-z_ é]|\\{status\\})*") {
        if let Err(fault) = template(&text) {
            prop_assert!(text.get(fault.at.clone()).is_some(), "{:?}", fault);
        }
    }
}
