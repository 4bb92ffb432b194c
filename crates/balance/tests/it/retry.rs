//! Retries: by rule, at another endpoint, after a while, and only within the budget.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use balance::{
    Backoff, Balance, BoxError, Budget, Clock, Hand, Health, Outcome, Outliers, Retry, RetryRule, RoundRobin,
    Settings,
};
use tokio::time::{Instant, sleep};
use tower::{Service, ServiceExt, service_fn};

/// What an upstream does with every request. It counts them.
#[derive(Clone, Copy, Debug)]
enum Conduct {
    Answers,
    /// Answers that it cannot serve the request.
    Declines,
    Breaks,
    Hangs,
}
use Conduct::{Answers, Breaks, Declines, Hangs};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Method {
    Get,
    Post,
}
use Method::{Get, Post};

#[derive(Debug, PartialEq)]
enum Answer {
    By(usize),
    Declined(usize),
}

/// A rule that repeats GETs that were declined or broke off.
#[derive(Clone, Copy)]
struct SafeOnes;

impl RetryRule<Method, Answer, BoxError> for SafeOnes {
    fn copy(&self, request: &Method) -> Option<Method> {
        (*request == Get).then_some(Get)
    }

    fn is_retryable(&self, result: Result<&Answer, &BoxError>) -> bool {
        !matches!(result, Ok(Answer::By(_)))
    }
}

struct Lab {
    counts: Vec<Arc<AtomicU32>>,
    hand: Hand,
}

impl Lab {
    fn sent(&self) -> Vec<u32> {
        self.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect()
    }
}

fn lab(
    conduct: &[Conduct],
    retry: Retry<SafeOnes>,
) -> (impl Service<Method, Response = Answer, Error = BoxError> + Clone + use<>, Lab) {
    let counts: Vec<_> = conduct.iter().map(|_| Arc::new(AtomicU32::new(0))).collect();
    let services: Vec<_> = conduct
        .iter()
        .zip(&counts)
        .enumerate()
        .map(|(number, (&conduct, count))| {
            let count = Arc::clone(count);
            let service = service_fn(move |_: Method| {
                count.fetch_add(1, Ordering::Relaxed);
                async move {
                    match conduct {
                        Answers => Ok(Answer::By(number)),
                        Declines => Ok(Answer::Declined(number)),
                        Breaks => Err(BoxError::from("broken")),
                        Hangs => std::future::pending().await,
                    }
                }
            });
            (service, 1)
        })
        .collect();
    let (clock, hand) = Clock::by_hand();
    let balance = Balance::with(Settings::new().clock(clock), RoundRobin::new(), services).retry(retry);
    (balance, Lab { counts, hand })
}

fn at_once() -> Retry<SafeOnes> {
    Retry::new(SafeOnes).backoff(Backoff::new().base(Duration::ZERO))
}

/// Each row: what the upstreams do, the method, how many retries; which upstreams got it, and whether it succeeded.
#[tokio::test(start_paused = true)]
async fn who_is_sent_what() {
    type Row = (&'static [Conduct], Method, u32, &'static [u32], bool);
    let rows: [Row; 10] = [
        (&[Answers, Answers], Get, 1, &[1, 0], true),
        (&[Declines, Answers], Get, 1, &[1, 1], true),
        (&[Breaks, Answers], Get, 1, &[1, 1], true),
        (&[Declines, Answers], Post, 1, &[1, 0], false),
        (&[Breaks, Answers], Post, 1, &[1, 0], false),
        (&[Breaks, Answers], Get, 0, &[1, 0], false),
        (&[Breaks, Breaks, Answers], Get, 1, &[1, 1, 0], false),
        (&[Breaks, Breaks, Answers], Get, 2, &[1, 1, 1], true),
        // Never the same endpoint twice, however many retries are left.
        (&[Breaks], Get, 5, &[1], false),
        (&[Breaks, Declines], Get, 5, &[1, 1], false),
    ];
    for (conduct, method, attempts, sent, is_well) in rows {
        let (balance, lab) = lab(conduct, at_once().attempts(attempts));
        let answer = balance.oneshot(method).await;
        let row = format!("{conduct:?}, {method:?}, {attempts}: {answer:?}");
        assert_eq!(lab.sent(), sent, "{row}");
        assert_eq!(matches!(answer, Ok(Answer::By(_))), is_well, "{row}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_keeps_a_get_waiting_is_left_and_blamed_but_never_for_a_post() {
    let retry = at_once().per_try_timeout(Duration::from_millis(500));
    let (balance, lab) = lab(&[Hangs, Answers], retry);
    let begun = Instant::now();
    assert_eq!(balance.clone().oneshot(Get).await.unwrap(), Answer::By(1));
    assert!((500..510).contains(&begun.elapsed().as_millis()));
    assert_eq!(lab.sent(), [1, 1]);
    let hours = Duration::from_secs(7200);
    assert!(tokio::time::timeout(hours, balance.oneshot(Post)).await.is_err(), "a POST only waits");
    assert_eq!(lab.sent(), [2, 1]);
}

/// A slow endpoint is better than an ejected one; here the other one is broken.
#[tokio::test(start_paused = true)]
async fn one_that_takes_long_is_not_left_for_one_that_is_ejected() {
    let services = [Duration::ZERO, Duration::from_secs(3)].map(|takes| {
        let service = service_fn(move |_: Method| async move {
            sleep(takes).await;
            if takes.is_zero() { Err(BoxError::from("broken")) } else { Ok(Answer::By(1)) }
        });
        (service, 1)
    });
    let outliers = Outliers::new().consecutive(1);
    let balance = Balance::with(Settings::new().outliers(outliers), RoundRobin::new(), services);
    assert!(balance.clone().oneshot(Post).await.is_err());
    let first = balance.endpoints().snapshot().remove(0);
    assert_eq!(first.health(), Health::Ejected);
    let retrying = balance.retry(at_once().per_try_timeout(Duration::from_secs(1)));
    assert_eq!(retrying.oneshot(Get).await.unwrap(), Answer::By(1));
    assert_eq!(first.requests(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_last_one_is_waited_for() {
    let slow = service_fn(async |_: Method| {
        sleep(Duration::from_secs(3)).await;
        Ok::<_, BoxError>(Answer::By(0))
    });
    let retry = at_once().attempts(3).per_try_timeout(Duration::from_secs(1));
    let balance = Balance::round_robin([slow, slow]).retry(retry);
    let begun = Instant::now();
    assert_eq!(balance.oneshot(Get).await.unwrap(), Answer::By(0));
    assert_eq!(begun.elapsed().as_secs(), 4);
}

#[tokio::test(start_paused = true)]
async fn retries_end_with_the_budget_and_return_with_time() {
    let budget = Budget::new().percent(0).min_per_second(1).window(Duration::from_secs(10));
    let (balance, lab) = lab(&[Breaks, Answers], at_once().budget(budget));
    let mut retried = 0;
    for _ in 0..100 {
        retried += u32::from(balance.clone().oneshot(Get).await.is_ok_and(|_| lab.sent()[0] > 0));
    }
    // Half of the requests begin at the endpoint that answers.
    let (first, second) = (lab.sent()[0], lab.sent()[1]);
    assert!(
        (9..=10).contains(&(first + second - 100)),
        "{first} and {second} were sent for 100 requests, {retried}"
    );
    lab.hand.advance(Duration::from_secs(2));
    for _ in 0..10 {
        drop(balance.clone().oneshot(Get).await);
    }
    let more = lab.sent()[0] + lab.sent()[1] - first - second - 10;
    assert!((1..=2).contains(&more), "{more}");
}

#[tokio::test(start_paused = true)]
async fn it_waits_before_a_retry_and_not_before_a_failover() {
    let backoff = Backoff::new().base(Duration::from_millis(200)).cap(Duration::from_millis(200));
    let retry = Retry::new(SafeOnes).backoff(backoff).budget(Budget::new().min_per_second(1000));
    let (balance, _) = lab(&[Breaks, Answers], retry);
    let begun = Instant::now();
    let mut longest = Duration::ZERO;
    for _ in 0..100 {
        let begun = Instant::now();
        balance.clone().oneshot(Get).await.unwrap();
        longest = longest.max(begun.elapsed());
    }
    // Every request begins at the broken endpoint, because its retry uses up the turn of the other; each waits 0 to 200
    // ms.
    assert!((7_500..12_500).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    assert!(longest <= Duration::from_millis(202), "{longest:?}");
}

/// The caller's own classifier decides what counts against an endpoint.
#[tokio::test]
async fn failures_are_what_the_classifier_says() {
    let by_answer = |result: Result<&Answer, &BoxError>| match result {
        Ok(Answer::By(_)) => Outcome::Success,
        Ok(Answer::Declined(_)) => Outcome::Failure,
        Err(_) => Outcome::Neutral,
    };
    let service = service_fn(async |request: Method| match request {
        Get => Ok::<_, BoxError>(Answer::Declined(0)),
        Post => Err("the client left".into()),
    });
    let balance = Balance::round_robin([service]).completion(balance::OnResponse::judged_by(by_answer));
    let endpoint = Arc::clone(&balance.endpoints().snapshot()[0]);
    for (request, failures) in [(Get, 1), (Post, 1), (Get, 2)] {
        drop(balance.clone().oneshot(request).await);
        assert_eq!(endpoint.failures(), failures, "{request:?}");
    }
}
