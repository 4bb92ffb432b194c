//! What happens to clients whose endpoint accepts no more requests.

use super::*;

/// Checks that a client with this cookie goes to another endpoint, gets a cookie for it, and stays there. Returns the
/// id of that endpoint.
async fn moves_from(site: &Site, id: u64, cookie: &str) -> u64 {
    let moved = site.get(&[cookie]).await.unwrap();
    assert_ne!(moved.id(), id);
    let new = moved.cookie().unwrap();
    for _ in 0..10 {
        let answer = site.get(&[&new]).await.unwrap();
        assert_eq!((answer.id(), answer.cookie()), (moved.id(), None));
    }
    moved.id()
}

#[tokio::test]
async fn removed() {
    let site = Site::new();
    let (id, cookie) = site.regular().await;
    assert!(site.pool.endpoints().remove(&site.endpoint(id)));
    moves_from(&site, id, &cookie).await;
}

#[tokio::test]
async fn drained() {
    let site = Site::new();
    let (id, cookie) = site.regular().await;
    assert!(site.pool.endpoints().drain(&site.endpoint(id)));
    moves_from(&site, id, &cookie).await;
}

#[tokio::test]
async fn paused() {
    let site = Site::new();
    let (id, cookie) = site.regular().await;
    assert!(site.pool.endpoints().pause(&site.endpoint(id)));
    moves_from(&site, id, &cookie).await;
}

#[tokio::test]
async fn ejected_and_back() {
    let site = Site::new();
    let (id, cookie) = site.regular().await;
    site.eject(id, &cookie).await;
    moves_from(&site, id, &cookie).await;
    site.down.store(0, Ordering::Relaxed);
    site.clock.advance(Duration::from_secs(60));
    // A request with the old cookie is the trial of the ejected endpoint. It succeeds, and the client is back.
    let answer = site.get(&[&cookie]).await.unwrap();
    assert_eq!((answer.id(), answer.cookie()), (id, None));
    assert_eq!(site.endpoint(id).health(), Health::Available);
}

#[tokio::test]
async fn full() {
    let site = Site::new();
    let (id, cookie) = site.regular().await;
    let unread = site.ask(&[&cookie]).await.unwrap();
    moves_from(&site, id, &cookie).await;
    drop(unread);
    assert_eq!(site.get(&[&cookie]).await.unwrap().id(), id);
}

/// The clients of an endpoint that was removed are spread over all others.
#[tokio::test]
async fn many_at_once() {
    let site = Site::new();
    let (id, cookie) = site.regular().await;
    assert!(site.pool.endpoints().remove(&site.endpoint(id)));
    let mut counts = BTreeMap::new();
    for _ in 0..100 {
        *counts.entry(site.get(&[&cookie]).await.unwrap().id()).or_insert(0) += 1;
    }
    assert_eq!(counts.into_values().collect::<Vec<_>>(), [50, 50]);
}

#[tokio::test]
async fn one_that_came_later_is_named_too() {
    let site = Site::new();
    for id in IDS {
        assert!(site.pool.endpoints().remove(&site.endpoint(id)));
    }
    site.pool.endpoints().add(Entry::new(Upstream { id: 1, down: Arc::default() }).id(1));
    let (id, cookie) = site.regular().await;
    assert_eq!(id, 1);
    assert_eq!(site.get(&[&cookie]).await.unwrap().cookie(), None);
}
