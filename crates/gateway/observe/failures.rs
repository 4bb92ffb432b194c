//! `Failures`: the last 200 requests that failed.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use arc_swap::ArcSwapOption;
use http::{HeaderValue, Method, StatusCode};

use super::request::Finished;

/// How many are kept.
pub(crate) const MOST: usize = 200;
/// How much of a path is kept, in bytes.
const MOST_OF_PATH: usize = 256;

/// A request that was answered with a 5xx, that the gateway refused itself, or whose answer broke off through no fault of
/// the client.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// When it ended.
    pub(crate) at: SystemTime,
    pub(crate) id: Option<HeaderValue>,
    pub(crate) client: Option<IpAddr>,
    /// `None` if it couldn't be read.
    pub(crate) method: Option<Method>,
    /// Without the query, which may hold secrets. A long one is cut.
    pub(crate) path: Option<String>,
    /// The name of the route that took it.
    pub(crate) route: Option<String>,
    /// The upstream that answered, or was to.
    pub(crate) upstream: Option<String>,
    pub(crate) status: StatusCode,
    /// The name of the error. `None` if the upstream itself answered with a 5xx.
    pub(crate) error: Option<&'static str>,
}

impl Failure {
    pub(super) fn of(finished: &Finished<'_>) -> Self {
        let asked = finished.asked;
        Self {
            at: SystemTime::now(),
            id: asked.id.clone(),
            client: asked.client,
            method: asked.method.clone(),
            path: asked.uri.as_ref().map(|uri| cut(uri.path())),
            route: finished.route.map(|route| route.name().to_owned()),
            upstream: finished.upstream.map(|upstream| upstream.target().to_string()),
            status: finished.status,
            error: finished.error(),
        }
    }
}

/// A ring of the last 200 failures. They take 200 KiB at most: of each, the path has 256 bytes, the id 128. Any thread
/// adds to it without waiting.
#[derive(Debug)]
pub(crate) struct Failures {
    places: Box<[ArcSwapOption<Numbered>]>,
    /// How many there were since the start.
    count: AtomicU64,
}

#[derive(Debug)]
struct Numbered {
    number: u64,
    failure: Arc<Failure>,
}

impl Default for Failures {
    fn default() -> Self {
        let places = std::iter::repeat_with(ArcSwapOption::empty).take(MOST).collect();
        Self { places, count: AtomicU64::new(0) }
    }
}

impl Failures {
    pub(crate) fn add(&self, failure: Failure) {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        if let Some(place) = self.places.get((number % MOST as u64) as usize) {
            place.store(Some(Arc::new(Numbered { number, failure: Arc::new(failure) })));
        }
    }

    /// How many there were since the start. If it hasn't changed, [`last`](Self::last) hasn't either, but for those that are being added just now.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// The last 200, newest first, each with its number since the start.
    pub(crate) fn last(&self) -> Vec<(u64, Arc<Failure>)> {
        let all = self.places.iter().filter_map(ArcSwapOption::load_full);
        let mut last: Vec<_> = all.map(|kept| (kept.number, Arc::clone(&kept.failure))).collect();
        last.sort_unstable_by_key(|(number, _)| std::cmp::Reverse(*number));
        last
    }
}

/// A path as it is kept: cut where it is too long.
fn cut(path: &str) -> String {
    let end = (0..=MOST_OF_PATH.min(path.len())).rev().find(|end| path.is_char_boundary(*end));
    path.get(..end.unwrap_or_default()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn failure(error: &'static str) -> Failure {
        Failure {
            at: SystemTime::UNIX_EPOCH,
            id: None,
            client: None,
            method: None,
            path: None,
            route: None,
            upstream: None,
            status: StatusCode::BAD_GATEWAY,
            error: Some(error),
        }
    }

    #[test]
    fn the_last_ones_are_kept_newest_first() {
        let failures = Failures::default();
        assert!(failures.last().is_empty());
        (0..MOST + 5).for_each(|_| failures.add(failure("old")));
        failures.add(failure("new"));
        let last = failures.last();
        assert_eq!((last.len(), failures.count()), (MOST, MOST as u64 + 6));
        assert_eq!(last[0].1.error, Some("new"));
        assert!(last.windows(2).all(|pair| pair[0].0 == pair[1].0 + 1));
    }

    #[test]
    fn threads_that_fail_at_once_keep_them_all() {
        let failures = Failures::default();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..MOST / 4).for_each(|_| failures.add(failure("one"))));
            }
        });
        let mut numbers: Vec<_> = failures.last().into_iter().map(|(number, _)| number).collect();
        numbers.reverse();
        assert_eq!(numbers, (0..MOST as u64).collect::<Vec<_>>());
    }

    #[test]
    fn a_path_is_cut_between_characters() {
        assert_eq!(cut("/a"), "/a");
        assert_eq!(cut(&"/".repeat(300)).len(), MOST_OF_PATH);
        assert_eq!(cut(&"\u{e9}".repeat(200)).len(), MOST_OF_PATH);
        assert_eq!(cut(&("x".to_owned() + &"\u{e9}".repeat(200))).len(), MOST_OF_PATH - 1);
    }
}
