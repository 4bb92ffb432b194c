//! What routes change: the keys, and what is refused.

use http::{HeaderName, Method};
use proxy_service::{ForwardedHeaders, HostPolicy, MapBack, References};

use super::*;

fn route(keys: &str) -> Route {
    let text = format!("{MINIMAL}{keys}\n");
    let config = parse(&text).unwrap_or_else(|errors| panic!("{errors}"));
    config.routes.into_iter().next().unwrap()
}

fn refused(keys: &str) -> String {
    parse(format!("{MINIMAL}{keys}\n")).map(|_| keys).unwrap_err().to_string()
}

fn template(text: &str) -> RouteTemplate {
    RouteTemplate::compile_for_answers(text, &[]).unwrap()
}

#[test]
fn nothing_is_changed_by_default() {
    let route = route("");
    assert_eq!((route.rewrite, route.headers), (Rewrite::default(), Headers::default()));
    assert_eq!(parse(MINIMAL).unwrap().forwarded, ForwardedHeaders::XForwarded);
}

#[test]
fn targets() {
    let prefix = |strip, add: &str| PathRewrite::Prefix { strip, add: add.to_owned() };
    let replaced = |path: &str, query: Option<&str>| PathRewrite::Template {
        path: template(path),
        query: query.map(template),
    };
    for (keys, path) in [
        ("strip_prefix = false", prefix(Strip::Nothing, "")),
        ("strip_prefix = true", prefix(Strip::Matched, "")),
        ("strip_prefix = \"/api/v1\"", prefix(Strip::Prefix("/api/v1".to_owned()), "")),
        ("add_prefix = \"/a%20b\"", prefix(Strip::Matched, "/a%20b")),
        ("rewrite = \"/v2{path}\"", replaced("/v2{path}", None)),
        ("rewrite = \"{path}?\"", replaced("{path}", Some(""))),
        ("rewrite = \"/x?a={host}&{query}\"", replaced("/x", Some("a={host}&{query}"))),
    ] {
        assert_eq!(route(keys).rewrite.path, path, "{keys}");
    }
    let rewrite = route(
        "query_rewrite = { set = { \"a b\" = \"{path}\" }, add = { c = \"d%20e\" }, remove = [\"f\"] }\n\
         method = \"PUT\"\nupstream_host = \"app.internal:81\"",
    )
    .rewrite;
    assert_eq!(rewrite.query.set, [("a b".to_owned(), template("{path}"))]);
    assert_eq!(rewrite.query.add, [("c".to_owned(), template("d%20e"))]);
    assert_eq!(rewrite.query.remove, ["f"]);
    assert_eq!(rewrite.method, Some(Method::PUT));
    assert_eq!(rewrite.host, HostPolicy::Name("app.internal:81".parse().unwrap()));
    for (key, policy) in [("preserve", HostPolicy::Preserve), ("target", HostPolicy::Target)] {
        assert_eq!(route(&format!("host = \"{key}\"")).rewrite.host, policy);
        assert_eq!(route(&format!("upstream_host = \"{key}\"")).rewrite.host, policy);
    }
}

#[test]
fn targets_that_cannot_be() {
    for (keys, why) in [
        ("strip_prefix = \"/ap\"", "strip_prefix: no path of this route begins with \"/ap\""),
        ("strip_prefix = \"api\"", "strip_prefix: \"api\" doesn't begin with a slash"),
        ("strip_prefix = 1", "strip_prefix: found an integer"),
        ("add_prefix = \"/v1/\"", "add_prefix: \"/v1/\" ends in a slash"),
        ("add_prefix = \"/a/../b\"", "add_prefix: \"/a/../b\" is no path that may be forwarded"),
        ("add_prefix = \"/a?b\"", "add_prefix: \"/a?b\" is no path that may be forwarded"),
        ("add_prefix = \"/a b\"", "add_prefix: \"/a b\" is no path that may be forwarded"),
        ("rewrite = \"v2\"", "rewrite: it doesn't begin with a slash"),
        ("rewrite = \"{host}/x\"", "rewrite: it doesn't begin with a slash"),
        ("rewrite = \"/x{uri}\"", "rewrite: the query can't stand in the path"),
        ("rewrite = \"/../x\"", "rewrite: this is no path that may be forwarded"),
        ("rewrite = \"/a b{path}\"", "rewrite: this is no path that may be forwarded"),
        ("rewrite = \"/x#y\"", "rewrite: this is no path that may be forwarded"),
        ("rewrite = \"/x?y={pahth}\"", "rewrite: \"pahth\" is no value"),
        ("rewrite = \"/x/{path.id}\"", "rewrite: the route's path captures no \"id\""),
        ("rewrite = \"/x/{status}\"", "rewrite: status is known of answers only"),
        ("rewrite = \"/x\"\nadd_prefix = \"/y\"", "rewrite says the whole path"),
        (
            "query_rewrite = { set = { a = \"b&c\" } }",
            "query_rewrite.set.a: this can't stand in a query as it is",
        ),
        ("query_rewrite = { sett = {} }", "unknown key \"sett\""),
        ("query_rewrite = { remove = [1] }", "query_rewrite.remove: found an integer"),
        ("method = \"TRACE\"", "method: TRACE isn't forwarded"),
        ("method = \"HEAD\"", "method: whoever asked with another method would wait for a body"),
        ("method = \"GE T\"", "method: \"GE T\" is no method"),
        ("method = \"get\"", "method: \"get\" has small letters"),
        ("method = [\"GET\"]", "(as a condition it is methods)"),
        ("host = \"api.example.com\"", "(as a condition, host is a key of [[route]])"),
        (
            "rewrite = \"/x/$1\"",
            "rewrite: this is plain text here, expected a name: (?<NAME>...) in regex is {path.NAME}",
        ),
        ("rewrite = \"/x?$args\"", "rewrite: $args is plain text here, expected {query}"),
        (
            "query_rewrite = { set = { a = \"$arg_b\" } }",
            "set.a: $arg_b is plain text here, expected {query.b}",
        ),
        (
            "request_headers = { set = { x-real-ip = \"$remote_addr\" } }",
            "set.x-real-ip: $remote_addr is plain text here, expected {client_ip}",
        ),
        ("upstream_host = \"presrve\"", "(did you mean preserve?)"),
        ("upstream_host = \"app/x\"", "upstream_host: \"app/x\" is no host"),
    ] {
        assert!(refused(keys).contains(why), "{keys}: {}", refused(keys));
    }
    // The place is that of the name that is wrong.
    assert!(
        refused("rewrite = \"/x?y={pahth}\"").contains("gateway.toml:5:17"),
        "{}",
        refused("rewrite = \"/x?y={pahth}\"")
    );
}

#[test]
fn fields() {
    let headers = route(
        "request_headers = { set = { X-User = \"{cookie.user}\" }, add = { x-a = \"b\" }, remove = [\"X-B\"], only = [] }\n\
         response_headers = { set = { x-from = \"{upstream}\" }, when = \"error\" }\n\
         request_trailers = { remove = [\"x-c\"] }\nresponse_trailers = { set = { x-d = \"{path}\" } }\n\
         redirects = \"rewrite\"\ncookies = \"keep\"",
    )
    .headers;
    let name = HeaderName::from_static;
    let request = FieldChanges {
        only: Some(vec![]),
        remove: vec![name("x-b")],
        set: vec![(name("x-user"), template("{cookie.user}"))],
        add: vec![(name("x-a"), template("b"))],
    };
    assert_eq!(headers.request, request);
    assert_eq!(headers.response.set, [(name("x-from"), template("{upstream}"))]);
    assert_eq!(headers.when, When::Error);
    assert_eq!(headers.request_trailers.remove, [name("x-c")]);
    assert_eq!(headers.response_trailers.set, [(name("x-d"), template("{path}"))]);
    assert_eq!(headers.map_back, MapBack { redirects: References::Paths, cookies: References::Kept });
}

#[test]
fn what_the_gateway_owns_is_refused() {
    for (name, who) in [
        ("Host", "upstream_host says which one is sent"),
        ("content-length", "it belongs to one connection"),
        ("Connection", "it belongs to one connection"),
        ("upgrade", "the route's key upgrade"),
        ("Via", "the gateway sets it"),
        ("date", "the gateway sets it"),
        ("x-request-id", "the gateway keeps or makes it"),
        ("Forwarded", "the keys forwarded and trusted_proxies"),
        ("X-Forwarded-For", "the keys forwarded and trusted_proxies"),
        ("x-forwarded-prefix", "it says what strip_prefix takes off"),
        ("client-cert", "it is set from the client's certificate"),
        ("X-Admin-Token", "it is for the gateway alone"),
    ] {
        for table in ["request_headers", "response_headers", "request_trailers", "response_trailers"] {
            for change in [
                format!("set = {{ {name} = \"a\" }}"),
                format!("add = {{ {name} = \"a\" }}"),
                format!("remove = [\"{name}\"]"),
                format!("only = [\"{name}\"]"),
            ] {
                let errors = refused(&format!("{table} = {{ {change} }}"));
                let why = format!("{} is the gateway's own: {who}", name.to_ascii_lowercase());
                assert!(errors.contains(&why) && errors.contains("gateway.toml:5:"), "{change}: {errors}");
            }
        }
    }
    route("request_headers = { set = { x-real-ip = \"{client_ip}\", x-forwarded-port = \"443\" } }");
    let added = refused("request_headers = { add = { x-real-ip = \"{client_ip}\" } }");
    assert!(
        added.contains("x-real-ip says who the client is") && added.contains("the same in set"),
        "{added}"
    );
}

#[test]
fn fields_that_cannot_be() {
    for (keys, why) in [
        ("request_headers = { set = { \"x a\" = \"b\" } }", "\"x a\" is no name of a field"),
        ("request_headers = { set = { x-a = \"\" } }", "request_headers.set.x-a: this is empty"),
        ("request_headers = { set = { x-a = 1 } }", "request_headers.set.x-a: found an integer"),
        ("request_headers = { set = { x-a = \"{status}\" } }", "status is known of answers only"),
        ("request_headers = { set = { x-a = \"a\\nb\" } }", "there is a control character in it"),
        ("request_headers = { set = { x-a = \"{\" } }", "this brace stands alone"),
        ("request_headers = { set = { x-a = \"b\", X-A = \"c\" } }", "this field is there already"),
        ("request_headers = { set = [] }", "request_headers.set: found an array"),
        ("request_headers = { remove = \"x-a\" }", "request_headers.remove: found a string"),
        (
            "request_headers = { when = \"always\" }",
            "unknown key \"when\" in routes.\"/api\".request_headers",
        ),
        ("request_headers = \"x-a\"", "request_headers: found a string"),
        ("response_headers = { when = \"allways\" }", "(did you mean always?)"),
        ("response_trailers = { set = { x-a = \"{upstream}\" } }", "upstream is known of answers only"),
        ("redirects = \"rewrit\"", "(did you mean rewrite?)"),
        ("cookies = true", "cookies: found a boolean"),
    ] {
        assert!(refused(keys).contains(why), "{keys}: {}", refused(keys));
    }
    let secret = refused("request_headers = { set = { authorization = \"hunter2 {\" } }");
    assert!(!secret.contains("hunter2"), "{secret}");
}

#[test]
fn forwarded() {
    for (text, which) in [
        ("x-forwarded", ForwardedHeaders::XForwarded),
        ("rfc7239", ForwardedHeaders::Rfc7239),
        ("both", ForwardedHeaders::Both),
    ] {
        assert_eq!(parse(format!("forwarded = \"{text}\"\n{MINIMAL}")).unwrap().forwarded, which);
    }
    let errors = parse(format!("forwarded = \"rfc7293\"\n{MINIMAL}")).unwrap_err().to_string();
    assert!(errors.contains("(did you mean rfc7239?)"), "{errors}");
}
