//! The classes that requests are counted in: known methods and statuses by their names, all others together. So whoever
//! sends unknown ones can't make the table grow.

use http::{Method, StatusCode};

/// Methods that have a class of their own. The last class is for all others.
pub(super) const METHODS: [&str; 9] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "other"];

pub(super) fn of_method(method: Option<&Method>) -> usize {
    match method {
        Some(&Method::GET) => 0,
        Some(&Method::HEAD) => 1,
        Some(&Method::POST) => 2,
        Some(&Method::PUT) => 3,
        Some(&Method::PATCH) => 4,
        Some(&Method::DELETE) => 5,
        Some(&Method::OPTIONS) => 6,
        Some(&Method::CONNECT) => 7,
        _ => METHODS.len() - 1,
    }
}

/// How many statuses have a class of their own: those of IANA's registry, and 499 for clients that left.
const KNOWN: usize = 62;

/// The known statuses, and then a class for each hundred, and one for what is no status.
#[rustfmt::skip]
pub(super) const STATUSES: [&str; KNOWN + 6] = [
    "100", "101", "102", "103",
    "200", "201", "202", "203", "204", "205", "206", "207", "208", "226",
    "300", "301", "302", "303", "304", "305", "307", "308",
    "400", "401", "402", "403", "404", "405", "406", "407", "408", "409", "410", "411", "412", "413", "414", "415",
    "416", "417", "421", "422", "423", "424", "425", "426", "428", "429", "431", "451", "499",
    "500", "501", "502", "503", "504", "505", "506", "507", "508", "510", "511",
    "1xx", "2xx", "3xx", "4xx", "5xx", "other",
];

/// The class of each status from 0 to 999.
static CLASSES: [u8; 1000] = classes();

#[allow(clippy::indexing_slicing, reason = "evaluated when it is compiled")]
const fn classes() -> [u8; 1000] {
    let mut classes = [STATUSES.len() as u8 - 1; 1000];
    let mut status = 100;
    while status < 600 {
        classes[status] = (KNOWN + status / 100 - 1) as u8;
        status += 1;
    }
    let mut known = 0;
    while known < KNOWN {
        let digits = STATUSES[known].as_bytes();
        let status =
            digits[0] as usize * 100 + digits[1] as usize * 10 + digits[2] as usize - b'0' as usize * 111;
        classes[status] = known as u8;
        known += 1;
    }
    classes
}

pub(super) fn of_status(status: StatusCode) -> usize {
    CLASSES.get(usize::from(status.as_u16())).map_or(STATUSES.len() - 1, |class| usize::from(*class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_have_their_class() {
        for (class, name) in METHODS.iter().enumerate().take(METHODS.len() - 1) {
            assert_eq!(of_method(Some(&name.parse().unwrap())), class);
        }
        for unknown in [Some("TRACE"), Some("get"), Some("PROPFIND"), None] {
            let method = unknown.map(|name| name.parse().unwrap());
            assert_eq!(METHODS[of_method(method.as_ref())], "other");
        }
    }

    #[test]
    fn statuses_have_their_class() {
        for status in 100..1000_u16 {
            let status = StatusCode::from_u16(status).unwrap();
            let is_known = status.canonical_reason().is_some() || status.as_u16() == 499;
            let shown = STATUSES[of_status(status)];
            match (is_known, status.as_u16()) {
                // The registry has dropped 418.
                (_, 418) => assert_eq!(shown, "4xx"),
                (true, _) => assert_eq!(shown, status.as_str()),
                (false, 600..) => assert_eq!(shown, "other"),
                (false, code) => assert_eq!(shown, format!("{}xx", code / 100)),
            }
        }
    }
}
