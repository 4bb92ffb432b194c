//! Every interleaving of a place that is freed with a request that waits for it.
//!
//! tokio's timers never fire in a model. A request that is never woken is a deadlock, which loom reports.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p balance --lib --release queue`

use std::{future::poll_fn, num::NonZeroU32, sync::Arc, task::Context, time::Duration};

use loom::{future::block_on, thread};

use super::*;
use crate::{
    endpoint::{Endpoint, Refused},
    entry::Entry,
    health::Sent,
    in_flight::InFlight,
    settings::Settings,
    shared::Shared,
};

fn explore(model: impl Fn() + Send + Sync + 'static) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _timers = runtime.enter();
    let mut bounded = loom::model::Builder::new();
    bounded.preemption_bound = Some(3);
    bounded.check(model);
}

/// An endpoint with room for one request. `queue` more may wait.
fn one_place(queue: u32) -> Arc<Endpoint<()>> {
    let limit = Limit::new(NonZeroU32::MIN).queue(queue, Duration::from_secs(1));
    Endpoint::new(Entry::new(()), 0, Arc::new(Shared::new(Settings::new().limit(limit))))
}

fn admit(endpoint: &Arc<Endpoint<()>>) -> Option<InFlight<()>> {
    match InFlight::begin(endpoint, Sent::Normally) {
        Ok(in_flight) => Some(in_flight),
        Err(Refused::Full) => None,
        Err(refused) => panic!("{refused:?}"),
    }
}

/// Waits for a place as a search does: it asks, enters the queue, and asks again whenever it is woken.
fn wait_for_place(endpoint: &Arc<Endpoint<()>>) -> InFlight<()> {
    if let Some(in_flight) = admit(endpoint) {
        return in_flight;
    }
    let mut patience = Patience::default();
    let mut waiting = Waiting::enter(Arc::clone(endpoint.shared()), &mut patience).unwrap();
    loop {
        if let Some(in_flight) = admit(endpoint) {
            waiting.leave_served();
            return in_flight;
        }
        block_on(poll_fn(|cx| waiting.poll_freed(cx, &mut patience))).unwrap();
    }
}

fn in_a_thread(
    endpoint: &Arc<Endpoint<()>>,
    run: impl FnOnce(&Arc<Endpoint<()>>) + 'static,
) -> thread::JoinHandle<()> {
    let endpoint = Arc::clone(endpoint);
    thread::spawn(move || run(&endpoint))
}

#[test]
fn a_place_that_is_freed_is_found_or_told_of() {
    explore(|| {
        let endpoint = one_place(1);
        let served = admit(&endpoint).unwrap();
        let queueing = in_a_thread(&endpoint, |endpoint| drop(wait_for_place(endpoint)));
        drop(served);
        queueing.join().unwrap();
        assert_eq!((endpoint.in_flight(), endpoint.requests()), (0, 2));
    });
}

#[test]
fn two_that_queue_get_the_place_one_after_the_other() {
    explore(|| {
        let endpoint = one_place(2);
        let served = admit(&endpoint).unwrap();
        let queueing = [(); 2].map(|()| in_a_thread(&endpoint, |endpoint| drop(wait_for_place(endpoint))));
        drop(served);
        queueing.into_iter().for_each(|queueing| queueing.join().unwrap());
        assert_eq!((endpoint.in_flight(), endpoint.requests()), (0, 3));
    });
}

/// It may or may not have been woken for the place. It leaves without it.
#[test]
fn one_that_gives_up_passes_the_place_on() {
    explore(|| {
        let endpoint = one_place(2);
        let served = admit(&endpoint).unwrap();
        let mut patience = Patience::default();
        let mut gives_up = Waiting::enter(Arc::clone(endpoint.shared()), &mut patience).unwrap();
        let queueing = in_a_thread(&endpoint, |endpoint| drop(wait_for_place(endpoint)));
        drop(served);
        let mut cx = Context::from_waker(std::task::Waker::noop());
        _ = gives_up.poll_freed(&mut cx, &mut patience);
        drop(gives_up);
        queueing.join().unwrap();
        assert_eq!(endpoint.in_flight(), 0);
    });
}

/// Another request may take the place, and one that can't use every place is woken for each.
#[test]
fn one_that_stands_aside_keeps_no_place_from_others() {
    explore(|| {
        let endpoint = one_place(2);
        let served = admit(&endpoint).unwrap();
        let mut patience = Patience::default();
        let mut aside = Waiting::enter(Arc::clone(endpoint.shared()), &mut patience).unwrap();
        let queueing = in_a_thread(&endpoint, |endpoint| drop(wait_for_place(endpoint)));
        aside.step_aside();
        drop(served);
        queueing.join().unwrap();
        block_on(poll_fn(|cx| aside.poll_freed(cx, &mut patience))).unwrap();
        assert_eq!(endpoint.in_flight(), 0);
    });
}

#[test]
fn no_more_queue_than_may() {
    explore(|| {
        let endpoint = one_place(1);
        let enter = |endpoint: &Arc<Endpoint<()>>| {
            Waiting::enter(Arc::clone(endpoint.shared()), &mut Patience::default())
        };
        let other = {
            let endpoint = Arc::clone(&endpoint);
            thread::spawn(move || enter(&endpoint))
        };
        let this = enter(&endpoint);
        let other = other.join().unwrap();
        assert!(this.is_ok() ^ other.is_ok());
        drop((this, other));
        assert!(enter(&endpoint).is_ok());
    });
}
