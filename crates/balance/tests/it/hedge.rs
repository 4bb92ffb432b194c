//! Hedges: a second endpoint gets a request that the first one doesn't answer, and the first answer is taken.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use balance::{
    Backoff, Balance, BoxError, Budget, Clock, Endpoints, Entry, Hand, Health, Hedge, Limit, Outliers,
    PeakEwma, Retry, RetryRule, RoundRobin, Settings,
};
use tokio::time::{Instant, sleep, timeout};
use tower::{Service, ServiceExt};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What an endpoint does with every request, and how long that takes.
#[derive(Clone, Copy, Debug)]
enum Conduct {
    Answers(u64),
    Declines(u64),
    Breaks(u64),
    Hangs,
    /// It never becomes ready.
    NotReady,
}
use Conduct::{Answers, Breaks, Declines, Hangs, NotReady};

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

/// Only GETs may be sent twice, and what was declined is no answer.
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

/// An endpoint as strict as Tower allows: readiness is lost on `Clone`, and a call before it panics. It counts its calls
/// and those that were dropped before their end.
struct Strict {
    number: usize,
    conduct: Conduct,
    calls: Arc<AtomicU32>,
    dropped: Arc<AtomicU32>,
    was_ready: bool,
}

struct Running {
    dropped: Arc<AtomicU32>,
    is_over: bool,
}

impl Running {
    fn end(&mut self) {
        self.is_over = true;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.dropped.fetch_add(u32::from(!self.is_over), Ordering::Relaxed);
    }
}

impl Strict {
    fn new(number: usize, conduct: Conduct) -> Self {
        Self { number, conduct, calls: Arc::default(), dropped: Arc::default(), was_ready: false }
    }
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        let (calls, dropped) = (Arc::clone(&self.calls), Arc::clone(&self.dropped));
        Self { calls, dropped, was_ready: false, ..*self }
    }
}

impl Service<Method> for Strict {
    type Response = Answer;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.was_ready = !matches!(self.conduct, NotReady);
        if self.was_ready { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    fn call(&mut self, _: Method) -> Self::Future {
        assert!(std::mem::take(&mut self.was_ready), "called before it was ready");
        self.calls.fetch_add(1, Ordering::Relaxed);
        let mut running = Running { dropped: Arc::clone(&self.dropped), is_over: false };
        let (number, conduct) = (self.number, self.conduct);
        Box::pin(async move {
            let result = match conduct {
                Answers(takes) => after(takes, Ok(Answer::By(number))).await,
                Declines(takes) => after(takes, Ok(Answer::Declined(number))).await,
                Breaks(takes) => after(takes, Err("broken".into())).await,
                Hangs | NotReady => std::future::pending().await,
            };
            running.end();
            result
        })
    }
}

async fn after(millis: u64, result: Result<Answer, BoxError>) -> Result<Answer, BoxError> {
    sleep(ms(millis)).await;
    result
}

/// Endpoints that are used in turn, and a clock that stands still.
struct Lab {
    services: Vec<Strict>,
    settings: Settings,
    hand: Hand,
}

impl Lab {
    fn of(conduct: &[Conduct]) -> Self {
        let (clock, hand) = Clock::by_hand();
        let services = conduct.iter().enumerate().map(|(number, conduct)| Strict::new(number, *conduct));
        Self { services: services.collect(), settings: Settings::new().clock(clock), hand }
    }

    fn balance(&self) -> Balance<Strict> {
        let entries = self.services.iter().cloned().map(Entry::new);
        Balance::with(self.settings.clone(), RoundRobin::new(), entries)
    }

    fn sent(&self) -> Vec<u32> {
        self.services.iter().map(|service| service.calls.load(Ordering::Relaxed)).collect()
    }

    fn dropped(&self) -> Vec<u32> {
        self.services.iter().map(|service| service.dropped.load(Ordering::Relaxed)).collect()
    }
}

fn in_flight(endpoints: &Endpoints<Strict>) -> Vec<u64> {
    endpoints.snapshot().iter().map(|endpoint| endpoint.in_flight()).collect()
}

fn failures(endpoints: &Endpoints<Strict>) -> Vec<u64> {
    endpoints.snapshot().iter().map(|endpoint| endpoint.failures()).collect()
}

/// Each row: what the endpoints do, the method; who is sent the request, whose call is dropped, whose failure it is, the
/// answer, and after how many milliseconds it comes. Requests are hedged after 100 ms.
#[tokio::test(start_paused = true)]
async fn who_is_sent_what() {
    type Row =
        (&'static [Conduct], Method, &'static [u32], &'static [u32], &'static [u64], Option<Answer>, u64);
    let rows: [Row; 14] = [
        (&[Answers(99), Hangs], Get, &[1, 0], &[0, 0], &[0, 0], Some(Answer::By(0)), 99),
        (&[Hangs, Answers(30)], Get, &[1, 1], &[1, 0], &[0, 0], Some(Answer::By(1)), 130),
        (&[Answers(120), Answers(30)], Get, &[1, 1], &[0, 1], &[0, 0], Some(Answer::By(0)), 120),
        (&[Answers(500), Answers(30)], Post, &[1, 0], &[0, 0], &[0, 0], Some(Answer::By(0)), 500),
        // A failure before it is time stays one: that is for retries.
        (&[Breaks(50), Answers(0)], Get, &[1, 0], &[0, 0], &[1, 0], None, 50),
        // The one that fails is left to the other.
        (&[Breaks(150), Answers(100)], Get, &[1, 1], &[0, 0], &[1, 0], Some(Answer::By(1)), 200),
        (&[Declines(150), Answers(100)], Get, &[1, 1], &[0, 0], &[0, 0], Some(Answer::By(1)), 200),
        (&[Answers(300), Breaks(100)], Get, &[1, 1], &[0, 0], &[0, 1], Some(Answer::By(0)), 300),
        (&[Answers(300), Declines(100)], Get, &[1, 1], &[0, 0], &[0, 0], Some(Answer::By(0)), 300),
        (&[Breaks(150), Declines(100)], Get, &[1, 1], &[0, 0], &[1, 0], Some(Answer::Declined(1)), 200),
        (&[Breaks(150), Breaks(10)], Get, &[1, 1], &[0, 0], &[1, 1], None, 150),
        // Never a third, and never the same endpoint.
        (
            &[Answers(900), Hangs, Answers(0)],
            Get,
            &[1, 1, 0],
            &[0, 1, 0],
            &[0, 0, 0],
            Some(Answer::By(0)),
            900,
        ),
        (&[Answers(300)], Get, &[1], &[0], &[0], Some(Answer::By(0)), 300),
        // One that isn't ready is passed over, and nobody is waited for.
        (&[Answers(300), NotReady], Get, &[1, 0], &[0, 0], &[0, 0], Some(Answer::By(0)), 300),
    ];
    for (conduct, method, sent, dropped, failed, answer, millis) in rows {
        let lab = Lab::of(conduct);
        let balance = lab.balance().hedge(Hedge::after(ms(100), SafeOnes));
        let (begun, endpoints) = (Instant::now(), balance.endpoints());
        let got = balance.oneshot(method).await;
        let row = format!("{conduct:?}, {method:?}: {got:?}");
        assert_eq!(got.ok(), answer, "{row}");
        assert!(
            (millis..millis + 3).contains(&(begun.elapsed().as_millis() as u64)),
            "{:?} {row}",
            begun.elapsed()
        );
        assert_eq!((lab.sent(), lab.dropped()), (sent.to_vec(), dropped.to_vec()), "{row}");
        assert_eq!(failures(&endpoints), failed, "{row}");
        assert_eq!(in_flight(&endpoints), vec![0; conduct.len()], "{row}");
        assert_eq!(endpoints.hedges(), u64::from(sent.iter().sum::<u32>() > 1), "{row}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_nobody_takes_costs_nothing_of_the_budget() {
    let lab = Lab::of(&[Answers(300), NotReady]);
    let balance = lab.balance().hedge(Hedge::after(ms(10), SafeOnes));
    let before = balance.hedges_left();
    for _ in 0..20 {
        assert!(balance.clone().oneshot(Get).await.is_ok());
    }
    assert!(balance.hedges_left() >= before);
    assert_eq!(balance.endpoints().hedges(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_first_call_is_dropped_at_once_and_says_nothing_about_its_endpoint() {
    let lab = Lab::of(&[Hangs, Answers(1)]);
    let outliers = Outliers::new().consecutive(1);
    let balance = Balance::with(
        lab.settings.clone().outliers(outliers),
        RoundRobin::new(),
        lab.services.iter().cloned().map(Entry::new),
    )
    .hedge(Hedge::after(ms(10), SafeOnes));
    let endpoints = balance.endpoints();
    let mut asked = Box::pin(balance.oneshot(Get));
    // The future is still there when these are looked at.
    assert_eq!((&mut asked).await.unwrap(), Answer::By(1));
    assert_eq!((lab.dropped(), in_flight(&endpoints)), (vec![1, 0], vec![0, 0]));
    assert_eq!(endpoints.snapshot()[0].health(), Health::Available);
    assert_eq!((endpoints.hedges(), endpoints.hedges_won(), endpoints.retries()), (1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_ends_both_calls() {
    let lab = Lab::of(&[Hangs, Hangs]);
    let balance = lab.balance().hedge(Hedge::after(ms(10), SafeOnes));
    let endpoints = balance.endpoints();
    assert!(timeout(ms(1_000), balance.oneshot(Get)).await.is_err());
    assert_eq!((lab.sent(), lab.dropped()), (vec![1, 1], vec![1, 1]));
    assert_eq!((in_flight(&endpoints), failures(&endpoints)), (vec![0, 0], vec![0, 0]));
}

#[tokio::test(start_paused = true)]
async fn a_full_or_ejected_endpoint_gets_no_second_request() {
    let full = Lab::of(&[Answers(500), Answers(500)]);
    let limit = Limit::new(std::num::NonZeroU32::MIN);
    let services = full.services.iter().cloned().map(Entry::new);
    let balance = Balance::with(full.settings.clone().limit(limit), RoundRobin::new(), services)
        .hedge(Hedge::after(ms(10), SafeOnes));
    let both = tokio::join!(balance.clone().oneshot(Get), balance.oneshot(Get));
    assert!(both.0.is_ok() && both.1.is_ok());
    assert_eq!(full.sent(), [1, 1]);

    let ejected = Lab::of(&[Answers(500), Answers(500)]);
    let balance = ejected.balance().hedge(Hedge::after(ms(10), SafeOnes));
    let endpoints = balance.endpoints();
    assert!(endpoints.eject(&endpoints.snapshot()[1], ms(60_000)));
    balance.oneshot(Get).await.unwrap();
    assert_eq!(ejected.sent(), [1, 0]);
}

#[tokio::test(start_paused = true)]
async fn hedges_end_with_their_budget_and_come_back_with_requests() {
    let lab = Lab::of(&[Answers(100), Answers(100)]);
    let budget = Budget::new().percent(5).min_per_second(0);
    let balance = lab.balance().hedge(Hedge::after(ms(10), SafeOnes).budget(budget));
    for _ in 0..100 {
        balance.clone().oneshot(Get).await.unwrap();
    }
    assert_eq!(balance.endpoints().hedges(), 5);
    assert_eq!(balance.hedges_left(), Some(0));
    assert_eq!(lab.sent().iter().sum::<u32>(), 105);
}

#[tokio::test(start_paused = true)]
async fn the_percentile_of_the_pool_s_answers_says_when() {
    let lab = Lab::of(&[Answers(20), Answers(20)]);
    let balance = lab.balance().hedge(Hedge::after_percentile(95, SafeOnes));
    // The balancer's clock stands still unless it is moved as the timers' is.
    let one = async |request| {
        let begun = Instant::now();
        let mut asked = Box::pin(balance.clone().oneshot(request));
        loop {
            tokio::select! {
                biased;
                answer = &mut asked => break (answer.unwrap(), begun.elapsed()),
                () = sleep(ms(1)) => lab.hand.advance(ms(1)),
            }
        }
    };
    for _ in 0..200 {
        one(Get).await;
    }
    assert_eq!(balance.endpoints().hedges(), 0, "nothing is known yet");
    lab.hand.advance(ms(2_000));
    one(Get).await;
    balance.endpoints().insert(Strict::new(2, Answers(2_000)));
    let mut took = Vec::new();
    for _ in 0..3 {
        let (answer, time) = one(Get).await;
        assert_ne!(answer, Answer::By(2));
        took.push(time.as_millis());
    }
    took.sort_unstable();
    // 95 in 100 answers came within 20 ms, and buckets are an eighth wide.
    assert!(took[2] > 38 && took[2] < 50, "{took:?}");
    assert_eq!(balance.endpoints().hedges_won(), 1);
    // A POST doesn't count, and isn't hedged.
    let longest = [one(Post).await.1, one(Post).await.1, one(Post).await.1].into_iter().max().unwrap();
    assert!(longest >= ms(2_000));
}

/// The first has failed, its hedge too: what is left is a retry, at a third endpoint.
#[tokio::test(start_paused = true)]
async fn a_request_that_fails_twice_is_retried_elsewhere() {
    let lab = Lab::of(&[Breaks(50), Declines(50), Answers(5)]);
    let retry = Retry::new(SafeOnes).backoff(Backoff::new().base(Duration::ZERO));
    let balance = lab.balance().retry(retry).hedge(Hedge::after(ms(20), SafeOnes));
    let endpoints = balance.endpoints();
    assert_eq!(balance.oneshot(Get).await.unwrap(), Answer::By(2));
    assert_eq!(lab.sent(), [1, 1, 1]);
    assert_eq!((endpoints.hedges(), endpoints.hedges_won(), endpoints.retries()), (1, 0, 1));
}

/// The first is given up after its time; the second has the request already, so no retry is spent.
#[tokio::test(start_paused = true)]
async fn one_that_is_given_up_leaves_the_request_to_its_hedge() {
    let lab = Lab::of(&[Hangs, Answers(200), Answers(0)]);
    let retry = Retry::new(SafeOnes).per_try_timeout(ms(150));
    let balance = lab.balance().retry(retry).hedge(Hedge::after(ms(50), SafeOnes));
    let (begun, endpoints) = (Instant::now(), balance.endpoints());
    // The second is given up as well, and the retry answers.
    assert_eq!(balance.clone().oneshot(Get).await.unwrap(), Answer::By(2));
    assert!((200..230).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    assert_eq!((lab.sent(), failures(&endpoints)), (vec![1, 1, 1], vec![1, 1, 0]));
    assert_eq!((endpoints.hedges(), endpoints.retries()), (1, 1));
}

/// Peak EWMA measures both calls. The one that was dropped would have taken longer, and doesn't look fast.
#[tokio::test(start_paused = true)]
async fn a_dropped_call_doesn_t_make_its_endpoint_look_fast() {
    let services = [Strict::new(0, Hangs), Strict::new(1, Answers(10))];
    let balance =
        Balance::new(PeakEwma::new(), services.map(Entry::new)).hedge(Hedge::after(ms(100), SafeOnes));
    let (clock, endpoints) = (Clock::new(), balance.endpoints());
    for _ in 0..2 {
        assert_eq!(balance.clone().oneshot(Get).await.unwrap(), Answer::By(1));
    }
    let [slow, fast] = [0, 1].map(|index: usize| endpoints.snapshot()[index].latency(clock.now()));
    assert!(slow > fast || slow.is_none(), "{slow:?} {fast:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_hedge_nothing_changes() {
    let lab = Lab::of(&[Answers(500), Answers(0)]);
    let balance = lab.balance().hedge(None::<Hedge<SafeOnes>>);
    assert_eq!(balance.clone().oneshot(Get).await.unwrap(), Answer::By(0));
    assert_eq!((lab.sent(), balance.hedges_left()), (vec![1, 0], None));
}
