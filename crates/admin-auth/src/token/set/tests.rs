use std::time::Duration;

use proptest::prelude::*;

use super::*;

const START: SystemTime = SystemTime::UNIX_EPOCH;

fn at(seconds: u64) -> SystemTime {
    START + Duration::from_secs(seconds)
}

fn token(secret: &str) -> AdminToken {
    AdminToken::new(secret).unwrap().label(secret)
}

fn label(found: Match<'_>) -> Option<String> {
    match found {
        Match::Live(token) => token.label.as_deref().map(str::to_owned),
        Match::Expired(_) | Match::Unknown => None,
    }
}

fn find(set: &TokenSet, secret: &str, now: SystemTime) -> Option<String> {
    label(set.find(&Digest::of(secret.as_bytes()), now))
}

#[test]
fn rotation_has_two_tokens_for_a_while() {
    let set = TokenSet::from([token("old").expires_at(at(100)), token("new")]);
    for (seconds, secret, accepted) in [
        (0, "old", true),
        (99, "old", true),
        (100, "old", false),
        (101, "old", false),
        (0, "new", true),
        (u64::from(u32::MAX), "new", true),
        (0, "older", false),
        (0, "", false),
    ] {
        let expected = accepted.then(|| secret.to_owned());
        assert_eq!(find(&set, secret, at(seconds)), expected, "{secret} at {seconds}");
    }
}

#[test]
fn an_expired_token_is_told_from_an_unknown_one() {
    let set = TokenSet::from([token("old").expires_at(at(1))]);
    assert!(matches!(set.find(&Digest::of(b"old"), at(1)), Match::Expired(_)));
    assert!(matches!(set.find(&Digest::of(b"odd"), at(1)), Match::Unknown));
}

#[test]
fn of_two_entries_with_one_secret_the_later_live_one_counts() {
    let twice = |first: AdminToken, second: AdminToken| {
        let set = TokenSet::from([first.label("first"), second.label("second")]);
        find(&set, "same", at(5))
    };
    let (live, expired) = (token("same"), token("same").expires_at(at(1)));
    assert_eq!(twice(live.clone(), live.clone()).as_deref(), Some("second"));
    assert_eq!(twice(live.clone(), expired.clone()).as_deref(), Some("first"));
    assert_eq!(twice(expired.clone(), live).as_deref(), Some("second"));
    assert_eq!(twice(expired.clone(), expired), None);
}

#[test]
fn an_empty_set_opens_to_nobody_and_is_an_error_where_asked_for() {
    assert_eq!(TokenSet::new([]).unwrap_err(), NoTokens(()));
    let set = TokenSet::from_iter([]);
    assert!(set.is_empty());
    assert!(matches!(set.find(&Digest::of(b""), at(0)), Match::Unknown));
    assert_eq!(TokenSet::new([token("a"), token("b")]).unwrap().len(), 2);
}

/// The structure that constant time rests on: wherever the match is, every token is looked at.
#[test]
fn every_token_is_compared_whichever_matches() {
    let secrets: Vec<String> = (0..50).map(|n| format!("secret-{n}")).collect();
    let tokens: Vec<AdminToken> = secrets.iter().map(|secret| token(secret)).collect();
    for secret in secrets.iter().map(String::as_str).chain(["none of them"]) {
        let mut compared = 0;
        let counted = tokens.iter().inspect(|_| compared += 1);
        let found = compare_all(counted, &Digest::of(secret.as_bytes()), START);
        assert_eq!(compared, tokens.len(), "{secret}");
        assert_eq!(found.live == NOWHERE, secret == "none of them");
    }
}

proptest! {
    #[test]
    fn a_set_opens_to_exactly_its_live_secrets(
        entries in proptest::collection::vec(("[a-c]{1,3}", proptest::option::of(0_u64..20)), 0..12),
        presented in "[a-c]{1,3}",
        now in 0_u64..20,
    ) {
        let set: TokenSet = entries.iter().map(|(secret, expiry)| match expiry {
            Some(expiry) => token(secret).expires_at(at(*expiry)),
            None => token(secret),
        }).collect();
        let same = |entry: &&(String, Option<u64>)| entry.0 == presented;
        let live = |entry: &&(String, Option<u64>)| entry.1.is_none_or(|expiry| now < expiry);
        let any_live = entries.iter().filter(same).any(|entry| live(&entry));
        let any_same = entries.iter().any(|entry| same(&entry));
        match set.find(&Digest::of(presented.as_bytes()), at(now)) {
            Match::Live(token) => {
                prop_assert!(any_live);
                prop_assert_eq!(token.label.as_deref(), Some(presented.as_str()));
            }
            Match::Expired(_) => prop_assert!(any_same && !any_live),
            Match::Unknown => prop_assert!(!any_same),
        }
    }
}
