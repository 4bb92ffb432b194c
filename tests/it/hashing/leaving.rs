//! An upstream dies and comes back.

use super::{assert_all_have_some, hashing, owners};

#[tokio::test]
async fn only_the_keys_of_the_one_that_died_move_and_they_come_back() {
    let (gateway, mut upstreams) = hashing("header:x-user", "").await;
    let line = |user: u8| format!("X-User: user-{user}");
    let before = owners(&gateway, line).await;
    assert_all_have_some(&before);
    for (dead, upstream) in upstreams.iter_mut().enumerate() {
        upstream.kill().await;
        let meanwhile = owners(&gateway, line).await;
        for (user, (before, meanwhile)) in before.iter().zip(&meanwhile).enumerate() {
            assert_eq!(*before != dead, before == meanwhile, "user {user} while {dead} is dead");
        }
        let heirs = (0..3).filter(|heir| *heir != dead);
        let orphans = || before.iter().zip(&meanwhile).filter(|(before, _)| **before == dead);
        for heir in heirs {
            assert!(orphans().any(|(_, meanwhile)| *meanwhile == heir), "{heir} got nothing of {dead}'s");
        }
        upstream.restart().await;
        assert_eq!(owners(&gateway, line).await, before, "{dead} is back");
    }
}
