use proptest::prelude::*;

use super::*;
use crate::{
    clock::Clock,
    entry::Entry,
    policy::tests::{admit, counts, equal, follow, load, passed, set, set_of},
};

const KEYS: u64 = 100_000;

fn by_number() -> Hash<impl Fn(&u64) -> Key> {
    Hash::by(|number: &u64| Key::of(number))
}

/// Endpoints of weight 1 with these ids, in this order.
fn identified(ids: impl IntoIterator<Item = u64>) -> Set<()> {
    set_of(ids.into_iter().map(|id| Entry::new(()).id(id)), Clock::new())
}

/// The id of the endpoint that gets each key.
fn owners(set: &Set<()>, passed: &Passed, keys: u64) -> Vec<u64> {
    let hash = by_number();
    (0..keys).map(|key| set.endpoints()[hash.pick(&key, set, passed).unwrap()].id()).collect()
}

#[test]
fn shares_of_the_keys_follow_weights() {
    for weights in [&[1, 1][..], &[3, 1], &[5, 1, 1], &[1, 2, 3, 4], &[1; 10]] {
        let (hash, set) = (by_number(), set(weights));
        let key = std::cell::Cell::new(0);
        let counts = counts(KEYS as u32, weights.len(), || {
            key.set(key.get() + 1);
            hash.pick(&key.get(), &set, &Passed::default())
        });
        let shares: Vec<f64> = weights.iter().map(|&weight| f64::from(weight)).collect();
        assert!(follow(&counts, &shares, 0.03), "{weights:?}: {counts:?}");
    }
}

#[test]
fn one_of_ten_that_leaves_moves_a_tenth_of_the_keys_to_all_others() {
    let (all, nine) = (identified(0..10), identified(1..10));
    let before = owners(&all, &Passed::default(), KEYS);
    let after = owners(&nine, &Passed::default(), KEYS);
    let mut heirs = [0_u32; 10];
    for (before, after) in before.iter().zip(&after) {
        match before {
            0 => heirs[*after as usize] += 1,
            _ => assert_eq!(before, after),
        }
    }
    let moved: u32 = heirs.iter().sum();
    assert!((9_700..10_300).contains(&moved), "{moved}");
    assert!(follow(&heirs[1..], &[1.0; 9], 0.1), "{heirs:?}");
}

#[test]
fn a_weight_that_grows_only_attracts() {
    let (before, after) = (set(&[1, 1, 1]), set(&[1, 1, 2]));
    let [before, after] = [before, after].map(|set| owners(&set, &Passed::default(), KEYS));
    assert!(before.iter().zip(&after).all(|(before, after)| before == after || *after == 2));
    assert!(before != after);
}

#[test]
fn requests_without_a_key_go_anywhere() {
    let hash = Hash::by(|key: &Option<u64>| key.map(Key::from)).seeded(1);
    let set = set(&[1, 3]);
    let keyless = counts(100_000, 2, || hash.pick(&None, &set, &Passed::default()));
    assert!(follow(&keyless, &[1.0, 3.0], 0.02), "{keyless:?}");
    let first = hash.pick(&Some(7), &set, &Passed::default());
    assert!((0..100).all(|_| hash.pick(&Some(7), &set, &Passed::default()) == first));
}

/// Keys and ids that are consecutive numbers, unhashed: the worst case of real keys.
#[test]
fn keys_need_not_be_hashed_before() {
    let (hash, set) = (Hash::by(|&bits: &u64| Key::from(bits)), equal(10));
    let key = std::cell::Cell::new(0);
    let counts = counts(KEYS as u32, 10, || {
        key.set(key.get() + 1);
        hash.pick(&key.get(), &set, &Passed::default())
    });
    assert!(follow(&counts, &[1.0; 10], 0.04), "{counts:?}");
}

/// These were computed without this code. They must never change: gateways of different versions serve side by
/// side.
#[test]
fn the_mapping_is_the_same_in_every_process() {
    let (hash, set) = (Hash::by(|&bits: &u64| Key::from(bits)), equal(10));
    let owners: Vec<_> = (0..12).map(|key| hash.pick(&key, &set, &Passed::default()).unwrap()).collect();
    assert_eq!(owners, [0, 2, 7, 0, 6, 3, 8, 0, 7, 2, 1, 4]);
}

#[test]
fn a_hot_key_spreads_over_as_many_as_it_needs() {
    let (hash, set) = (by_number(), equal(10));
    let mut in_flight = vec![];
    for n in 1..=1_000_u32 {
        let index = hash.pick(&1, &set, &Passed::default()).unwrap();
        in_flight.push(admit(&set.endpoints()[index]));
        let most = set.endpoints().iter().map(|endpoint| endpoint.in_flight()).max().unwrap();
        assert!(most <= (1.25 * f64::from(n) / 10.0).ceil() as u64, "{most} of {n}");
    }
    let busy = set.endpoints().iter().filter(|endpoint| endpoint.in_flight() > 0).count();
    assert_eq!(busy, 8, "ten of 100 on average make eight of 125");
}

#[test]
fn bounds_follow_weights_and_settings() {
    // 9 requests in flight and this one, weights 3 : 1 : 1.
    for (bound, loads, is_reached) in [
        (1.25, [7, 2, 0], [false, false, false]),
        (1.25, [8, 1, 0], [true, false, false]),
        (1.25, [6, 3, 0], [false, true, false]),
        (1.0, [6, 2, 1], [true, true, false]),
        (0.0, [6, 2, 1], [true, true, false]),
        (f64::NAN, [6, 2, 1], [true, true, false]),
        (f64::INFINITY, [9, 0, 0], [false, false, false]),
    ] {
        let set = set(&[3, 1, 1]);
        let _load = load(&set, &loads);
        let hash = by_number().bound(bound);
        let limit = Limit::new(hash.bound, set.endpoints().iter().map(|endpoint| &**endpoint));
        let reached: Vec<bool> = set.endpoints().iter().map(|endpoint| limit.is_reached(endpoint)).collect();
        assert_eq!(reached, is_reached, "{bound} {loads:?}");
    }
}

#[test]
fn those_that_are_passed_over_do_not_count_in_the_mean() {
    let (hash, set) = (by_number(), equal(4));
    let _load = load(&set, &[0, 0, 3, 1]);
    // Of 5 requests, each of two endpoints may have 4, and each of four may have 2.
    assert_eq!(hash.pick(&1, &set, &passed([0, 1, 3])), Some(2));
    let picks: Vec<_> = (0..100).map(|key| hash.pick(&key, &set, &passed([0, 1])).unwrap()).collect();
    assert!(picks.contains(&2) && picks.contains(&3));
}

proptest! {
    /// The same key gets the same endpoint, whatever the order and whichever others were passed over.
    #[test]
    fn the_ids_decide(
        ids in prop::collection::hash_set(any::<u64>(), 2..40),
        key: u64,
        shuffle in any::<prop::sample::Index>(),
    ) {
        let ids: Vec<u64> = ids.into_iter().collect();
        let mut turned = ids.clone();
        turned.rotate_left(shuffle.index(ids.len()));
        turned.reverse();
        let hash = by_number();
        let winner = |set: &Set<()>, passed: &Passed| {
            hash.pick(&key, set, passed).map(|index| set.endpoints()[index].id())
        };
        let (set, turned) = (identified(ids.clone()), identified(turned));
        let first = winner(&set, &Passed::default());
        prop_assert_eq!(first, winner(&turned, &Passed::default()));
        let loser = ids.iter().position(|&id| Some(id) != first).unwrap();
        prop_assert_eq!(first, winner(&set, &passed([loser])));
    }

    /// When an endpoint leaves, exactly its keys move, as if it had been passed over.
    #[test]
    fn only_the_keys_of_the_one_that_leaves_move(endpoints in 2..30_u64, leaving: prop::sample::Index) {
        let leaving = leaving.index(endpoints as usize);
        let all = identified(0..endpoints);
        let rest = identified((0..endpoints).filter(|&id| id != leaving as u64));
        let before = owners(&all, &Passed::default(), 500);
        let after = owners(&rest, &Passed::default(), 500);
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(before == after || *before == leaving as u64);
        }
        prop_assert_eq!(after, owners(&all, &passed([leaving]), 500));
    }

    /// No endpoint gets more than 1.25 times its share, this request included and rounded up.
    #[test]
    fn no_load_exceeds_its_bound(
        weights in prop::collection::vec(1..=5_u16, 1..20),
        keys in prop::collection::vec(0..5_u64, 1..200),
    ) {
        let (hash, set) = (by_number(), set(&weights));
        let total: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
        let mut in_flight = vec![];
        for (n, key) in (1..).zip(keys) {
            let index = hash.pick(&key, &set, &Passed::default()).unwrap();
            in_flight.push(admit(&set.endpoints()[index]));
            let bound = (1.25 * f64::from(n) * f64::from(weights[index]) / total).ceil();
            prop_assert!(set.endpoints()[index].in_flight() as f64 <= bound);
        }
    }
}
