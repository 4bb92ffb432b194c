//! Requests and the health of endpoints: which endpoint is left out, which gets a trial, and which is used when no
//! better one is left.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use crate::support::now;
use balance::{Balance, BoxError, Clock, Endpoints, Hand, Health, Outliers, RoundRobin, Settings, SlowStart};
use proptest::prelude::*;
use tokio_test::{assert_pending, task::spawn};
use tower::{Service, service_fn};
use tower_test::mock;

type Request = ();

/// Endpoints that answer with their number, or fail if they are told to.
struct Lab<B> {
    balance: B,
    broken: Vec<Arc<AtomicBool>>,
    hand: Hand,
}

const SURELY_OVER: Duration = Duration::from_secs(34);

fn lab(endpoints: usize, settings: Settings) -> Lab<impl Balanced> {
    let (clock, hand) = Clock::by_hand();
    let broken: Vec<Arc<AtomicBool>> = (0..endpoints).map(|_| Arc::default()).collect();
    let services = broken.iter().enumerate().map(|(number, broken)| {
        let broken = Arc::clone(broken);
        let service = service_fn(move |(): Request| {
            let is_broken = broken.load(Ordering::Relaxed);
            std::future::ready(if is_broken { Err(BoxError::from("broken")) } else { Ok(number) })
        });
        (service, 1)
    });
    let balance = Balance::with(settings.clock(clock).seed(1), RoundRobin::new(), services);
    Lab { balance, broken, hand }
}

/// What the tests need of a balancer, whatever the service of its endpoints.
trait Balanced {
    fn ask(&mut self) -> Option<usize>;
    fn health(&self) -> Vec<Health>;
    fn remove(&self, index: usize);
}

impl<S> Balanced for Balance<S>
where
    S: Service<Request, Response = usize, Error = BoxError> + Clone + Send + Sync + 'static,
{
    fn ask(&mut self) -> Option<usize> {
        now(self.call(())).ok()
    }

    fn health(&self) -> Vec<Health> {
        health(&self.endpoints())
    }

    fn remove(&self, index: usize) {
        self.endpoints().remove(&self.endpoints().snapshot()[index]);
    }
}

fn health<S>(endpoints: &Endpoints<S>) -> Vec<Health> {
    endpoints.snapshot().iter().map(|endpoint| endpoint.health()).collect()
}

impl<B: Balanced> Lab<B> {
    fn set_broken(&self, number: usize, broken: bool) {
        self.broken[number].store(broken, Ordering::Relaxed);
    }

    fn answers(&mut self, requests: usize) -> Vec<Option<usize>> {
        (0..requests).map(|_| self.balance.ask()).collect()
    }
}

#[test]
fn the_life_of_an_endpoint() {
    let mut lab = lab(2, Settings::new().outliers(Outliers::new()).slow_start(SlowStart::default()));
    lab.set_broken(1, true);
    let answers = lab.answers(30);
    assert_eq!(answers.iter().filter(|answer| answer.is_none()).count(), 5, "{answers:?}");
    assert_eq!(lab.balance.health(), [Health::Available, Health::Ejected]);
    // The ejection is over and the endpoint still fails: one request finds out, and the next ejection is longer.
    lab.hand.advance(SURELY_OVER);
    let answers = lab.answers(30);
    assert_eq!(answers.iter().filter(|answer| answer.is_none()).count(), 1, "{answers:?}");
    lab.hand.advance(SURELY_OVER);
    assert!(lab.answers(30).iter().all(|answer| *answer == Some(0)));
    // It is healthy again, and its trial shows that.
    lab.set_broken(1, false);
    lab.hand.advance(SURELY_OVER);
    let first = lab.answers(2);
    assert!(first.contains(&Some(1)), "{first:?}");
    assert_eq!(lab.balance.health(), [Health::Available, Health::SlowStart]);
    // A tenth of its turns at first, then more and more.
    let share = |answers: Vec<Option<usize>>| answers.iter().filter(|answer| **answer == Some(1)).count();
    let beginning = share(lab.answers(100));
    lab.hand.advance(Duration::from_secs(15));
    let middle = share(lab.answers(100));
    lab.hand.advance(Duration::from_secs(15));
    let end = share(lab.answers(100));
    assert!(beginning <= 10 && (20..40).contains(&middle) && end == 50, "{beginning}, {middle}, {end}");
    assert_eq!(lab.balance.health(), [Health::Available, Health::Available]);
}

#[test]
fn with_all_broken_one_is_out_and_both_are_asked() {
    let mut lab = lab(2, Settings::new().outliers(Outliers::new()));
    (0..2).for_each(|number| lab.set_broken(number, true));
    assert!(lab.answers(40).iter().all(Option::is_none));
    let health = lab.balance.health();
    assert_eq!(health.iter().filter(|health| **health == Health::Ejected).count(), 1, "{health:?}");
}

#[test]
fn panic_mode_uses_the_ejected_and_brings_back_the_one_that_answers() {
    let mut lab = lab(2, Settings::new().outliers(Outliers::new()).slow_start(SlowStart::default()));
    lab.set_broken(0, true);
    lab.answers(20);
    assert_eq!(lab.balance.health(), [Health::Ejected, Health::Available]);
    lab.hand.advance(Duration::from_secs(1));
    lab.set_broken(0, false);
    lab.balance.remove(1);
    assert_eq!(lab.answers(3), [Some(0); 3]);
    assert_eq!(lab.balance.health(), [Health::SlowStart]);
}

#[test]
fn panic_mode_doesn_t_make_it_worse() {
    let mut lab = lab(2, Settings::new().outliers(Outliers::new()));
    lab.set_broken(0, true);
    lab.answers(20);
    lab.balance.remove(1);
    assert!(lab.answers(50).iter().all(Option::is_none));
    lab.hand.advance(SURELY_OVER);
    lab.set_broken(0, false);
    assert_eq!(lab.answers(2), [Some(0); 2], "30 s are 30 s however often it was asked meanwhile");
}

/// Answers once it has a connection, which it fails to get as long as the test says so.
#[derive(Clone)]
struct Connects(usize, Arc<AtomicBool>);

impl Service<Request> for Connects {
    type Response = usize;
    type Error = BoxError;
    type Future = std::future::Ready<Result<usize, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(if self.1.load(Ordering::Relaxed) { Err("refused".into()) } else { Ok(()) })
    }

    fn call(&mut self, (): Request) -> Self::Future {
        std::future::ready(Ok(self.0))
    }
}

#[test]
fn a_trial_that_fails_before_anything_is_sent_has_failed() {
    let (clock, hand) = Clock::by_hand();
    let services = [true, false].map(|refuses| Connects(usize::from(!refuses), Arc::new(refuses.into())));
    let settings = Settings::new().outliers(Outliers::new()).clock(clock);
    let endpoints = services.clone().map(|service| (service, 1));
    let mut balance = Balance::with(settings, RoundRobin::new(), endpoints);
    let mut ask = |requests| {
        let answers: Vec<_> = (0..requests).map(|_| balance.ask()).collect();
        assert!(answers.iter().all(|answer| answer.is_some()), "{answers:?}");
        let first = balance.endpoints().snapshot().remove(0);
        (first.health(), first.failures())
    };
    assert_eq!(ask(30), (Health::Ejected, 5));
    hand.advance(SURELY_OVER);
    assert_eq!(ask(30), (Health::Ejected, 6));
    // Twice as long, because it is the second time.
    hand.advance(SURELY_OVER);
    assert_eq!(ask(30), (Health::Ejected, 6));
    services[0].1.store(false, Ordering::Relaxed);
    hand.advance(SURELY_OVER);
    assert_eq!(ask(30), (Health::Available, 6));
}

/// The client of the one trial gives up: that says nothing about the endpoint, and the next request may be the trial.
#[test]
fn a_trial_that_is_given_up_is_the_next_one_s() {
    let (clock, hand) = Clock::by_hand();
    let (first, mut first_handle) = mock::pair::<Request, usize>();
    let (second, mut second_handle) = mock::pair::<Request, usize>();
    first_handle.allow(100);
    second_handle.allow(100);
    let settings = Settings::new().outliers(Outliers::new().consecutive(1)).clock(clock);
    let mut balance = Balance::with(settings, RoundRobin::new(), [(first, 1), (second, 1)]);
    let endpoints = balance.endpoints();
    let mut failing = spawn(balance.call(()));
    assert_pending!(failing.poll());
    let mut arrived = spawn(first_handle.next_request());
    let std::task::Poll::Ready(Some(((), answer))) = arrived.poll() else { panic!("it arrived") };
    answer.send_error("broken");
    drop(failing.poll());
    assert_eq!(health(&endpoints), [Health::Ejected, Health::Available]);

    hand.advance(SURELY_OVER);
    let mut requests: Vec<_> = (0..3).map(|_| spawn(balance.call(()))).collect();
    requests.iter_mut().for_each(|request| assert_pending!(request.poll()));
    assert_eq!(health(&endpoints)[0], Health::Trial);
    assert_eq!(endpoints.snapshot().iter().map(|e| e.in_flight()).collect::<Vec<_>>(), [1, 2]);
    drop(requests);
    assert_eq!(health(&endpoints)[0], Health::Ejected);
    let mut requests: Vec<_> = (0..3).map(|_| spawn(balance.call(()))).collect();
    requests.iter_mut().for_each(|request| assert_pending!(request.poll()));
    assert_eq!(endpoints.snapshot().iter().map(|e| e.in_flight()).collect::<Vec<_>>(), [1, 2]);
}

proptest! {
    /// Whatever fails and recovers, and whenever: an ejected endpoint gets no request, except its trial, while another
    /// is available, and no more endpoints are ejected than the cap allows.
    #[test]
    fn no_ejected_one_is_picked_while_another_is_available(
        endpoints in 1..6_usize,
        steps in prop::collection::vec((0..4_u8, 0..6_usize), 1..200),
    ) {
        let mut lab = lab(endpoints, Settings::new().outliers(Outliers::new().consecutive(2)));
        for (step, which) in steps {
            match step {
                0 => lab.set_broken(which % endpoints, true),
                1 => lab.set_broken(which % endpoints, false),
                2 => lab.hand.advance(Duration::from_secs(which as u64 * 5)),
                _ => {
                    let before = lab.balance.health();
                    let out = before.iter().filter(|health| **health == Health::Ejected).count();
                    prop_assert!(out <= endpoints / 2, "{before:?}");
                    let failing: Vec<bool> = lab.broken.iter().map(|b| b.load(Ordering::Relaxed)).collect();
                    let answer = lab.balance.ask();
                    let after = lab.balance.health();
                    if let Some(by) = answer {
                        prop_assert!(!failing[by]);
                        // An ejected endpoint can only have got a trial, which restores it.
                        prop_assert!(before[by] != Health::Ejected || after[by] == Health::Available);
                    }
                }
            }
        }
    }
}
