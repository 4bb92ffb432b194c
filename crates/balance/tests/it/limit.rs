//! A limit on the requests in flight at an endpoint, and a bounded queue for the rest.

use std::{num::NonZeroU32, time::Duration};

use crate::support::Ask;
use balance::{Balance, BoxError, Limit, Overloaded, RoundRobin, Settings};
use tokio_test::{assert_pending, assert_ready, assert_ready_ok, task::spawn};
use tower::Service;
use tower_test::mock::{self, SendResponse};

type Mock = mock::Mock<Ask, &'static str>;
type Handle = mock::Handle<Ask, &'static str>;

const WAIT: Duration = Duration::from_secs(1);

/// `endpoints` endpoints, each of which takes one request at a time.
fn one_at_a_time(endpoints: usize, queue: u32) -> (Balance<Mock>, Vec<Handle>) {
    let (mocks, mut handles): (Vec<_>, Vec<_>) = (0..endpoints).map(|_| mock::pair()).unzip();
    handles.iter_mut().for_each(|handle| handle.allow(1_000));
    let limit = Limit::new(NonZeroU32::MIN).queue(queue, WAIT);
    let settings = Settings::new().limit(limit);
    (Balance::with(settings, RoundRobin::new(), mocks.into_iter().map(|mock| (mock, 1))), handles)
}

fn arrived(handle: &mut Handle) -> SendResponse<&'static str> {
    let mut next = spawn(handle.next_request());
    assert_ready!(next.poll()).unwrap().1
}

fn overloaded(error: BoxError) -> Overloaded {
    *error.downcast_ref().unwrap()
}

#[tokio::test]
async fn one_that_is_full_is_passed_over() {
    let (mut balance, mut handles) = one_at_a_time(3, 0);
    let mut requests: Vec<_> = (0..3).map(|_| spawn(balance.call(Ask::new()))).collect();
    requests.iter_mut().for_each(|request| assert_pending!(request.poll()));
    arrived(&mut handles[1]).send_response("second");
    assert_eq!(assert_ready_ok!(requests[1].poll()), "second");
    // It is the turn of the first endpoint, but only the second has room.
    let mut another = spawn(balance.call(Ask::new()));
    assert_pending!(another.poll());
    let in_flight: Vec<_> = balance.endpoints().snapshot().iter().map(|e| e.in_flight()).collect();
    assert_eq!(in_flight, [1, 1, 1]);
    drop(arrived(&mut handles[1]));
}

#[tokio::test]
async fn with_all_full_and_no_queue_the_answer_is_there_at_once() {
    let (mut balance, _handles) = one_at_a_time(2, 0);
    let mut requests: Vec<_> = (0..2).map(|_| spawn(balance.call(Ask::new()))).collect();
    requests.iter_mut().for_each(|request| assert_pending!(request.poll()));
    let mut refused = spawn(balance.call(Ask::new()));
    assert_eq!(overloaded(assert_ready!(refused.poll()).unwrap_err()), Overloaded::QueueFull);
}

#[tokio::test]
async fn those_that_wait_get_the_places_in_the_order_of_their_arrival() {
    let (mut balance, mut handles) = one_at_a_time(1, 2);
    let mut served = spawn(balance.call(Ask::new()));
    assert_pending!(served.poll());
    let mut waiting = [spawn(balance.call(Ask::new())), spawn(balance.call(Ask::new()))];
    waiting.iter_mut().for_each(|waiting| assert_pending!(waiting.poll()));
    let mut one_too_many = spawn(balance.call(Ask::new()));
    assert_eq!(overloaded(assert_ready!(one_too_many.poll()).unwrap_err()), Overloaded::QueueFull);

    arrived(&mut handles[0]).send_response("served");
    assert_ready_ok!(served.poll());
    assert!(waiting[0].is_woken() && !waiting[1].is_woken());
    assert_pending!(waiting[0].poll());
    arrived(&mut handles[0]).send_response("waited");
    assert_eq!(assert_ready_ok!(waiting[0].poll()), "waited");
    assert!(waiting[1].is_woken());
    assert_pending!(waiting[1].poll());
    arrived(&mut handles[0]).send_response("waited longer");
    assert_eq!(assert_ready_ok!(waiting[1].poll()), "waited longer");
}

#[tokio::test]
async fn one_that_gives_up_passes_the_place_on() {
    let (mut balance, mut handles) = one_at_a_time(1, 2);
    let mut served = spawn(balance.call(Ask::new()));
    assert_pending!(served.poll());
    let [mut first, mut second] = [spawn(balance.call(Ask::new())), spawn(balance.call(Ask::new()))];
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    arrived(&mut handles[0]).send_response("served");
    assert_ready_ok!(served.poll());
    assert!(first.is_woken() && !second.is_woken());
    drop(first);
    assert!(second.is_woken());
    assert_pending!(second.poll());
    arrived(&mut handles[0]).send_response("instead");
    assert_eq!(assert_ready_ok!(second.poll()), "instead");
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_the_queue_allows() {
    let (mut balance, _handles) = one_at_a_time(1, 1);
    let mut served = spawn(balance.call(Ask::new()));
    assert_pending!(served.poll());
    let begun = tokio::time::Instant::now();
    let error = balance.call(Ask::new()).await.unwrap_err();
    assert_eq!(overloaded(error), Overloaded::QueueTimeout);
    assert!((WAIT..WAIT + Duration::from_millis(10)).contains(&begun.elapsed()));
    // Its place in the queue is free again.
    let mut next = spawn(balance.call(Ask::new()));
    assert_pending!(next.poll());
}

#[tokio::test]
async fn a_new_endpoint_is_room_too() {
    let (mut balance, mut handles) = one_at_a_time(1, 1);
    let mut served = spawn(balance.call(Ask::new()));
    assert_pending!(served.poll());
    let mut waiting = spawn(balance.call(Ask::new()));
    assert_pending!(waiting.poll());
    let (mock, mut handle) = mock::pair();
    handle.allow(1);
    balance.endpoints().insert(mock);
    assert!(waiting.is_woken());
    assert_pending!(waiting.poll());
    arrived(&mut handle).send_response("new");
    assert_eq!(assert_ready_ok!(waiting.poll()), "new");
    arrived(&mut handles[0]).send_response("old");
}

/// Many more requests than places, on real threads: the limit is never exceeded, and no request is forgotten.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_threads_the_limit_holds_and_everybody_gets_a_place() {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };
    const LIMIT: u32 = 3;
    let (now, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let service = {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        tower::service_fn(move |()| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                now.fetch_sub(1, Ordering::Relaxed);
                Ok::<_, BoxError>(())
            }
        })
    };
    let limit = Limit::new(NonZeroU32::new(LIMIT).unwrap()).queue(10_000, Duration::from_secs(60));
    let balance = Balance::with(Settings::new().limit(limit), RoundRobin::new(), [(service, 1)]);
    let asking: Vec<_> = (0..2_000)
        .map(|_| {
            let mut balance = balance.clone();
            tokio::spawn(async move { balance.call(()).await })
        })
        .collect();
    for asked in asking {
        asked.await.unwrap().unwrap();
    }
    assert_eq!(most.load(Ordering::Relaxed), LIMIT);
    assert_eq!(balance.endpoints().snapshot()[0].requests(), 2_000);
}

/// The time in the queue goes on while the request waits for something else in between: here, until a free endpoint is
/// ready.
#[tokio::test(start_paused = true)]
async fn the_queue_s_timeout_is_not_had_twice() {
    let (mock, mut handle) = mock::pair();
    let settings = Settings::new().limit(Limit::new(NonZeroU32::MIN).queue(5, WAIT));
    let mut balance: Balance<Mock> = Balance::with(settings, RoundRobin::new(), [(mock, 1)]);
    handle.allow(1);
    let mut first = spawn(balance.call(Ask::new()));
    assert_pending!(first.poll());
    handle.allow(1);
    let mut waiting = spawn(balance.call(Ask::new()));
    assert_pending!(waiting.poll());
    tokio::time::advance(WAIT * 6 / 10).await;
    // There is a place, but the endpoint is not ready.
    handle.allow(0);
    arrived(&mut handle).send_response("first");
    assert_ready_ok!(first.poll());
    assert_pending!(waiting.poll());
    // When it is ready, another request has the place.
    handle.allow(1);
    let mut another = spawn(balance.call(Ask::new()));
    assert_pending!(another.poll());
    handle.allow(1);
    assert_pending!(waiting.poll());
    tokio::time::advance(WAIT * 3 / 10).await;
    assert_pending!(waiting.poll());
    tokio::time::advance(WAIT * 2 / 10).await;
    assert_eq!(overloaded(assert_ready!(waiting.poll()).unwrap_err()), Overloaded::QueueTimeout);
}
