//! The head of an answer, as HTTP/2 has it.

use std::cell::RefCell;
use std::time::{SystemTime, UNIX_EPOCH};

use http::header::{
    CONNECTION, CONTENT_LENGTH, DATE, HeaderName, HeaderValue, TE, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, Response};
use http_body::Body;
use http1::HttpDate;

/// Fields that only HTTP/1 has (RFC 9113 section 8.2.2).
const HTTP1_ONLY: [HeaderName; 6] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Takes an answer apart, and prepares its head: without fields of HTTP/1, and with `Date` and `Content-Length`.
pub(super) fn prepared<B: Body>(answer: Response<B>) -> (Response<()>, B) {
    let (mut head, body) = answer.into_parts();
    for name in &HTTP1_ONLY {
        head.headers.remove(name);
    }
    head.headers.entry(DATE).or_insert_with(now);
    if !body.is_end_stream() {
        declare_length(&mut head.headers, &body);
    }
    (Response::from_parts(head, ()), body)
}

fn declare_length<B: Body>(headers: &mut HeaderMap, body: &B) {
    if let Some(length) = body.size_hint().exact() {
        headers.entry(CONTENT_LENGTH).or_insert_with(|| length.into());
    }
}

fn now() -> HeaderValue {
    thread_local! {
        static LAST: RefCell<LastDate> = RefCell::new(LastDate::default());
    }
    // The clock of a system may be before 1970.
    let second = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    LAST.with_borrow_mut(|last| last.at(second))
}

/// The `Date` of the last second, so that each second's is made only once.
#[derive(Default)]
struct LastDate {
    second: u64,
    made: HttpDate,
    value: Option<HeaderValue>,
}

impl LastDate {
    fn at(&mut self, second: u64) -> HeaderValue {
        if self.second != second {
            (self.second, self.value) = (second, None);
        }
        let made = &mut self.made;
        let make = || HeaderValue::from_bytes(made.at(second)).expect("a date is visible ASCII");
        self.value.get_or_insert_with(make).clone()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http_body_util::Full;

    use super::*;

    #[test]
    fn a_date_is_made_once_a_second() {
        let mut last = LastDate::default();
        assert_eq!(last.at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(last.at(1), "Thu, 01 Jan 1970 00:00:01 GMT");
        assert_eq!(last.at(1).as_bytes().as_ptr(), last.at(1).as_bytes().as_ptr());
    }

    #[test]
    fn fields_of_http1_are_removed_and_what_is_there_stays() {
        let answer = Response::builder()
            .header("connection", "close")
            .header("keep-alive", "timeout=5")
            .header("date", "yesterday")
            .body(Full::new(Bytes::from_static(b"abc")))
            .unwrap();
        let (head, _) = prepared(answer);
        let fields: Vec<_> =
            head.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        assert_eq!(fields, [("date", &b"yesterday"[..]), ("content-length", b"3")]);
    }
}
