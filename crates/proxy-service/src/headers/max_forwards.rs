//! `Max-Forwards`: how many more times a request may be forwarded (RFC 9110 §7.6.2). It applies to OPTIONS and TRACE,
//! and TRACE is never forwarded.

use http::header::{HeaderMap, HeaderValue, MAX_FORWARDS};
use http::request::Parts;

use super::single::{Repeated, only};
use crate::error::{ErrorKind, ProxyError, Stage};

/// Takes one off the count.
///
/// # Errors
/// [`ErrorKind::LastHop`] if the count is 0: the request is answered here. 400 if there isn't exactly one number: the
/// request must not go on with a count that was not lowered.
pub(crate) fn count_down(headers: &mut HeaderMap, received: &Parts) -> Result<(), ProxyError> {
    match only(&received.headers, MAX_FORWARDS) {
        Ok(None) => Ok(()),
        Ok(Some(count)) => {
            let left =
                number(count).ok_or_else(|| ProxyError::bad_request("Max-Forwards is not a number"))?;
            let left =
                left.checked_sub(1).ok_or_else(|| ProxyError::new(ErrorKind::LastHop, Stage::Request))?;
            headers.insert(MAX_FORWARDS, left.into());
            Ok(())
        }
        Err(Repeated) => Err(ProxyError::bad_request("more than one Max-Forwards")),
    }
}

/// A number that is too large becomes the largest possible. The RFC lets a proxy have a maximum of its own.
fn number(value: &HeaderValue) -> Option<u64> {
    let digits =
        value.to_str().ok().filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()))?;
    Some(digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn after(lines: &[&'static str]) -> Result<Option<String>, ErrorKind> {
        let (mut received, ()) = Request::options("/").body(()).unwrap().into_parts();
        for line in lines {
            received.headers.append(MAX_FORWARDS, HeaderValue::from_static(line));
        }
        let mut headers = received.headers.clone();
        count_down(&mut headers, &received).map_err(|error| error.kind())?;
        let values: Vec<_> = headers.get_all(MAX_FORWARDS).iter().collect();
        assert!(values.len() < 2, "{values:?}");
        Ok(values.first().map(|value| value.to_str().unwrap().to_owned()))
    }

    #[test]
    fn counts() {
        assert_eq!(after(&[]), Ok(None));
        for (received, left) in
            [("1", "0"), ("10", "9"), ("007", "6"), ("99999999999999999999", "18446744073709551614")]
        {
            assert_eq!(after(&[received]), Ok(Some(left.to_owned())), "{received}");
        }
        for zero in ["0", "000"] {
            assert_eq!(after(&[zero]), Err(ErrorKind::LastHop), "{zero}");
        }
    }

    #[test]
    fn no_counts() {
        for lines in [&[""][..], &["-1"], &["+1"], &["1.0"], &["1, 2"], &["ten"], &["1", "1"]] {
            assert_eq!(after(lines), Err(ErrorKind::BadRequest), "{lines:?}");
        }
    }
}
