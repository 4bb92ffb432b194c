use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::time::Duration;

use proptest::prelude::*;

use super::entry::{Entry, TRIES, WINDOW};
use super::peer::Peer;
use super::table::Table;
use super::*;

fn peer(n: u32) -> Peer {
    Peer::V4(Ipv4Addr::from_bits(n))
}

fn lock_out(table: &Table, peer: Peer, now: u32) {
    for _ in 0..TRIES {
        assert_eq!(table.wrong_try(&peer, now), None);
    }
}

#[test]
fn ten_tries_then_a_minute_from_the_tenth() {
    let (table, peer) = (Table::new(), peer(1));
    for now in 0..TRIES - 1 {
        assert_eq!(table.wrong_try(&peer, now), None);
        assert_eq!(table.lockout(&peer, now), None);
    }
    let tenth = 30;
    assert_eq!(table.wrong_try(&peer, tenth), None);
    for (now, remaining) in [(tenth, WINDOW), (tenth + 1, WINDOW - 1), (tenth + WINDOW - 1, 1)] {
        let remaining = Some(Duration::from_secs(remaining.into()));
        assert_eq!(table.lockout(&peer, now), remaining);
        assert_eq!(table.wrong_try(&peer, now), remaining, "a try in the lockout doesn't prolong it");
    }
    assert_eq!(table.lockout(&peer, tenth + WINDOW), None);
    assert_eq!(table.wrong_try(&peer, tenth + WINDOW), None);
}

#[test]
fn nine_tries_a_minute_are_never_too_many() {
    let (table, peer) = (Table::new(), peer(1));
    for minute in 0..100 {
        for _ in 1..TRIES {
            assert_eq!(table.wrong_try(&peer, minute * WINDOW), None);
        }
    }
}

#[test]
fn a_flood_of_peers_locks_out_no_bystander_and_frees_no_guesser() {
    let (table, guesser) = (Table::new(), peer(u32::MAX));
    lock_out(&table, guesser, 0);
    for n in 0..100_000 {
        assert_eq!(table.wrong_try(&peer(n), 1), None, "a newcomer's first try is never too many");
    }
    assert!(table.lockout(&guesser, 1).is_some());
    let bystanders = (200_000..300_000).map(peer);
    assert_eq!(bystanders.filter(|bystander| table.lockout(bystander, 1).is_some()).count(), 0);
}

/// Every entry of the table is a lockout. New peers still get through, and are still counted.
#[test]
fn saturation_locks_out_nobody_else() {
    let table = Table::new();
    for n in 0..50_000 {
        lock_out(&table, peer(n), 0);
    }
    let locked = (0..50_000).filter(|n| table.lockout(&peer(*n), 1).is_some()).count();
    assert!((8_000..=8_192).contains(&locked), "the table is full: {locked}");
    let bystanders = (100_000..200_000).map(peer);
    assert_eq!(bystanders.filter(|bystander| table.lockout(bystander, 1).is_some()).count(), 0);
    lock_out(&table, peer(300_000), 1);
    assert!(table.lockout(&peer(300_000), 1).is_some());
}

#[test]
fn of_many_concurrent_tries_exactly_ten_are_let_try() {
    const THREADS: u32 = 8;
    for round in 0..200 {
        let table = Table::new();
        let start = std::sync::Barrier::new(THREADS as usize);
        let try_some = || {
            start.wait();
            (0..5).filter(|_| table.wrong_try(&peer(round), 0).is_none()).count()
        };
        let let_try: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(try_some)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(let_try, TRIES as usize, "round {round}");
    }
}

#[test]
fn peers_are_counted_by_ipv4_address_or_ipv6_64() {
    let of = |address: &str| Peer::from(address.parse::<IpAddr>().unwrap());
    assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
    assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
    assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    let table = Table::new();
    lock_out(&table, of("2001:db8::1"), 0);
    assert!(table.lockout(&of("2001:db8::2"), 0).is_some());
}

proptest! {
    #[test]
    fn packing_keeps_all(tag in 0_u32..1 << 28, tries in 0_u32..16, since: u32) {
        let entry = Entry { tag, tries, since };
        prop_assert_eq!(Entry::unpack(entry.pack()), entry);
    }

    #[test]
    fn the_rate_is_bounded_and_a_lockout_is_earned(gaps in proptest::collection::vec(0_u32..30, 0..300)) {
        let (table, peer) = (Table::new(), peer(7));
        let mut now = 0;
        let mut let_try = Vec::new();
        for gap in gaps {
            now += gap;
            match table.wrong_try(&peer, now) {
                None => let_try.push(now),
                Some(remaining) => {
                    let remaining = u32::try_from(remaining.as_secs()).unwrap();
                    prop_assert!((1..=WINDOW).contains(&remaining));
                    let tenth = now + remaining - WINDOW;
                    let earned = let_try.iter().filter(|at| tenth - **at < WINDOW).count();
                    prop_assert!(earned >= TRIES as usize, "{earned} tries in the minute before {tenth}");
                    prop_assert_eq!(let_try.last(), Some(&tenth));
                }
            }
        }
        // Nine tries at the end of a window, ten in the next, then the lockout: never twenty within a minute.
        for twenty in let_try.windows(20) {
            prop_assert!(twenty[19] - twenty[0] >= WINDOW, "{twenty:?}");
        }
    }

    #[test]
    fn peers_do_not_count_for_each_other(tries in proptest::collection::vec(0_u32..4, 0..60)) {
        let table = Table::new();
        let mut counts = [0; 4];
        let mut peers = HashSet::new();
        for n in tries {
            peers.insert(n);
            let locked = table.wrong_try(&peer(n), 0).is_some();
            prop_assert_eq!(locked, counts[n as usize] >= TRIES);
            counts[n as usize] += 1;
        }
        for n in peers {
            prop_assert_eq!(table.lockout(&peer(n), 0).is_some(), counts[n as usize] >= TRIES);
        }
    }
}
