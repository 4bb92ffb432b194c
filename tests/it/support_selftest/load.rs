//! A load counts every request once, whatever its result, and goes on after each.

use std::collections::HashSet;

use crate::support::ask::{GET, POST};
use crate::support::faulty::{FaultyUpstream, Mode};
use crate::support::load::{Failure, Load, Outcome};

const CONNECTIONS: usize = 4;

#[tokio::test]
async fn every_request_is_counted_once() {
    let upstream = FaultyUpstream::start(Mode::Normal).await;
    let load = Load::start(upstream.addr(), CONNECTIONS);
    load.more(50).await;
    upstream.turn(Mode::Status(503));
    load.fails(10, |failure| failure.status() == Some(503)).await;
    upstream.turn(Mode::ResetMidBody);
    load.fails(10, is_broken).await;
    upstream.turn(Mode::Normal);
    load.more(50).await;
    load.answered_by(upstream.addr().port()).await;
    let Outcome { answered, failed } = load.stop().await;

    let (unavailable, broken): (Vec<Failure>, Vec<Failure>) =
        failed.into_iter().partition(|failure| failure.status() == Some(503));
    assert!(answered >= 100 && unavailable.len() >= 10 && broken.len() >= 10);
    assert!(broken.iter().all(is_broken), "{broken:#?}");
    let ids: HashSet<_> = upstream.arrivals().iter().map(|arrival| arrival.id.unwrap()).collect();
    let all = answered as usize + unavailable.len() + broken.len();
    assert_eq!((ids.len(), upstream.arrivals().len()), (all, all));
    assert!(broken.iter().chain(&unavailable).all(|failure| ids.contains(&failure.id)));
}

fn is_broken(failure: &Failure) -> bool {
    failure.answer.as_ref().is_some_and(|answer| answer.status == 200 && !answer.is_complete)
}

#[tokio::test]
async fn each_connection_sends_its_shapes_in_turn() {
    let upstream = FaultyUpstream::start(Mode::Normal).await;
    let load = Load::of(&[GET, POST], upstream.addr(), CONNECTIONS);
    load.more(100).await;
    load.stop().await;
    let arrivals = upstream.arrivals();
    let gets = arrivals.iter().filter(|arrival| arrival.method == "GET").count();
    let posts = arrivals.iter().filter(|arrival| arrival.method == "POST").count();
    assert_eq!(gets + posts, arrivals.len());
    assert!(gets.abs_diff(posts) <= CONNECTIONS, "{gets} GETs, {posts} POSTs");
}
