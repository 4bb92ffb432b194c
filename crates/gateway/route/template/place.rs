//! Where a text stands, which decides how values are written in it.

use bytes::BytesMut;

use crate::config::RouteValue;
use crate::route::percent::encoded;

/// Where a text stands. A value never ends the part of a target that it stands in: what would do so is
/// percent-encoded (RFC 3986 §2.1). What the client has encoded already stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the value of a header: as it is.
    Header,
    /// In a path or a URL. The client's own path, query and host are as they are; other values are one segment.
    Path,
    /// In a query. The client's own query and its values are as they are; other values, the whole URI among them, are the
    /// value of one parameter.
    Query,
}

impl Place {
    /// Encodes what has been written from `begin` on.
    pub(super) fn encode(self, value: &RouteValue, begin: usize, out: &mut BytesMut) {
        if self.takes_as_it_is(value) {
            return;
        }
        let may_stay = |byte: u8| self.may_have(byte) || byte == b'%' && is_encoded(value);
        if out.get(begin..).is_none_or(|written| written.iter().all(|byte| may_stay(*byte))) {
            return;
        }
        for byte in out.split_off(begin) {
            if may_stay(byte) {
                out.extend_from_slice(&[byte]);
            } else {
                out.extend_from_slice(&encoded(byte));
            }
        }
    }

    fn takes_as_it_is(self, value: &RouteValue) -> bool {
        use RouteValue::{Capture, Host, HostPort, Path, Query, QueryParameter, Scheme, Uri};
        match self {
            Self::Header => true,
            Self::Path => matches!(value, Path | Capture(_) | Query | Uri | Host | HostPort | Scheme),
            Self::Query => matches!(value, Query | QueryParameter(_)),
        }
    }

    /// Whether a byte of a value means nothing there.
    fn may_have(self, byte: u8) -> bool {
        match byte {
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'\'' | b'(' | b')' | b'*' | b',' | b':' | b'@' => true,
            b'&' | b'+' | b'=' => self == Self::Path,
            b'/' | b'?' => self == Self::Query,
            _ => byte.is_ascii_alphanumeric(),
        }
    }
}

/// Whether it keeps the client's own encoding, where it is one part of several. A whole URI doesn't: whoever decodes a
/// parameter once has to find it as it came, or its parts would run into each other.
fn is_encoded(value: &RouteValue) -> bool {
    use RouteValue::{Capture, Path, QueryParameter};
    matches!(value, Path | Capture(_) | QueryParameter(_))
}

/// Appends the name of a parameter.
pub(crate) fn encode_name(name: &str, out: &mut BytesMut) {
    for byte in name.bytes() {
        if Place::Query.may_have(byte) {
            out.extend_from_slice(&[byte]);
        } else {
            out.extend_from_slice(&encoded(byte));
        }
    }
}
