//! Which trace a request belongs to (W3C Trace Context, level 1).

use axum::http::HeaderValue;
use bytes::Bytes;

/// The part that a request has in a trace.
#[cfg_attr(not(feature = "otel"), allow(dead_code, reason = "only spans need to know the parent"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(super) id: u128,
    /// The caller's span, if the trace is continued.
    pub(super) parent: Option<u64>,
    /// The ids of its own spans are made from this.
    pub(super) seed: u64,
    pub(super) is_sampled: bool,
}

/// A span of a request.
#[cfg_attr(not(feature = "otel"), allow(dead_code, reason = "upstreams are told of one of them"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The whole request.
    Server = 1,
    /// Its time before the upstream: the gate, the choice of an endpoint, earlier tries.
    Pick = 2,
    /// At the upstream, until the head of the answer.
    Attempt = 3,
    Connect = 4,
    /// The body of the answer.
    Body = 5,
}

/// `VERSION-TRACE-PARENT-FLAGS` in hexadecimal digits.
const LENGTH: usize = 55;

/// What a caller's `traceparent` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) trace: u128,
    pub(super) span: u64,
    pub(super) is_sampled: bool,
}

impl Caller {
    /// Reads `traceparent`. `None` if it isn't one (§3.2): then a new trace begins.
    pub(super) fn read(value: &[u8]) -> Option<Self> {
        let (first, later) = value.split_at_checked(LENGTH)?;
        let text = std::str::from_utf8(first).ok()?;
        let mut parts = text.split('-');
        let mut next = |digits| lower_hex(parts.next()?, digits);
        let (version, trace, span, flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
        // A later version may have more behind a dash. ff is none.
        let is_known = version == 0 && later.is_empty();
        let is_later = (1..0xff).contains(&version) && later.first().is_none_or(|byte| *byte == b'-');
        let is_whole = (is_known || is_later) && parts.next().is_none() && trace != 0 && span != 0;
        is_whole.then_some(Self { trace, span: span as u64, is_sampled: flags & 1 == 1 })
    }
}

fn lower_hex(text: &str, digits: usize) -> Option<u128> {
    let is_lower = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (is_lower && text.len() == digits).then(|| u128::from_str_radix(text, 16).ok())?
}

impl Trace {
    /// The id of one of its spans. It is never 0.
    pub(super) fn span(&self, part: Part) -> u64 {
        // Spreads the seed (the finalizer of MurmurHash3).
        let mixed = self.seed.wrapping_add((part as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        (mixed ^ (mixed >> 33)).max(1)
    }

    /// `traceparent` for the upstream.
    pub(super) fn header(&self) -> HeaderValue {
        let mut text = [0; LENGTH];
        text[..3].copy_from_slice(b"00-");
        write_hex(&mut text[3..35], self.id);
        text[35] = b'-';
        write_hex(&mut text[36..52], self.span(Part::Attempt).into());
        text[52..].copy_from_slice(if self.is_sampled { b"-01" } else { b"-00" });
        // The value is made from shared bytes, so cloning it doesn't allocate.
        HeaderValue::from_maybe_shared(Bytes::from_owner(text))
            .expect("digits and dashes make a header value")
    }
}

fn write_hex(to: &mut [u8], mut number: u128) {
    for digit in to.iter_mut().rev() {
        let four = (number & 0xf) as u8;
        *digit = if four < 10 { b'0' + four } else { b'a' + four - 10 };
        number >>= 4;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_is_no_traceparent_is_none() {
        let read = Caller::read(GOOD.as_bytes()).unwrap();
        let trace = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
        assert_eq!(read, Caller { trace, span: 0x00f0_67aa_0ba9_02b7, is_sampled: true });
        for (value, is_one) in [
            (GOOD.replace("-01", "-00"), true),
            (GOOD.replace("-01", "-03"), true),
            (GOOD.replacen("00", "01", 1), true),
            (GOOD.replacen("00", "cc", 1) + "-what-the-future-brings", true),
            (GOOD.replacen("00", "cc", 1) + ".what", false),
            (GOOD.replacen("00", "ff", 1), false),
            (GOOD.to_owned() + "-x", false),
            (GOOD.to_owned() + " ", false),
            (GOOD.to_uppercase(), false),
            (GOOD.replace('-', "_"), false),
            (GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)), false),
            (GOOD.replace("00f067aa0ba902b7", &"0".repeat(16)), false),
            (GOOD.replace("4bf92f35", "+bf92f35"), false),
            (GOOD[..54].to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(Caller::read(value.as_bytes()).is_some(), is_one, "{value}");
        }
        assert_eq!(Caller::read(&[0xe2; 60]), None);
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(id in 1_u128.., seed: u64, is_sampled: bool) {
            let trace = Trace { id, parent: None, seed, is_sampled };
            let read = Caller::read(trace.header().as_bytes());
            prop_assert_eq!(read, Some(Caller { trace: id, span: trace.span(Part::Attempt), is_sampled }));
            let spans = [Part::Server, Part::Pick, Part::Attempt, Part::Connect, Part::Body].map(|it| trace.span(it));
            let distinct: std::collections::HashSet<u64> = spans.into_iter().collect();
            prop_assert_eq!(distinct.len(), 5);
        }

        #[test]
        fn nothing_makes_it_panic(value in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = Caller::read(&value);
        }
    }
}
