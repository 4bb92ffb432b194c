use proptest::prelude::*;

use super::*;

fn order(weights: &[u16]) -> Vec<usize> {
    Rotation::new(weights).turns(0).collect()
}

fn counts(rotation: &Rotation, endpoints: usize) -> Vec<u64> {
    let mut counts = vec![0; endpoints];
    rotation.turns(0).for_each(|index| counts[index] += 1);
    counts
}

/// nginx's algorithm as it is, endpoint by endpoint.
fn nginx(weights: &[u16], slots: u64) -> Vec<usize> {
    let total: i64 = weights.iter().map(|&weight| i64::from(weight)).sum();
    let mut current = vec![0_i64; weights.len()];
    let mut next = || {
        let mut best = 0;
        for (index, &weight) in weights.iter().enumerate() {
            current[index] += i64::from(weight);
            if current[index] > current[best] {
                best = index;
            }
        }
        current[best] -= total;
        best
    };
    (0..slots).map(|_| next()).collect()
}

#[test]
fn known_orders() {
    for (weights, expected) in [
        (&[][..], &[][..]),
        (&[0, 0], &[]),
        (&[7], &[0]),
        (&[1, 1, 1], &[0, 1, 2]),
        (&[4, 4], &[0, 1]),
        (&[3, 1], &[0, 0, 1, 0]),
        (&[5, 1, 1], &[0, 0, 1, 0, 2, 0, 0]),
        (&[10, 0, 5], &[0, 2, 0]),
        (&[1, 2, 3], &[2, 1, 0, 2, 1, 2]),
    ] {
        assert_eq!(order(weights), expected, "{weights:?}");
    }
}

#[test]
fn ten_thousand_of_equal_weight_need_one_slot_each() {
    assert_eq!(Rotation::new(&vec![u16::MAX; 10_000]).len(), 10_000);
    assert_eq!(Rotation::new(&vec![3; 70_000]).len(), 70_000);
}

#[test]
fn the_table_is_bounded_at_the_heaviest_weights() {
    let weights: Vec<u16> = (0..10_000).map(|index| u16::MAX - index).collect();
    let rotation = Rotation::new(&weights);
    assert!(rotation.len() <= 65_536 + 10_000, "{}", rotation.len());
    assert!(counts(&rotation, weights.len()).iter().all(|&count| count > 0));
}

#[test]
fn a_light_endpoint_is_never_starved_by_scaling() {
    let mut weights = vec![u16::MAX; 9_999];
    weights.push(1);
    assert_eq!(counts(&Rotation::new(&weights), 10_000).last(), Some(&1));
}

#[test]
fn every_ticket_up_to_the_last_is_somebodys_turn() {
    let rotation = Rotation::new(&[5, 1, 1]);
    let expected = [0, 0, 1, 0, 2, 0, 0];
    for ticket in [0, 6, 7, u64::MAX - 3, u64::MAX] {
        let slot = (ticket % 7) as usize;
        assert_eq!(rotation.at(ticket), Some(expected[slot]));
        let turns: Vec<usize> = rotation.turns(ticket).collect();
        assert_eq!(turns, [&expected[slot..], &expected[..slot]].concat());
    }
    assert_eq!(Rotation::new(&[]).at(u64::MAX), None);
    assert_eq!(Rotation::new(&[]).turns(u64::MAX).next(), None);
}

proptest! {
    /// Shares over one cycle are exact, in nginx's order.
    #[test]
    fn is_nginx_s_smooth_rotation(weights in prop::collection::vec(0..40_u16, 1..12)) {
        let divisor = weights.iter().fold(0, |a, &b| gcd(a, u64::from(b))).max(1);
        let rotation = Rotation::new(&weights);
        let shares: Vec<u64> = weights.iter().map(|&weight| u64::from(weight) / divisor).collect();
        prop_assert_eq!(counts(&rotation, weights.len()), shares);
        prop_assert_eq!(rotation.turns(0).collect::<Vec<_>>(), nginx(&weights, rotation.len() as u64));
    }

    /// No endpoint is ever more than a pick ahead of its share.
    #[test]
    fn nobody_runs_ahead(weights in prop::collection::vec(1..=300_u16, 1..20)) {
        let rotation = Rotation::new(&weights);
        let total: u64 = weights.iter().map(|&weight| u64::from(weight)).sum();
        let mut picks = vec![0_u64; weights.len()];
        for (step, index) in (1..).zip(rotation.turns(0)) {
            picks[index] += 1;
            prop_assert!((picks[index] - 1) * total < step * u64::from(weights[index]));
        }
    }

    /// With scaled weights each endpoint is within one slot of its share and has at least one slot, and the table's
    /// length is bounded.
    #[test]
    fn scaling_errs_by_at_most_one_slot(weights in prop::collection::vec(1_000..=u16::MAX, 66..200)) {
        prop_assume!(weights.iter().fold(0, |a, &b| gcd(a, u64::from(b))) == 1);
        let total: u64 = weights.iter().map(|&weight| u64::from(weight)).sum();
        let shares = shares(&weights);
        let sum: u64 = shares.iter().sum();
        prop_assert!((MAX_SLOTS..=MAX_SLOTS + weights.len() as u64).contains(&sum));
        for (&weight, &share) in weights.iter().zip(&shares) {
            prop_assert!(share >= 1);
            prop_assert!((share * total).abs_diff(u64::from(weight) * MAX_SLOTS) <= total);
        }
    }
}
