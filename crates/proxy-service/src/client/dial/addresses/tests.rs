use std::future::{pending, ready};

use tokio::time::Instant;

use super::*;

const LIMIT: Duration = Duration::from_secs(5);

/// Addresses in the families that `order` names, one for each `4` or `6`. The last part of each is its index in
/// `order`.
fn addresses(order: &str) -> Vec<SocketAddr> {
    let of = |(index, family)| match family {
        '4' => format!("192.0.2.{index}:80"),
        _ => format!("[2001:db8::{index}]:80"),
    };
    order.chars().enumerate().map(|entry| of(entry).parse().unwrap()).collect()
}

/// The indexes in `order` of the addresses that are tried, in the order in which they are tried.
fn tried(order: &str) -> Vec<usize> {
    let found = addresses(order);
    let place = |address| found.iter().position(|other| *other == address).unwrap();
    interleaved(found.iter().copied()).into_iter().map(place).collect()
}

#[test]
fn families_take_turns() {
    for (order, expected) in [
        ("", &[] as &[usize]),
        ("4", &[0]),
        ("444", &[0, 1, 2]),
        ("6644", &[0, 2, 1, 3]),
        ("4466", &[0, 2, 1, 3]),
        ("6444", &[0, 1, 2, 3]),
        ("46664", &[0, 1, 4, 2, 3]),
        ("44444444446", &[0, 10, 1, 2, 3, 4, 5, 6]),
        ("6666666666", &[0, 1, 2, 3, 4, 5, 6, 7]),
    ] {
        assert_eq!(tried(order), expected, "{order}");
    }
}

#[tokio::test]
async fn a_literal_address_is_taken_as_it_is() {
    for (target, expected) in [
        ("http://192.0.2.1", "192.0.2.1:80"),
        ("http://192.0.2.1:81/base", "192.0.2.1:81"),
        ("http://[2001:db8::1]", "[2001:db8::1]:80"),
        ("http://[2001:db8::1]:81", "[2001:db8::1]:81"),
        #[cfg(feature = "tls")]
        ("https://192.0.2.1", "192.0.2.1:443"),
    ] {
        let found = of(&target.parse().unwrap(), LIMIT).await.unwrap();
        assert_eq!(found, [expected.parse().unwrap()], "{target}");
    }
}

#[tokio::test]
async fn an_address_that_was_set_is_the_only_one() {
    let set = "192.0.2.1:8080".parse().unwrap();
    for target in ["http://localhost", "http://app.invalid:80/base", "http://[2001:db8::1]"] {
        let target: Target = target.parse().unwrap();
        assert_eq!(of(&target.at(set), LIMIT).await.unwrap(), [set]);
    }
}

#[tokio::test]
async fn a_name_is_looked_up() {
    let found = of(&"http://localhost:81".parse().unwrap(), LIMIT).await.unwrap();
    assert!(
        !found.is_empty() && found.iter().all(|address| address.ip().is_loopback() && address.port() == 81)
    );
}

#[tokio::test(start_paused = true)]
async fn a_lookup_has_a_limit() {
    let began = Instant::now();
    let error = resolved(pending::<io::Result<std::vec::IntoIter<_>>>(), LIMIT).await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(began.elapsed(), LIMIT);
}

#[tokio::test]
async fn a_name_without_an_address_is_no_better_than_none() {
    let error = resolved(ready(Ok([].into_iter())), LIMIT).await.unwrap_err();
    assert!(!error.is_timeout());
    assert_eq!(error.to_string(), "name not resolved: it has no address");
}
