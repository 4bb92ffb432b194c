//! An upstream is killed and started again, three times: no GET fails, and it gets its share back.

use std::fmt;
use std::time::{Duration, Instant};

use super::pair::Pair;
use super::{ENOUGH, first, length};
use crate::alone;
use crate::support::ask::GET;
use crate::support::load::Outcome;

const KILLS: usize = 3;
/// The part of all requests that it must get. An even share would be half.
const RESTORED: f64 = 0.45;
const RESTORED_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_get_fails_and_its_share_comes_back() {
    let _alone = alone().await;
    drill("outliers = false", Duration::ZERO, Duration::from_millis(100)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_share_comes_back_slowly() {
    let _alone = alone().await;
    let slow_start = (length() / 4).max(Duration::from_secs(1));
    let pool = format!(
        "outliers = {{ ejection = \"200ms\", max_ejection = \"400ms\" }}\nslow_start = \"{}ms\"",
        slow_start.as_millis()
    );
    // The outage lasts as long as the slow start, because an upstream has its share back after at most the time that it
    // was away.
    for curve in drill(&pool, slow_start, slow_start / 10).await {
        let first = curve.shares.iter().find(|share| **share > 0.0);
        assert!(first.is_some_and(|first| *first < 0.25), "all at once: {curve}");
        assert!(curve.shares.len() >= 5, "too fast: {curve}");
    }
}

async fn drill(pool: &str, outage: Duration, window: Duration) -> Vec<Curve> {
    let mut pair = Pair::start(pool).await;
    let load = pair.load(&[GET]);
    let mut curves = Vec::new();
    for kill in 0..KILLS {
        let killed = kill % 2;
        load.more(ENOUGH).await;
        pair.upstreams[killed].close().await;
        let away = Instant::now();
        load.more(ENOUGH).await;
        tokio::time::sleep(outage.saturating_sub(away.elapsed())).await;
        pair.upstreams[killed].open().await;
        curves.push(Curve::until_restored(&pair, killed, window).await);
    }
    let Outcome { answered, failed } = load.stop().await;
    let shown: Vec<_> = curves.iter().map(Curve::to_string).collect();
    eprintln!(
        "killed {KILLS} times: {answered} GETs answered, {} failed; share after each start, every {window:?}: {}",
        failed.len(),
        shown.join("; ")
    );
    assert!(failed.is_empty(), "{:#?}", first(&failed));
    curves
}

/// An upstream's share of all requests, window by window, since it came back.
struct Curve {
    shares: Vec<f64>,
}

impl Curve {
    async fn until_restored(pair: &Pair, upstream: usize, window: Duration) -> Self {
        let back = Instant::now();
        let mut shares = Vec::new();
        while shares.last().is_none_or(|share| *share < RESTORED) {
            assert!(back.elapsed() < RESTORED_WITHIN, "not restored: {}", Self { shares });
            let begun = Instant::now();
            tokio::time::sleep(window).await;
            shares.push(pair.share(upstream, begun..Instant::now()).unwrap_or_default());
        }
        Self { shares }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for share in &self.shares {
            write!(f, "{:.0} ", 100.0 * share)?;
        }
        write!(f, "%")
    }
}
