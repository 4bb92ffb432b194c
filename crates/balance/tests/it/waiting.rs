//! Requests that wait for readiness, for a place or for a healthy endpoint: none is sent where it must not go, none is
//! forgotten, and one that is given up leaves nothing behind.

use std::{
    num::NonZeroU32,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use balance::{
    Backoff, Balance, BoxError, Clock, Endpoint, Hand, Health, Limit, Outliers, Retry, RetryRule, RoundRobin,
    Settings, SlowStart,
};
use tokio_test::{
    assert_pending, assert_ready, assert_ready_ok,
    task::{Spawn, spawn},
};
use tower::Service;
use tower_test::mock::{self, SendResponse};

type Mock = mock::Mock<u32, &'static str>;
type Handle = mock::Handle<u32, &'static str>;

const SURELY_OVER: Duration = Duration::from_secs(34);

/// Endpoints that are ready when their handles allow it.
struct Lab {
    balance: Balance<Mock>,
    handles: Vec<Handle>,
    hand: Hand,
}

fn lab(ready: &[u64], settings: Settings) -> Lab {
    let (mocks, mut handles): (Vec<_>, Vec<_>) = ready.iter().map(|_| mock::pair()).unzip();
    handles.iter_mut().zip(ready).for_each(|(handle, &times)| handle.allow(times));
    let (clock, hand) = Clock::by_hand();
    let settings = settings.clock(clock).seed(1);
    let balance = Balance::with(settings, RoundRobin::new(), mocks.into_iter().map(|mock| (mock, 1)));
    Lab { balance, handles, hand }
}

fn one_failure_ejects() -> Settings {
    Settings::new().outliers(Outliers::new().consecutive(1).max_share(100))
}

fn one_at_a_time(queue: u32) -> Settings {
    one_failure_ejects().limit(Limit::new(NonZeroU32::MIN).queue(queue, Duration::from_secs(1)))
}

impl Lab {
    /// A request that has to wait, at an endpoint or before it has one.
    fn begin(&mut self) -> Spawn<impl Future<Output = Result<&'static str, BoxError>> + use<>> {
        begin(&mut self.balance)
    }

    fn endpoints(&self) -> Vec<Arc<Endpoint<Mock>>> {
        self.balance.endpoints().snapshot()
    }

    fn health(&self) -> Vec<Health> {
        self.endpoints().iter().map(|endpoint| endpoint.health()).collect()
    }

    fn in_flight(&self) -> Vec<u64> {
        self.endpoints().iter().map(|endpoint| endpoint.in_flight()).collect()
    }

    /// The first endpoint fails a request, and its ejection ends.
    fn eject_first_until_due(&mut self) {
        let mut failing = self.begin();
        arrived(&mut self.handles[0]).send_error("broken");
        assert!(assert_ready!(failing.poll()).is_err());
        assert_eq!(self.health()[0], Health::Ejected);
        self.hand.advance(SURELY_OVER);
    }
}

fn begin<B: Service<u32>>(balance: &mut B) -> Spawn<B::Future>
where
    B::Future: Future,
{
    let mut response = spawn(balance.call(0));
    assert!(response.poll().is_pending());
    response
}

fn arrived(handle: &mut Handle) -> SendResponse<&'static str> {
    let mut next = spawn(handle.next_request());
    assert_ready!(next.poll()).unwrap().1
}

#[test]
fn of_many_that_wait_for_one_that_is_due_one_is_its_trial() {
    let mut lab = lab(&[1, 0], one_failure_ejects());
    lab.eject_first_until_due();
    let mut waiting: Vec<_> = (0..3).map(|_| lab.begin()).collect();
    lab.handles[0].allow(3);
    waiting.iter_mut().for_each(|waiting| assert_pending!(waiting.poll()));
    assert_eq!((lab.health()[0], lab.in_flight()), (Health::Trial, vec![1, 0]));
    // It succeeds, and the others do not have to wait for the second endpoint any longer.
    arrived(&mut lab.handles[0]).send_response("well");
    assert_eq!(assert_ready_ok!(waiting[0].poll()), "well");
    assert_eq!(lab.health()[0], Health::Available);
    lab.handles[0].allow(2);
    for waiting in &mut waiting[1..] {
        assert!(waiting.is_woken());
        assert_pending!(waiting.poll());
    }
    assert_eq!(lab.in_flight(), [2, 0]);
}

#[test]
fn of_two_that_wait_for_the_only_one_both_are_sent_there() {
    let mut lab = lab(&[1], one_failure_ejects());
    lab.eject_first_until_due();
    let mut waiting = [lab.begin(), lab.begin()];
    lab.handles[0].allow(2);
    waiting.iter_mut().for_each(|waiting| assert_pending!(waiting.poll()));
    assert_eq!((lab.health()[0], lab.in_flight()), (Health::Trial, vec![2]));
}

#[test]
fn one_that_was_ejected_while_waited_for_is_not_sent_the_request() {
    let mut lab = lab(&[1, 0], one_failure_ejects());
    let mut failing = lab.begin();
    let mut waiting = lab.begin();
    arrived(&mut lab.handles[0]).send_error("broken");
    assert!(assert_ready!(failing.poll()).is_err());
    lab.handles[0].allow(1);
    assert_pending!(waiting.poll());
    assert_eq!(lab.in_flight(), [0, 0]);
    lab.handles[1].allow(1);
    assert_pending!(waiting.poll());
    assert_eq!(lab.in_flight(), [0, 1]);
}

#[test]
fn one_that_comes_back_is_noticed_by_those_that_wait_for_others() {
    let mut lab = lab(&[1, 0], one_failure_ejects());
    lab.eject_first_until_due();
    lab.handles[0].allow(1);
    let mut trial = lab.begin();
    let mut waiting = lab.begin();
    assert_eq!((lab.health()[0], lab.in_flight()), (Health::Trial, vec![1, 0]));
    lab.handles[0].allow(1);
    arrived(&mut lab.handles[0]).send_response("well");
    assert_ready_ok!(trial.poll());
    assert!(waiting.is_woken());
    assert_pending!(waiting.poll());
    assert_eq!(lab.in_flight(), [1, 0]);
}

#[tokio::test]
async fn a_slow_start_is_cut_short_rather_than_let_anybody_queue() {
    let mut lab = lab(&[9, 9], one_at_a_time(9).slow_start(SlowStart::default()));
    lab.eject_first_until_due();
    let mut requests = [lab.begin(), lab.begin()];
    arrived(&mut lab.handles[0]).send_response("well");
    requests.iter_mut().for_each(|request| drop(request.poll()));
    assert_eq!((lab.health()[0], lab.in_flight()), (Health::SlowStart, vec![0, 1]));
    // It is not its turn by far, but the other one is full.
    let _sent = lab.begin();
    assert_eq!(lab.in_flight(), [1, 1]);
}

/// Ready when the test says so; no waiting task is woken for that.
#[derive(Clone, Default)]
struct Gate {
    is_closed: Arc<AtomicBool>,
    is_done: Arc<AtomicBool>,
}

impl Service<u32> for Gate {
    type Response = &'static str;
    type Error = BoxError;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        if self.is_closed.load(Ordering::Relaxed) { Poll::Pending } else { Poll::Ready(Ok(())) }
    }

    fn call(&mut self, _: u32) -> Answer {
        Answer(Arc::clone(&self.is_done))
    }
}

struct Answer(Arc<AtomicBool>);

impl Future for Answer {
    type Output = Result<&'static str, BoxError>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        if self.0.load(Ordering::Relaxed) { Poll::Ready(Ok("done")) } else { Poll::Pending }
    }
}

#[tokio::test]
async fn a_place_is_passed_on_by_one_that_gave_up_before_the_endpoint_was_ready() {
    let gate = Gate::default();
    let mut balance = Balance::with(one_at_a_time(2), RoundRobin::new(), [(gate.clone(), 1)]);
    let mut served = begin(&mut balance);
    let (mut called, mut next) = (begin(&mut balance), begin(&mut balance));
    gate.is_done.store(true, Ordering::Relaxed);
    assert_ready_ok!(served.poll());
    assert!(called.is_woken() && !next.is_woken());
    // There is a place, but the service is not ready.
    gate.is_closed.store(true, Ordering::Relaxed);
    assert_pending!(called.poll());
    drop(called);
    assert!(next.is_woken());
    gate.is_closed.store(false, Ordering::Relaxed);
    assert_ready_ok!(next.poll());
}

#[tokio::test]
async fn a_place_in_the_queue_is_given_up_once_nothing_is_full() {
    let mut lab = lab(&[9, 0], one_at_a_time(1));
    let endpoints = lab.balance.endpoints();
    let _served = lab.begin();
    let mut waiting = lab.begin();
    endpoints.remove(&endpoints.snapshot()[0]);
    // Now it waits for the second endpoint to be ready, and for nothing else.
    assert_pending!(waiting.poll());
    let (mock, mut handle) = mock::pair();
    handle.allow(9);
    endpoints.insert(mock);
    let _served_by_third = lab.begin();
    // There is one place in the queue.
    let _queued = lab.begin();
}

#[tokio::test]
async fn who_gives_up_in_the_queue_leaves_nothing_behind() {
    let mut lab = lab(&[9], one_at_a_time(1));
    let served = lab.begin();
    for _ in 0..3 {
        drop(lab.begin());
    }
    drop(served);
    assert_eq!(lab.in_flight(), [0]);
    let _at_once = lab.begin();
    assert_eq!(lab.in_flight(), [1]);
}

#[tokio::test]
async fn those_in_the_queue_learn_that_all_are_gone() {
    let mut lab = lab(&[9], one_at_a_time(1));
    let endpoints = lab.balance.endpoints();
    let _served = lab.begin();
    let mut queued = lab.begin();
    endpoints.drain(&endpoints.snapshot()[0]);
    assert!(queued.is_woken());
    assert!(assert_ready!(queued.poll()).unwrap_err().is::<balance::NoEndpoints>());
}

#[tokio::test]
async fn those_in_the_queue_use_the_ejected_when_all_are() {
    let mut lab = lab(&[9], one_at_a_time(1));
    let mut served = lab.begin();
    let mut queued = lab.begin();
    arrived(&mut lab.handles[0]).send_error("broken");
    assert!(assert_ready!(served.poll()).is_err());
    assert_eq!(lab.health(), [Health::Ejected]);
    assert!(queued.is_woken());
    assert_pending!(queued.poll());
    assert_eq!(lab.in_flight(), [1]);
}

/// A rule that sends everything again that fails.
#[derive(Clone, Copy)]
struct Always;

impl RetryRule<u32, &'static str, BoxError> for Always {
    fn copy(&self, request: &u32) -> Option<u32> {
        Some(*request)
    }

    fn is_retryable(&self, result: Result<&&'static str, &BoxError>) -> bool {
        result.is_err()
    }
}

/// A retry waits for the second endpoint, because it must not go to the first again. A place at the first is for the
/// next request.
#[tokio::test(start_paused = true)]
async fn a_place_that_one_may_not_take_is_for_another() {
    let mut lab = lab(&[9, 9], one_at_a_time(2).outliers(Outliers::new()));
    let mut retried =
        lab.balance.clone().retry(Retry::new(Always).backoff(Backoff::new().base(Duration::ZERO)));
    let mut retried = begin(&mut retried);
    let _at_second = lab.begin();
    arrived(&mut lab.handles[0]).send_error("broken");
    assert_pending!(retried.poll());
    let mut at_first = lab.begin();
    let mut queued = lab.begin();
    assert_eq!(lab.in_flight(), [1, 1]);
    arrived(&mut lab.handles[0]).send_response("done");
    assert_ready_ok!(at_first.poll());
    assert!(queued.is_woken());
    assert_pending!(queued.poll());
    assert_eq!(lab.in_flight(), [1, 1]);
    assert_pending!(retried.poll());
}

/// A request that waits drops the endpoints that failed it, once they have left the set.
#[test]
fn what_has_left_is_not_held_on_to() {
    let mut lab = lab(&[0, 0], one_failure_ejects());
    let endpoints = lab.balance.endpoints();
    let mut waiting = lab.begin();
    lab.handles[0].send_error("broken");
    assert_pending!(waiting.poll());
    let failed = endpoints.snapshot().remove(0);
    endpoints.remove(&failed);
    assert_pending!(waiting.poll());
    assert_eq!(Arc::strong_count(&failed), 1);
}
