//! Whatever is done by hand, beside a model.

use super::{SECOND, lab, shares};
use balance::{Health, Settings};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Act {
    Pause,
    Resume,
    Eject(u64),
    Weigh(u16),
    Wait(u64),
    Ask,
}

fn acts() -> impl Strategy<Value = Vec<(usize, Act)>> {
    let act = prop_oneof![
        2 => Just(Act::Pause),
        2 => Just(Act::Resume),
        2 => (0..5_u64).prop_map(Act::Eject),
        1 => (0..3_u16).prop_map(Act::Weigh),
        1 => (0..5_u64).prop_map(Act::Wait),
        6 => Just(Act::Ask),
    ];
    prop::collection::vec((0..4_usize, act), 1..60)
}

/// What an endpoint should be like.
#[derive(Clone, Copy, Debug)]
struct Model {
    weight: u16,
    is_paused: bool,
    ejected_until: u64,
}

proptest! {
    /// No request goes to a paused endpoint, nor to an ejected one while there is another.
    #[test]
    fn picks_follow_whatever_is_done_by_hand(acts in acts()) {
        let (mut ask, _, endpoints, hand) = lab(4, Settings::new());
        let all = endpoints.snapshot();
        let mut models = [Model { weight: 1, is_paused: false, ejected_until: 0 }; 4];
        let mut time = 0;
        for (index, act) in acts {
            let model = &mut models[index];
            match act {
                Act::Pause => {
                    endpoints.pause(&all[index]);
                    model.is_paused = true;
                }
                Act::Resume => {
                    endpoints.resume(&all[index]);
                    (model.is_paused, model.ejected_until) = (false, 0);
                }
                Act::Eject(secs) => {
                    endpoints.eject(&all[index], SECOND * secs as u32);
                    model.ejected_until = time + secs;
                }
                Act::Weigh(weight) => {
                    endpoints.set_weight(&all[index], weight);
                    model.weight = weight;
                }
                Act::Wait(secs) => {
                    hand.advance(SECOND * secs as u32);
                    time += secs;
                }
                Act::Ask => {}
            }
            let open = |model: &Model| model.weight > 0 && !model.is_paused;
            let well = |model: &Model| open(model) && model.ejected_until <= time;
            let any_well = models.iter().any(well);
            let may = |model: &Model| if any_well { well(model) } else { open(model) };
            match ask() {
                Some(number) => prop_assert!(may(&models[number]), "{number} of {models:?} at {time}"),
                None => prop_assert!(!models.iter().any(may), "{models:?}"),
            }
            for ((endpoint, share), model) in endpoints.shares().into_iter().zip(&models) {
                prop_assert_eq!(share > 0.0, may(model), "{:?}: {:?}", endpoint, model);
                prop_assert_eq!(endpoint.health() == Health::Paused, model.is_paused);
            }
            let sum: f64 = shares(&endpoints).iter().sum();
            let all = f64::from(u8::from(models.iter().any(may)));
            prop_assert!((sum - all).abs() < 1e-9);
        }
    }
}
