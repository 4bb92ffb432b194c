use std::num::NonZeroU32;
use std::time::Duration;

use balance::{Balance, Entry, Limit, RoundRobin, Settings};
use tower::service_fn;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Conduct {
    Answers,
    Refuses,
    Breaks,
    Hangs,
}

#[derive(Debug)]
struct Failed(Option<&'static str>);

impl TryFrom<Failed> for &'static str {
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

type Answer = Result<String, Failed>;

fn endpoint(
    conduct: Conduct,
) -> impl Service<&'static str, Response = String, Error = Failed, Future: Send> + Clone {
    service_fn(move |request: &'static str| async move {
        let answer: Answer = match conduct {
            Conduct::Answers => Ok(format!("first: {request}")),
            Conduct::Refuses => Err(Failed(Some(request))),
            Conduct::Breaks => Err(Failed(None)),
            Conduct::Hangs => std::future::pending().await,
        };
        answer
    })
}

fn other() -> impl Service<&'static str, Response = String, Error = BoxError, Future: Send> + Clone {
    service_fn(async |request: &'static str| Ok(format!("other: {request}")))
}

#[tokio::test]
async fn only_what_was_not_sent_goes_to_the_other() {
    for (conduct, expected) in [
        (vec![Conduct::Answers], Some("first: hello")),
        (vec![], Some("other: hello")),
        (vec![Conduct::Refuses], Some("other: hello")),
        (vec![Conduct::Refuses, Conduct::Refuses], Some("other: hello")),
        (vec![Conduct::Refuses, Conduct::Answers], Some("first: hello")),
        (vec![Conduct::Breaks], None),
    ] {
        let pool = Balance::round_robin(conduct.iter().copied().map(endpoint)).failover(1).giving_back();
        let answer = FallbackLayer::to(other()).layer(pool).oneshot("hello").await;
        assert_eq!(answer.ok().as_deref(), expected, "{conduct:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_finds_no_room_stays() {
    let limit = Limit::new(NonZeroU32::MIN).queue(0, Duration::ZERO);
    let settings = Settings::new().limit(limit);
    let entries = [Entry::new(endpoint(Conduct::Hangs))];
    let pool = Balance::with(settings, RoundRobin::new(), entries).failover(1).giving_back();
    let service = FallbackLayer::to(other()).layer(pool);
    let first = tokio::spawn(service.clone().oneshot("first"));
    tokio::task::yield_now().await;
    assert!(service.oneshot("second").await.unwrap_err().is::<Overloaded>());
    first.abort();
}
