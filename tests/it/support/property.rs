//! Properties over sockets: proptest generates the cases, a runtime of its own serves.

use std::future::Future;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tokio::runtime::Runtime;

/// Starts a fixture once and checks every generated case against it. A case fails by a panic or with an `Err`.
pub fn holds<Fixture, Case: Strategy>(
    cases: u32,
    strategy: Case,
    fixture: impl Future<Output = Fixture>,
    check: impl AsyncFn(&Fixture, Case::Value) -> Result<(), TestCaseError>,
) {
    let runtime = Runtime::new().unwrap();
    let fixture = runtime.block_on(fixture);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 512, ..Config::default() };
    let outcome = TestRunner::new(config).run(&strategy, |case| runtime.block_on(check(&fixture, case)));
    // The fixture may need the runtime while it is dropped.
    runtime.block_on(async { drop(fixture) });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
