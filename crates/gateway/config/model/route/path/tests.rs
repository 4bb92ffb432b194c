use super::*;

#[test]
fn a_pattern_is_taken_apart() {
    let pattern = PathPattern::pattern("/img-{id}.png/x/{*rest}").unwrap();
    let name = PathSegment::Name { before: "img-".into(), after: ".png".into() };
    assert_eq!(pattern.segments(), [name, PathSegment::Literal("x".into())]);
    assert_eq!(pattern.end(), PathEnd::Rest);
    assert_eq!(pattern.names().collect::<Vec<_>>(), ["id", "rest"]);
}

#[test]
fn shapes_forget_names_and_case() {
    let shape = |text| PathPattern::pattern(text).unwrap().shape();
    assert_eq!(shape("/Users/{id}"), shape("/users/{name}"));
    assert_ne!(shape("/users/{id}"), shape("/users/{*id}"));
    assert_ne!(shape("/users"), PathPattern::prefix("/users").unwrap().shape());
    assert_ne!(shape("/users/"), shape("/users"));
}

#[test]
fn what_is_no_pattern_is_refused_for_a_reason() {
    for (text, why) in [
        ("users", "doesn't begin"),
        ("", "doesn't begin"),
        ("/a//b", "empty segment"),
        ("/a/../b", "dot segment"),
        ("/{", "brace"),
        ("/}", "brace"),
        ("/a}{b}", "brace"),
        ("/{a}}", "brace"),
        ("/{a/b}", "brace"),
        ("/{}", "the name"),
        ("/{1a}", "the name"),
        ("/{a-b}", "the name"),
        ("/{*}", "the name"),
        ("/{a}{b}", "two names in one segment"),
        ("/{a}/{a}", "two names a"),
        ("/{*rest}/x", "goes on"),
        ("/x{*rest}", "beside other letters"),
        ("/:id", "colon"),
        ("/*", "'*'"),
        ("/a%2fb", "'%'"),
        ("/a;b", "';'"),
        ("/a?b", "'?'"),
        ("/ä", "'ä'"),
        (&"/a".repeat(65), "65 segments"),
    ] {
        let error = PathPattern::pattern(text).unwrap_err();
        assert!(error.to_string().contains(why), "{text}: {error}");
    }
}

#[test]
fn an_exact_path_may_have_more_than_a_prefix() {
    for text in ["/", "/a/", "/a:b", "/@user", "/x(1)+y,z=$", "/!", "/a&b'"] {
        assert_eq!(PathPattern::exact(text).unwrap().as_exact(), Some(text));
        assert_eq!(PathPattern::prefix(text).is_ok(), text == "/", "{text}");
    }
    for text in ["", "a", "//", "/a//", "/a*", "/{a}", "/a%41", "/."] {
        assert!(PathPattern::exact(text).is_err(), "{text}");
    }
}
