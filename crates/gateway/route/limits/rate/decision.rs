//! `Decision`: whether a request may pass, and what the answer says of it.

use std::time::Duration;

use axum::http::header::{HeaderName, HeaderValue};
use bytes::{BufMut, Bytes, BytesMut};

use crate::config::RateLimit;

pub(super) static RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(super) static RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What a limit says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It passes, and so many more might at once.
    Passed { left: u32 },
    /// It is one too many. The next may pass after this time.
    Refused { after: Duration },
    /// It passes uncounted: nobody could be asked, or has been yet.
    #[cfg_attr(not(feature = "redis"), expect(dead_code, reason = "only Redis has to be asked"))]
    Unknown,
    /// Nobody could be asked, and then nobody passes.
    #[cfg_attr(not(feature = "redis"), expect(dead_code, reason = "only Redis has to be asked"))]
    Unavailable,
}

impl Decision {
    /// Whether the request doesn't pass.
    pub(super) fn refuses(self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Unavailable)
    }
}

/// The texts of a limit for `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10).
#[derive(Clone, Debug)]
pub(super) struct Texts {
    /// `"NAME";r=`
    named: Bytes,
    /// The longest time until one more request may come, in seconds.
    interval: u64,
}

impl Texts {
    pub(super) fn of(limit: &RateLimit) -> Self {
        let interval = seconds(limit.per / limit.requests.get());
        Self { named: format!("\"{}\";r=", limit.name).into(), interval }
    }

    /// What `RateLimit` says of this limit: how many requests may come at once, and in how many seconds there may be one
    /// more. `None` if nobody knows.
    pub(super) fn state(&self, decision: Decision) -> Option<HeaderValue> {
        let (left, seconds) = match decision {
            Decision::Passed { left } => (left, self.interval),
            Decision::Refused { after } => (0, seconds(after)),
            Decision::Unknown | Decision::Unavailable => return None,
        };
        let mut text = BytesMut::with_capacity(self.named.len() + 32);
        let mut digits = itoa::Buffer::new();
        text.put_slice(&self.named);
        text.put_slice(digits.format(left).as_bytes());
        text.put_slice(b";t=");
        text.put_slice(digits.format(seconds).as_bytes());
        HeaderValue::from_maybe_shared(text.freeze()).ok()
    }
}

/// What `RateLimit-Policy` says of all limits of a route.
pub(super) fn policies(limits: &[RateLimit]) -> HeaderValue {
    let policy =
        |limit: &RateLimit| format!("\"{}\";q={};w={}", limit.name, limit.requests, seconds(limit.per));
    let all = limits.iter().map(policy).collect::<Vec<_>>().join(", ");
    HeaderValue::try_from(all).expect("names of limits are visible ASCII")
}

/// Whole seconds, rounded up; at least one.
pub(super) fn seconds(time: Duration) -> u64 {
    (time.as_secs() + u64::from(time.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::config::RateKey;

    #[test]
    fn the_fields_are_those_of_the_draft() {
        let limit = RateLimit {
            name: "by-user".to_owned(),
            requests: NonZeroU32::new(100).unwrap(),
            per: Duration::from_secs(3600),
            burst: NonZeroU32::new(20).unwrap(),
            key: RateKey::Token,
            keys: 8,
            shared: false,
        };
        let texts = Texts::of(&limit);
        let state = |decision| texts.state(decision).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(state(Decision::Passed { left: 19 }).as_deref(), Some("\"by-user\";r=19;t=36"));
        let refused = Decision::Refused { after: Duration::from_millis(1001) };
        assert_eq!(state(refused).as_deref(), Some("\"by-user\";r=0;t=2"));
        assert_eq!(state(Decision::Unknown), None);
        let other = RateLimit { name: "all".to_owned(), per: Duration::from_millis(1500), ..limit.clone() };
        assert_eq!(policies(&[limit, other]), "\"by-user\";q=100;w=3600, \"all\";q=100;w=2");
    }

    #[test]
    fn seconds_are_rounded_up() {
        for (millis, whole) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (59_999, 60)] {
            assert_eq!(seconds(Duration::from_millis(millis)), whole);
        }
    }
}
