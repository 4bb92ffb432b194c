//! Where requests go when one endpoint is slower than the others: in a closed loop, with measured latencies.

use std::time::Duration;

use balance::{Balance, BoxError, Clock, LeastLoaded, PeakEwma, Policy, RoundRobin, Settings};
use tokio::{
    task::LocalSet,
    time::{Instant, sleep},
};
use tokio_test::{assert_pending, task::spawn};
use tower::{Service, ServiceExt, service_fn};

const CLIENTS: usize = 64;
const WHILE: Duration = Duration::from_secs(5);

/// What an endpoint does with every request.
#[derive(Clone, Copy, Debug)]
enum Conduct {
    Takes(Duration),
    /// Fails at once.
    Breaks,
}
use Conduct::{Breaks, Takes};

const FAST: Conduct = Takes(Duration::from_millis(10));
const SLOW: Conduct = Takes(Duration::from_millis(100));

/// Each client sends its next request when it has the answer to the last. Returns the last endpoint's part of an even
/// share.
async fn part_of_the_last<const N: usize>(
    conducts: [Conduct; N],
    policy: impl Policy<()> + Send + Sync + 'static,
) -> f64 {
    let services = conducts.map(|conduct| {
        let service = service_fn(move |()| async move {
            match conduct {
                Takes(time) => sleep(time).await,
                Breaks => return Err(BoxError::from("broken")),
            }
            Ok(())
        });
        (service, 1)
    });
    let balance = Balance::with(Settings::new(), policy, services);
    let until = Instant::now() + WHILE;
    let local = LocalSet::new();
    for _ in 0..CLIENTS {
        let balance = balance.clone();
        local.spawn_local(async move {
            while Instant::now() < until {
                if balance.clone().oneshot(()).await.is_err() {
                    // A client waits before it tries again. Without that, the failures would be an endless storm.
                    sleep(Duration::from_millis(1)).await;
                }
            }
        });
    }
    local.await;
    let requests: Vec<u64> = balance.endpoints().snapshot().iter().map(|one| one.requests()).collect();
    let even = requests.iter().sum::<u64>() as f64 / N as f64;
    requests[N - 1] as f64 / even
}

#[tokio::test(start_paused = true)]
async fn one_that_is_ten_times_slower_gets_less_than_a_third_of_an_even_share() {
    for seed in 0..2 {
        for part in [
            part_of_the_last([FAST, SLOW], LeastLoaded::seeded(seed)).await,
            part_of_the_last([FAST, SLOW], PeakEwma::seeded(seed)).await,
            part_of_the_last([FAST, FAST, FAST, SLOW], LeastLoaded::seeded(seed)).await,
            part_of_the_last([FAST, FAST, FAST, SLOW], PeakEwma::seeded(seed)).await,
        ] {
            assert!(part < 1.0 / 3.0, "{part}");
        }
    }
    let round_robin = part_of_the_last([FAST, SLOW], RoundRobin::new()).await;
    assert!((0.9..1.1).contains(&round_robin), "{round_robin}");
}

#[tokio::test(start_paused = true)]
async fn equals_get_an_even_share() {
    for part in [
        part_of_the_last([FAST; 4], LeastLoaded::seeded(1)).await,
        part_of_the_last([FAST; 4], PeakEwma::seeded(1)).await,
    ] {
        assert!((0.9..1.1).contains(&part), "{part}");
    }
}

/// With either policy, a failure costs an endpoint as much as a slow answer. Otherwise least-loaded would send it
/// nearly everything.
#[tokio::test(start_paused = true)]
async fn one_that_fails_at_once_does_not_attract() {
    let part = part_of_the_last([FAST, Breaks], PeakEwma::seeded(1)).await;
    assert!(part < 0.1, "{part}");
    let part = part_of_the_last([FAST, Breaks], LeastLoaded::seeded(1)).await;
    assert!(part < 0.1, "{part}");
    let part = part_of_the_last([FAST, FAST, FAST, Breaks], LeastLoaded::seeded(1)).await;
    assert!(part < 0.2, "{part}");
}

/// An endpoint that hangs must not go on looking as fast as it was.
#[test]
fn a_request_that_is_given_up_would_have_taken_longer() {
    let (clock, hand) = Clock::by_hand();
    let (mock, mut handle) = tower_test::mock::pair::<(), ()>();
    handle.allow(9);
    let settings = Settings::new().clock(clock.clone());
    let mut balance = Balance::with(settings, PeakEwma::new(), [(mock, 1)]);
    let endpoint = balance.endpoints().snapshot().remove(0);
    // A shorter wait than the average says nothing.
    for (waited, latency) in [(500, 500), (2_000, 2_000), (1_000, 2_000 * 905 / 1_000)] {
        let mut given_up = spawn(balance.call(()));
        assert_pending!(given_up.poll());
        hand.advance(Duration::from_millis(waited));
        drop(given_up);
        let measured = endpoint.latency(clock.now()).unwrap().as_millis();
        assert!(measured.abs_diff(latency) < 5, "{waited}: {measured}");
    }
}
