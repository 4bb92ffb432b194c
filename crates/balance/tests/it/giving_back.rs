//! A request that no endpoint takes comes back to the caller, as it was.

use std::{num::NonZeroU32, time::Duration};

use balance::{
    Balance, BoxError, Entry, Hedge, Limit, NoEndpoints, OnResponse, Outcome, Outliers, Overloaded, Retry,
    RetryRule, RoundRobin, Settings, Unserved,
};
use tokio::time::sleep;
use tower::util::{BoxCloneSyncService, future_service};
use tower::{ServiceExt, service_fn};

/// What an endpoint does.
#[derive(Clone, Copy, Debug)]
enum Conduct {
    Answers,
    /// Gives the request back, as after a refused connection.
    Refuses,
    /// Fails after something was sent.
    Breaks,
}
use Conduct::{Answers, Breaks, Refuses};

#[derive(Debug, PartialEq)]
struct Request(&'static str);

#[derive(Debug)]
struct Failed(Option<Request>);

impl TryFrom<Failed> for Request {
    type Error = Failed;

    fn try_from(failed: Failed) -> Result<Self, Failed> {
        failed.0.ok_or(Failed(None))
    }
}

impl From<Failed> for BoxError {
    fn from(_: Failed) -> Self {
        "it broke".into()
    }
}

#[derive(Clone, Copy)]
struct All;

impl RetryRule<Request, usize, Failed> for All {
    fn copy(&self, request: &Request) -> Option<Request> {
        Some(Request(request.0))
    }

    fn is_retryable(&self, result: Result<&usize, &Failed>) -> bool {
        result.is_err()
    }
}

fn endpoint(
    number: usize,
    conduct: Conduct,
) -> impl tower::Service<Request, Response = usize, Error = Failed, Future: Send> + Clone {
    service_fn(move |request: Request| {
        std::future::ready(match conduct {
            Answers => Ok(number),
            Refuses => Err(Failed(Some(request))),
            Breaks => Err(Failed(None)),
        })
    })
}

/// Each row: what the endpoints do, how many further ones may be asked and how many retries there are; what comes of it.
#[tokio::test(start_paused = true)]
async fn what_comes_back() {
    type Row = (&'static [Conduct], u32, u32, &'static str);
    let rows: [Row; 12] = [
        (&[], 1, 0, "back"),
        (&[Answers], 1, 0, "answered"),
        (&[Refuses], 0, 0, "back"),
        (&[Refuses], 1, 0, "back"),
        (&[Refuses, Answers], 1, 0, "answered"),
        (&[Refuses, Refuses, Answers], 1, 0, "back"),
        (&[Breaks], 1, 0, "failed"),
        (&[Refuses, Breaks], 1, 0, "failed"),
        // Something may have been sent to the first, so it doesn't come back from the second.
        (&[Breaks, Refuses], 0, 1, "failed"),
        (&[Breaks, Answers], 0, 1, "answered"),
        // A retry may send what was never sent.
        (&[Refuses, Refuses, Refuses], 1, 1, "back"),
        (&[Refuses, Breaks, Refuses], 1, 1, "failed"),
    ];
    for (conduct, failovers, retries, expected) in rows {
        let services: Vec<_> =
            conduct.iter().enumerate().map(|(number, conduct)| endpoint(number, *conduct)).collect();
        let retry = Retry::new(All).attempts(retries);
        let balance = Balance::round_robin(services).failover(failovers).retry(retry).giving_back();
        let came = match balance.oneshot(Request("as it was")).await {
            Ok(_) => "answered",
            Err(Unserved::GivenBack(request, why)) => {
                assert_eq!(request, Request("as it was"));
                assert!(why.is::<NoEndpoints>());
                "back"
            }
            Err(Unserved::Failed(_)) => "failed",
        };
        assert_eq!(came, expected, "{conduct:?}, {failovers}, {retries}");
    }
}

/// Each row: what the first endpoint does after 20 ms and the second, which is asked after 10 ms, after this time; what
/// comes of it.
#[tokio::test(start_paused = true)]
async fn what_neither_of_two_endpoints_was_sent_comes_back() {
    type Row = (Conduct, (Conduct, u64), &'static str);
    let rows: [Row; 6] = [
        (Refuses, (Refuses, 20), "back"),
        (Refuses, (Refuses, 5), "back"),
        (Breaks, (Refuses, 20), "failed"),
        (Breaks, (Refuses, 5), "failed"),
        (Refuses, (Breaks, 20), "failed"),
        (Refuses, (Breaks, 5), "failed"),
    ];
    for (first, (second, takes), expected) in rows {
        let services = [(0, first, 20), (1, second, takes)].map(|(number, conduct, takes)| {
            let endpoint = endpoint(number, conduct);
            service_fn(move |request: Request| {
                let endpoint = endpoint.clone();
                async move {
                    sleep(Duration::from_millis(takes)).await;
                    endpoint.oneshot(request).await
                }
            })
        });
        let hedge = Hedge::after(Duration::from_millis(10), All);
        let balance = Balance::round_robin(services).hedge(hedge).giving_back();
        let came = match balance.oneshot(Request("twice")).await {
            Ok(_) => "answered",
            Err(Unserved::GivenBack(Request("twice"), _)) => "back",
            Err(_) => "failed",
        };
        assert_eq!(came, expected, "{first:?}, {second:?} after {takes} ms");
    }
}

/// The first endpoint refuses the request after it was to be hedged, and nobody was ready for the hedge.
#[tokio::test(start_paused = true)]
async fn a_hedge_that_nobody_takes_keeps_no_request() {
    type Service = BoxCloneSyncService<Request, usize, Failed>;
    let slow = service_fn(async |request: Request| {
        sleep(Duration::from_millis(20)).await;
        Err::<usize, _>(Failed(Some(request)))
    });
    let never = future_service(std::future::pending::<Result<Service, Failed>>());
    let services = [Service::new(slow), Service::new(never)];
    let hedge = Hedge::after(Duration::from_millis(10), All);
    let balance = Balance::round_robin(services).hedge(hedge).giving_back();
    let back = balance.oneshot(Request("once")).await;
    assert!(matches!(back, Err(Unserved::GivenBack(Request("once"), _))), "{back:?}");
}

#[tokio::test(start_paused = true)]
async fn what_an_endpoint_is_not_to_blame_for_stays() {
    let services = [0, 1].map(|number| endpoint(number, Refuses));
    let nobody = OnResponse::judged_by(|_: Result<&usize, &Failed>| Outcome::Neutral);
    let balance = Balance::round_robin(services).failover(1).completion(nobody).giving_back();
    let stays = balance.oneshot(Request("no connection is free")).await;
    assert!(matches!(stays, Err(Unserved::Failed(_))), "{stays:?}");
}

#[tokio::test(start_paused = true)]
async fn ejected_endpoints_are_spared() {
    let services = [0, 1].map(|number| Entry::new(endpoint(number, Answers)));
    let outliers = Outliers::new().max_share(100);
    let balance = Balance::with(Settings::new().outliers(outliers), RoundRobin::new(), services).failover(1);
    let endpoints = balance.endpoints();
    for one in endpoints.snapshot() {
        assert!(endpoints.eject(&one, Duration::from_secs(60)));
    }
    assert!(balance.clone().oneshot(Request("as a last resort")).await.is_ok());
    let giving_back = balance.giving_back();
    let back = giving_back.clone().oneshot(Request("elsewhere")).await;
    assert!(matches!(back, Err(Unserved::GivenBack(Request("elsewhere"), _))), "{back:?}");
    assert_eq!(endpoints.snapshot()[1].requests(), 0);
    endpoints.resume(&endpoints.snapshot()[1]);
    assert_eq!(giving_back.oneshot(Request("again")).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_that_found_all_full_says_so() {
    let slow = service_fn(async |_: Request| {
        tokio::time::sleep(Duration::from_secs(5)).await;
        Ok::<_, Failed>(0)
    });
    let limit = Limit::new(NonZeroU32::MIN).queue(0, Duration::ZERO);
    let balance =
        Balance::with(Settings::new().limit(limit), RoundRobin::new(), [Entry::new(slow)]).giving_back();
    let (first, second) =
        tokio::join!(balance.clone().oneshot(Request("one")), balance.clone().oneshot(Request("two")));
    assert!(first.is_ok());
    let Err(Unserved::GivenBack(Request("two"), why)) = second else { panic!("{second:?}") };
    assert_eq!(why.downcast_ref(), Some(&Overloaded::QueueFull));
}
