//! Cookies that a pool ignores, and responses that set none.

use super::*;

/// Checks that a cookie is ignored without an error, and replaced.
async fn is_ignored(site: &Site, cookie: &str) {
    let mut ids = Vec::new();
    for _ in IDS {
        let answer = site.get(&[cookie]).await.unwrap();
        let replaced = answer.cookie().unwrap_or_else(|| panic!("{cookie} was kept"));
        assert_eq!(site.get(&[&replaced]).await.unwrap().id(), answer.id());
        ids.push(answer.id());
    }
    ids.sort_unstable();
    assert_eq!(ids, [7, 70, 700], "{cookie} had a say");
}

#[tokio::test]
async fn tampered_with() {
    let site = Site::new();
    let (_, cookie) = site.regular().await;
    let (head, mac) = cookie.split_once('.').unwrap();
    site.get(&[]).await.unwrap();
    site.get(&[]).await.unwrap();
    let other = if mac.starts_with('0') { '1' } else { '0' };
    for bad in [
        format!("gw=0000000000000007.{mac}"),
        format!("{head}.{other}{}", &mac[1..]),
        format!("{head}.{}", &mac[..31]),
        format!("{cookie}0"),
        format!("GW={}", &cookie[3..]),
        format!("{head}."),
        "gw=".to_owned(),
        "gw".to_owned(),
        format!("gw=x; {cookie}"),
    ] {
        is_ignored(&site, &bad).await;
    }
}

#[tokio::test]
async fn of_another_pool_with_the_same_secret() {
    let (site, other) = (Site::new(), Site::named("static", &format!("secret = \"{SECRET}\"")));
    is_ignored(&site, &other.regular().await.1).await;
    is_ignored(&other, &site.regular().await.1).await;
}

#[tokio::test]
async fn of_another_secret_and_of_none() {
    let site = Site::new();
    for keys in ["secret = \"fedcba9876543210\"", ""] {
        is_ignored(&site, &Site::named("api", keys).regular().await.1).await;
    }
    is_ignored(&Site::named("api", ""), &Site::named("api", "").regular().await.1).await;
}

#[tokio::test]
async fn of_the_same_pool_in_another_gateway_it_is_good() {
    let (here, there) = (Site::new(), Site::new());
    let (id, cookie) = here.regular().await;
    for _ in 0..10 {
        let answer = there.get(&[&cookie]).await.unwrap();
        assert_eq!((answer.id(), answer.cookie()), (id, None));
    }
}

#[tokio::test]
async fn an_error_is_passed_on() {
    let site = Site::new();
    let (id, cookie) = site.regular().await;
    site.down.store(id, Ordering::Relaxed);
    assert_eq!(site.get(&[&cookie]).await.err().unwrap().to_string(), "it is down");
}

/// The gateway's own answers, such as a 502, are such responses.
#[tokio::test]
async fn nothing_is_set_where_no_endpoint_answered() {
    let answer = |_| ready(Ok::<_, Infallible>(StatusCode::BAD_GATEWAY));
    let inner = tower::service_fn(answer).map_response(|status| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        response
    });
    let sticky = AffinityLayer::new(&affinity(""), "api").layer(inner);
    let response = sticky.oneshot(Request::new(Body::empty())).await.unwrap();
    assert!(response.extensions().get::<Picked>().is_none() && response.headers().is_empty());
}
