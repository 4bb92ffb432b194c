//! An upstream is ten times slower than the other: which share each policy gives it.

use std::time::{Duration, Instant};

use super::pair::Pair;
use super::{first, length};
use crate::alone;
use crate::support::ask::GET;
use crate::support::faulty::Mode;
use crate::support::load::Outcome;

const FAST: Duration = Duration::from_millis(30);
const SLOW: Duration = Duration::from_millis(300);
const EVEN: f64 = 0.5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn round_robin_gives_it_half() {
    let _alone = alone().await;
    let share = share_of_the_slow_one("").await;
    assert!((share - EVEN).abs() < 0.05, "{share}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn least_loaded_gives_it_less_than_a_third_of_its_share() {
    let _alone = alone().await;
    let share = share_of_the_slow_one("balance = \"least-loaded\"").await;
    assert!(share < EVEN / 3.0, "{share}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peak_ewma_gives_it_less_than_a_third_of_its_share() {
    let _alone = alone().await;
    let share = share_of_the_slow_one("balance = \"peak-ewma\"").await;
    assert!(share < EVEN / 3.0, "{share}");
}

async fn share_of_the_slow_one(pool: &str) -> f64 {
    let pair = Pair::start(pool).await;
    pair.upstreams[0].turn(Mode::Latency(SLOW));
    pair.upstreams[1].turn(Mode::Latency(FAST));
    let load = pair.load(&[GET]);
    let begun = Instant::now();
    tokio::time::sleep(length()).await;
    let share = pair.share(0, begun..Instant::now()).unwrap();
    let Outcome { answered, failed } = load.stop().await;
    eprintln!(
        "{FAST:?} beside {SLOW:?}, {pool:?}: {answered} answered, {:.1} % by the slow one",
        100.0 * share
    );
    assert!(failed.is_empty(), "{:#?}", first(&failed));
    share
}
