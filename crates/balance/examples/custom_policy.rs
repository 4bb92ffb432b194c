//! A policy of your own: the first endpoint takes all requests that it can, and the others take the rest, in their
//! order.
//!
//! `cargo run -p balance --example custom_policy`

use std::time::Duration;

use balance::{Balance, BoxError, Passed, Policy, Set};
use tower::{Service, ServiceBuilder, service_fn};

struct StandIns;

impl<Req> Policy<Req> for StandIns {
    fn pick<S>(&self, _: &Req, set: &Set<S>, passed: &Passed) -> Option<usize> {
        (0..set.endpoints().len()).find(|index| !passed.contains(*index))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    // Each takes one request at a time, and isn't ready while it has one.
    let one_at_a_time = |name: &'static str| {
        let answer = service_fn(move |takes: Duration| async move {
            tokio::time::sleep(takes).await;
            Ok::<_, BoxError>(name)
        });
        ServiceBuilder::new().concurrency_limit(1).service(answer)
    };
    let endpoints = ["first", "second", "third"].map(|name| (one_at_a_time(name), 1));
    let mut balance = Balance::new(StandIns, endpoints);

    let mut ask = |millis| balance.call(Duration::from_millis(millis));
    let together = tokio::try_join!(ask(20), ask(20), ask(20))?;
    println!("three together: {together:?}");
    assert_eq!(together, ("first", "second", "third"));

    let after = [ask(0).await?, ask(0).await?];
    println!("two one after the other: {after:?}");
    assert_eq!(after, ["first"; 2]);
    Ok(())
}
