use std::time::Duration;

use super::*;
use crate::rejection::RejectionKind;

const ALICE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
const BOB: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

struct Scene {
    gate: Gate,
    now: Now,
}

impl Scene {
    /// "right" opens it, and "old" did until the scene began.
    fn new() -> Self {
        let now = Now::read();
        let right = AdminToken::new("right").unwrap().label("ops");
        let old = AdminToken::new("old").unwrap().label("last year").expires_at(now.wall);
        let mut gate = Gate::new(TokenSet::from([right, old]));
        gate.throttle = Some(Throttle::new(|extensions| extensions.get::<IpAddr>().copied()));
        // The throttle's epoch is a little later than this. Times count from there, so that a second is a whole
        // one.
        Self { gate, now: Now { monotonic: Instant::now(), ..now } }
    }

    fn wait(&mut self, seconds: u64) {
        self.now.wall += Duration::from_secs(seconds);
        self.now.monotonic += Duration::from_secs(seconds);
    }

    fn ask(&self, peer: Option<IpAddr>, tokens: &[&str]) -> Result<(), Rejection> {
        let mut request = Request::new(());
        for token in tokens {
            request.headers_mut().append("x-admin-token", token.parse().unwrap());
        }
        if let Some(peer) = peer {
            request.extensions_mut().insert(peer);
        }
        self.gate.admit(&mut request, self.now)
    }

    fn kind(&self, peer: Option<IpAddr>, tokens: &[&str]) -> Option<RejectionKind> {
        self.ask(peer, tokens).err().map(|rejection| rejection.kind())
    }
}

#[test]
fn ten_wrong_tries_lock_out_that_peer_for_a_minute() {
    let mut scene = Scene::new();
    for _ in 0..10 {
        assert_eq!(scene.kind(Some(ALICE), &["wrong"]), Some(RejectionKind::Unknown));
    }
    let rejection = scene.ask(Some(ALICE), &["wrong"]).unwrap_err();
    assert_eq!(rejection.kind(), RejectionKind::Throttled);
    assert_eq!(rejection.retry_after(), Some(Duration::from_secs(60)));
    assert_eq!(scene.kind(Some(ALICE), &["right"]), Some(RejectionKind::Throttled), "or guessing would pay");
    assert_eq!(scene.kind(Some(ALICE), &[]), Some(RejectionKind::Missing), "which tells nothing of a token");
    assert_eq!(scene.kind(Some(BOB), &["right"]), None);
    assert_eq!(scene.kind(Some(BOB), &["wrong"]), Some(RejectionKind::Unknown));

    scene.wait(59);
    assert_eq!(scene.kind(Some(ALICE), &["right"]), Some(RejectionKind::Throttled));
    scene.wait(1);
    assert_eq!(scene.kind(Some(ALICE), &["right"]), None);
}

#[test]
fn every_given_credential_that_fails_is_a_try() {
    let tries: [(&[&str], RejectionKind); 4] = [
        (&["wrong"], RejectionKind::Unknown),
        (&["old"], RejectionKind::Expired),
        (&["right", "right"], RejectionKind::Repeated),
        (&["not visible"], RejectionKind::Malformed),
    ];
    for (tokens, kind) in tries {
        let scene = Scene::new();
        for _ in 0..10 {
            assert_eq!(scene.kind(Some(ALICE), tokens), Some(kind));
        }
        assert_eq!(scene.kind(Some(ALICE), tokens), Some(RejectionKind::Throttled), "{tokens:?}");
    }
}

#[test]
fn neither_a_missing_nor_a_right_token_is_a_try() {
    let scene = Scene::new();
    for _ in 0..100 {
        assert_eq!(scene.kind(Some(ALICE), &[]), Some(RejectionKind::Missing));
        assert_eq!(scene.kind(Some(ALICE), &["right"]), None);
    }
}

#[test]
fn an_unknown_peer_is_judged_by_its_token_alone() {
    let scene = Scene::new();
    for _ in 0..20 {
        assert_eq!(scene.kind(None, &["wrong"]), Some(RejectionKind::Unknown));
    }
    assert_eq!(scene.kind(None, &["right"]), None);
}

#[test]
fn a_token_expires_while_the_gate_serves() {
    let mut scene = Scene::new();
    let soon = scene.now.wall + Duration::from_secs(30);
    scene.gate = Gate::new(AdminToken::new("soon").unwrap().label("soon").expires_at(soon).into());
    scene.wait(29);
    assert_eq!(scene.kind(None, &["soon"]), None);
    scene.wait(1);
    let rejection = scene.ask(None, &["soon"]).unwrap_err();
    assert_eq!((rejection.kind(), rejection.label()), (RejectionKind::Expired, Some("soon")));
}

#[test]
fn a_layer_s_services_count_together() {
    let scene = Scene::new();
    let other = scene.gate.clone();
    for _ in 0..10 {
        scene.ask(Some(ALICE), &["wrong"]).unwrap_err();
    }
    let other = Scene { gate: other, now: scene.now };
    assert_eq!(other.kind(Some(ALICE), &["right"]), Some(RejectionKind::Throttled));
}

#[test]
fn other_tokens_forget_no_wrong_try() {
    let mut scene = Scene::new();
    for _ in 0..10 {
        scene.ask(Some(ALICE), &["wrong"]).unwrap_err();
    }
    scene.gate = scene.gate.with_tokens(AdminToken::new("newer").unwrap().into());
    assert_eq!(scene.kind(Some(ALICE), &["newer"]), Some(RejectionKind::Throttled));
    assert_eq!(scene.kind(Some(BOB), &["newer"]), None);
    assert_eq!(scene.kind(Some(BOB), &["right"]), Some(RejectionKind::Unknown));
}
