use std::convert::Infallible;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use bytes::Bytes;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use proptest::prelude::*;
use tower::{Layer, ServiceExt, service_fn};

use super::*;
use crate::config::{FieldChanges, RouteTemplate, When};

fn field((name, value): &(&str, &str)) -> (HeaderName, RouteTemplate) {
    (name.parse().unwrap(), RouteTemplate::compile_for_answers(value, &[]).unwrap())
}

fn names(names: &[&str]) -> Vec<HeaderName> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn set(fields: &[(&str, &str)]) -> FieldChanges {
    FieldChanges { set: fields.iter().map(field).collect(), ..FieldChanges::default() }
}

fn map(lines: &[(&str, &str)]) -> HeaderMap {
    let line = |(name, value): &(&str, &str)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    lines.iter().map(line).collect()
}

fn sent(changes: &FieldChanges, lines: &[(&str, &str)]) -> HeaderMap {
    let mut request = Request::get("/x?y=1").body(()).unwrap();
    *request.headers_mut() = map(lines);
    RequestHeadersLayer::new(changes).apply(&mut request);
    request.into_parts().0.headers
}

#[test]
fn changes_come_in_their_order() {
    let changes = FieldChanges {
        only: Some(names(&["x-a", "x-b"])),
        remove: names(&["x-b"]),
        set: [("x-c", "{header.x-b}"), ("x-a", "{header.x-a}+")].iter().map(field).collect(),
        add: [("x-a", "more"), ("x-c", "{header.x-d}")].iter().map(field).collect(),
    };
    let came = [("host", "a"), ("x-a", "1"), ("x-a", "2"), ("x-b", "3"), ("x-d", "4"), ("accept", "*/*")];
    let expected = [("host", "a"), ("x-c", "3"), ("x-a", "1+"), ("x-a", "more"), ("x-c", "4")];
    assert_eq!(sent(&changes, &came), map(&expected));
}

#[test]
fn an_empty_value_is_none() {
    let changes = FieldChanges { add: vec![field(&("x-b", "{cookie.b}"))], ..set(&[("x-a", "{cookie.a}")]) };
    assert_eq!(sent(&changes, &[("x-a", "a client's"), ("cookie", "c=1")]), map(&[("cookie", "c=1")]));
    assert_eq!(sent(&changes, &[("cookie", "a=1")]), map(&[("cookie", "a=1"), ("x-a", "1")]));
}

#[test]
fn no_other_spelling_gets_past() {
    let changes = FieldChanges { remove: names(&["x-internal-id"]), ..set(&[("x-user", "alice")]) };
    let came = [
        ("X_User", "evil"),
        ("x.user", "evil"),
        ("x_internal-id", "1"),
        ("x-internal-id", "1"),
        ("x_other", "1"),
    ];
    assert_eq!(sent(&changes, &came), map(&[("x_other", "1"), ("x-user", "alice")]));
}

#[test]
fn a_client_cannot_have_it_taken_away_again() {
    let changes = set(&[("x-user", "alice")]);
    for (connection, left) in [
        (&["x-user"][..], &[][..]),
        (&["close, X-USER ,x-hop"], &["close, x-hop"]),
        (&["keep-alive", "x-user, x-user"], &["keep-alive"]),
        (&["close, x-hop"], &["close, x-hop"]),
        (&[], &[]),
    ] {
        let came: Vec<_> = connection.iter().map(|line| ("connection", *line)).collect();
        let expected: Vec<_> =
            left.iter().map(|line| ("connection", *line)).chain([("x-user", "alice")]).collect();
        assert_eq!(sent(&changes, &came), map(&expected), "{connection:?}");
    }
}

async fn answered(changes: &FieldChanges, when: When, status: u16, lines: &[(&str, &str)]) -> HeaderMap {
    let headers = map(lines);
    let service = service_fn(move |_: Request<()>| {
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        *response.headers_mut() = headers.clone();
        std::future::ready(Ok::<_, Infallible>(response))
    });
    let service = ResponseHeadersLayer::new(changes, when).layer(service);
    let request = Request::get("/x?y=1").header("host", "a").header("x-gone", "by then").body(()).unwrap();
    service.oneshot(request).await.unwrap().into_parts().0.headers
}

#[tokio::test]
async fn answers_by_their_status() {
    let changes =
        FieldChanges { remove: names(&["server"]), ..set(&[("x-a", "{status} {path} {header.x-gone}")]) };
    for (when, on) in [
        (When::Always, &[101, 200, 304, 308, 404, 502, 599][..]),
        (When::Success, &[101, 200, 304, 308]),
        (When::Error, &[404, 502, 599]),
    ] {
        for status in [101, 200, 304, 308, 404, 502, 599] {
            let changed = map(&[("x-a", &format!("{status} /x by then"))]);
            let expected = if on.contains(&status) { changed } else { map(&[("server", "s")]) };
            assert_eq!(
                answered(&changes, when, status, &[("server", "s")]).await,
                expected,
                "{when:?} {status}"
            );
        }
    }
}

#[tokio::test]
async fn trailers_both_ways() {
    let changes = FieldChanges { remove: names(&["x-b"]), ..set(&[("x-c", "{method}")]) };
    let trailing = |lines: &[(&str, &str)]| {
        let frames = [Ok::<_, Infallible>(Frame::data(Bytes::from("data"))), Ok(Frame::trailers(map(lines)))];
        Body::new(StreamBody::new(futures_util::stream::iter(frames)))
    };
    let echo = service_fn(|request: Request<ChangedTrailers<Body>>| async move {
        Ok::<_, Infallible>(Response::new(request.into_body()))
    });
    for (of_request, of_response, expected) in [
        (&changes, &FieldChanges::default(), &[("x-a", "1"), ("x-c", "POST")]),
        (&FieldChanges::default(), &changes, &[("x-a", "1"), ("x-c", "POST")]),
    ] {
        let service = TrailersLayer::new(of_request, of_response).layer(echo);
        let request = Request::post("/").body(trailing(&[("x-a", "1"), ("x-b", "2")])).unwrap();
        let collected = service.oneshot(request).await.unwrap().into_body().collect().await.unwrap();
        assert_eq!(collected.trailers(), Some(&map(expected)));
        assert_eq!(collected.to_bytes(), "data");
    }
    let service = TrailersLayer::new(&changes, &changes).layer(echo);
    let request = Request::post("/").body(Body::from("x")).unwrap();
    let collected = service.oneshot(request).await.unwrap().into_body().collect().await.unwrap();
    assert_eq!(collected.trailers(), None);
}

proptest! {
    /// Whatever a client sends, the field has the route's value and no other spelling of it is there.
    #[test]
    fn what_is_set_is_set(
        lines in prop::collection::vec(("[xX][-_.][uU]ser|connection|x-other", "(x-user|close|a)?(, ?x-user)?"), 0..6)
    ) {
        let lines: Vec<_> = lines.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let headers = sent(&set(&[("x-user", "alice")]), &lines);
        prop_assert_eq!(headers.get_all("x-user").iter().collect::<Vec<_>>(), [&HeaderValue::from_static("alice")]);
        prop_assert!(!headers.contains_key("x_user") && !headers.contains_key("x.user"));
        for line in headers.get_all("connection") {
            prop_assert!(!line.to_str().unwrap().contains("x-user"));
        }
        let others = |headers: &HeaderMap| headers.get_all("x-other").iter().cloned().collect::<Vec<_>>();
        prop_assert_eq!(others(&headers), others(&map(&lines)));
    }
}
