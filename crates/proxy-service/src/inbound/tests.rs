use http::Request;

use super::*;

fn request(version: Version, method: &str, uri: &str, headers: &[(&str, &str)]) -> Request<()> {
    let half = hyper::upgrade::on(Request::new(()));
    let mut request = Request::builder().version(version).method(method).uri(uri).extension(half);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap()
}

fn status(version: Version, method: &str, uri: &str, headers: &[(&str, &str)]) -> u16 {
    check(&request(version, method, uri, headers)).map_or_else(|error| error.status().as_u16(), |()| 200)
}

#[test]
fn host_is_one_and_valid_on_http1_1() {
    for (headers, expected) in [
        (&[("host", "a")][..], 200),
        (&[("host", "a:80")], 200),
        (&[("host", "[::1]:80")], 200),
        (&[], 400),
        (&[("host", "")], 400),
        (&[("host", "a"), ("host", "a")], 400),
        (&[("host", "a, b")], 400),
        (&[("host", "a@b")], 400),
        (&[("host", "a:b")], 400),
        (&[("host", "a/b")], 400),
    ] {
        assert_eq!(status(Version::HTTP_11, "GET", "/", headers), expected, "{headers:?}");
    }
    assert_eq!(status(Version::HTTP_10, "GET", "/", &[]), 200);
    assert_eq!(status(Version::HTTP_2, "GET", "http://a/", &[]), 200);
    assert_eq!(status(Version::HTTP_2, "GET", "http://a/", &[("host", "b")]), 400);
    assert_eq!(status(Version::HTTP_2, "GET", "/", &[("host", "a")]), 200);
    assert_eq!(status(Version::HTTP_2, "GET", "/", &[]), 400);
    assert_eq!(status(Version::HTTP_11, "GET", "ftp://a/", &[("host", "a")]), 400);
}

#[test]
fn absolute_form_names_its_host() {
    for (uri, host, expected) in [
        ("http://a/x", "a", 200),
        ("http://A/x", "a", 200),
        ("http://a:80/x", "a", 200),
        ("http://a/x", "b", 400),
        ("http://a:81/x", "a", 400),
        ("http://u@a/x", "a", 400),
        ("http://u@a/x", "u@a", 400),
    ] {
        assert_eq!(status(Version::HTTP_11, "GET", uri, &[("host", host)]), expected, "{uri} {host}");
    }
}

#[test]
fn only_options_may_do_without_a_path() {
    for (method, uri, expected) in [
        ("OPTIONS", "*", 200),
        ("GET", "*", 400),
        ("OPTIONS", "a:80", 400),
        ("GET", "a", 400),
        ("GET", "/", 200),
        ("GET", "http://a?q", 200),
    ] {
        assert_eq!(status(Version::HTTP_11, method, uri, &[("host", "a")]), expected, "{method} {uri}");
    }
}

#[test]
fn framing_has_one_reading() {
    for (headers, expected) in [
        (&[("content-length", "5")][..], 200),
        (&[("transfer-encoding", "chunked")], 200),
        (&[("transfer-encoding", "CHUNKED")], 200),
        (&[("content-length", "5"), ("content-length", "5")], 400),
        (&[("content-length", "5, 5")], 400),
        (&[("content-length", "+5")], 400),
        (&[("content-length", "")], 400),
        (&[("content-length", "5"), ("transfer-encoding", "chunked")], 400),
        (&[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")], 400),
        (&[("transfer-encoding", "gzip, chunked")], 501),
        (&[("transfer-encoding", "identity")], 501),
        (&[("transfer-encoding", "")], 501),
    ] {
        let with_host: Vec<_> = headers.iter().copied().chain([("host", "a")]).collect();
        assert_eq!(status(Version::HTTP_11, "POST", "/", &with_host), expected, "{headers:?}");
    }
    assert_eq!(status(Version::HTTP_10, "POST", "/", &[("transfer-encoding", "chunked")]), 400);
}

#[test]
fn methods_and_expectations() {
    let host = ("host", "a");
    assert_eq!(status(Version::HTTP_11, "TRACE", "/", &[host]), 405);
    assert_eq!(status(Version::HTTP_11, "CONNECT", "a:1", &[("host", "a:1")]), 405);
    assert_eq!(status(Version::HTTP_11, "PURGE", "/", &[host]), 200);
    assert_eq!(status(Version::HTTP_11, "OPTIONS", "*", &[host]), 200);
    assert_eq!(status(Version::HTTP_11, "GET", "*", &[host]), 400);
    assert_eq!(status(Version::HTTP_11, "GET", "a:1", &[("host", "a:1")]), 400);
    assert_eq!(status(Version::HTTP_11, "GET", "/", &[host, ("expect", "100-Continue")]), 200);
    assert_eq!(status(Version::HTTP_11, "GET", "/", &[host, ("expect", "y 100-continue")]), 417);
    assert_eq!(
        status(Version::HTTP_11, "GET", "/", &[host, ("expect", "100-continue"), ("expect", "x")]),
        417
    );
}

#[test]
fn only_allowed_upgrades_of_bodyless_gets_on_http1_1() {
    let asked = |version, method, extra: &[(&str, &str)]| {
        let headers: Vec<_> =
            [("host", "a"), ("connection", "x, Upgrade")].iter().chain(extra).copied().collect();
        let parts = request(version, method, "/", &headers).into_parts().0;
        Inbound::read(&parts, &Upgrades::default(), Checked::NotYet)
            .map(|inbound| inbound.upgrade.is_some())
            .map_err(|error| error.status().as_u16())
    };
    let websocket = ("upgrade", "WebSocket");
    assert_eq!(asked(Version::HTTP_11, "GET", &[websocket]), Ok(true));
    assert_eq!(asked(Version::HTTP_11, "GET", &[websocket, ("content-length", "0")]), Ok(true));
    assert_eq!(asked(Version::HTTP_11, "GET", &[websocket, ("content-length", "1")]), Err(400));
    assert_eq!(asked(Version::HTTP_11, "GET", &[websocket, ("transfer-encoding", "chunked")]), Err(400));
    assert_eq!(asked(Version::HTTP_11, "POST", &[websocket]), Ok(false));
    assert_eq!(asked(Version::HTTP_10, "GET", &[websocket]), Ok(false));
    assert_eq!(asked(Version::HTTP_11, "GET", &[("upgrade", "h2c")]), Ok(false));
    assert_eq!(asked(Version::HTTP_11, "GET", &[("upgrade", "h2c, websocket")]), Ok(false));
}

#[test]
fn what_was_checked_before_is_not_checked_again() {
    let parts = request(Version::HTTP_11, "GET", "/", &[("host", "a, b")]).into_parts().0;
    let read = |checked| Inbound::read(&parts, &Upgrades::default(), checked).map(|inbound| inbound.host);
    assert_eq!(read(Checked::NotYet).unwrap_err().status(), 400);
    assert_eq!(read(Checked::Before).unwrap().unwrap(), "a, b");
}
