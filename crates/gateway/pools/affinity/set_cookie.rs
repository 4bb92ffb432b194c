//! Writes the `Set-Cookie` line.

use std::fmt::Write;

use axum::http::HeaderValue;
use axum::http::uri::Scheme;

use crate::config::{Affinity, SameSite, Secure};

/// The `Set-Cookie` value (RFC 6265 §4.1.1; `SameSite` as in RFC 6265bis) for the whole host. Scripts can't read the
/// cookie. `scheme` is that of the request.
pub(crate) fn line(affinity: &Affinity, value: &str, scheme: &Scheme) -> HeaderValue {
    let same_site = match affinity.same_site {
        SameSite::Lax => "Lax",
        SameSite::Strict => "Strict",
        SameSite::None => "None",
    };
    let mut line = format!("{}={value}; Path=/; HttpOnly; SameSite={same_site}", affinity.cookie);
    let is_secure = match affinity.secure {
        Secure::Auto => *scheme == Scheme::HTTPS,
        Secure::Always => true,
        Secure::Never => false,
    };
    if is_secure {
        line.push_str("; Secure");
    }
    if let Some(max_age) = affinity.max_age {
        // Rounded up: an age of 0 would delete the cookie.
        let seconds = max_age.as_millis().div_ceil(1000);
        write!(line, "; Max-Age={seconds}").expect("a String takes what is written to it");
    }
    HeaderValue::try_from(line).expect("names are checked to be tokens, and the rest is ASCII")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_attribute() {
        let plain = Affinity {
            cookie: "gw".to_owned(),
            secret: None,
            max_age: None,
            secure: Secure::Never,
            same_site: SameSite::Lax,
        };
        let aged = |max_age| Affinity { max_age: Some(max_age), ..plain.clone() };
        let secure = |same_site| Affinity { secure: Secure::Always, same_site, ..plain.clone() };
        for (affinity, expected) in [
            (plain.clone(), "gw=7.f; Path=/; HttpOnly; SameSite=Lax"),
            (
                Affinity { same_site: SameSite::Strict, ..plain.clone() },
                "gw=7.f; Path=/; HttpOnly; SameSite=Strict",
            ),
            (secure(SameSite::Lax), "gw=7.f; Path=/; HttpOnly; SameSite=Lax; Secure"),
            (secure(SameSite::None), "gw=7.f; Path=/; HttpOnly; SameSite=None; Secure"),
            (aged(Duration::from_secs(3600)), "gw=7.f; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600"),
            (aged(Duration::from_millis(1)), "gw=7.f; Path=/; HttpOnly; SameSite=Lax; Max-Age=1"),
            (aged(Duration::from_millis(1001)), "gw=7.f; Path=/; HttpOnly; SameSite=Lax; Max-Age=2"),
            (
                Affinity {
                    cookie: "__Host-gw".to_owned(),
                    max_age: Some(Duration::from_secs(60)),
                    ..secure(SameSite::Strict)
                },
                "__Host-gw=7.f; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=60",
            ),
        ] {
            for scheme in [Scheme::HTTP, Scheme::HTTPS] {
                assert_eq!(line(&affinity, "7.f", &scheme), expected);
            }
        }
        let auto = Affinity { secure: Secure::Auto, ..plain };
        for (scheme, expected) in [(Scheme::HTTP, ""), (Scheme::HTTPS, "; Secure")] {
            let expected = format!("gw=7.f; Path=/; HttpOnly; SameSite=Lax{expected}");
            assert_eq!(line(&auto, "7.f", &scheme), expected);
        }
    }
}
