//! How requests to an upstream failed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use arc_swap::ArcSwapOption;
use http::{HeaderMap, HeaderValue};

use crate::error::{ErrorKind, Side};

const KINDS: usize = ErrorKind::ALL.len();

/// How requests to one upstream failed, since its service was made: see
/// [`ProxyService::failures`](crate::ProxyService::failures).
#[derive(Clone, Debug)]
pub struct Failures {
    counts: [u64; KINDS],
    last: Option<Arc<LastFailure>>,
}

/// The last failure that was the upstream's fault.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LastFailure {
    /// What went wrong.
    pub kind: ErrorKind,
    /// When.
    pub at: SystemTime,
    /// The `X-Request-Id` of the request, if it had one and failed before its answer began.
    pub request_id: Option<HeaderValue>,
}

impl Failures {
    /// How many requests failed in this way, whoever's fault that was.
    pub fn count(&self, kind: ErrorKind) -> u64 {
        self.counts.get(kind as usize).copied().unwrap_or(0)
    }

    /// The kinds that have occurred, with how often.
    pub fn by_kind(&self) -> impl Iterator<Item = (ErrorKind, u64)> + '_ {
        ErrorKind::ALL.into_iter().zip(self.counts).filter(|(_, count)| *count > 0)
    }

    /// The last failure that was the upstream's fault ([`Side::Upstream`]).
    pub fn last(&self) -> Option<&LastFailure> {
        self.last.as_deref()
    }
}

/// Counts the failures of one upstream. Most have none, so the counters are made with the first.
#[derive(Debug, Default)]
pub(crate) struct FailureCounts(OnceLock<Box<Counters>>);

#[derive(Debug)]
struct Counters {
    counts: [AtomicU64; KINDS],
    last: ArcSwapOption<LastFailure>,
}

// The standard library derives it only for arrays of up to 32.
impl Default for Counters {
    fn default() -> Self {
        Self { counts: [const { AtomicU64::new(0) }; KINDS], last: ArcSwapOption::empty() }
    }
}

impl Default for Failures {
    fn default() -> Self {
        Self { counts: [0; KINDS], last: None }
    }
}

impl FailureCounts {
    /// A request with these fields failed. They are those of the request, or none.
    #[cold]
    pub(crate) fn note(&self, kind: ErrorKind, headers: &HeaderMap) {
        let counters = self.0.get_or_init(Box::default);
        if let Some(count) = counters.counts.get(kind as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        if kind.side() == Side::Upstream {
            let request_id = headers.get("x-request-id").cloned();
            let last = LastFailure { kind, at: SystemTime::now(), request_id };
            counters.last.store(Some(Arc::new(last)));
        }
    }

    pub(crate) fn read(&self) -> Failures {
        let Some(counters) = self.0.get() else { return Failures::default() };
        let counts = counters.counts.each_ref().map(|count| count.load(Ordering::Relaxed));
        Failures { counts, last: counters.last.load_full() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_count() {
        for (index, kind) in ErrorKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, index, "{kind:?}");
        }
        let counts = FailureCounts::default();
        assert_eq!(counts.read().by_kind().count(), 0);
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", HeaderValue::from_static("7"));
        counts.note(ErrorKind::ConnectionRefused, &headers);
        counts.note(ErrorKind::ProxyLoopDetected, &HeaderMap::new());
        counts.note(ErrorKind::ConnectionRefused, &headers);
        let read = counts.read();
        assert_eq!(read.count(ErrorKind::ConnectionRefused), 2);
        assert_eq!(
            read.by_kind().collect::<Vec<_>>(),
            [(ErrorKind::ConnectionRefused, 2), (ErrorKind::ProxyLoopDetected, 1)]
        );
        let last = read.last().unwrap();
        assert_eq!(last.kind, ErrorKind::ConnectionRefused, "the other isn't the upstream's fault");
        assert_eq!(last.request_id.as_ref().unwrap(), "7");
    }
}
