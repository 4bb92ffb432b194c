use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::http::Response;
use proptest::prelude::*;
use tower::service_fn;

use super::*;

type Shares = Vec<(&'static str, u16)>;

/// Who gets each of the requests.
fn picked(shares: &Shares, requests: impl Iterator<Item = Request<Body>>) -> Vec<&'static str> {
    let split = Split::new(shares.iter().map(|(name, weight)| (*name, *weight, *name))).unwrap();
    let split = split.by(of_header(HeaderName::from_static("x-user")));
    requests.map(|request| split.pick(&request)).collect()
}

fn of_user(user: usize) -> Request<Body> {
    Request::builder().header("x-user", user).body(Body::empty()).unwrap()
}

fn counts(picked: &[&'static str]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    picked.iter().for_each(|name| *counts.entry(*name).or_default() += 1);
    counts
}

#[test]
fn shares_are_as_the_weights_say_with_a_key_and_without() {
    let shares = vec![("blue", 95), ("green", 5), ("red", 0)];
    for requests in [
        picked(&shares, (0..20_000).map(of_user)),
        picked(&shares, (0..20_000).map(|_| Request::new(Body::empty()))),
    ] {
        let counts = counts(&requests);
        assert!((850..1_150).contains(&counts["green"]) && !counts.contains_key("red"), "{counts:?}");
    }
}

#[test]
fn another_weight_moves_no_more_users_than_it_has_to() {
    let users = || (0..10_000).map(of_user);
    let before = picked(&vec![("blue", 95), ("green", 5)], users());
    for (after, least, most) in [
        (vec![("blue", 90), ("green", 10)], 400, 650),
        (vec![("green", 5), ("blue", 95)], 0, 0),
        (vec![("blue", 19), ("green", 1)], 0, 0),
        (vec![("blue", 95), ("green", 5), ("red", 10)], 800, 1_050),
        (vec![("blue", 95), ("green", 0)], 400, 650),
    ] {
        let moved = before.iter().zip(picked(&after, users())).filter(|(before, after)| **before != *after);
        let moved = moved.count();
        assert!((least..=most).contains(&moved), "{after:?}: {moved}");
    }
}

#[test]
fn without_a_weight_there_is_no_split() {
    assert!(Split::new([("blue", 0, ())]).is_none());
    assert!(Split::<()>::new([]).is_none());
}

proptest! {
    /// A user stays with its share, whatever else is in the request, and never goes to one without a weight.
    #[test]
    fn the_same_user_goes_to_the_same_share(user in 0..1_000_usize, weights in prop::collection::vec(0..50_u16, 2..6)) {
        let names = ["a", "b", "c", "d", "e", "f"];
        let shares: Shares = names.into_iter().zip(weights.iter().copied()).collect();
        prop_assume!(weights.iter().any(|weight| *weight > 0));
        let picked = picked(&shares, [of_user(user), of_user(user)].into_iter());
        prop_assert_eq!(picked[0], picked[1]);
        prop_assert!(shares.iter().any(|(name, weight)| *name == picked[0] && *weight > 0));
    }
}

/// The cookies that a client with these gets, and the share that answered it.
async fn visit(cookie: Option<&str>) -> (Option<String>, Body) {
    let answer = |name: &'static str| {
        service_fn(move |_: Request<Body>| {
            std::future::ready(Ok::<_, Infallible>(Response::new(Body::from(name))))
        })
    };
    let split = Split::new([("blue", 1, answer("blue")), ("green", 1, answer("green"))]).unwrap();
    let split = split.configured(&SplitBy::Cookie("share".to_owned()));
    let service = tower::Layer::layer(&SplitCookieLayer::new("share").unwrap(), split);
    let mut request = Request::new(Body::empty());
    if let Some(cookie) = cookie {
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
    }
    let response = service.oneshot(request).await.unwrap();
    let line = response.headers().get("set-cookie").map(|line| line.to_str().unwrap().to_owned());
    (line, response.into_body())
}

#[tokio::test]
async fn a_client_gets_a_cookie_once_and_stays_with_its_share() {
    let text = async |body| axum::body::to_bytes(body, 100).await.unwrap();
    for _ in 0..20 {
        let (line, first) = visit(None).await;
        let first = text(first).await;
        let line = line.unwrap();
        let (cookie, attributes) = line.split_once("; ").unwrap();
        assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax");
        for _ in 0..3 {
            let (line, again) = visit(Some(&format!("a=b; {cookie}"))).await;
            assert_eq!((line, text(again).await), (None, first.clone()));
        }
    }
}

#[test]
fn a_name_that_would_break_the_line_makes_no_layer() {
    for name in ["", "a;b", "a\r\nset-cookie: b", "\u{e9}"] {
        assert!(SplitCookieLayer::new(name).is_none(), "{name:?}");
    }
}

#[tokio::test]
async fn what_is_no_cookie_of_ours_is_replaced() {
    for cookie in
        ["share=", "share=1", "share=00000000000000zz", "share=00000000000000FF", "share=+00000000000000f"]
    {
        assert!(visit(Some(cookie)).await.0.is_some(), "{cookie}");
    }
    assert!(visit(Some("share=00000000000000ff")).await.0.is_none());
}
