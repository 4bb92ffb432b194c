//! An upstream answers 503 to everything: with retries no client sees it, without retries only a few do.

use super::pair::Pair;
use super::{EJECTION_COSTS, first};
use crate::alone;
use crate::support::ask::{GET, POST, Shape};
use crate::support::faulty::Mode;
use crate::support::load::{Failure, Outcome};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_retries_no_get_sees_it() {
    let _alone = alone().await;
    let pair = Pair::start("retries = { statuses = [503] }").await;
    let failed = drill("with retries", &pair, &[GET, POST]).await;
    assert!(failed.iter().all(|failure| failure.method == "POST"), "{:#?}", first(&failed));
    assert!(pair.sent_again("GET") > 0 && !failed.is_empty(), "nothing has been proved");
    assert_eq!(pair.sent_again("POST"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_retries_it_is_seen_until_it_is_ejected() {
    let _alone = alone().await;
    let pair = Pair::start("").await;
    let failed = drill("without retries", &pair, &[GET]).await;
    assert!(!failed.is_empty(), "nothing has been proved");
    assert_eq!(pair.sent_again("GET"), 0);
}

async fn drill(name: &str, pair: &Pair, shapes: &'static [Shape]) -> Vec<Failure> {
    let Outcome { answered, failed } = pair.turns(Mode::Status(503), shapes).await;
    let again = pair.sent_again("GET");
    eprintln!("one says 503, {name}: {answered} answered, {again} GETs went on, {} failed", failed.len());
    assert!(failed.len() <= EJECTION_COSTS, "{}: {:#?}", failed.len(), first(&failed));
    assert!(failed.iter().all(|failure| failure.status() == Some(503)), "{:#?}", first(&failed));
    failed
}
