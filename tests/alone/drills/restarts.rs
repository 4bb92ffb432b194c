//! An upstream restarts: it gets requests as soon as it listens, and has its full share after at most the time that it
//! was away.

use std::time::{Duration, Instant};

use super::pair::Pair;
use super::{ENOUGH, first, length};
use crate::alone;
use crate::support::ask::{GET, POST, Shape};
use crate::support::load::Outcome;
use crate::support::within;

/// The part of all requests that it must get. An even share would be half.
const RESTORED: f64 = 0.45;
const OUTAGE: Duration = Duration::from_secs(2);
/// The goal is one second; the rest is an allowance for a busy machine.
const BACK_WITHIN: Duration = Duration::from_secs(3);
/// The goal is five seconds after the end of an outage of two; the rest is an allowance for a busy machine.
const RESTORED_WITHIN: Duration = Duration::from_secs(8);
/// The window over which a share is measured.
const WINDOW: Duration = Duration::from_millis(250);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_back_when_it_listens_and_has_its_share_soon_after() {
    let _alone = alone().await;
    let failed = restart(&[GET]).await.failed;
    assert!(failed.is_empty(), "{:#?}", first(&failed));
}

/// Requests that break off when it is killed are no failures to connect, and still the upstream is dialled until it is
/// back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_it_is_where_requests_broke_off_that_go_nowhere_else() {
    let _alone = alone().await;
    restart(&[POST]).await;
}

/// With all defaults. The ejection would take 30 s if nothing dialled, and the slow start another 30 s.
async fn restart(shapes: &'static [Shape]) -> Outcome {
    let mut pair = Pair::start("").await;
    let load = pair.load(shapes);
    load.more(ENOUGH).await;
    pair.upstreams[0].close().await;
    load.more(ENOUGH).await;
    tokio::time::sleep(OUTAGE).await;
    let before = pair.upstreams[0].arrivals().len();
    pair.upstreams[0].open().await;
    let open = Instant::now();
    pair.upstreams[0].wait_for(before + 1).await;
    let back = pair.upstreams[0].arrivals()[before].at - open;
    let restored = within("its share to be back", until_restored(&pair, open)).await;
    let outcome = load.stop().await;
    eprintln!(
        "restarted after {OUTAGE:?}: back after {back:?}, with its share after {restored:?}; {} answered, {} failed",
        outcome.answered,
        outcome.failed.len()
    );
    assert!(back < BACK_WITHIN, "{back:?}");
    assert!(restored < RESTORED_WITHIN, "{restored:?}");
    outcome
}

async fn until_restored(pair: &Pair, open: Instant) -> Duration {
    loop {
        let begun = Instant::now();
        tokio::time::sleep(WINDOW).await;
        if pair.share(0, begun..Instant::now()).is_some_and(|share| share >= RESTORED) {
            return open.elapsed();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_comes_and_goes_costs_no_get() {
    const TIMES: usize = 3;
    let _alone = alone().await;
    let mut pair = Pair::start("").await;
    let load = pair.load(&[GET]);
    load.more(ENOUGH).await;
    let mut served = Vec::new();
    for _ in 0..TIMES {
        pair.upstreams[0].close().await;
        tokio::time::sleep(length()).await;
        let before = pair.upstreams[0].arrivals().len();
        pair.upstreams[0].open().await;
        // It stays up for as long as it was away, and at least until it has had requests.
        tokio::time::sleep(length()).await;
        pair.upstreams[0].wait_for(before + 1).await;
        served.push(pair.upstreams[0].arrivals().len() - before);
    }
    let Outcome { answered, failed } = load.stop().await;
    eprintln!(
        "up and down {TIMES} times, {:?} each: {answered} answered, {} failed; it served {served:?} each time it was up",
        length(),
        failed.len()
    );
    assert!(failed.is_empty(), "{:#?}", first(&failed));
}
