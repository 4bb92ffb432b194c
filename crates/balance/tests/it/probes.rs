//! Active health checks: when an endpoint is down or up, how often it is probed, and that no probe is left behind.

use std::{
    future::pending,
    num::NonZeroU32,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use crate::support::{Ask, Numbered, ask, now};
use balance::{
    AllDown, Balance, BoxError, Endpoint, Endpoints, Entry, Health, NoEndpoints, Probes, RoundRobin, Settings,
};
use tokio::time::{Instant, sleep};
use tower::{Service, service_fn};

const INTERVAL: Duration = Duration::from_secs(10);

/// What the probes get, and what they did.
#[derive(Clone, Default)]
struct Lab {
    ill: Arc<[AtomicBool; 3]>,
    probed: Arc<Mutex<Vec<(usize, Instant)>>>,
}

impl Lab {
    fn probe(
        &self,
    ) -> impl Service<Arc<Endpoint<Numbered>>, Error = BoxError, Future: Send> + Clone + Send + use<> {
        let lab = self.clone();
        service_fn(move |endpoint: Arc<Endpoint<Numbered>>| {
            let lab = lab.clone();
            async move {
                let number = endpoint.service().number;
                lab.probed.lock().unwrap().push((number, Instant::now()));
                match lab.ill[number].load(Ordering::Relaxed) {
                    true => Err(BoxError::from("ill")),
                    false => Ok(()),
                }
            }
        })
    }

    fn set_ill(&self, number: usize, ill: bool) {
        self.ill[number].store(ill, Ordering::Relaxed);
    }

    fn count(&self, number: usize) -> usize {
        self.probed.lock().unwrap().iter().filter(|(probed, _)| *probed == number).count()
    }

    /// Waits until the endpoint has been probed this number of further times, and the result of the last is recorded.
    async fn probes(&self, number: usize, more: usize) {
        let target = self.count(number) + more;
        while self.count(number) < target {
            sleep(Duration::from_millis(100)).await;
        }
    }
}

fn two() -> (Balance<Numbered>, Endpoints<Numbered>) {
    let balance = Balance::round_robin([0, 1].map(Numbered::new));
    let endpoints = balance.endpoints();
    (balance, endpoints)
}

fn health(endpoints: &Endpoints<Numbered>) -> Vec<Health> {
    endpoints.snapshot().iter().map(|endpoint| endpoint.health()).collect()
}

#[tokio::test(start_paused = true)]
async fn down_after_three_up_after_two() {
    let ((mut balance, endpoints), lab) = (two(), Lab::default());
    tokio::spawn(endpoints.probe(Probes::new().interval(INTERVAL), lab.probe()));
    lab.probes(1, 1).await;
    lab.set_ill(1, true);
    lab.probes(1, 2).await;
    assert_eq!(health(&endpoints), [Health::Available, Health::Available]);
    lab.probes(1, 1).await;
    assert_eq!(health(&endpoints), [Health::Available, Health::Down]);
    assert_eq!([ask(&mut balance), ask(&mut balance), ask(&mut balance)], [0, 0, 0]);

    lab.set_ill(1, false);
    lab.probes(1, 1).await;
    assert_eq!(health(&endpoints), [Health::Available, Health::Down]);
    lab.probes(1, 1).await;
    assert_eq!(health(&endpoints), [Health::Available, Health::Available]);
    let mut answers = [ask(&mut balance), ask(&mut balance)];
    answers.sort_unstable();
    assert_eq!(answers, [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn one_good_probe_in_between_begins_the_count_anew() {
    let ((_balance, endpoints), lab) = (two(), Lab::default());
    tokio::spawn(endpoints.probe(Probes::new(), lab.probe()));
    for _ in 0..5 {
        lab.set_ill(0, true);
        lab.probes(0, 2).await;
        lab.set_ill(0, false);
        lab.probes(0, 1).await;
        assert_eq!(health(&endpoints), [Health::Available, Health::Available]);
    }
}

#[tokio::test(start_paused = true)]
async fn with_all_down_the_answer_is_there_at_once_and_those_who_wait_learn_it() {
    let ((mut balance, endpoints), lab) = (two(), Lab::default());
    lab.set_ill(0, true);
    lab.set_ill(1, true);
    tokio::spawn(endpoints.probe(Probes::new().fall(NonZeroU32::MIN), lab.probe()));
    lab.probes(1, 1).await;
    assert_eq!(health(&endpoints), [Health::Down, Health::Down]);
    assert!(now(balance.call(Ask::new())).unwrap_err().is::<NoEndpoints>());
}

/// One tier of two, and another one behind it.
#[tokio::test(start_paused = true)]
async fn a_tier_of_which_too_few_are_up_gets_help() {
    let tiers = [0, 0, 1].into_iter().enumerate();
    let entries = tiers.map(|(number, priority)| Entry::new(Numbered::new(number)).priority(priority));
    let settings = Settings::new().tier_share(51);
    let (mut balance, lab) = (Balance::with(settings, RoundRobin::new(), entries), Lab::default());
    tokio::spawn(balance.endpoints().probe(Probes::new().fall(NonZeroU32::MIN), lab.probe()));
    let mut answered = || {
        let mut answers: Vec<_> = (0..6).map(|_| ask(&mut balance)).collect();
        answers.sort_unstable();
        answers.dedup();
        answers
    };
    lab.probes(2, 1).await;
    assert_eq!(answered(), [0, 1]);
    for (ill, expected) in [(1, vec![0, 2]), (0, vec![2])] {
        lab.set_ill(ill, true);
        lab.probes(ill, 2).await;
        assert_eq!(answered(), expected);
    }
    lab.set_ill(0, false);
    lab.set_ill(1, false);
    lab.probes(1, 4).await;
    assert_eq!(answered(), [0, 1]);
}

/// A wrong path for the probes, and all endpoints are down.
#[tokio::test(start_paused = true)]
async fn with_all_down_they_are_used_if_that_is_wanted_until_the_first_is_up() {
    let settings = Settings::new().all_down(AllDown::Use);
    let services = [0, 1].map(|number| (Numbered::new(number), 1));
    let (mut balance, lab) = (Balance::with(settings, RoundRobin::new(), services), Lab::default());
    let endpoints = balance.endpoints();
    tokio::spawn(endpoints.probe(Probes::new().fall(NonZeroU32::MIN), lab.probe()));
    lab.set_ill(0, true);
    lab.probes(0, 2).await;
    assert_eq!([ask(&mut balance), ask(&mut balance)], [1, 1], "one is up");
    lab.set_ill(1, true);
    lab.probes(1, 2).await;
    assert_eq!(health(&endpoints), [Health::Down, Health::Down]);
    let mut answers = [ask(&mut balance), ask(&mut balance)];
    answers.sort_unstable();
    assert_eq!(answers, [0, 1]);
    lab.set_ill(0, false);
    lab.probes(0, 2).await;
    assert_eq!([ask(&mut balance), ask(&mut balance)], [0, 0], "one is up again");
}

/// It was ready for a request when all the endpoints went down.
#[tokio::test(start_paused = true)]
async fn who_waits_for_one_that_went_down_goes_on_waiting_if_all_are_used() {
    let (mock, mut handle) = tower_test::mock::pair::<(), ()>();
    handle.allow(0);
    for (all_down, is_answered) in [(AllDown::Refuse, false), (AllDown::Use, true)] {
        let settings = Settings::new().all_down(all_down);
        let mut balance = Balance::with(settings, RoundRobin::new(), [(mock.clone(), 1)]);
        let endpoints = balance.endpoints();
        let waiting = tokio::spawn(balance.call(()));
        tokio::task::yield_now().await;
        let probe = service_fn(async |_: Arc<Endpoint<_>>| Err::<(), _>(BoxError::from("ill")));
        let probing = tokio::spawn(endpoints.probe(Probes::new().fall(NonZeroU32::MIN), probe));
        sleep(Duration::from_secs(1)).await;
        assert_eq!(endpoints.snapshot()[0].health(), Health::Down);
        handle.allow(1);
        if is_answered {
            let ((), answer) = handle.next_request().await.unwrap();
            answer.send_response(());
        }
        assert_eq!(waiting.await.unwrap().is_ok(), is_answered, "{all_down:?}");
        probing.abort();
    }
}

/// It counts as a failure, and the next probe is sent.
#[tokio::test(start_paused = true)]
async fn a_probe_that_panics_ends_nothing() {
    let (_balance, endpoints) = two();
    let lab = Lab::default();
    let probe = {
        let lab = lab.clone();
        service_fn(move |endpoint: Arc<Endpoint<Numbered>>| {
            let lab = lab.clone();
            async move {
                let number = endpoint.service().number;
                lab.probed.lock().unwrap().push((number, Instant::now()));
                assert!(!lab.ill[number].load(Ordering::Relaxed), "a probe that panics");
                Ok::<_, BoxError>(())
            }
        })
    };
    tokio::spawn(endpoints.probe(Probes::new(), probe));
    lab.set_ill(1, true);
    lab.probes(1, 3).await;
    assert_eq!(health(&endpoints), [Health::Available, Health::Down]);
    lab.set_ill(1, false);
    lab.probes(1, 2).await;
    assert_eq!(health(&endpoints), [Health::Available, Health::Available]);
}

#[tokio::test(start_paused = true)]
async fn the_first_is_immediate_and_the_others_are_spread_around_the_interval() {
    let ((_balance, endpoints), lab) = (two(), Lab::default());
    let begun = Instant::now();
    tokio::spawn(endpoints.probe(Probes::new().interval(INTERVAL), lab.probe()));
    lab.probes(0, 100).await;
    let times: Vec<Duration> = {
        let probed = lab.probed.lock().unwrap();
        probed.iter().filter(|(number, _)| *number == 0).map(|(_, at)| *at - begun).collect()
    };
    assert!(times[0] < Duration::from_millis(10), "{:?}", times[0]);
    let gaps: Vec<Duration> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let around = INTERVAL.mul_f64(0.79)..=INTERVAL.mul_f64(1.21);
    assert!(gaps.iter().all(|gap| around.contains(gap)), "{gaps:?}");
    assert!(
        gaps.iter().max().unwrap().as_secs_f64() - gaps.iter().min().unwrap().as_secs_f64() > 2.0,
        "{gaps:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn never_two_at_a_time_and_one_that_hangs_counts_as_failed() {
    let (_balance, endpoints) = two();
    let (under_way, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    struct Under(Arc<AtomicU32>);
    impl Drop for Under {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }
    let probe = {
        let (under_way, most) = (Arc::clone(&under_way), Arc::clone(&most));
        service_fn(move |endpoint: Arc<Endpoint<Numbered>>| {
            let (under_way, most) = (Arc::clone(&under_way), Arc::clone(&most));
            async move {
                if endpoint.service().number == 0 {
                    return Ok::<_, BoxError>(());
                }
                most.fetch_max(under_way.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                let _under = Under(under_way);
                pending().await
            }
        })
    };
    // The next probe is due long before the last has timed out.
    let probes = Probes::new().interval(Duration::from_millis(100)).timeout(Duration::from_secs(2));
    let begun = Instant::now();
    tokio::spawn(endpoints.probe(probes, probe));
    while health(&endpoints)[1] != Health::Down {
        sleep(Duration::from_millis(50)).await;
    }
    assert!(
        (Duration::from_secs(6)..Duration::from_secs(7)).contains(&begun.elapsed()),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(most.load(Ordering::Relaxed), 1);
    assert_eq!(health(&endpoints)[0], Health::Available);
}

#[tokio::test(start_paused = true)]
async fn no_setting_makes_them_run_wild_or_stop() {
    for (interval, probes) in [(Duration::ZERO, 5_000..=15_000), (Duration::MAX, 1..=1)] {
        let ((_balance, endpoints), lab) = (two(), Lab::default());
        let settings = Probes::new().interval(interval).timeout(Duration::MAX);
        let probing = tokio::spawn(endpoints.probe(settings, lab.probe()));
        sleep(Duration::from_secs(10)).await;
        assert!(probes.contains(&lab.count(0)), "{interval:?}: {}", lab.count(0));
        probing.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn they_are_no_load() {
    let ((_balance, endpoints), lab) = (two(), Lab::default());
    tokio::spawn(endpoints.probe(Probes::new(), lab.probe()));
    lab.probes(0, 10).await;
    for endpoint in endpoints.snapshot() {
        assert_eq!((endpoint.requests(), endpoint.in_flight(), endpoint.failures()), (0, 0, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn those_that_come_are_probed_and_those_that_go_are_not() {
    let ((_balance, endpoints), lab) = (two(), Lab::default());
    tokio::spawn(endpoints.probe(Probes::new(), lab.probe()));
    lab.probes(0, 1).await;
    let first = Arc::clone(&endpoints.snapshot()[0]);
    endpoints.remove(&first);
    let new = endpoints.insert(Numbered::new(0));
    let before = lab.count(0);
    lab.probes(0, 1).await;
    // Only one endpoint 0 is probed: two would be probed twice as often as endpoint 1.
    let others = lab.count(1);
    lab.probes(1, 20).await;
    let (zero, one) = (lab.count(0) - before, lab.count(1) - others);
    assert!((15..=26).contains(&zero), "{zero} probes against {one}");
    // By now only the probes hold it.
    assert_eq!(Arc::strong_count(&first), 1);
    drop(new);
}

#[tokio::test(start_paused = true)]
async fn they_end_with_the_balancer() {
    let ((balance, endpoints), lab) = (two(), Lab::default());
    let probing = tokio::spawn(endpoints.probe(Probes::new(), lab.probe()));
    lab.probes(1, 3).await;
    drop(balance);
    assert!(!probing.is_finished(), "the handle still holds the endpoints");
    drop(endpoints);
    tokio::time::timeout(Duration::from_secs(1), probing).await.unwrap().unwrap();
    let metrics = tokio::runtime::Handle::current().metrics();
    while metrics.num_alive_tasks() > 0 {
        tokio::task::yield_now().await;
    }
}
