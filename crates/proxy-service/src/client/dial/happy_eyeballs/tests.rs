use std::cell::{Cell, RefCell};
use std::net::Ipv4Addr;

use io::ErrorKind::{self, *};
use proptest::prelude::*;
use tokio::time::{Instant, sleep};

use super::*;

/// How one attempt ends: after so many milliseconds, with success or with this error. `HANGS` is longer than any test.
type End = (u64, Result<(), ErrorKind>);

const HANGS: u64 = 1_000_000;

/// What was seen of a race: the winner's index or the error, how long it took, and when each attempt began. Times are
/// in milliseconds.
#[derive(Debug, PartialEq)]
struct Seen {
    end: Result<usize, ErrorKind>,
    took: u64,
    begun: Vec<u64>,
}

/// Counts one attempt as under way until it is dropped.
struct UnderWay<'a>(&'a Cell<usize>);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

async fn race(script: &[End]) -> Seen {
    let began = Instant::now();
    let millis = || u64::try_from(began.elapsed().as_millis()).unwrap();
    let addresses =
        (0..script.len()).map(|place| SocketAddr::from((Ipv4Addr::LOCALHOST, place as u16))).collect();
    let (begun, under_way) = (RefCell::new(Vec::new()), Cell::new(0));
    let attempt = |address: SocketAddr| {
        let place = usize::from(address.port());
        let (delay, end) = script[place];
        assert_eq!(begun.borrow().len(), place, "out of order");
        begun.borrow_mut().push(millis());
        under_way.set(under_way.get() + 1);
        let guard = UnderWay(&under_way);
        async move {
            let _guard = guard;
            sleep(Duration::from_millis(delay)).await;
            end.map(|()| place).map_err(io::Error::from)
        }
    };
    let end = first_to_connect(addresses, attempt).await.map_err(|error| error.kind());
    assert_eq!(under_way.get(), 0, "losers are dropped");
    Seen { end, took: millis(), begun: begun.take() }
}

#[tokio::test(start_paused = true)]
async fn races() {
    const REFUSED: Result<(), ErrorKind> = Err(ConnectionRefused);
    let cases: [(&str, &[End], Seen); 10] = [
        ("one alone", &[(900, Ok(()))], Seen { end: Ok(0), took: 900, begun: vec![0] }),
        ("one alone fails", &[(9, REFUSED)], Seen { end: Err(ConnectionRefused), took: 9, begun: vec![0] }),
        (
            "a quick first one is not raced",
            &[(249, Ok(())), (0, Ok(()))],
            Seen { end: Ok(0), took: 249, begun: vec![0] },
        ),
        (
            "a hanging first one costs a head start",
            &[(HANGS, Ok(())), (10, Ok(()))],
            Seen { end: Ok(1), took: 260, begun: vec![0, 250] },
        ),
        (
            "a slow first one may still win",
            &[(300, Ok(())), (100, Ok(()))],
            Seen { end: Ok(0), took: 300, begun: vec![0, 250] },
        ),
        (
            "the next begins at once when one fails",
            &[(10, REFUSED), (10, REFUSED), (10, Ok(()))],
            Seen { end: Ok(2), took: 30, begun: vec![0, 10, 20] },
        ),
        (
            "whichever it is that fails",
            &[(300, REFUSED), (HANGS, REFUSED), (10, Ok(()))],
            Seen { end: Ok(2), took: 310, begun: vec![0, 250, 300] },
        ),
        (
            "the last has all the time",
            &[(10, REFUSED), (5000, Ok(()))],
            Seen { end: Ok(1), took: 5010, begun: vec![0, 10] },
        ),
        (
            "the first is still waited for when the last has failed",
            &[(5000, Ok(())), (10, REFUSED)],
            Seen { end: Ok(0), took: 5000, begun: vec![0, 250] },
        ),
        (
            "all fail",
            &[(600, REFUSED), (10, Err(NetworkUnreachable)), (10, Err(Other))],
            Seen { end: Err(ConnectionRefused), took: 600, begun: vec![0, 250, 260] },
        ),
    ];
    for (what, script, expected) in cases {
        assert_eq!(race(script).await, expected, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_most_telling_error_is_reported_and_of_equals_the_last() {
    for (errors, told) in [
        (&[NetworkUnreachable, ConnectionRefused] as &[_], ConnectionRefused),
        (&[ConnectionRefused, NetworkUnreachable], ConnectionRefused),
        (&[ConnectionRefused, TimedOut], ConnectionRefused),
        (&[TimedOut, HostUnreachable], TimedOut),
        (&[Other, AddrNotAvailable], AddrNotAvailable),
        (&[ConnectionRefused, ConnectionReset], ConnectionReset),
        (&[ConnectionReset, ConnectionRefused], ConnectionRefused),
    ] {
        let script: Vec<End> = errors.iter().map(|kind| (1, Err(*kind))).collect();
        assert_eq!(race(&script).await.end, Err(told), "{errors:?}");
    }
}

fn end() -> impl Strategy<Value = End> {
    let result = prop_oneof![Just(Ok(())), Just(Err(ConnectionRefused)), Just(Err(TimedOut))];
    (0..2000u64, result)
}

proptest! {
    /// The whole rule, checked from its results: all else follows from when each attempt began.
    #[test]
    fn the_first_to_succeed_wins(script in prop::collection::vec(end(), 1..8)) {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let seen = runtime.block_on(race(&script));
        let ends: Vec<_> = seen.begun.iter().zip(&script).map(|(begun, end)| (begun + end.0, end.1)).collect();
        for (place, gap) in seen.begun.windows(2).map(|pair| pair[1] - pair[0]).enumerate() {
            let next = seen.begun[place + 1];
            let failed_then = ends[..=place].iter().any(|(at, result)| *at == next && result.is_err());
            prop_assert!(gap == 250 || gap < 250 && failed_then, "attempt {}", place + 1);
        }
        let first_success = ends.iter().filter(|end| end.1.is_ok()).map(|end| end.0).min();
        match seen.end {
            Ok(winner) => {
                prop_assert_eq!(ends[winner], (seen.took, Ok(())));
                prop_assert_eq!(first_success, Some(seen.took));
            }
            Err(_) => {
                prop_assert_eq!(ends.len(), script.len());
                prop_assert_eq!(first_success, None);
                prop_assert_eq!(ends.iter().map(|end| end.0).max(), Some(seen.took));
            }
        }
    }
}
