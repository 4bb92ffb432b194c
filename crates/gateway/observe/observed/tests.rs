use http::{HeaderValue, Method, Response, StatusCode, Version};
use proxy_service::ErrorKind;

use super::*;
use crate::observe::{AccessLog, Asked, Audience, Record};

/// Requests to a gateway that has one route.
struct Requests {
    observed: Observed,
    audience: Arc<Audience>,
    route: Arc<RouteMeter>,
}

impl Requests {
    fn new() -> Self {
        let observed = Observed::default();
        let audience = Arc::new(Audience::new(AccessLog::default(), observed.clone()));
        Self { route: Arc::clone(&observed.routes_named(["/api"].into_iter())["/api"]), observed, audience }
    }

    fn begin(&self, path: &str) -> Record {
        let asked = Asked {
            id: Some(HeaderValue::from_static("an-id")),
            method: Some(Method::GET),
            uri: Some(path.parse().unwrap()),
            version: Version::HTTP_11,
            tls: None,
            host: None,
            user_agent: None,
            referrer: None,
            client: Some([127, 0, 0, 1].into()),
            fault: None,
            trace: None,
        };
        Record::begin(asked, &self.audience)
    }

    fn routed(&self, path: &str) -> Record {
        let record = self.begin(path);
        record.journey().through(&self.route);
        record.journey().through(&self.route);
        record
    }

    /// Paths, statuses and errors of the last failures, newest first.
    fn failures(&self) -> Vec<(String, u16, Option<&'static str>)> {
        let last = self.observed.failures().last().into_iter();
        last.map(|(_, failure)| (failure.path.clone().unwrap(), failure.status.as_u16(), failure.error))
            .collect()
    }
}

fn answer(status: u16, error: Option<ErrorKind>) -> Response<()> {
    let mut answer = Response::new(());
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    if let Some(error) = error {
        answer.extensions_mut().insert(error);
    }
    answer
}

#[test]
fn a_request_is_in_flight_until_its_record_ends() {
    let requests = Requests::new();
    let record = requests.routed("/api/x");
    assert_eq!(requests.route.counted().in_flight, 1);
    record.head(&answer(200, None));
    record.count_out(5);
    record.complete();
    let counted = requests.route.counted();
    assert_eq!((counted.in_flight, counted.total.count(), counted.sent, counted.failed), (0, 1, 5, 0));
    drop(requests.routed("/api/y"));
    let counted = requests.route.counted();
    assert_eq!(
        (counted.in_flight, counted.total.count(), counted.head.count(), counted.failed),
        (0, 2, 1, 0)
    );
    assert!(requests.failures().is_empty());
}

#[test]
fn failures_are_kept_and_plain_refusals_of_upstreams_are_not() {
    let requests = Requests::new();
    for (path, status, error) in [
        ("/api/ok", 200, None),
        ("/api/missing", 404, None),
        ("/api/upstream", 500, None),
        ("/api/gateway", 502, Some(ErrorKind::ConnectionRefused)),
        ("/api/bad", 400, Some(ErrorKind::BadRequest)),
        ("/api/last-hop", 200, Some(ErrorKind::LastHop)),
    ] {
        let record = requests.routed(path);
        record.head(&answer(status, error));
        record.complete();
    }
    let broken = requests.routed("/api/broken");
    broken.head(&answer(200, None));
    broken.broken(&std::io::Error::other("cut"));
    let left = requests.routed("/api/left");
    left.head(&answer(200, None));
    left.client_left();
    let unrouted = requests.begin("/nowhere");
    unrouted.head(&answer(404, None));
    unrouted.complete();

    let expected = [
        ("/api/broken", 200, Some("proxy_internal_error")),
        ("/api/bad", 400, Some("http_request_error")),
        ("/api/gateway", 502, Some("connection_refused")),
        ("/api/upstream", 500, None),
    ];
    assert_eq!(requests.failures(), expected.map(|(path, status, error)| (path.to_owned(), status, error)));
    let last = requests.observed.failures().last();
    let failure = &last[0].1;
    assert_eq!(failure.id, Some(HeaderValue::from_static("an-id")));
    assert_eq!(failure.route.as_deref(), Some("/api"));
    assert_eq!(requests.route.counted().failed, 3);
}
