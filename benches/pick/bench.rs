//! The cost of one pick, by each policy, and of one whole request, against the number of endpoints and of threads.
//!
//! `cargo bench -p pick`
#![allow(missing_docs, reason = "criterion's macros")]

use std::{
    future::{Ready, ready},
    hint::black_box,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use balance::{Balance, BoxError, Endpoints, Hash, Key, LeastLoaded, PeakEwma, Policy, Random, RoundRobin};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use tower::Service;

const ENDPOINTS: [usize; 4] = [2, 10, 1_000, 10_000];
const THREADS: [u64; 2] = [1, 2];

/// A service that answers with its number.
#[derive(Clone)]
struct Numbered(usize);

impl Service<()> for Numbered {
    type Response = usize;
    type Error = BoxError;
    type Future = Ready<Result<usize, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, (): ()) -> Self::Future {
        ready(Ok(self.0))
    }
}

fn now<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// The first idea: the list and its position behind a mutex.
struct Mutexed(Mutex<(usize, Vec<Arc<Numbered>>)>);

impl Mutexed {
    fn new(endpoints: usize) -> Self {
        Self(Mutex::new((0, numbered(endpoints))))
    }

    fn pick(&self) -> Option<Arc<Numbered>> {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (cursor, list) = &mut *guard;
        *cursor = cursor.wrapping_add(1);
        list.get(*cursor % list.len()).cloned()
    }
}

/// The second idea: the list behind a reader-writer lock, and an atomic position.
struct ReadLocked(RwLock<Vec<Arc<Numbered>>>, AtomicUsize);

impl ReadLocked {
    fn new(endpoints: usize) -> Self {
        Self(RwLock::new(numbered(endpoints)), AtomicUsize::new(0))
    }

    fn pick(&self) -> Option<Arc<Numbered>> {
        let list = self.0.read().unwrap_or_else(PoisonError::into_inner);
        list.get(self.1.fetch_add(1, Ordering::Relaxed) % list.len()).cloned()
    }
}

fn numbered(endpoints: usize) -> Vec<Arc<Numbered>> {
    (0..endpoints).map(|number| Arc::new(Numbered(number))).collect()
}

/// How long `threads` threads take that each run `operation` `times` times, all at once.
fn all_at_once(threads: u64, times: u64, operation: impl Fn() + Sync) -> Duration {
    let run = || (0..times).for_each(|_| operation());
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(run);
        }
        run();
    });
    start.elapsed()
}

fn measure(criterion: &mut Criterion, name: &str, prepare: impl Fn(usize) -> Box<dyn Fn() + Sync>) {
    for threads in THREADS {
        let mut group = criterion.benchmark_group(format!("{name}/{threads} threads"));
        for endpoints in ENDPOINTS {
            let operation = prepare(endpoints);
            group.bench_function(BenchmarkId::from_parameter(endpoints), |bencher| {
                bencher.iter_custom(|times| all_at_once(threads, times, &operation));
            });
        }
        group.finish();
    }
}

fn pick(criterion: &mut Criterion) {
    measure(criterion, "pick/balance", |endpoints| {
        let balance = Balance::round_robin((0..endpoints).map(Numbered));
        Box::new(move || drop(black_box(balance.pick(&()))))
    });
    measure(criterion, "pick/mutex", |endpoints| {
        let list = Mutexed::new(endpoints);
        Box::new(move || drop(black_box(list.pick())))
    });
    measure(criterion, "pick/rwlock", |endpoints| {
        let list = ReadLocked::new(endpoints);
        Box::new(move || drop(black_box(list.pick())))
    });
}

/// Endpoints of weights 1, 2 and 3, none of which is easier for one policy than for another.
fn weighted<P>(policy: P, endpoints: usize) -> Balance<Numbered, P> {
    Balance::new(policy, (0..endpoints).map(|number| (Numbered(number), 1 + (number % 3) as u16)))
}

fn by_each_policy(criterion: &mut Criterion) {
    by(criterion, "round robin", RoundRobin::new());
    by(criterion, "weighted random", Random::new());
    by(criterion, "least loaded", LeastLoaded::new());
    by(criterion, "peak ewma", PeakEwma::new());
    by(criterion, "hash", Hash::by(|(): &()| Key::of("alice")));
}

fn by<P: Policy<()> + Clone + Send + Sync + 'static>(criterion: &mut Criterion, name: &str, policy: P) {
    measure(criterion, &format!("policy/{name}"), |endpoints| {
        let balance = weighted(policy.clone(), endpoints);
        Box::new(move || drop(black_box(balance.pick(&()))))
    });
    for threads in THREADS {
        let mut group = criterion.benchmark_group(format!("changing/{name}/{threads} threads"));
        for endpoints in ENDPOINTS.into_iter().filter(|&endpoints| endpoints <= 1_000) {
            let balance = weighted(policy.clone(), endpoints);
            group.bench_function(BenchmarkId::from_parameter(endpoints), |bencher| {
                let pick = || drop(black_box(balance.pick(&())));
                bencher.iter_custom(|times| {
                    while_changing(&balance.endpoints(), || all_at_once(threads, times, pick))
                });
            });
        }
        group.finish();
    }
}

/// Runs `operation` while another thread changes the set about 1,000 times a second.
fn while_changing<T>(endpoints: &Endpoints<Numbered>, operation: impl FnOnce() -> T) -> T {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                let inserted = endpoints.insert(Numbered(0));
                std::thread::sleep(Duration::from_millis(1));
                endpoints.remove(&inserted);
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let result = operation();
        is_over.store(true, Ordering::Relaxed);
        result
    })
}

/// The least that exact turns can cost: one counter that all threads share.
fn floor(criterion: &mut Criterion) {
    for threads in THREADS {
        let counter = AtomicUsize::new(0);
        let count = || {
            black_box(counter.fetch_add(1, Ordering::Relaxed));
        };
        criterion.bench_function(&format!("floor/a shared counter/{threads} threads"), |bencher| {
            bencher.iter_custom(|times| all_at_once(threads, times, count));
        });
    }
}

/// From `call` to the answer of a service that costs nothing: pick, readiness, counters.
fn request(criterion: &mut Criterion) {
    measure(criterion, "request/balance", |endpoints| {
        let balance = Balance::round_robin((0..endpoints).map(Numbered));
        Box::new(move || drop(black_box(now(balance.clone().call(())))))
    });
}

criterion_group!(benches, floor, pick, by_each_policy, request);
criterion_main!(benches);
