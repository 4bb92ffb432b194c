//! The conditions of `[[route]]`, and which routes may stand side by side.

use super::*;

const POOL: &str = "[pools.api]\nupstreams = [\"http://127.0.0.1:9001\"]\n";

/// What is wrong with a file of these routes, each a few keys.
fn problems(routes: &[&str]) -> Vec<String> {
    let routes: String = routes.iter().map(|keys| format!("[[route]]\npool = \"api\"\n{keys}\n")).collect();
    match parse(format!("{POOL}{routes}")) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

fn matching(keys: &str) -> Matching {
    let config = parse(format!("{POOL}[[route]]\npool = \"api\"\n{keys}\n")).unwrap();
    config.routes.into_iter().next().unwrap().matching
}

#[test]
fn every_condition_is_read() {
    let all = matching(
        r#"
        name = "users"
        host = ["API.example.com", "*.example.org", "::1"]
        path = "/users/{id}/{*rest}"
        regex = "(?<first>[0-9])"
        methods = ["GET", "PURGE"]
        headers = { "X-Tenant" = "a", x-debug = { exists = true }, x-old = { exists = false } }
        query = { version = { prefix = "2" }, q = { contains = "z" }, "a b" = { not = { regex = "^x" } } }
        client = ["10.0.0.0/8", "::1"]
        scheme = "https"
        priority = -3
        "#,
    );
    assert_eq!(
        all.hosts.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["api.example.com", "*.example.org", "[::1]"]
    );
    assert_eq!((all.path_in_file(), all.prefix()), ("/users/{id}/{*rest}", None));
    assert_eq!(all.captures().join(" "), "id rest first");
    assert_eq!(all.methods.iter().map(http::Method::as_str).collect::<Vec<_>>(), ["GET", "PURGE"]);
    let headers: Vec<String> = all.headers.iter().map(|(name, test)| format!("{name} {test}")).collect();
    assert_eq!(headers, ["x-tenant is \"a\"", "x-debug exists", "x-old not: exists"]);
    let query: Vec<String> = all.query.iter().map(|(name, test)| format!("{name} {test}")).collect();
    assert_eq!(query, ["a b not: matches \"^x\"", "q contains \"z\"", "version begins with \"2\""]);
    assert_eq!((all.clients.len(), all.scheme, all.priority), (2, Some(ClientScheme::Https), -3));
    assert_eq!(
        all.to_string(),
        "/users/{id}/{*rest} on api.example.com, *.example.org, [::1] by GET, PURGE from 10.0.0.0/8, ::1/128 \
         over https, path matches \"(?<first>[0-9])\", header x-tenant is \"a\", header x-debug exists, \
         header x-old not: exists, query a b not: matches \"^x\", query q contains \"z\", query version begins with \"2\", priority -3"
    );
}

#[test]
fn one_item_needs_no_brackets_and_no_path_is_any() {
    let few = matching("host = \"a.example\"\nmethods = \"GET\"\nclient = \"192.0.2.1\"");
    assert_eq!((few.hosts.len(), few.methods.len(), few.clients.len()), (1, 1, 1));
    assert_eq!(few.prefix(), Some("/"));
    assert_eq!(matching("exact = \"/a/\"").path_in_file(), "/a/");
}

#[test]
fn a_route_without_a_name_is_named_by_its_host_and_path() {
    for (keys, name) in [
        ("", "/"),
        ("exact = \"/a\"", "/a"),
        ("regex = \"^/[0-9]+$\"", "^/[0-9]+$"),
        ("prefix = \"/a\"\nregex = \"^/a/[0-9]+$\"", "/a"),
        ("host = \"A.example\"", "a.example/"),
        ("host = [\"*.b.example\", \"a.example\"]\npath = \"/{id}\"", "*.b.example/{id}"),
    ] {
        let config = parse(format!("{POOL}[[route]]\npool = \"api\"\n{keys}\n")).unwrap();
        assert_eq!(config.routes[0].name, name, "{keys}");
    }
    assert_eq!(problems(&["host = \"a.example\"", "host = \"b.example\"", ""]), [""; 0]);
}

#[test]
fn what_is_wrong_with_a_condition_is_said_at_its_place() {
    for (keys, said) in [
        ("path = \"/{id\"", "5:8: route[0].path: the path \"/{id\" has a brace without its other one"),
        ("path = \"/{a}/{a}\"", "5:8: route[0].path: the path \"/{a}/{a}\" has two names a"),
        ("path = \"users\"", "doesn't begin with a slash, expected \"/users\""),
        ("exact = \"/a%41\"", "holds the character '%'"),
        ("prefix = \"/a/\"", "the route \"/a/\" ends in a slash"),
        ("prefix = \"/a\"\nexact = \"/b\"", "the path is said twice"),
        ("regex = \"(\"", "5:9: route[0].regex: the regular expression can't be read: unclosed group"),
        ("exact = \"/a\"\nregex = \"^/b\"", "this can never hold: \"/a\" doesn't match it"),
        ("path = \"/{id}\"\nregex = \"(?<id>x)\"", "the path has two names id"),
        ("host = \"a.example:80\"", "has a port, expected a name"),
        ("host = \"preserve\"\nexact = \"/x\"\nhosts = 1", "unknown key \"hosts\" in route[0]"),
        ("host = []", "this can never hold: the list is empty"),
        ("host = \"*\"", "would take every host"),
        ("methods = [\"get\"]", "\"get\" has small letters"),
        ("methods = [\"TRACE\"]", "the gateway answers it with 405"),
        ("methods = [\"A B\"]", "\"A B\" is no method"),
        ("methods = [\"CONNECT\"]", "\"CONNECT\" can never hold: a WebSocket over HTTP/2 counts as GET"),
        ("client = [\"10.0.0.1/8\"]", "has bits set past its prefix"),
        ("scheme = \"httpss\"", "expected \"http\" or \"https\" (did you mean https?)"),
        ("priority = \"high\"", "found a string, expected a whole number"),
        ("headers = {}", "there is no condition in it"),
        ("headers = { a = 1 }", "route[0].headers.a: found an integer"),
        ("headers = { \"a b\" = \"1\" }", "\"a b\" is no name of a header"),
        ("headers = { a = \"1\", A = \"2\" }", "\"a\" stands here twice"),
        ("headers = { host = \"a\" }", "is a condition of its own, expected host"),
        ("headers = { a = { prefix = \"\" } }", "every value would fit"),
        (
            "headers = { a = { like = \"b\" } }",
            "unknown key \"like\" in route[0].headers.a, expected one of not, exact",
        ),
        ("query = { a = { prefix = \"b\", suffix = \"c\" } }", "found no condition, or several"),
        ("query = { a = { regex = \"[\" } }", "unclosed character class"),
        ("query = { a = { exists = 1 } }", "expected true or false"),
    ] {
        let problems = problems(&[keys]);
        assert!(problems.iter().any(|problem| problem.contains(said)), "{keys}: {problems:#?}");
        // Nothing is said of the route that only follows from that.
        assert_eq!(problems.len(), 1, "{keys}: {problems:#?}");
    }
}

#[test]
fn routes_that_cannot_be_told_apart_are_refused_with_both_places() {
    for (one, other) in [
        ("path = \"/users/{id}\"", "path = \"/users/{name}\""),
        ("path = \"/Users/{id}\"", "path = \"/users/{id}\""),
        ("prefix = \"/a\"", "prefix = \"/A\""),
        ("exact = \"/a\"", "path = \"/a\""),
        ("host = [\"a.x\", \"b.x\"]\nexact = \"/a\"", "exact = \"/a\"\nhost = [\"c.x\", \"B.X\"]"),
        ("methods = [\"GET\", \"PUT\"]\nexact = \"/a\"", "exact = \"/a\"\nmethods = [\"PUT\", \"GET\"]"),
        ("headers = { a = \"1\", b = \"2\" }", "headers = { B = \"2\", a = { exact = \"1\" } }"),
    ] {
        let problems = problems(&[&format!("name = \"one\"\n{one}"), &format!("name = \"other\"\n{other}")]);
        let [problem] = &problems[..] else { panic!("{one} {other}: {problems:#?}") };
        assert!(problem.contains("the routes one and other"), "{problem}");
        assert!(problem.contains("(the other one is at gateway.toml:"), "{problem}");
    }
    for (one, other) in [
        ("exact = \"/a\"", "prefix = \"/a\""),
        ("path = \"/{*rest}\"", "prefix = \"/\""),
        ("path = \"/{a}\"", "path = \"/x{a}\""),
        ("host = \"a.x\"", "host = \"b.x\""),
        ("host = \"a.x\"", "host = \"*.x\""),
        ("methods = \"GET\"", "methods = \"PUT\""),
        ("priority = 1", "priority = 2"),
        ("headers = { a = \"1\" }", "headers = { a = \"2\" }"),
        ("query = { a = \"1\" }", "headers = { a = \"1\" }"),
    ] {
        let problems = problems(&[&format!("name = \"one\"\n{one}"), &format!("name = \"other\"\n{other}")]);
        assert_eq!(problems, [""; 0], "{one} {other}");
    }
}

#[test]
fn two_routes_of_one_name_are_refused() {
    let problems = problems(&["path = \"/{id}\"\nmethods = \"GET\"", "path = \"/{id}\"\nmethods = \"PUT\""]);
    assert!(problems.len() == 1 && problems[0].contains("two routes named \"/{id}\""), "{problems:#?}");
}

/// Requests without a route are counted under `none`: two of the same labels would be one too many for Prometheus.
#[test]
fn some_names_are_no_names_of_routes() {
    for name in ["none", "", "a\\nb", &"x".repeat(257)] {
        let problems = problems(&[&format!("name = \"{name}\"\nexact = \"/a\"")]);
        assert!(problems.len() == 1 && problems[0].contains("expected a name of"), "{name}: {problems:#?}");
    }
    assert_eq!(problems(&["name = \"None of these\"\nexact = \"/a\""]), [""; 0]);
}

const GATE: &str = "admin_tokens = [\"0123456789abcdef-token\"]\n";

#[test]
fn no_route_leads_around_a_gate() {
    let gated = |keys: &str| format!("{GATE}{keys}");
    for (gate, open, is_refused) in [
        ("prefix = \"/admin\"", "prefix = \"/administration\"", false),
        ("prefix = \"/\"", "prefix = \"/public\"", false),
        ("prefix = \"/open/admin\"", "prefix = \"/open\"", false),
        ("prefix = \"/admin\"", "prefix = \"/admin/open\"", true),
        ("prefix = \"/Admin\"", "prefix = \"/aDMIN/x/y\"", true),
        ("prefix = \"/admin\"", "prefix = \"/admin/open\"\nopen = true", false),
        ("prefix = \"/admin\"", "prefix = \"/admin/open\"\nopen = false", true),
        ("prefix = \"/admin\"", "exact = \"/admin\"", true),
        ("prefix = \"/admin\"", "path = \"/{page}\"", false),
        ("path = \"/{team}/admin\"", "prefix = \"/red\"", true),
        ("path = \"/{team}/admin\"", "exact = \"/red\"", false),
        ("path = \"/{team}/admin\"", "exact = \"/red/admin/\"", true),
        ("path = \"/{team}/admin\"", "path = \"/{team}/{page}\"", false),
        ("path = \"/{file}.key\"", "path = \"/my-{file}\"", false),
        ("path = \"/{file}.key\"", "path = \"/my-great-{file}\"", true),
        ("exact = \"/admin\"", "prefix = \"/admin\"", false),
        ("exact = \"/admin\"", "prefix = \"/admin\"\npriority = 1", true),
        ("exact = \"/admin\"\npriority = 2", "prefix = \"/admin\"\npriority = 1", false),
        ("prefix = \"/admin\"\nhost = \"a.x\"", "prefix = \"/admin/x\"\nhost = \"b.x\"", false),
        ("prefix = \"/admin\"\nhost = \"a.x\"", "prefix = \"/admin/x\"", true),
        ("prefix = \"/admin\"\nhost = \"*.x\"", "prefix = \"/admin\"\nhost = \"a.x\"", true),
        ("prefix = \"/admin\"\nhost = \"a.x\"", "prefix = \"/admin\"\nhost = \"*.x\"", false),
        ("prefix = \"/admin\"", "prefix = \"/admin\"\nmethods = \"GET\"", true),
        ("prefix = \"/admin\"\nmethods = \"PUT\"", "prefix = \"/admin\"", false),
        ("prefix = \"/admin\"\nmethods = \"PUT\"", "prefix = \"/admin/x\"\nmethods = \"GET\"", false),
        ("prefix = \"/admin\"\nmethods = \"HEAD\"", "prefix = \"/admin/x\"\nmethods = \"GET\"", true),
        ("prefix = \"/admin\"\nscheme = \"http\"", "prefix = \"/admin/x\"\nscheme = \"https\"", false),
    ] {
        let gate = format!("name = \"gate\"\n{}", gated(gate));
        let problems = problems(&[&gate, &format!("name = \"open\"\n{open}")]);
        let expected = "the route open is open but lies below gate, which is gated";
        let is_said = problems.iter().any(|problem| problem.contains(expected));
        assert_eq!(
            (is_said, problems.len()),
            (is_refused, usize::from(is_refused)),
            "{gate}\n{open}: {problems:#?}"
        );
    }
    assert_eq!(problems(&[&gated("exact = \"/admin\""), &gated("prefix = \"/admin/ops\"")]), [""; 0]);
}

/// What follows from an invalid route would only hide what is wrong with it.
#[test]
fn an_invalid_route_is_not_compared() {
    let problems = problems(&["path = \"/{\"", "path = \"/}\"\nname = \"b\"", "host = \"*\"\nname = \"c\""]);
    assert_eq!(problems.len(), 3, "{problems:#?}");
}
