//! An upstream resets its connections in the middle of bodies: clients see broken messages until it is ejected.

use super::pair::Pair;
use super::{EJECTION_COSTS, first};
use crate::alone;
use crate::support::ask::GET;
use crate::support::faulty::Mode;
use crate::support::load::{Failure, Outcome};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_eject_it() {
    let _alone = alone().await;
    let pair = Pair::start("").await;
    let Outcome { answered, failed } = pair.turns(Mode::ResetMidBody, &[GET]).await;
    eprintln!("one resets in its bodies: {answered} answered, {} broken", failed.len());
    assert!(!failed.is_empty(), "nothing has been proved");
    assert!(failed.len() <= EJECTION_COSTS, "{}: {:#?}", failed.len(), first(&failed));
    assert!(failed.iter().all(is_broken), "{:#?}", first(&failed));
}

/// A 200 whose end is missing. A failure must be neither a whole answer nor a connection that ended without a byte.
fn is_broken(failure: &Failure) -> bool {
    failure.answer.as_ref().is_some_and(|answer| answer.status == 200 && !answer.is_complete)
}
