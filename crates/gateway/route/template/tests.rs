use std::net::SocketAddr;

use axum::http::{Request, StatusCode};
use proptest::prelude::*;
use proxy_service::{ClientCertificate, Peer};

use super::*;

fn template(text: &str) -> RouteTemplate {
    RouteTemplate::compile_for_answers(text, &[]).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn request() -> Request<()> {
    let peer: SocketAddr = "[2001:db8::1]:4711".parse().unwrap();
    let certificate = ClientCertificate {
        client_cert: HeaderValue::from_static(":AA==:"),
        x_forwarded_client_cert: HeaderValue::from_static("Hash=1"),
        subject: HeaderValue::from_static("CN=alice"),
    };
    Request::put("/a%2Fb/c?x=1&y=%20+&x=2&%7a=3&e")
        .header("host", "shop.example:8080")
        .header("x-request-id", "id-1")
        .header("x-one", "1")
        .header("x-one", "2")
        .header("x-latin", HeaderValue::from_bytes(b"\xe9").unwrap())
        .header("cookie", "a=b; s=se cret")
        .extension(Peer::new(peer).over_tls().with_certificate(certificate))
        .body(())
        .unwrap()
}

fn bytes(text: &str, place: Place) -> Vec<u8> {
    let mut out = BytesMut::from("before ");
    write(&template(text), &Facts::of(&request()), place, &mut out);
    out.strip_prefix(b"before ").unwrap().to_vec()
}

fn text(text: &str, place: Place) -> String {
    String::from_utf8(bytes(text, place)).unwrap()
}

#[test]
fn every_value() {
    for (name, value) in [
        ("path", "/a%2Fb/c"),
        ("query", "x=1&y=%20+&x=2&%7a=3&e"),
        ("query.x", "1"),
        ("query.y", "%20+"),
        ("query.z", "3"),
        ("query.e", ""),
        ("query.none", ""),
        ("uri", "/a%2Fb/c?x=1&y=%20+&x=2&%7a=3&e"),
        ("host", "shop.example"),
        ("host_port", "shop.example:8080"),
        ("scheme", "https"),
        ("method", "PUT"),
        ("client_ip", "2001:db8::1"),
        ("request_id", "id-1"),
        ("header.X-One", "1"),
        ("header.none", ""),
        ("cookie.s", "se cret"),
        ("cookie.none", ""),
        ("tls.subject", "CN=alice"),
        ("tls.version", ""),
        ("status", ""),
        ("upstream", ""),
    ] {
        assert_eq!(text(&format!("<{{{name}}}>"), Place::Header), format!("<{value}>"), "{name}");
    }
    assert_eq!(bytes("{header.x-latin}", Place::Header), b"\xe9");
}

#[test]
fn what_is_not_there_is_empty() {
    let request = Request::new(());
    for name in ["host", "client_ip", "request_id", "tls.subject", "query", "query.x"] {
        assert_eq!(header_value(&template(&format!("{{{name}}}")), &Facts::of(&request)), "", "{name}");
    }
    let unknown = Request::builder().extension(Peer::unknown()).body(()).unwrap();
    assert_eq!(header_value(&template("{client_ip}"), &Facts::of(&unknown)), "");
}

#[test]
fn hosts_lose_their_ports() {
    for (host, name) in [("a", "a"), ("a:80", "a"), ("[::1]", "[::1]"), ("[::1]:80", "[::1]"), ("a:", "a")] {
        let request = Request::builder().header("host", host).body(()).unwrap();
        assert_eq!(header_value(&template("{host}"), &Facts::of(&request)), name);
    }
    let http2 = Request::get("https://a.example:1/x").body(()).unwrap();
    assert_eq!(
        header_value(&template("{host} {host_port} {uri}"), &Facts::of(&http2)),
        "a.example a.example:1 /x"
    );
    let without_path = Request::get("http://a.example?y").body(()).unwrap();
    assert_eq!(header_value(&template("{path} {uri}"), &Facts::of(&without_path)), "/ /?y");
}

#[test]
fn no_value_ends_the_part_that_it_stands_in() {
    let request =
        Request::get("/p&q;a=b/+?n=%2F/%3F").header("x-bad", "a/../b?c#d&e=f+g;h%41% i\"").body(()).unwrap();
    let text = |text: &str, place| {
        let mut out = BytesMut::new();
        write(&template(text), &Facts::of(&request), place, &mut out);
        String::from_utf8(out.to_vec()).unwrap()
    };
    for (name, in_path, in_query) in [
        (
            "header.x-bad",
            "a%2F..%2Fb%3Fc%23d&e=f+g%3Bh%2541%25%20i%22",
            "a/../b?c%23d%26e%3Df%2Bg%3Bh%2541%25%20i%22",
        ),
        ("path", "/p&q;a=b/+", "/p%26q%3Ba%3Db/%2B"),
        ("query", "n=%2F/%3F", "n=%2F/%3F"),
        ("uri", "/p&q;a=b/+?n=%2F/%3F", "/p%26q%3Ba%3Db/%2B?n%3D%252F/%253F"),
        ("query.n", "%2F%2F%3F", "%2F/%3F"),
    ] {
        assert_eq!(text(&format!("{{{name}}}"), Place::Path), in_path, "{name}");
        assert_eq!(text(&format!("{{{name}}}"), Place::Query), in_query, "{name}");
    }
}

#[test]
fn a_query_begins_behind_the_first_question_mark_of_the_text() {
    for (text, expected) in [
        (
            "/login?from={uri}&m={method}",
            "/login?from=/a%252Fb/c?x%3D1%26y%3D%2520%2B%26x%3D2%26%257a%3D3%26e&m=PUT",
        ),
        ("/x{path}?{query}", "/x/a%2Fb/c?x=1&y=%20+&x=2&%7a=3&e"),
        ("/x{uri}", "/x/a%2Fb/c?x=1&y=%20+&x=2&%7a=3&e"),
        ("/{query.y}?y={query.y}", "/%20+?y=%20+"),
    ] {
        let mut out = BytesMut::new();
        write_target(&template(text), &Facts::of(&request()), &mut out);
        assert_eq!(std::str::from_utf8(&out).unwrap(), expected, "{text}");
    }
}

#[test]
fn secrets_are_marked() {
    let request = request();
    for (text, is_secret) in
        [("{cookie.a}", true), ("x{header.authorization}", true), ("{header.x-one}", false)]
    {
        assert_eq!(header_value(&template(text), &Facts::of(&request)).is_sensitive(), is_secret, "{text}");
    }
}

#[test]
fn an_answer_knows_more() {
    let template = template("{status}|{host}|{status}|{path}|{upstream}");
    let prepared = Prepared::of(&template, &Facts::of(&request()));
    let response = Response::builder().status(StatusCode::IM_A_TEAPOT).body(()).unwrap();
    assert_eq!(prepared.header_value(&template, &response), "418|shop.example|418|/a%2Fb/c|");
}

proptest! {
    /// Whatever a client sends, a value stands in a header, and in a target it leaves the others where they are.
    #[test]
    fn any_value_has_its_place(header in prop::collection::vec(any::<u8>(), 0..20)) {
        let Ok(header) = HeaderValue::from_bytes(&header) else { return Ok(()) };
        let request = Request::builder().header("x-a", &header).body(()).unwrap();
        let facts = Facts::of(&request);
        prop_assert_eq!(header_value(&template("{header.x-a}"), &facts), header);
        let mut target = BytesMut::new();
        write(&template("/a/{header.x-a}/b"), &facts, Place::Path, &mut target);
        target.extend_from_slice(b"?c=");
        write(&template("{header.x-a}&d=e"), &facts, Place::Query, &mut target);
        let uri: axum::http::Uri = std::str::from_utf8(&target).unwrap().parse().unwrap();
        prop_assert_eq!(uri.path().split('/').count(), 4);
        prop_assert_eq!(crate::route::query::find(uri.query().unwrap(), "d"), Some("e"));
        prop_assert_eq!(uri.path_and_query().unwrap().as_str().as_bytes(), &*target);
    }
}
