//! How often requests were sent again.

use crate::support::now;
use balance::{Balance, BoxError, Retry, RetryRule, RoundRobin};
use tower::{Service, service_fn};

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
