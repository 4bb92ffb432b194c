//! Both upstreams are down, and the probes have noticed: requests are answered with an error at once, and the pool
//! serves again soon after one upstream is back.

use std::time::{Duration, Instant};

use super::pair::Pair;
use super::{ENOUGH, first};
use crate::alone;
use crate::support::ask::GET;
use crate::support::faulty::HEALTH;
use crate::support::load::{Failure, Outcome};

const BACK_WITHIN: Duration = Duration::from_secs(1);
const AT_ONCE: Duration = Duration::from_millis(100);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_said_at_once_and_is_over_within_a_second() {
    let _alone = alone().await;
    let probes = "interval = \"250ms\", timeout = \"1s\", rise = 1, fall = 2";
    let mut pair = Pair::start(&format!("health = {{ path = \"{HEALTH}\", {probes} }}")).await;
    let load = pair.load(&[GET]);
    load.more(ENOUGH).await;
    let closed = Instant::now();
    for upstream in &mut pair.upstreams {
        upstream.close().await;
    }
    load.fails(1, is_known).await;
    let known = Instant::now();
    load.fails(ENOUGH as usize, |_| true).await;
    let opened = Instant::now();
    pair.upstreams[1].open().await;
    load.more(1).await;
    let back = Instant::now();
    load.more(ENOUGH).await;
    let Outcome { answered, failed } = load.stop().await;

    let since_known: Vec<&Failure> = failed.iter().filter(|failure| failure.began >= known).collect();
    let mut took: Vec<Duration> = since_known.iter().map(|failure| failure.took).collect();
    took.sort();
    let median = took[took.len() / 2];
    eprintln!(
        "both down: known after {:?}, then {} answers of 503, median {median:?}; back after {:?}; {answered} answered",
        known - closed,
        since_known.len(),
        back - opened
    );
    assert!(since_known.iter().all(|failure| is_known(failure)), "{:#?}", first(&failed));
    assert!(median < AT_ONCE, "{median:?}");
    assert!(back - opened < BACK_WITHIN, "{:?}", back - opened);
    assert!(failed.iter().all(|failure| failure.began < back), "{:#?}", first(&failed));
}

/// The answer that the gateway makes itself, without asking an upstream.
fn is_known(failure: &Failure) -> bool {
    let status = failure.answer.as_ref().and_then(|answer| answer.field("proxy-status"));
    failure.status() == Some(503) && status == Some("gateway; error=destination_unavailable")
}
