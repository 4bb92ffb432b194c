//! Clients whose endpoint takes no more requests.

use super::*;

/// Sent elsewhere with a cookie for there, and there it stays; says where that is.
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
    assert!(site.pool.endpoints().set_weight(&site.endpoint(id), 0));
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
    // Whoever kept the old cookie is the trial, and is at home again.
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

/// Those of one that leaves spread over all that are left.
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

/// Nobody set a cookie for it at the start, and the clients that it gets keep none.
#[tokio::test]
async fn one_that_came_later_is_not_named() {
    let site = Site::new();
    for id in IDS {
        assert!(site.pool.endpoints().remove(&site.endpoint(id)));
    }
    site.pool.endpoints().add(Entry::new(Upstream { id: 1, down: Arc::default() }).id(1));
    let answer = site.get(&[]).await.unwrap();
    assert_eq!((answer.id(), answer.set_cookies()), (1, vec!["theirs=1"]));
}
