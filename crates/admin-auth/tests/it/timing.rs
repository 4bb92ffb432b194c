//! Does the time that a refusal takes reveal how much of a token was right? By the method of dudect: two classes of
//! wrong tokens in random order, and Welch's t-test over their times.
//!
//! Ignored by default, because it measures the machine as much as the code. On an idle one:
//! `cargo test --release -p admin-auth --test it timing -- --ignored --nocapture`

use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Instant;

use admin_auth::{AdminAuthLayer, AdminToken};
use http::{HeaderValue, Request, Response};
use tower::{Layer, Service, service_fn};

const SECRET: &str = "0123456789abcdefghijklmnopqrstuv";
const SAMPLES: usize = 2_000_000;
/// The threshold of dudect: above it, the classes differ.
const LIMIT: f64 = 4.5;

#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Welford's running mean and sum of squared deviations.
    fn add(&mut self, sample: f64) {
        self.count += 1.0;
        let delta = sample - self.mean;
        self.mean += delta / self.count;
        self.squares += delta * (sample - self.mean);
    }

    fn variance_of_mean(self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

fn welch_t(a: Moments, b: Moments) -> f64 {
    (a.mean - b.mean) / (a.variance_of_mean() + b.variance_of_mean()).sqrt()
}

/// A token of the secret's length that differs from it only in its last byte, or nearly everywhere.
fn wrong_token(nearly_right: bool, random: u64) -> HeaderValue {
    let mut token = [0; SECRET.len()];
    for (n, byte) in token.iter_mut().enumerate() {
        *byte = b'A' + (random.rotate_left(n as u32 * 2) % 26) as u8;
    }
    if nearly_right {
        let last = SECRET.len() - 1;
        token[..last].copy_from_slice(&SECRET.as_bytes()[..last]);
    }
    HeaderValue::from_bytes(&token).unwrap()
}

#[test]
#[ignore = "a measurement: see the top of the file"]
fn a_nearly_right_token_takes_no_other_time() {
    let inner = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(String::new())));
    let mut gate = AdminAuthLayer::new(AdminToken::new(SECRET).unwrap()).layer(inner);
    let mut time = |token: HeaderValue| {
        let mut request = Request::new(());
        request.headers_mut().insert("x-admin-token", token);
        let start = Instant::now();
        let mut future = pin!(gate.call(black_box(request)));
        let answer = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let elapsed = start.elapsed();
        assert!(black_box(answer).is_ready());
        elapsed.as_nanos() as f64
    };

    let random = RandomState::new();
    let samples: Vec<(bool, f64)> = (0..SAMPLES)
        .map(|n| {
            let random = random.hash_one(n);
            let nearly_right = random & 1 == 1;
            (nearly_right, time(wrong_token(nearly_right, random >> 1)))
        })
        .collect();

    // The longest times come from interrupts of the machine, so the statistic is computed without them too, as dudect
    // does.
    let mut sorted: Vec<f64> = samples.iter().map(|(_, elapsed)| *elapsed).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    for percent in [50, 90, 99] {
        let longest = sorted[SAMPLES * percent / 100];
        let mut classes = [Moments::default(); 2];
        for (nearly_right, elapsed) in samples.iter().filter(|(_, elapsed)| *elapsed <= longest) {
            classes[usize::from(*nearly_right)].add(*elapsed);
        }
        let t = welch_t(classes[0], classes[1]);
        let [random, nearly_right] = classes.map(|class| class.mean);
        println!("fastest {percent} %: random {random:.1} ns, nearly right {nearly_right:.1} ns, t = {t:.2}");
        assert!(t.abs() < LIMIT, "t = {t}");
    }
}

#[test]
fn the_statistic_tells_classes_apart() {
    let class = |offset: f64| {
        let mut moments = Moments::default();
        (0..10_000).for_each(|n| moments.add(offset + f64::from(n % 100)));
        moments
    };
    assert!(welch_t(class(0.0), class(0.5)).abs() < LIMIT);
    assert!(welch_t(class(0.0), class(5.0)).abs() > LIMIT);
}
