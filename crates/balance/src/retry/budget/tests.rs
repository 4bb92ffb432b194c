use std::sync::Barrier;

use proptest::prelude::*;

use super::*;

const TICK: Duration = Duration::from_millis(100);

fn at(millis: u64) -> Moment {
    Moment::default() + Duration::from_millis(millis)
}

/// How many retries in a row it allows.
fn drain(budget: &Budget, now: Moment) -> u64 {
    (0..).take_while(|_| budget.withdraw(now)).count() as u64
}

fn request(budget: &Budget, requests: usize, now: Moment) {
    (0..requests).for_each(|_| budget.deposit(now));
}

fn stored(budget: &Budget) -> u64 {
    Purse::unpacked(budget.purse.load(Ordering::Relaxed)).tokens
}

const YEAR: Duration = Duration::from_secs(31_556_952);

#[test]
fn begins_with_the_minimum_s_reserve() {
    let usual = Budget::new;
    for (budget, retries) in [
        (usual(), 30),
        (usual().min_per_second(0), 0),
        (usual().window(Duration::from_secs(5)), 15),
        (usual().window(Duration::ZERO), 6),
        (usual().window(Duration::MAX), 180),
        (usual().percent(u32::MAX), 30),
        (usual().min_per_second(u32::MAX).window(Duration::MAX), 268_435),
    ] {
        for idle in [Duration::ZERO, TICK, YEAR, 20 * YEAR, 500 * YEAR, Duration::MAX] {
            assert_eq!(
                drain(&budget.clone(), Moment::default() + idle),
                retries,
                "{budget:?} after {idle:?}"
            );
        }
    }
}

#[test]
fn each_request_adds_its_share() {
    for (percent, requests, retries) in
        [(20, 4, 0), (20, 5, 1), (20, 1_000, 200), (0, 1_000, 0), (250, 4, 10)]
    {
        let budget = Budget::new().min_per_second(0).percent(percent);
        request(&budget, requests, at(0));
        assert_eq!(drain(&budget, at(0)), retries, "{percent} % of {requests}");
    }
}

#[test]
fn what_is_unused_fades() {
    // 1,000 are stored. After one window 36.6 % of them are left (0.99^100), after two 13.4 %.
    for (millis, retries) in
        [(0, 1_000), (99, 1_000), (100, 990), (10_000, 366), (20_000, 133), (1_000_000_000, 0)]
    {
        let budget = Budget::new().min_per_second(0);
        request(&budget, 5_000, at(0));
        assert_eq!(drain(&budget, at(millis)), retries, "after {millis} ms");
    }
}

/// The minimum, less what fades of the retry that is being saved up. That is the most where a window stores hardly
/// more than one retry.
#[test]
fn a_spent_budget_grants_the_minimum_each_second() {
    let usual = Budget::new;
    for (budget, least, most) in [
        (usual(), 175, 180),
        (usual().min_per_second(100), 5_995, 6_000),
        (usual().min_per_second(1), 55, 60),
        (usual().min_per_second(1).window(Duration::ZERO), 40, 60),
        (usual().min_per_second(0), 0, 0),
    ] {
        drain(&budget, at(0));
        let granted: u64 = (1..=600).map(|tick| drain(&budget, at(tick * 100))).sum();
        assert!((least..=most).contains(&granted), "{budget:?} granted {granted} in a minute");
    }
}

#[test]
fn a_steady_pool_has_stored_a_window_s_worth() {
    let budget = Budget::new();
    // 100 requests a second for 100 s.
    for tick in 0..1_000 {
        request(&budget, 10, at(tick * 100));
    }
    // A fifth of the last 1,000, and 30 of the minimum.
    assert_eq!(drain(&budget, at(99_900)), 229);
}

#[test]
fn nothing_overflows() {
    let budget = Budget::new().percent(u32::MAX).min_per_second(u32::MAX).window(Duration::MAX);
    let ages = [Duration::ZERO, YEAR, 21 * YEAR, 22 * YEAR, 584 * YEAR, Duration::MAX];
    for now in ages.map(|age| Moment::default() + age) {
        request(&budget, 3, now);
        assert_eq!(stored(&budget), MOST_TOKENS);
        assert_eq!(drain(&budget, now), 268_435);
    }
}

#[test]
fn a_clock_read_late_changes_nothing() {
    let budget = Budget::new();
    request(&budget, 1_000, at(50_000));
    let before = stored(&budget);
    assert!(budget.withdraw(at(0)));
    assert_eq!(stored(&budget), before - TOKEN);
    budget.deposit(at(50_000));
    assert_eq!(stored(&budget), before - TOKEN + 200, "no tick is lived through twice");
}

#[test]
fn a_clone_begins_anew() {
    let budget = Budget::new().percent(50);
    drain(&budget, at(0));
    let clone = budget.clone();
    assert_eq!((drain(&budget, at(0)), drain(&clone, at(0))), (0, 30));
    assert_eq!(format!("{clone:?}"), "Budget { percent: 50, min_per_second: 3, window: 10s, .. }");
}

#[test]
fn no_token_is_spent_twice_nor_lost_under_eight_threads() {
    let (budget, start) = (Budget::new(), Barrier::new(8));
    let retries: u64 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    let mut retries = 0;
                    for _ in 0..10_000 {
                        budget.deposit(at(0));
                        retries += u64::from(budget.withdraw(at(0)));
                    }
                    retries
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(retries * TOKEN + stored(&budget), 30 * TOKEN + 80_000 * 200);
}

#[derive(Clone, Debug)]
enum Step {
    Requests(usize),
    Retries(usize),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let millis = prop_oneof![8 => 0..300_u64, 2 => 0..30_000_u64, 1 => Just(100_000_000_000)];
    prop_oneof![
        (0..200_usize).prop_map(Step::Requests),
        (0..60_usize).prop_map(Step::Retries),
        millis.prop_map(Step::Wait)
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..120)
}

prop_compose! {
    fn settings()(percent in 0..300_u32, min_per_second in 0..20_u32, seconds in 2..=60_u64) -> Budget {
        Budget::new().percent(percent).min_per_second(min_per_second).window(Duration::from_secs(seconds))
    }
}

/// A model of the budget in real numbers, tick after tick.
struct Model {
    percent: f64,
    reserve: f64,
    tokens: f64,
}

impl Model {
    fn of(budget: &Budget) -> Self {
        let Settings { percent, min_per_second, window } = budget.settings;
        let reserve = f64::from(min_per_second) * window.as_secs_f64();
        Self { percent: percent.into(), reserve, tokens: reserve }
    }

    fn live(&mut self, ticks: u64) {
        self.tokens = self.reserve + (self.tokens - self.reserve) * 0.99_f64.powf(ticks as f64);
    }

    fn deposit(&mut self) {
        self.tokens += self.percent / 100.0;
    }
}

proptest! {
    /// It decides as the exact model does, unless that is within the tenth of a retry that rounding loses.
    #[test]
    fn follows_the_exact_model(budget in settings(), steps in steps()) {
        let (mut model, mut now) = (Model::of(&budget), Moment::default());
        for step in steps {
            match step {
                Step::Wait(millis) => {
                    let before = budget.settings.tick(now);
                    now = now + Duration::from_millis(millis);
                    model.live(budget.settings.tick(now) - before);
                }
                Step::Requests(requests) => {
                    request(&budget, requests, now);
                    (0..requests).for_each(|_| model.deposit());
                }
                Step::Retries(retries) => for _ in 0..retries {
                    let granted = budget.withdraw(now);
                    let agrees = if granted { model.tokens > 0.999 } else { model.tokens < 1.101 };
                    prop_assert!(agrees, "granted: {}, stored: {}", granted, model.tokens);
                    model.tokens -= f64::from(u8::from(granted));
                },
            }
        }
    }

    /// The bound that the documentation promises, over every interval that begins and ends with a step.
    #[test]
    fn retries_stay_within_the_bound(budget in settings(), steps in steps(), from: prop::sample::Index) {
        let Settings { percent, min_per_second, window } = budget.settings;
        let from = from.index(steps.len());
        let (mut now, mut bound, mut ticks, mut granted) = (Moment::default(), 0, 0, 0);
        for (step, index) in steps.into_iter().zip(0..) {
            if index == from {
                budget.change(now, Some);
                bound = stored(&budget);
            }
            match step {
                Step::Wait(millis) => {
                    let before = budget.settings.tick(now);
                    now = now + Duration::from_millis(millis);
                    if index >= from {
                        ticks += budget.settings.tick(now) - before;
                    }
                }
                Step::Requests(requests) => {
                    request(&budget, requests, now);
                    if index >= from {
                        bound += requests as u64 * u64::from(percent) * TOKEN / 100;
                    }
                }
                Step::Retries(retries) => {
                    let taken = (0..retries).filter(|_| budget.withdraw(now)).count() as u64;
                    if index >= from {
                        granted += taken * TOKEN;
                        let millis = window.as_millis() as u64 * ticks / 100;
                        prop_assert!(granted <= bound + u64::from(min_per_second) * millis);
                    }
                }
            }
        }
    }
}
