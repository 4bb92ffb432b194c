//! Endpoints that can't be connected to are dialled until a dial succeeds, and come back then. No request is risked
//! before that.

use std::{
    future::ready,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use balance::{
    Balance, BoxError, Dials, Endpoint, Endpoints, Health, OnResponse, Outcome, Outliers, RoundRobin,
    Settings, SlowStart,
};
use tokio::time::{Instant, sleep};
use tower::{Service, ServiceExt, service_fn};

/// What happens at an endpoint, to requests and to dials.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Well,
    /// Every attempt to connect fails.
    Away,
    /// Connections can be made, requests fail.
    Broken,
    /// Requests cannot connect, dials can.
    Treacherous,
    /// A dial panics.
    Panics,
    /// A dial never ends.
    Silent,
}

/// The first of two endpoints is in this state, the other is healthy.
#[derive(Clone)]
struct Lab {
    state: Arc<Mutex<State>>,
    /// The times at which it was dialled.
    dials: Arc<Mutex<Vec<Instant>>>,
    under_way: Arc<AtomicUsize>,
}

type Asked = Result<usize, &'static str>;

impl Lab {
    fn new() -> Self {
        Self { state: Arc::new(Mutex::new(State::Well)), dials: Arc::default(), under_way: Arc::default() }
    }

    fn turn(&self, state: State) {
        *self.state.lock().unwrap() = state;
    }

    fn state(&self) -> State {
        *self.state.lock().unwrap()
    }

    fn balance(
        &self,
        settings: Settings,
    ) -> (
        impl Service<(), Response = usize, Error = BoxError, Future: Send> + Clone + use<>,
        Endpoints<impl Send + Sync + use<>>,
    ) {
        let services = [0, 1].map(|number| {
            let lab = self.clone();
            let answer = move |()| {
                ready(match (number, lab.state()) {
                    (1, _) | (_, State::Well) => Ok(number),
                    (_, State::Broken) => Err("broken"),
                    _ => Err("refused"),
                })
            };
            (service_fn(answer), 1)
        });
        let judge = |result: Result<&usize, &&'static str>| match result {
            Ok(_) => Outcome::Success,
            Err(&"refused") => Outcome::Unreachable,
            Err(_) => Outcome::Failure,
        };
        let balance =
            Balance::with(settings, RoundRobin::new(), services).completion(OnResponse::judged_by(judge));
        let endpoints = balance.endpoints();
        (balance, endpoints)
    }

    fn dial<S: Send + Sync + 'static>(
        &self,
    ) -> impl Service<Arc<Endpoint<S>>, Response = (), Error = BoxError, Future: Send> + Clone + Send + use<S>
    {
        let lab = self.clone();
        service_fn(move |_: Arc<Endpoint<S>>| {
            let lab = lab.clone();
            async move {
                lab.dials.lock().unwrap().push(Instant::now());
                assert_eq!(lab.under_way.fetch_add(1, Ordering::Relaxed), 0, "two at a time");
                let answer: Result<(), BoxError> = match lab.state() {
                    State::Away => Err("refused".into()),
                    State::Silent => {
                        let _until_dropped = scopeguard(&lab.under_way);
                        std::future::pending().await
                    }
                    State::Panics => {
                        let _until_dropped = scopeguard(&lab.under_way);
                        panic!("a dial that panics")
                    }
                    State::Well | State::Broken | State::Treacherous => Ok(()),
                };
                lab.under_way.fetch_sub(1, Ordering::Relaxed);
                answer
            }
        })
    }

    /// How long after `from` each dial was, in milliseconds.
    fn dials_since(&self, from: Instant) -> Vec<u64> {
        let dials = self.dials.lock().unwrap();
        dials.iter().map(|at| (*at - from).as_millis() as u64).collect()
    }
}

fn scopeguard(count: &AtomicUsize) -> impl Drop + '_ {
    struct Guard<'a>(&'a AtomicUsize);
    impl Drop for Guard<'_> {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }
    Guard(count)
}

fn outliers() -> Settings {
    Settings::new().outliers(Outliers::new())
}

async fn requests<B: Service<(), Response = usize, Error = BoxError> + Clone>(
    balance: &B,
    count: usize,
) -> Vec<Asked> {
    let mut answers = Vec::new();
    for _ in 0..count {
        answers.push(balance.clone().oneshot(()).await.map_err(|_| "failed"));
    }
    answers
}

fn first<S>(endpoints: &Endpoints<S>) -> Health {
    endpoints.snapshot()[0].health()
}

/// Sends a request every 10 ms until the first endpoint answers, and returns how long that took.
async fn until_back<B, S>(balance: &B, endpoints: &Endpoints<S>) -> Duration
where
    B: Service<(), Response = usize, Error = BoxError> + Clone,
{
    let from = Instant::now();
    while first(endpoints) == Health::Ejected {
        assert!(from.elapsed() < Duration::from_secs(100), "it stays away");
        sleep(Duration::from_millis(10)).await;
        requests(balance, 1).await;
    }
    from.elapsed()
}

#[tokio::test(start_paused = true)]
async fn it_is_dialled_after_100_ms_then_less_often_at_least_every_second_and_comes_back_by_that() {
    let lab = Lab::new();
    let (balance, endpoints) = lab.balance(outliers());
    tokio::spawn(endpoints.dial(Dials::new(), lab.dial()));
    lab.turn(State::Away);
    let ejected = Instant::now();
    requests(&balance, 10).await;
    assert_eq!(first(&endpoints), Health::Ejected);
    for _ in 0..600 {
        sleep(Duration::from_millis(100)).await;
        assert_eq!(requests(&balance, 2).await, [Ok(1), Ok(1)], "no request is risked, after 30 s neither");
    }
    let dials = lab.dials_since(ejected);
    let waits: Vec<u64> = [0].iter().chain(&dials).zip(&dials).map(|(one, next)| next - one).collect();
    for (number, wait) in waits.iter().enumerate() {
        let due = (100 << number.min(4)).min(1_000);
        // Timers have a resolution of a millisecond.
        assert!((due * 4 / 5..=due + 2).contains(wait), "{number}: {waits:?}");
    }
    assert!(waits.len() > 55, "{waits:?}");
    assert!(waits.iter().skip(5).max() > waits.iter().skip(5).min(), "no jitter: {waits:?}");

    lab.turn(State::Well);
    assert!(until_back(&balance, &endpoints).await <= Duration::from_millis(1_020));
    assert_eq!(first(&endpoints), Health::Available);
    let dialled = lab.dials_since(ejected).len();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(lab.dials_since(ejected).len(), dialled, "dialled though it is back");
}

/// The goals for an upstream that restarts: back within a second, and at its full share after as long as it was away.
#[tokio::test(start_paused = true)]
async fn after_an_outage_of_two_seconds_it_has_its_share_within_five() {
    let lab = Lab::new();
    let (balance, endpoints) = lab.balance(outliers().slow_start(SlowStart::default()));
    tokio::spawn(endpoints.dial(Dials::new(), lab.dial()));
    lab.turn(State::Away);
    requests(&balance, 10).await;
    sleep(Duration::from_secs(2)).await;
    lab.turn(State::Well);
    let open = Instant::now();
    assert!(until_back(&balance, &endpoints).await <= Duration::from_millis(1_020));
    assert_eq!(first(&endpoints), Health::SlowStart);
    while first(&endpoints) == Health::SlowStart {
        sleep(Duration::from_millis(10)).await;
    }
    let warm = open.elapsed();
    assert!((Duration::from_secs(2)..Duration::from_secs(5)).contains(&warm), "{warm:?}");
}

#[tokio::test(start_paused = true)]
async fn other_ejections_stay_as_they_are() {
    let lab = Lab::new();
    let (balance, endpoints) = lab.balance(outliers());
    tokio::spawn(endpoints.dial(Dials::new(), lab.dial()));
    lab.turn(State::Broken);
    let ejected = Instant::now();
    requests(&balance, 10).await;
    lab.turn(State::Well);
    let back = until_back(&balance, &endpoints).await;
    assert!((27.0..=33.1).contains(&back.as_secs_f64()), "{back:?}");
    let dials = lab.dials_since(ejected);
    assert!(matches!(dials[..], [0..=2]), "one, to see whether anybody is there: {dials:?}");
}

/// A server that is killed breaks off its requests before any attempt to connect is refused.
#[tokio::test(start_paused = true)]
async fn one_that_broke_off_and_is_gone_is_dialled_too() {
    let lab = Lab::new();
    let (balance, endpoints) = lab.balance(outliers());
    tokio::spawn(endpoints.dial(Dials::new(), lab.dial()));
    lab.turn(State::Broken);
    requests(&balance, 10).await;
    lab.turn(State::Away);
    sleep(Duration::from_secs(2)).await;
    assert_eq!(first(&endpoints), Health::Ejected);
    lab.turn(State::Well);
    assert!(until_back(&balance, &endpoints).await <= Duration::from_millis(1_020));
}

/// Dials succeed and requests fail: the endpoint is ejected again and again, less and less often.
#[tokio::test(start_paused = true)]
async fn one_that_takes_dials_only_causes_no_storm() {
    let lab = Lab::new();
    let (balance, endpoints) = lab.balance(outliers());
    tokio::spawn(endpoints.dial(Dials::new(), lab.dial()));
    lab.turn(State::Treacherous);
    let from = Instant::now();
    let mut failed = Vec::new();
    while from.elapsed() < Duration::from_secs(20) {
        let answers = requests(&balance, 10).await;
        failed.extend(answers.iter().filter(|answer| answer.is_err()).map(|_| from.elapsed().as_millis()));
        sleep(Duration::from_millis(10)).await;
    }
    // Five failures each time, and that at most once a second in the end.
    let in_the_end = failed.iter().filter(|at| **at > 10_000).count();
    assert!((1..=65).contains(&in_the_end), "{in_the_end}: {failed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_dial_that_panics_or_hangs_has_failed_and_the_next_one_is_made() {
    for (state, wait) in [(State::Panics, 1), (State::Silent, 3)] {
        let lab = Lab::new();
        let (balance, endpoints) = lab.balance(outliers());
        let dials = Dials::new().timeout(Duration::from_secs(2));
        tokio::spawn(endpoints.dial(dials, lab.dial()));
        lab.turn(state);
        requests(&balance, 10).await;
        sleep(Duration::from_secs(10)).await;
        assert_eq!(first(&endpoints), Health::Ejected);
        assert!(lab.dials.lock().unwrap().len() >= 3, "{state:?}");
        lab.turn(State::Well);
        let back = until_back(&balance, &endpoints).await;
        assert!(back <= Duration::from_millis(wait * 1_000 + 20), "{state:?}: {back:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_dials_one_that_left_or_a_balancer_that_is_gone() {
    let lab = Lab::new();
    let (balance, endpoints) = lab.balance(outliers());
    let dialling = tokio::spawn(endpoints.dial(Dials::new(), lab.dial()));
    lab.turn(State::Away);
    requests(&balance, 10).await;
    sleep(Duration::from_secs(10)).await;
    let left = endpoints.snapshot().remove(0);
    endpoints.remove(&left);
    sleep(Duration::from_millis(1)).await;
    let dialled = lab.dials.lock().unwrap().len();
    sleep(Duration::from_secs(10)).await;
    assert_eq!(lab.dials.lock().unwrap().len(), dialled);
    assert_eq!(Arc::strong_count(&left), 1);
    drop((balance, endpoints));
    tokio::time::timeout(Duration::from_secs(1), dialling).await.unwrap().unwrap();
    let metrics = tokio::runtime::Handle::current().metrics();
    while metrics.num_alive_tasks() > 0 {
        tokio::task::yield_now().await;
    }
}

/// Once the dialling has stopped, a failure to connect ejects for a time, and a trial brings the endpoint back, as
/// without any dials.
#[tokio::test(start_paused = true)]
async fn once_nobody_dials_any_more_a_request_tries() {
    let lab = Lab::new();
    let (balance, endpoints) = lab.balance(outliers());
    let dialling = tokio::spawn(endpoints.dial(Dials::new(), lab.dial()));
    lab.turn(State::Away);
    requests(&balance, 10).await;
    sleep(Duration::from_secs(60)).await;
    assert!(requests(&balance, 10).await.iter().all(Result::is_ok));
    dialling.abort();
    assert!(dialling.await.unwrap_err().is_cancelled());
    let failed = requests(&balance, 10).await.iter().filter(|answer| answer.is_err()).count();
    assert_eq!(failed, 1, "its trial");
}
