//! An upstream takes requests and never answers: it is ejected, GETs go on elsewhere, POSTs are never sent twice.

use super::pair::Pair;
use super::{EJECTION_COSTS, first};
use crate::alone;
use crate::support::ask::{GET, POST};
use crate::support::faulty::Mode;
use crate::support::load::{Failure, Outcome};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gets_go_on_elsewhere_and_posts_fail_until_it_is_ejected() {
    let _alone = alone().await;
    let pair = Pair::start("retries = { per_try_timeout = \"500ms\" }").await;
    let Outcome { answered, failed } = pair.turns(Mode::Hang, &[GET, POST]).await;
    let (gets, posts): (Vec<Failure>, Vec<Failure>) =
        failed.into_iter().partition(|failure| failure.method == "GET");
    let again = pair.sent_again("GET");
    eprintln!(
        "one hangs: {answered} answered, {again} GETs went on, {} failed, and {} POSTs",
        gets.len(),
        posts.len()
    );
    assert!(again > 0 && !posts.is_empty(), "nothing has been proved");
    assert!(gets.is_empty(), "{:#?}", first(&gets));
    assert!(posts.len() <= EJECTION_COSTS, "{}: {:#?}", posts.len(), first(&posts));
    assert!(posts.iter().all(|post| post.status() == Some(504)), "{:#?}", first(&posts));
    assert_eq!(pair.sent_again("POST"), 0);
}
