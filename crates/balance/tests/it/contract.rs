//! Tower's contract in both directions: what a balancer promises its caller, and what it owes the services under it.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

use crate::support::{Ask, Numbered, Readiness, ask, now};
use balance::{Balance, BoxError, Endpoints, NoEndpoints, ResponseFuture, RoundRobin, RoundRobinLayer};
use tokio_test::{assert_pending, assert_ready, assert_ready_err, assert_ready_ok, task};
use tower::{Layer, Service, ServiceBuilder, limit::ConcurrencyLimit};
use tower_test::mock;

type Mock = mock::Mock<Ask, &'static str>;
type Handle = mock::Handle<Ask, &'static str>;

/// Two endpoints that are not ready until their handles allow it.
fn two_mocks() -> (Balance<Mock>, [Handle; 2]) {
    let ((one, mut one_handle), (two, mut two_handle)) = (mock::pair(), mock::pair());
    one_handle.allow(0);
    two_handle.allow(0);
    (Balance::round_robin([one, two]), [one_handle, two_handle])
}

/// Answers the request that has reached `handle`.
fn answer(handle: &mut Handle, with: &'static str) {
    let mut request = task::spawn(handle.next_request());
    let (_, respond) = assert_ready!(request.poll()).unwrap();
    respond.send_response(with);
}

fn in_flight<S>(endpoints: &Endpoints<S>) -> Vec<u64> {
    endpoints.snapshot().iter().map(|endpoint| endpoint.in_flight()).collect()
}

fn is_no_endpoints(error: &BoxError) -> bool {
    error.downcast_ref::<NoEndpoints>().is_some()
}

#[test]
fn is_clone_send_sync_and_static() {
    fn shareable<T: Clone + Send + Sync + 'static>() {}
    fn send<T: Send + 'static>() {}
    shareable::<Balance<Numbered>>();
    shareable::<Endpoints<Numbered>>();
    shareable::<RoundRobinLayer<usize>>();
    // ... although the request is not `Sync`.
    send::<<Balance<Numbered> as Service<Ask>>::Future>();
    type Future = ResponseFuture<Ask, Numbered, RoundRobin, balance::NoFailover, balance::OnResponse>;
    send::<Future>();
}

#[test]
fn is_always_ready() {
    let mut balance = Balance::round_robin([Numbered::with(0, Readiness::Never)]);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(Service::<Ask>::poll_ready(&mut balance, &mut cx), Poll::Ready(Ok(()))));
}

#[test]
fn empty_answers_at_once() {
    let mut balance = Balance::<Numbered>::round_robin([]);
    assert!(is_no_endpoints(&now(balance.call(Ask::new())).unwrap_err()));
    assert!(balance.pick(&Ask::new()).is_none());
}

#[test]
fn all_of_weight_0_or_draining_answers_at_once() {
    let mut balance = RoundRobinLayer::weighted([(0, 0), (1, 1)]).layer(Numbered::new);
    let endpoints = balance.endpoints();
    assert!(endpoints.drain(&endpoints.snapshot()[1]));
    assert!(is_no_endpoints(&now(balance.call(Ask::new())).unwrap_err()));
}

#[test]
fn picks_when_first_polled() {
    let mut balance = Balance::round_robin((0..2).map(Numbered::new));
    let never_polled = balance.call(Ask::new());
    let later = balance.call(Ask::new());
    assert_eq!(ask(&mut balance), 0);
    drop(never_polled);
    assert_eq!(now(later).unwrap(), 1);

    let mut empty = Balance::round_robin([]);
    let early = empty.call(Ask::new());
    empty.endpoints().insert(Numbered::new(7));
    assert_eq!(now(early).unwrap(), 7);
}

#[test]
fn one_that_is_not_ready_is_passed_over() {
    let (mut balance, [_, mut two]) = two_mocks();
    two.allow(1);
    let mut response = task::spawn(balance.call(Ask::new()));
    assert_pending!(response.poll());
    assert_eq!(in_flight(&balance.endpoints()), [0, 1]);
    answer(&mut two, "two");
    assert_eq!(assert_ready_ok!(response.poll()), "two");
    assert_eq!(in_flight(&balance.endpoints()), [0, 0]);
}

#[test]
fn waits_for_whoever_is_ready_first() {
    for first in [0, 1] {
        let (mut balance, mut handles) = two_mocks();
        let mut response = task::spawn(balance.call(Ask::new()));
        assert_pending!(response.poll());
        assert!(!response.is_woken());
        handles[first].allow(1);
        assert!(response.is_woken());
        assert_pending!(response.poll());
        answer(&mut handles[first], "at last");
        assert_eq!(assert_ready_ok!(response.poll()), "at last");
    }
}

#[test]
fn a_request_given_up_while_waiting_leaves_nothing_behind() {
    let (mut balance, [mut one, mut two]) = two_mocks();
    let mut response = task::spawn(balance.call(Ask::new()));
    assert_pending!(response.poll());
    drop(response);
    one.allow(1);
    two.allow(1);
    assert_pending!(task::spawn(one.next_request()).poll());
    assert_pending!(task::spawn(two.next_request()).poll());
    assert_eq!(in_flight(&balance.endpoints()), [0, 0]);
}

#[test]
fn a_request_given_up_while_called_is_no_longer_in_flight() {
    let (mut balance, [mut one, _]) = two_mocks();
    one.allow(1);
    let mut response = task::spawn(balance.call(Ask::new()));
    assert_pending!(response.poll());
    assert_eq!(in_flight(&balance.endpoints()), [1, 0]);
    drop(response);
    assert_eq!(in_flight(&balance.endpoints()), [0, 0]);
}

#[test]
fn places_taken_in_other_queues_are_given_back() {
    // Two endpoints that take one request at a time: the third request waits at both, and must not keep both places.
    for [sooner, later] in [[0, 1], [1, 0]] {
        let (mocks, mut handles): (Vec<Mock>, Vec<Handle>) = (0..2).map(|_| mock::pair()).unzip();
        let mut balance = Balance::round_robin(mocks.into_iter().map(|mock| ConcurrencyLimit::new(mock, 1)));
        let mut served: [_; 2] = std::array::from_fn(|_| Some(task::spawn(balance.call(Ask::new()))));
        let [mut third, mut fourth] = std::array::from_fn(|_| task::spawn(balance.call(Ask::new())));
        served.iter_mut().flatten().for_each(|served| assert_pending!(served.poll()));
        assert_pending!(third.poll());
        assert_pending!(fourth.poll());

        answer(&mut handles[sooner], "sooner");
        assert_eq!(assert_ready_ok!(served[sooner].take().unwrap().poll()), "sooner");
        assert!(third.is_woken() && !fourth.is_woken());
        assert_pending!(third.poll());

        answer(&mut handles[later], "later");
        assert_eq!(assert_ready_ok!(served[later].take().unwrap().poll()), "later");
        assert!(fourth.is_woken());
        assert_pending!(fourth.poll());
        assert_eq!(in_flight(&balance.endpoints()), [1, 1]);
    }
}

#[test]
fn one_that_breaks_before_it_is_sent_anything_is_passed_over() {
    let services = [Numbered::with(0, Readiness::Broken), Numbered::new(1)];
    let mut balance = Balance::round_robin(services);
    assert_eq!((0..3).map(|_| ask(&mut balance)).collect::<Vec<_>>(), [1, 1, 1]);
    let endpoints = balance.endpoints().snapshot();
    assert_eq!((endpoints[0].requests(), endpoints[0].failures()), (0, 3));
    assert_eq!((endpoints[1].requests(), endpoints[1].failures()), (3, 0));
}

#[test]
fn if_all_break_the_last_error_is_the_answer() {
    let mut balance = Balance::round_robin((0..2).map(|number| Numbered::with(number, Readiness::Broken)));
    assert_eq!(now(balance.call(Ask::new())).unwrap_err().to_string(), "1 is broken");
}

#[test]
fn one_that_breaks_while_it_is_waited_for_is_dropped() {
    let (mut balance, [mut one, mut two]) = two_mocks();
    let mut response = task::spawn(balance.call(Ask::new()));
    assert_pending!(response.poll());
    one.send_error("one is gone");
    assert!(response.is_woken());
    assert_pending!(response.poll());
    two.send_error("two is gone");
    assert_eq!(assert_ready_err!(response.poll()).to_string(), "two is gone");
}

#[test]
fn an_insertion_wakes_those_that_wait() {
    let (never, spare) = (Numbered::with(0, Readiness::Never), Numbered::new(1));
    let mut balance = Balance::round_robin([never]);
    let mut response = task::spawn(balance.call(Ask::new()));
    assert_pending!(response.poll());
    balance.endpoints().insert(spare);
    assert!(response.is_woken());
    assert_eq!(assert_ready_ok!(response.poll()), 1);
}

/// It is never ready. When it is polled for the first time, it inserts another endpoint.
#[derive(Clone)]
struct Inserts(Arc<OnceLock<Endpoints<Inserts>>>, Readiness);

impl Service<Ask> for Inserts {
    type Response = usize;
    type Error = BoxError;
    type Future = std::future::Ready<Result<usize, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        if self.1 == Readiness::Always {
            return Poll::Ready(Ok(()));
        }
        let endpoints = self.0.get().unwrap();
        if endpoints.snapshot().len() == 1 {
            endpoints.insert(Self(Arc::clone(&self.0), Readiness::Always));
        }
        Poll::Pending
    }

    fn call(&mut self, _: Ask) -> Self::Future {
        std::future::ready(Ok(1))
    }
}

#[test]
fn a_change_between_the_search_and_the_wait_is_noticed() {
    let handle = Arc::new(OnceLock::new());
    let mut balance = Balance::round_robin([Inserts(Arc::clone(&handle), Readiness::Never)]);
    assert!(handle.set(balance.endpoints()).is_ok());
    assert_eq!(now(balance.call(Ask::new())).unwrap(), 1);
}

#[test]
fn nobody_waits_for_one_that_takes_no_more() {
    type Change = fn(&Endpoints<Numbered>);
    let changes: [Change; 3] = [
        |endpoints| assert!(endpoints.remove(&endpoints.snapshot()[0])),
        |endpoints| assert!(endpoints.drain(&endpoints.snapshot()[0])),
        |endpoints| assert!(endpoints.set_weight(&endpoints.snapshot()[0], 0)),
    ];
    for change in changes {
        let mut balance = Balance::round_robin([Numbered::with(0, Readiness::Never)]);
        let mut response = task::spawn(balance.call(Ask::new()));
        assert_pending!(response.poll());
        change(&balance.endpoints());
        assert!(response.is_woken());
        assert!(is_no_endpoints(&assert_ready_err!(response.poll())));
    }
}

#[test]
fn one_that_was_removed_while_waited_for_is_not_called_when_ready() {
    let (mut balance, [mut one, mut two]) = two_mocks();
    let endpoints = balance.endpoints();
    let mut response = task::spawn(balance.call(Ask::new()));
    assert_pending!(response.poll());
    let removed = &endpoints.snapshot()[0];
    endpoints.remove(removed);
    one.allow(1);
    assert_pending!(response.poll());
    assert_pending!(task::spawn(one.next_request()).poll());
    two.allow(1);
    assert_pending!(response.poll());
    answer(&mut two, "two");
    assert_eq!(assert_ready_ok!(response.poll()), "two");
}

/// Never ready, and counts how many clones of it are alive.
struct Counted(Arc<AtomicUsize>);

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&self.0))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Service<Ask> for Counted {
    type Response = usize;
    type Error = BoxError;
    type Future = std::future::Pending<Result<usize, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Pending
    }

    fn call(&mut self, _: Ask) -> Self::Future {
        panic!("called before it was ready")
    }
}

#[test]
fn a_request_waits_for_at_most_32_of_thousands() {
    let alive = Arc::new(AtomicUsize::new(1_000));
    let mut balance = Balance::round_robin((0..1_000).map(|_| Counted(Arc::clone(&alive))));
    let mut response = task::spawn(balance.call(Ask::new()));
    assert_pending!(response.poll());
    assert_eq!(alive.load(Ordering::Relaxed), 1_000 + 32);
    drop(response);
    assert_eq!(alive.load(Ordering::Relaxed), 1_000);
}

#[test]
fn the_one_ready_among_thousands_is_found() {
    let readiness = |number| if number == 900 { Readiness::Always } else { Readiness::Never };
    let services = (0..1_000).map(|number| Numbered::with(number, readiness(number)));
    let mut balance = Balance::round_robin(services);
    assert_eq!((ask(&mut balance), ask(&mut balance)), (900, 900));
}

#[test]
fn those_that_were_not_kept_are_asked_again_when_the_kept_are_gone() {
    type Leave = fn(&Endpoints<Mock>, &mut [Handle]);
    let ways_to_go: [Leave; 2] = [
        |endpoints, _| endpoints.snapshot()[..32].iter().for_each(|kept| assert!(endpoints.remove(kept))),
        |_, handles| handles[..32].iter_mut().for_each(|handle| handle.send_error("it broke")),
    ];
    for leave in ways_to_go {
        let (mocks, mut handles): (Vec<Mock>, Vec<Handle>) = (0..40).map(|_| mock::pair()).unzip();
        handles.iter_mut().for_each(|handle| handle.allow(0));
        let mut balance = Balance::round_robin(mocks);
        let mut response = task::spawn(balance.call(Ask::new()));
        assert_pending!(response.poll());
        leave(&balance.endpoints(), &mut handles);
        assert!(response.is_woken());
        assert_pending!(response.poll());
        handles[35].allow(1);
        assert!(response.is_woken());
        assert_pending!(response.poll());
        answer(&mut handles[35], "the 36th");
        assert_eq!(assert_ready_ok!(response.poll()), "the 36th");
    }
}

#[test]
fn is_a_layer_in_a_service_builder() {
    let mut stack = ServiceBuilder::new()
        .concurrency_limit(64)
        .layer(RoundRobinLayer::weighted([("one", 2), ("two", 1)]).failover(0))
        .service(|name: &'static str| tower::service_fn(async move |request: u32| named(name, request)));
    let mut answers = vec![];
    for request in 0..3 {
        let mut cx = Context::from_waker(Waker::noop());
        assert!(stack.poll_ready(&mut cx).is_ready());
        answers.push(now(stack.call(request)).unwrap());
    }
    assert_eq!(answers, ["one 0", "two 1", "one 2"]);
}

fn named(name: &str, request: u32) -> Result<String, GivesBack> {
    Ok(format!("{name} {request}"))
}

/// An error that can give a `u32` back.
struct GivesBack(u32);

impl TryFrom<GivesBack> for u32 {
    type Error = GivesBack;
    fn try_from(error: GivesBack) -> Result<Self, GivesBack> {
        Ok(error.0)
    }
}

impl From<GivesBack> for BoxError {
    fn from(error: GivesBack) -> Self {
        format!("{} came back", error.0).into()
    }
}
