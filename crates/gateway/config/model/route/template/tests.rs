use proptest::prelude::*;

use super::*;

fn captures() -> Vec<Box<str>> {
    ["id", "rest", "status"].map(Box::from).into()
}

fn parts(text: &str) -> Vec<RoutePart> {
    let template = RouteTemplate::compile_for_answers(text, &captures());
    template.unwrap_or_else(|error| panic!("{text}: {error}")).parts
}

#[test]
fn every_value_has_its_name() {
    use RouteValue as V;
    for (name, meant) in [
        ("path", V::Path),
        ("path.id", V::Capture(0)),
        ("path.rest", V::Capture(1)),
        ("id", V::Capture(0)),
        ("path.status", V::Capture(2)),
        ("status", V::Status),
        ("query", V::Query),
        ("query.a b", V::QueryParameter("a b".to_owned())),
        ("query.a.b", V::QueryParameter("a.b".to_owned())),
        ("uri", V::Uri),
        ("host", V::Host),
        ("host_port", V::HostPort),
        ("scheme", V::Scheme),
        ("method", V::Method),
        ("client_ip", V::ClientIp),
        ("request_id", V::RequestId),
        ("header.X-Tenant", V::Header(HeaderName::from_static("x-tenant"))),
        ("cookie.Session", V::Cookie("Session".to_owned())),
        ("tls.subject", V::TlsSubject),
        ("tls.version", V::TlsVersion),
        ("upstream", V::Upstream),
    ] {
        assert_eq!(parts(&format!("{{{name}}}")), [RoutePart::Value(meant)], "{name}");
    }
}

#[test]
fn text_and_values() {
    let text = |text: &str| RoutePart::Text(text.to_owned());
    assert_eq!(parts(""), []);
    assert_eq!(parts("a{{b}}"), [text("a{b}")]);
    let expected = [text("https://"), RoutePart::Value(RouteValue::Host), RoutePart::Value(RouteValue::Uri)];
    assert_eq!(parts("https://{host}{uri}"), expected);
    let constant = |text: &str| RouteTemplate::compile(text, &[]).unwrap().constant().map(str::to_owned);
    assert_eq!(constant("DENY").as_deref(), Some("DENY"));
    assert_eq!(constant("").as_deref(), Some(""));
    assert_eq!(constant("{host}"), None);
}

#[test]
fn what_is_wrong_is_pointed_at() {
    for (text, place, what) in [
        ("a {hots}", "{hots}", "\"hots\" is no value"),
        ("{}", "{}", "\"\" is no value"),
        ("{path.idd}", "{path.idd}", "the route's path captures no \"idd\""),
        ("{header.a b}", "{header.a b}", "\"header.a b\" is no value"),
        ("{header.X-Admin-Token}", "{header.X-Admin-Token}", "\"header.X-Admin-Token\" is no value"),
        ("{query.}", "{query.}", "\"query.\" is no value"),
        ("{cookie.}", "{cookie.}", "\"cookie.\" is no value"),
        ("{status}", "{status}", "status is known of answers only"),
        ("é {upstream}", "{upstream}", "upstream is known of answers only"),
        ("{host", "{", "this brace stands alone"),
        ("a } b", "}", "this brace stands alone"),
        ("a\r\nb", "a\r\nb", "there is a control character in it"),
    ] {
        let error = RouteTemplate::compile(text, &captures()).unwrap_err();
        assert_eq!((text.get(error.at.clone()), &*error.what), (Some(place), what), "{text}: {error:?}");
    }
    let expected = |text| RouteTemplate::compile(text, &captures()).unwrap_err().expected;
    for text in ["{1}", "{path.1}"] {
        assert!(expected(text).starts_with("a group with a name"), "{text}");
    }
    assert!(expected("{hosts}").ends_with("(did you mean host?)"), "{}", expected("{hosts}"));
    assert!(expected("{path.idd}").ends_with("(did you mean path.id?)"), "{}", expected("{path.idd}"));
}

proptest! {
    /// Text without names comes out as it was, whatever it is.
    #[test]
    fn other_text_stays(text in "[^\\p{Cc}]*") {
        let escaped = text.replace('{', "{{").replace('}', "}}");
        let template = RouteTemplate::compile(&escaped, &[]).unwrap();
        prop_assert_eq!(template.constant(), Some(&*text));
    }

    /// Whatever is written there, there is a template or an error within the text.
    #[test]
    fn any_text_is_read(text in "([{}a-z_. é]|\\{host\\}|\\{path\\.id\\})*") {
        if let Err(error) = RouteTemplate::compile(&text, &captures()) {
            prop_assert!(text.get(error.at.clone()).is_some(), "{:?}", error);
        }
    }
}
