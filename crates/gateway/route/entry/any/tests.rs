use std::sync::atomic::{AtomicUsize, Ordering};

use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Request, StatusCode};
use tower::ServiceExt as _;
use tower::{Layer as _, service_fn};

use super::*;
use crate::route::entry::{GuardLayer, RejectionKind as Kind};

/// A guard that takes out a field, and says always the same. It counts how often it has to ask.
struct Says {
    name: &'static str,
    verdict: Result<Granted, Rejection>,
    at_once: bool,
    asked: Arc<AtomicUsize>,
}

impl Guard for Says {
    fn examine(&self, head: &mut Parts) -> Verdict {
        head.headers.remove(self.name);
        let verdict = self.verdict.clone();
        if self.at_once {
            return verdict.into();
        }
        let asked = Arc::clone(&self.asked);
        Verdict::later(async move {
            asked.fetch_add(1, Ordering::Relaxed);
            verdict
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    AtOnce,
    Later,
}

fn says(name: &'static str, when: When, verdict: Result<Granted, Rejection>) -> (Says, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    (Says { name, verdict, at_once: when == When::AtOnce, asked: Arc::clone(&asked) }, asked)
}

fn user(name: &'static str) -> Result<Granted, Rejection> {
    Ok(Granted::default().field(HeaderName::from_static("x-user"), HeaderValue::from_static(name)))
}

fn no(kind: Kind, challenge: &'static str) -> Result<Granted, Rejection> {
    Err(Rejection::new(kind).challenging(HeaderValue::from_static(challenge)))
}

/// The answer to a request with all fields, whose body is those that have come through.
async fn answer(guard: AnyOf) -> (StatusCode, http::HeaderMap, String) {
    let inner = service_fn(async |request: Request<()>| {
        let headers =
            request.headers().iter().map(|(name, value)| format!("{name}={}", value.to_str().unwrap()));
        let body = axum::body::Body::from(headers.collect::<Vec<_>>().join(" "));
        Ok::<_, std::convert::Infallible>(http::Response::new(body))
    });
    let request = Request::get("/").header("x-a", "1").header("x-b", "1").body(()).unwrap();
    let (head, body) = GuardLayer::new(guard).layer(inner).oneshot(request).await.unwrap().into_parts();
    let body = axum::body::to_bytes(body, 1000).await.unwrap();
    (head.status, head.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_first_that_lets_it_in_says_who_it_is_and_nothing_of_the_others_goes_on() {
    use When::{AtOnce, Later};
    for (a, b, entered) in [
        ((AtOnce, user("a")), (AtOnce, user("b")), "x-user=a"),
        ((Later, user("a")), (AtOnce, user("b")), "x-user=b"),
        ((Later, user("a")), (Later, user("b")), "x-user=a"),
        ((AtOnce, no(Kind::TokenMissing, "A")), (AtOnce, user("b")), "x-user=b"),
        ((AtOnce, no(Kind::Throttled, "A")), (Later, user("b")), "x-user=b"),
        ((Later, no(Kind::ServiceFailed, "A")), (Later, user("b")), "x-user=b"),
        ((Later, no(Kind::ServiceFailed, "A")), (AtOnce, Ok(Granted::default())), ""),
    ] {
        let guard = AnyOf::new().or(says("x-a", a.0, a.1).0).or(says("x-b", b.0, b.1).0);
        let (status, _, came) = answer(guard).await;
        assert_eq!((status, came.as_str()), (StatusCode::OK, entered));
    }
}

#[tokio::test]
async fn nobody_is_asked_once_one_has_let_it_in() {
    let (first, of_first) = says("x-a", When::Later, user("a"));
    let (second, of_second) = says("x-b", When::Later, user("b"));
    assert_eq!(answer(AnyOf::new().or(first).or(second)).await.0, StatusCode::OK);
    assert_eq!((of_first.load(Ordering::Relaxed), of_second.load(Ordering::Relaxed)), (1, 0));
}

#[tokio::test]
async fn who_is_let_in_by_none_gets_the_most_telling_answer_and_all_challenges() {
    let throttled = || Err(Rejection::new(Kind::Throttled).after(std::time::Duration::from_secs(9)));
    let address = || Err(Rejection::new(Kind::Address));
    let (missing, wrong) = (|| no(Kind::TokenMissing, "Bearer"), || no(Kind::CredentialsWrong, "Basic"));
    for (a, b, status, challenges, reason) in [
        (missing(), wrong(), 401, &["Bearer", "Basic"][..], Kind::CredentialsWrong),
        (wrong(), missing(), 401, &["Basic", "Bearer"], Kind::CredentialsWrong),
        (address(), missing(), 401, &["Bearer"], Kind::TokenMissing),
        (wrong(), no(Kind::Claims, "scope"), 401, &["Basic", "scope"], Kind::CredentialsWrong),
        (address(), no(Kind::Claims, "scope"), 403, &["scope"], Kind::Claims),
        (address(), address(), 403, &[], Kind::Address),
        (throttled(), wrong(), 429, &[], Kind::Throttled),
        (throttled(), Err(Rejection::new(Kind::KeysUnknown)), 503, &[], Kind::KeysUnknown),
    ] {
        for when in [When::AtOnce, When::Later] {
            let guard =
                AnyOf::new().or(says("x-a", When::AtOnce, a.clone()).0).or(says("x-b", when, b.clone()).0);
            let (found, headers, _) = answer(guard).await;
            assert_eq!(found, status, "{reason:?}");
            assert_eq!(headers.get_all(WWW_AUTHENTICATE).iter().collect::<Vec<_>>(), challenges);
            assert_eq!(headers.contains_key(RETRY_AFTER), reason == Kind::Throttled);
            let all = [a.clone(), b.clone()].into_iter().filter_map(Result::err).collect();
            assert_eq!(Rejection::of_all(all).kind(), reason);
        }
    }
    assert_eq!(answer(AnyOf::new()).await.0, StatusCode::FORBIDDEN, "nobody at all");
}

#[tokio::test]
async fn what_a_service_says_comes_before_a_challenge_if_it_is_a_redirect_and_gets_the_challenges_if_it_is_none()
 {
    let service = |status| {
        let answer = http::Response::builder().status(status).header(WWW_AUTHENTICATE, "Own");
        Err(Rejection::answered(Kind::Service, answer.body(bytes::Bytes::from_static(b"told")).unwrap()))
    };
    for (status, expected, challenges) in [
        (302, 302, &["Own"][..]),
        (401, 401, &["Own", "Basic"]),
        (403, 401, &["Basic"]),
        (500, 500, &["Own"]),
    ] {
        let basic = says("x-a", When::AtOnce, no(Kind::CredentialsMissing, "Basic")).0;
        let (found, headers, body) =
            answer(AnyOf::new().or(basic).or(says("x-b", When::Later, service(status)).0)).await;
        assert_eq!((found.as_u16(), body == "told"), (expected, status != 403), "{status}");
        assert_eq!(headers.get_all(WWW_AUTHENTICATE).iter().collect::<Vec<_>>(), challenges, "{status}");
    }
}
