//! Keys of a route that would have no effect are refused, with their place and the reason.

use super::*;

/// Each action that is no upstream's, and the key that says it.
const OWN_ANSWERS: [(&str, &str); 3] =
    [("respond", "respond = 200"), ("redirect", "redirect = \"/x\""), ("files", "files = \".\"")];

/// Keys that are about pools and upstreams.
const OF_UPSTREAMS: [(&str, &str); 15] = [
    ("fallback", "fallback = \"api\""),
    ("mirror", "mirror = { pool = \"api\" }"),
    ("max_body", "max_body = 1"),
    ("buffer", "buffer = 1"),
    ("upstream_host", "upstream_host = \"preserve\""),
    ("query_rewrite", "query_rewrite = { remove = [\"a\"] }"),
    ("request_trailers", "request_trailers = { remove = [\"x-a\"] }"),
    ("response_trailers", "response_trailers = { remove = [\"x-a\"] }"),
    ("redirects", "redirects = \"rewrite\""),
    ("cookies", "cookies = \"rewrite\""),
    ("upgrade", "upgrade = []"),
    ("timeouts.response_head", "timeouts.response_head = \"1s\""),
    ("timeouts.body_idle", "timeouts.body_idle = \"1s\""),
    ("timeouts.tunnel_idle", "timeouts.tunnel_idle = \"1s\""),
    ("errors.intercept", "errors.intercept = true\nerrors.502.body = \"x\""),
];

/// Keys that change a request, and so which of several files is the answer.
const OF_REQUESTS: [(&str, &str); 5] = [
    ("strip_prefix", "strip_prefix = false"),
    ("add_prefix", "add_prefix = \"/b\""),
    ("rewrite", "rewrite = \"/b\""),
    ("method", "method = \"GET\""),
    ("request_headers", "request_headers = { remove = [\"range\"] }"),
];

/// Keys that count for whatever a route does.
const OF_ALL: &str = "rate_limit = { requests = 1, per = \"1s\" }\nconcurrency = 1\ntimeouts.request = \"1s\"\n\
                      allow = [\"::1\"]\nresponse_headers = { set = { x-a = \"b\" } }\nerrors = true\n\
                      cors = { origins = \"*\" }\nsecurity_headers = true\n";

/// The minimal file, with a second route that has these keys from line 6 on.
fn with(action: &str, keys: &str) -> String {
    format!("{MINIMAL}[routes.\"/a\"]\n{keys}\n{action}\n")
}

fn check_refused(text: &str, key: &str, message: &str) {
    let errors = parse(text).map(|_| text).unwrap_err();
    assert_eq!(errors.len(), 1, "{text}: {errors}");
    let column = 1 + key.rfind('.').map_or(0, |dot| dot + 1);
    let error = errors.iter().next().unwrap();
    let place = error.position.as_ref().map(|position| (position.line, position.column));
    assert_eq!(place, Some((6, column)), "{text}: {errors}");
    assert!(errors.to_string().contains(message), "{text}: {errors}");
}

#[test]
fn what_is_for_upstreams_is_refused_beside_an_own_answer() {
    for (name, action) in OWN_ANSWERS {
        let of_requests = OF_REQUESTS.iter().filter(|_| name != "files");
        for (key, line) in OF_UPSTREAMS.iter().chain(of_requests) {
            let last = key.rsplit('.').next().unwrap();
            let message = format!(
                "routes.\"/a\".{key}: no upstream gets what {name} answers, expected pool or split in place of {name}, or no {last}"
            );
            check_refused(&with(action, line), key, &message);
        }
        check_refused(&with(action, "host = \"preserve\""), "host", "routes.\"/a\".host: no upstream gets");
        parse(with(action, OF_ALL)).unwrap_or_else(|errors| panic!("{name}: {errors}"));
    }
    for (key, line) in OF_REQUESTS {
        parse(with("files = \".\"", line)).unwrap_or_else(|errors| panic!("{key}: {errors}"));
    }
    for (_, line) in OF_UPSTREAMS.iter().chain(&OF_REQUESTS).filter(|(key, _)| *key != "fallback") {
        parse(with("pool = \"api\"", line)).unwrap_or_else(|errors| panic!("{line}: {errors}"));
    }
    parse(format!("{MINIMAL}[[route]]\nhost = \"a.example\"\nrespond = 200\n")).unwrap();
}

#[test]
fn nothing_is_mapped_back_behind_a_template() {
    for key in ["redirects", "cookies"] {
        let with_rewrite =
            |value: &str| with("pool = \"api\"", &format!("{key} = \"{value}\"\nrewrite = \"/x\""));
        for value in ["target", "rewrite"] {
            let errors = parse(with_rewrite(value)).unwrap_err().to_string();
            let message = format!("routes.\"/a\".{key}: nothing can be mapped back behind rewrite");
            assert!(errors.contains(&message) && errors.contains(":6:"), "{errors}");
            assert!(
                errors.contains("\"keep\", or strip_prefix and add_prefix in place of rewrite"),
                "{errors}"
            );
        }
        parse(with_rewrite("keep")).unwrap();
    }
}

#[test]
fn a_prefix_that_is_not_there_cannot_be_taken_off() {
    for (path, is_valid) in [
        ("prefix = \"/b\"", true),
        ("exact = \"/b\"", false),
        ("path = \"/b/{id}\"", false),
        ("regex = \"b\"", true),
    ] {
        let text = format!("{MINIMAL}[[route]]\nname = \"b\"\nstrip_prefix = true\npool = \"api\"\n{path}\n");
        let errors = parse(&text).err().map(|errors| errors.to_string());
        assert_eq!(errors.is_none(), is_valid, "{path}: {errors:?}");
        assert!(
            errors.is_none_or(|errors| errors.contains("strip_prefix: this route has no prefix")),
            "{path}"
        );
    }
}

#[test]
fn a_gated_route_is_not_open() {
    for gate in ["admin_tokens = [\"0123456789abcdef\"]", "deny = [\"::1\"]"] {
        let text = with("pool = \"api\"", &format!("open = true\n{gate}"));
        let errors = parse(text).unwrap_err().to_string();
        assert!(errors.contains(":6:8: routes.\"/a\".open: this route has a gate of its own"), "{errors}");
        parse(with("pool = \"api\"", &format!("open = false\n{gate}"))).unwrap();
    }
}
