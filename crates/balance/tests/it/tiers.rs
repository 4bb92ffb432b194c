//! Tiers: endpoints that get requests only while too few of the better ones are well.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::support::{Ask, Numbered, Readiness, ask, now};
use balance::{
    Balance, BoxError, Clock, Entry, Hash, Health, Key, LeastLoaded, Limit, NoEndpoints, Outliers, PeakEwma,
    Policy, Random, RoundRobin, Settings, SlowStart,
};
use proptest::prelude::*;
use tokio_test::{assert_pending, task::spawn};
use tower::{Service, service_fn};

#[derive(Clone, Debug)]
struct Member {
    priority: u8,
    weight: u16,
    is_broken: bool,
}

fn members() -> impl Strategy<Value = Vec<Member>> {
    let member = (0..4_u8, 0..3_u16, any::<bool>()).prop_map(|(priority, weight, is_broken)| Member {
        priority,
        weight,
        is_broken,
    });
    prop::collection::vec(member, 1..12)
}

fn settings(share: u8) -> Settings {
    Settings::new().outliers(Outliers::new().consecutive(1).max_share(100)).tier_share(share).seed(1)
}

/// Which members may get a request, if these are well.
fn expected(members: &[Member], is_well: &[bool], share: u8) -> Vec<bool> {
    let mut priorities: Vec<u8> = members.iter().filter(|m| m.weight > 0).map(|m| m.priority).collect();
    priorities.sort_unstable();
    priorities.dedup();
    let in_tier = |index: usize, priority| members[index].weight > 0 && members[index].priority == priority;
    let mut last = None;
    for priority in priorities {
        last = Some(priority);
        let tier: Vec<usize> = (0..members.len()).filter(|index| in_tier(*index, priority)).collect();
        let well = tier.iter().filter(|index| is_well[**index]).count();
        if well * 100 >= tier.len() * usize::from(share) {
            break;
        }
    }
    let is_in_use = |member: &Member| member.weight > 0 && last.is_some_and(|last| member.priority <= last);
    let mut may: Vec<bool> = members.iter().zip(is_well).map(|(m, well)| is_in_use(m) && *well).collect();
    if !may.contains(&true) {
        // Tiers in which nobody is well, up to the last one: each may be the last resort.
        may = members.iter().map(|member| member.weight > 0).collect();
    }
    may
}

/// Sends requests until the broken ones of the tiers in use are ejected and longer, and checks who gets each.
fn follows_the_model<P: Policy<u64> + Send + Sync + 'static>(policy: P, members: &[Member], share: u8) {
    let entries = members.iter().enumerate().map(|(number, member)| {
        let is_broken = member.is_broken;
        let service = service_fn(move |_: u64| {
            std::future::ready(if is_broken { Err(BoxError::from("it broke")) } else { Ok(number) })
        });
        Entry::new(service).weight(member.weight).priority(member.priority).id(number as u64)
    });
    let mut balance = Balance::with(settings(share).clock(Clock::by_hand().0), policy, entries);
    let endpoints = balance.endpoints().snapshot();
    let requests = || endpoints.iter().map(|endpoint| endpoint.requests()).collect::<Vec<_>>();
    for request in 0..100 {
        let is_well: Vec<bool> = endpoints.iter().map(|one| one.health() == Health::Available).collect();
        let before = requests();
        let answer = now(balance.call(request));
        let after = requests();
        let Some(got) = (0..members.len()).find(|index| before[*index] != after[*index]) else {
            assert!(answer.unwrap_err().is::<NoEndpoints>());
            assert!(members.iter().all(|member| member.weight == 0));
            return;
        };
        assert!(expected(members, &is_well, share)[got], "{got} of {members:?}, well: {is_well:?}");
    }
}

proptest! {
    #[test]
    fn every_policy_stays_in_the_tiers_in_use(members in members(), share in 1..=100_u8) {
        follows_the_model(RoundRobin::new(), &members, share);
        follows_the_model(Random::seeded(1), &members, share);
        follows_the_model(LeastLoaded::seeded(1), &members, share);
        follows_the_model(PeakEwma::seeded(1), &members, share);
        follows_the_model(Hash::by(|request: &u64| Key::of(request)), &members, share);
    }
}

type Switches = Vec<Arc<AtomicBool>>;

/// An endpoint for each priority. Each fails while its switch is on.
fn switched(
    priorities: &[u8],
    settings: Settings,
) -> (impl FnMut() -> Option<usize>, Switches, impl Fn() -> Vec<Health>) {
    let broken: Switches = priorities.iter().map(|_| Arc::default()).collect();
    let entries = priorities.iter().zip(broken.clone()).enumerate().map(|(number, (priority, broken))| {
        let service = service_fn(move |(): ()| {
            let is_broken = broken.load(Ordering::Relaxed);
            std::future::ready(if is_broken { Err(BoxError::from("it broke")) } else { Ok(number) })
        });
        Entry::new(service).priority(*priority)
    });
    let mut balance = Balance::with(settings, RoundRobin::new(), entries);
    let endpoints = balance.endpoints();
    let health = move || endpoints.snapshot().iter().map(|endpoint| endpoint.health()).collect();
    (move || now(balance.call(())).ok(), broken, health)
}

#[test]
fn the_next_tier_helps_while_fewer_than_half_are_well_and_leaves_again() {
    let (clock, hand) = Clock::by_hand();
    let (mut ask, broken, _) = switched(&[0, 0, 1, 2], settings(50).clock(clock));
    let mut answers = |n| (0..n).map(|_| ask()).collect::<Vec<_>>();
    assert_eq!(answers(4), [Some(0), Some(1), Some(0), Some(1)]);
    broken[0].store(true, Ordering::Relaxed);
    assert_eq!(answers(4), [None, Some(1), Some(1), Some(1)], "one of two is not fewer than half");
    broken[1].store(true, Ordering::Relaxed);
    assert_eq!(answers(4), [None, Some(2), Some(2), Some(2)]);
    broken[2].store(true, Ordering::Relaxed);
    assert_eq!(answers(3), [None, Some(3), Some(3)]);
    // Their ejections are over. Each one is tried in its turn and is back.
    broken.iter().for_each(|broken| broken.store(false, Ordering::Relaxed));
    hand.advance(Duration::from_secs(40));
    answers(20);
    assert_eq!(answers(2).iter().flatten().max(), Some(&1), "the first tier has them all");
}

#[test]
fn a_slow_start_takes_its_part_from_the_tier_that_helped() {
    let (clock, hand) = Clock::by_hand();
    let settings = settings(50).slow_start(SlowStart::default()).clock(clock);
    let (mut ask, broken, health) = switched(&[0, 1], settings);
    broken[0].store(true, Ordering::Relaxed);
    assert_eq!([ask(), ask()], [None, Some(1)]);
    broken[0].store(false, Ordering::Relaxed);
    hand.advance(Duration::from_secs(40));
    while health()[0] != Health::SlowStart {
        ask();
    }
    hand.advance(Duration::from_secs(1));
    let mut count = || (0..100).filter(|_| ask() == Some(0)).count();
    let early = count();
    assert!((1..=20).contains(&early), "{early} of 100");
    hand.advance(Duration::from_secs(30));
    assert_eq!(count(), 100);
}

#[tokio::test]
async fn a_request_goes_to_the_next_tier_before_it_waits() {
    let (full, mut handle) = tower_test::mock::pair::<(), &str>();
    handle.allow(10);
    let (spare, mut spare_handle) = tower_test::mock::pair::<(), &str>();
    spare_handle.allow(10);
    let limit = Limit::new(NonZeroU32::MIN).queue(1, Duration::from_secs(1));
    let entries = [Entry::new(full), Entry::new(spare).priority(1)];
    let mut balance = Balance::with(Settings::new().limit(limit), RoundRobin::new(), entries);
    let in_flight = |balance: &Balance<_>| {
        balance.endpoints().snapshot().iter().map(|endpoint| endpoint.in_flight()).collect::<Vec<_>>()
    };
    let mut requests: Vec<_> = (0..3).map(|_| spawn(balance.call(()))).collect();
    assert_pending!(requests[0].poll());
    assert_eq!(in_flight(&balance), [1, 0]);
    assert_pending!(requests[1].poll());
    assert_eq!(in_flight(&balance), [1, 1]);
    assert_pending!(requests[2].poll());
    drop(requests.remove(0));
    assert!(requests[1].is_woken(), "it waited for either");
}

#[test]
fn nor_does_it_wait_for_one_that_is_not_ready() {
    let entries = [(Readiness::Never, 0), (Readiness::Broken, 0), (Readiness::Always, 3)];
    let entries = entries.into_iter().enumerate().map(|(number, (readiness, priority))| {
        Entry::new(Numbered::with(number, readiness)).priority(priority)
    });
    let mut balance = Balance::with(Settings::new(), RoundRobin::new(), entries);
    assert_eq!([ask(&mut balance), ask(&mut balance)], [2, 2]);
}

#[test]
fn sets_of_targets_have_tiers_that_change() {
    let mut balance = Balance::round_robin([]);
    let mut targets = balance.endpoints().by_target(Numbered::new);
    let entry = |number, priority| Entry::new(number).priority(priority);
    assert!(targets.set([entry(1, 1), entry(2, 0)]));
    let kept = balance.endpoints().snapshot();
    assert_eq!([ask(&mut balance), ask(&mut balance)], [2, 2]);
    assert!(targets.set([entry(1, 1), entry(2, 2)]));
    assert_eq!([ask(&mut balance), ask(&mut balance)], [1, 1]);
    assert!(!targets.set([entry(1, 1), entry(2, 2)]));
    assert!(targets.set([entry(1, 1), entry(2, 2), entry(2, 1)]), "the lower one of two counts");
    let mut both = [ask(&mut balance), ask(&mut balance)];
    both.sort_unstable();
    assert_eq!(both, [1, 2]);
    let now = balance.endpoints().snapshot();
    assert!(kept.iter().zip(&now).all(|(before, now)| Arc::ptr_eq(before, now)));
    assert_eq!(now.iter().map(|endpoint| endpoint.priority()).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn failing_over_goes_on_to_the_next_tier() {
    struct Back(Ask);
    impl TryFrom<Back> for Ask {
        type Error = Back;
        fn try_from(Back(request): Back) -> Result<Self, Back> {
            Ok(request)
        }
    }
    impl From<Back> for BoxError {
        fn from(_: Back) -> Self {
            "it was not sent".into()
        }
    }
    let entries = [0, 1].map(|number| {
        let answer =
            move |request: Ask| std::future::ready(if number == 0 { Err(Back(request)) } else { Ok(number) });
        Entry::new(service_fn(answer)).priority(number)
    });
    let mut balance = Balance::with(Settings::new(), RoundRobin::new(), entries).failover(1);
    assert_eq!(now(balance.call(Ask::new())).unwrap(), 1);
}
