//! What somebody who operates a pool does to an endpoint, and what they see of it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::support::{Ask, Numbered, Readiness, ask, now};
use balance::{
    Balance, BoxError, Cause, Clock, Details, Endpoint, Endpoints, Entry, FailureRate, Hand, Health, Limit,
    NoEndpoints, Outliers, Retry, RetryRule, RoundRobin, Settings, SlowStart,
};
use proptest::prelude::*;
use tokio_test::{assert_pending, assert_ready, assert_ready_ok, task};
use tower::{Service, service_fn};

const SECOND: Duration = Duration::from_secs(1);

fn answers(balance: &mut Balance<Numbered>, requests: usize) -> Vec<usize> {
    (0..requests).map(|_| ask(balance)).collect()
}

#[test]
fn a_paused_one_gets_nothing_until_it_is_resumed() {
    let mut balance = Balance::round_robin((0..2).map(Numbered::new));
    let endpoints = balance.endpoints();
    let paused = endpoints.snapshot().remove(0);
    assert!(endpoints.pause(&paused));
    assert_eq!((paused.health(), paused.weight()), (Health::Paused, 1));
    assert_eq!(answers(&mut balance, 4), [1, 1, 1, 1]);
    assert!(endpoints.pause(&paused), "once more is no change");
    assert!(endpoints.resume(&paused));
    assert_eq!(paused.health(), Health::Available);
    let mut both = answers(&mut balance, 4);
    both.sort_unstable();
    assert_eq!(both, [0, 0, 1, 1]);
}

#[test]
fn with_all_paused_the_answer_is_there_at_once() {
    let mut balance = Balance::round_robin((0..2).map(Numbered::new));
    let endpoints = balance.endpoints();
    endpoints.snapshot().iter().for_each(|endpoint| assert!(endpoints.pause(endpoint)));
    assert!(now(balance.call(Ask::new())).unwrap_err().is::<NoEndpoints>());
    endpoints.resume(&endpoints.snapshot()[1]);
    assert_eq!(answers(&mut balance, 2), [1, 1]);
}

#[test]
fn what_is_in_flight_finishes_and_ends_no_drain_but_a_drain() {
    let (mock, mut handle) = tower_test::mock::pair::<Ask, &'static str>();
    let mut balance = Balance::round_robin([mock]);
    let endpoints = balance.endpoints();
    let endpoint = endpoints.snapshot().remove(0);
    let mut response = task::spawn(balance.call(Ask::new()));
    assert_pending!(response.poll());
    assert!(endpoints.pause(&endpoint));
    assert_eq!((endpoint.health(), endpoint.in_flight()), (Health::Paused, 1));
    let (_, respond) = assert_ready!(task::spawn(handle.next_request()).poll()).unwrap();
    let mut drained = task::spawn(endpoint.drained());
    respond.send_response("finished");
    assert_eq!(assert_ready_ok!(response.poll()), "finished");
    assert_eq!(endpoint.in_flight(), 0);
    assert_pending!(drained.poll());
    assert!(endpoints.drain(&endpoint));
    assert_ready!(drained.poll());
    assert_eq!(endpoint.health(), Health::Draining);
    assert!(endpoints.resume(&endpoint), "a drain can't be undone");
    assert_eq!(endpoint.health(), Health::Draining);
}

#[test]
fn one_who_waits_for_one_that_is_paused_goes_on() {
    let services = [Numbered::with(0, Readiness::Never), Numbered::new(1)];
    let mut balance = Balance::round_robin(services);
    let endpoints = balance.endpoints();
    let [never, other] = [0, 1].map(|index| Arc::clone(&endpoints.snapshot()[index]));
    endpoints.pause(&other);
    let mut response = task::spawn(balance.call(Ask::new()));
    assert_pending!(response.poll());
    endpoints.pause(&never);
    endpoints.resume(&other);
    assert!(response.is_woken());
    assert_eq!(assert_ready_ok!(response.poll()), 1);
}

#[test]
fn with_a_limit_a_paused_one_is_not_taken_for_a_full_one() {
    let limit = Limit::new(std::num::NonZeroU32::MIN);
    let services = [(Numbered::new(0), 1)];
    let mut balance = Balance::with(Settings::new().limit(limit), RoundRobin::new(), services);
    let endpoints = balance.endpoints();
    endpoints.pause(&endpoints.snapshot()[0]);
    assert!(now(balance.call(Ask::new())).unwrap_err().is::<NoEndpoints>());
    endpoints.resume(&endpoints.snapshot()[0]);
    assert_eq!(answers(&mut balance, 2), [0, 0]);
}

#[test]
fn of_a_tier_those_that_are_left_count() {
    let entries = [0, 0, 1].map(|priority| Entry::new(Numbered::new(priority.into())).priority(priority));
    let mut balance = Balance::new(RoundRobin::new(), entries);
    let endpoints = balance.endpoints();
    let first = endpoints.snapshot();
    endpoints.pause(&first[0]);
    assert_eq!(answers(&mut balance, 3), [0, 0, 0], "the other one of the tier is well");
    endpoints.pause(&first[1]);
    assert_eq!(answers(&mut balance, 2), [1, 1]);
}

#[test]
fn what_was_set_by_hand_outlasts_another_set_of_targets() {
    let mut balance = Balance::round_robin([]);
    let endpoints = balance.endpoints();
    let mut targets = endpoints.by_target(Numbered::new);
    targets.set([(0, 1), (1, 1)]);
    let [zero, one] = [0, 1].map(|index| Arc::clone(&endpoints.snapshot()[index]));
    assert!(endpoints.pause(&zero) && endpoints.set_weight(&one, 5));
    assert!(targets.set([(2, 1), (1, 1), (0, 1)]));
    assert_eq!((zero.health(), one.weight()), (Health::Paused, 5));
    assert!(answers(&mut balance, 12).iter().all(|answer| *answer != 0));
    assert!(targets.set([(0, 1), (1, 2)]));
    assert_eq!(one.weight(), 2, "it was named with another weight");
    assert!(targets.set([(1, 2)]) && targets.set([(0, 1), (1, 2)]));
    let back = endpoints.snapshot().remove(1);
    assert_eq!((back.service().number, back.health()), (0, Health::Available), "it left and came back");
}

/// Endpoints that fail while they are told to.
fn lab(number: usize, settings: Settings) -> (impl FnMut() -> Option<usize>, Arc<AtomicBool>, Pool, Hand) {
    let (clock, hand) = Clock::by_hand();
    let broken: Arc<AtomicBool> = Arc::default();
    let services = (0..number).map(|number| {
        let broken = Arc::clone(&broken);
        let service: Answering = Box::new(move |()| {
            let is_broken = number == 0 && broken.load(Ordering::Relaxed);
            if is_broken { Err(BoxError::from("it broke")) } else { Ok(number) }
        });
        (Answers(Arc::new(service)), 1)
    });
    let mut balance = Balance::with(settings.clock(clock).seed(1), RoundRobin::new(), services);
    let endpoints = balance.endpoints();
    (move || now(balance.call(())).ok(), broken, endpoints, hand)
}

type Pool = Endpoints<Answers>;
type Answering = Box<dyn Fn(()) -> Result<usize, BoxError> + Send + Sync>;

#[derive(Clone)]
struct Answers(Arc<Answering>);

impl Service<()> for Answers {
    type Response = usize;
    type Error = BoxError;
    type Future = std::future::Ready<Result<usize, BoxError>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), BoxError>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: ()) -> Self::Future {
        std::future::ready((self.0)(request))
    }
}

fn first<S>(endpoints: &Endpoints<S>) -> Arc<Endpoint<S>> {
    endpoints.snapshot().remove(0)
}

fn details<S>(endpoints: &Endpoints<S>) -> Details {
    first(endpoints).details()
}

#[test]
fn an_ejection_by_hand_lasts_for_its_time_in_any_pool() {
    for settings in [Settings::new(), Settings::new().outliers(Outliers::new())] {
        let (mut ask, _, endpoints, hand) = lab(2, settings);
        let ejected = first(&endpoints);
        assert!(endpoints.eject(&ejected, SECOND * 10));
        assert_eq!(ejected.health(), Health::Ejected);
        assert!((0..10).all(|_| ask() == Some(1)));
        hand.advance(SECOND * 10);
        let mut both: Vec<_> = (0..4).filter_map(|_| ask()).collect();
        both.sort_unstable();
        assert_eq!(both, [0, 0, 1, 1]);
        assert_eq!((ejected.health(), ejected.details().ejected), (Health::Available, None));
    }
}

#[test]
fn as_a_last_resort_it_is_used_and_stays_ejected() {
    let (mut ask, _, endpoints, _hand) = lab(1, Settings::new());
    assert!(endpoints.eject(&first(&endpoints), SECOND));
    assert_eq!([ask(), ask()], [Some(0), Some(0)]);
    assert_eq!(first(&endpoints).health(), Health::Ejected);
    assert!(endpoints.resume(&first(&endpoints)));
    assert_eq!(first(&endpoints).health(), Health::Available);
}

#[test]
fn others_or_those_that_leave_are_not_ejected() {
    let (_, _, endpoints, _hand) = lab(1, Settings::new());
    let (_, _, others, _) = lab(1, Settings::new());
    let foreign = first(&others);
    assert!(!endpoints.eject(&foreign, SECOND) && !endpoints.pause(&foreign) && !endpoints.resume(&foreign));
    assert_eq!(foreign.health(), Health::Available);
    let draining = first(&endpoints);
    assert!(endpoints.drain(&draining) && !endpoints.eject(&draining, SECOND));
}

#[test]
fn one_that_is_out_by_hand_takes_the_place_of_one_that_failures_would_eject() {
    let (mut ask, broken, endpoints, _hand) =
        lab(2, Settings::new().outliers(Outliers::new().consecutive(1)));
    assert!(endpoints.eject(&endpoints.snapshot()[1], SECOND));
    broken.store(true, Ordering::Relaxed);
    assert_eq!([ask(), ask(), ask()], [None; 3]);
    assert_eq!(first(&endpoints).health(), Health::Available, "half of the pool is out");
}

#[test]
fn a_resumed_one_begins_with_its_slow_start() {
    let settings = Settings::new().slow_start(SlowStart::over(SECOND * 10));
    let (mut ask, _, endpoints, hand) = lab(2, settings);
    let paused = first(&endpoints);
    endpoints.pause(&paused);
    hand.advance(SECOND * 60);
    endpoints.resume(&paused);
    assert_eq!((paused.health(), paused.details().slow_start), (Health::SlowStart, Some(10)));
    let taken = (0..100).filter(|_| ask() == Some(0)).count();
    assert!((8..=10).contains(&taken), "a tenth of its turns, of which each request is one: {taken}");
    hand.advance(SECOND * 5);
    assert_eq!(paused.details().slow_start, Some(55));
    hand.advance(SECOND * 5);
    assert_eq!((paused.health(), paused.details().slow_start), (Health::Available, None));
    endpoints.resume(&paused);
    assert_eq!(paused.health(), Health::Available, "there was nothing to resume");
}

#[test]
fn details_say_how_it_is_since_when_and_why() {
    let outliers = Outliers::new().consecutive(3).ejection(SECOND * 30, SECOND * 300);
    let (mut ask, broken, endpoints, hand) = lab(2, Settings::new().outliers(outliers));
    hand.advance(SECOND * 7);
    assert_eq!((details(&endpoints).health, details(&endpoints).lasting), (Health::Available, SECOND * 7));
    broken.store(true, Ordering::Relaxed);
    (0..3).for_each(|_| assert_eq!([ask(), ask()].iter().flatten().count(), 1));
    hand.advance(SECOND);
    let ejected = details(&endpoints);
    assert_eq!((ejected.health, ejected.lasting), (Health::Ejected, SECOND));
    assert_eq!((ejected.ejections, ejected.failures_in_a_row), (1, 3));
    let why = ejected.ejected.unwrap();
    assert_eq!((why.cause, why.is_unreachable), (Cause::FailuresInARow(3), false));
    assert!((SECOND * 26..=SECOND * 32).contains(&why.left), "{why:?}");

    hand.advance(SECOND * 33);
    assert_eq!(details(&endpoints).ejected.unwrap().left, Duration::ZERO);
    assert!((0..2).map(|_| ask()).count() == 2);
    let again = details(&endpoints);
    assert_eq!((again.ejected.unwrap().cause, again.ejections), (Cause::FailedTrial, 2));
    assert_eq!(again.lasting, SECOND * 34, "it was never back in between");

    endpoints.pause(&first(&endpoints));
    hand.advance(SECOND * 2);
    let paused = details(&endpoints);
    assert_eq!((paused.health, paused.lasting), (Health::Paused, SECOND * 2));
    assert!(paused.ejected.is_some(), "it is ejected all the same");
    endpoints.eject(&first(&endpoints), SECOND * 9);
    let by_hand = details(&endpoints).ejected.unwrap();
    assert_eq!((by_hand.cause, by_hand.left), (Cause::ByHand, SECOND * 9));
    endpoints.resume(&first(&endpoints));
    hand.advance(SECOND);
    let back = details(&endpoints);
    assert_eq!((back.health, back.lasting, back.ejected), (Health::Available, SECOND, None));
    assert_eq!((back.ejections, back.failures_in_a_row), (2, 0));
    hand.advance(SECOND * 300);
    assert_eq!(details(&endpoints).ejections, 0, "they are forgotten");
}

#[test]
fn details_name_the_rate_that_ejected() {
    let rate = FailureRate::new(50).min_requests(4);
    let outliers = Outliers::new().consecutive(None).failure_rate(rate);
    let (mut ask, broken, endpoints, _hand) = lab(2, Settings::new().outliers(outliers));
    assert!((0..4).map(|_| ask()).count() == 4);
    assert_eq!(details(&endpoints).recent, Some((0, 2)));
    broken.store(true, Ordering::Relaxed);
    assert!((0..8).map(|_| ask()).count() == 8);
    let ejected = details(&endpoints);
    let cause = ejected.ejected.map(|ejected| ejected.cause);
    assert_eq!(cause, Some(Cause::FailureRate { failures: 2, requests: 4 }));
    assert_eq!((ejected.recent, ejected.failures_in_a_row), (Some((2, 4)), 0));
}

fn shares<S>(endpoints: &Endpoints<S>) -> Vec<f64> {
    endpoints.shares().into_iter().map(|(_, share)| share).collect()
}

#[test]
fn shares_follow_weights_health_and_tiers() {
    let settings = Settings::new().slow_start(SlowStart::over(SECOND * 10)).tier_share(1);
    let (clock, hand) = Clock::by_hand();
    let entry =
        |number, weight, priority| Entry::new(Numbered::new(number)).weight(weight).priority(priority);
    let entries = [entry(0, 2, 0), entry(1, 1, 0), entry(2, 1, 0), entry(3, 5, 1)];
    let balance = Balance::with(settings.clock(clock), RoundRobin::new(), entries);
    let endpoints = balance.endpoints();
    let [zero, one, two, three] = [0, 1, 2, 3].map(|index| Arc::clone(&endpoints.snapshot()[index]));
    assert_eq!(shares(&endpoints), [0.5, 0.25, 0.25, 0.0]);
    endpoints.pause(&zero);
    assert_eq!(shares(&endpoints), [0.0, 0.5, 0.5, 0.0]);
    endpoints.eject(&one, SECOND * 60);
    assert_eq!(shares(&endpoints), [0.0, 0.0, 1.0, 0.0]);
    hand.advance(SECOND * 10);
    endpoints.resume(&zero);
    let warming = shares(&endpoints);
    assert!((warming[0] - 0.2 / 1.2).abs() < 1e-6 && (warming[2] - 1.0 / 1.2).abs() < 1e-6, "{warming:?}");
    for endpoint in [&zero, &one, &two] {
        endpoints.eject(endpoint, SECOND * 60);
    }
    assert_eq!(shares(&endpoints), [0.0, 0.0, 0.0, 1.0]);
    endpoints.eject(&three, SECOND * 60);
    assert_eq!(shares(&endpoints), [2.0 / 9.0, 1.0 / 9.0, 1.0 / 9.0, 5.0 / 9.0], "the last resort");
    endpoints.snapshot().iter().for_each(|endpoint| assert!(endpoints.set_weight(endpoint, 0)));
    assert_eq!(shares(&endpoints), [0.0; 4]);
}

#[derive(Clone)]
struct Always;

impl RetryRule<(), usize, BoxError> for Always {
    fn copy(&self, (): &()) -> Option<()> {
        Some(())
    }

    fn is_retryable(&self, result: Result<&usize, &BoxError>) -> bool {
        result.is_err()
    }
}

#[tokio::test(start_paused = true)]
async fn retries_are_counted_and_what_is_left_of_the_budget() {
    let broken = service_fn(async |()| Err::<usize, _>(BoxError::from("it broke")));
    let answers = [broken; 2].map(|service| (service, 1));
    let balance = Balance::new(RoundRobin::new(), answers).retry(Retry::new(Always));
    assert_eq!((balance.retries_left(), balance.endpoints().retries()), (Some(30), 0));
    for _ in 0..2 {
        assert!(tower::ServiceExt::oneshot(balance.clone(), ()).await.is_err());
    }
    assert_eq!((balance.retries_left(), balance.endpoints().retries()), (Some(28), 2));
    assert_eq!(balance.endpoints().failovers(), 0);
    assert_eq!(balance.retry(Retry::new(Always).attempts(0)).retries_left(), None);
}

/// An error that gives its request back.
struct Unsent(Option<()>);

impl TryFrom<Unsent> for () {
    type Error = Unsent;

    fn try_from(unsent: Unsent) -> Result<(), Unsent> {
        unsent.0.ok_or(Unsent(None))
    }
}

impl From<Unsent> for BoxError {
    fn from(_: Unsent) -> Self {
        "nobody took it".into()
    }
}

#[test]
fn failovers_are_counted() {
    let busy = service_fn(async |()| Err::<usize, _>(Unsent(Some(()))));
    let mut balance = Balance::round_robin([busy; 3]).failover(2);
    assert!(now(balance.call(())).is_err());
    assert_eq!((balance.endpoints().failovers(), balance.endpoints().retries()), (2, 0));
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Pause,
    Resume,
    Eject(u64),
    Weigh(u16),
    Wait(u64),
    Ask,
}

fn acts() -> impl Strategy<Value = Vec<(usize, Act)>> {
    let act = prop_oneof![
        2 => Just(Act::Pause),
        2 => Just(Act::Resume),
        2 => (0..5_u64).prop_map(Act::Eject),
        1 => (0..3_u16).prop_map(Act::Weigh),
        1 => (0..5_u64).prop_map(Act::Wait),
        6 => Just(Act::Ask),
    ];
    prop::collection::vec((0..4_usize, act), 1..60)
}

/// What an endpoint should be like.
#[derive(Clone, Copy, Debug)]
struct Model {
    weight: u16,
    is_paused: bool,
    ejected_until: u64,
}

proptest! {
    /// No request goes to a paused endpoint, nor to an ejected one while there is another.
    #[test]
    fn picks_follow_whatever_is_done_by_hand(acts in acts()) {
        let (mut ask, _, endpoints, hand) = lab(4, Settings::new());
        let all = endpoints.snapshot();
        let mut models = [Model { weight: 1, is_paused: false, ejected_until: 0 }; 4];
        let mut time = 0;
        for (index, act) in acts {
            let model = &mut models[index];
            match act {
                Act::Pause => {
                    endpoints.pause(&all[index]);
                    model.is_paused = true;
                }
                Act::Resume => {
                    endpoints.resume(&all[index]);
                    (model.is_paused, model.ejected_until) = (false, 0);
                }
                Act::Eject(secs) => {
                    endpoints.eject(&all[index], SECOND * secs as u32);
                    model.ejected_until = time + secs;
                }
                Act::Weigh(weight) => {
                    endpoints.set_weight(&all[index], weight);
                    model.weight = weight;
                }
                Act::Wait(secs) => {
                    hand.advance(SECOND * secs as u32);
                    time += secs;
                }
                Act::Ask => {}
            }
            let open = |model: &Model| model.weight > 0 && !model.is_paused;
            let well = |model: &Model| open(model) && model.ejected_until <= time;
            let any_well = models.iter().any(well);
            let may = |model: &Model| if any_well { well(model) } else { open(model) };
            match ask() {
                Some(number) => prop_assert!(may(&models[number]), "{number} of {models:?} at {time}"),
                None => prop_assert!(!models.iter().any(may), "{models:?}"),
            }
            for ((endpoint, share), model) in endpoints.shares().into_iter().zip(&models) {
                prop_assert_eq!(share > 0.0, may(model), "{:?}: {:?}", endpoint, model);
                prop_assert_eq!(endpoint.health() == Health::Paused, model.is_paused);
            }
            let sum: f64 = shares(&endpoints).iter().sum();
            let all = f64::from(u8::from(models.iter().any(may)));
            prop_assert!((sum - all).abs() < 1e-9);
        }
    }
}
