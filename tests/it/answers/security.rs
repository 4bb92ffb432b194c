//! Fields that have browsers be careful.

use super::{ask, route};
use crate::support::recorder::{Answer, Script};
use crate::support::relay::Relay;

fn with_its_own() -> Script {
    Script::answer(Answer::new(200).header("x-frame-options", "DENY").body("x"))
}

const FIELDS: [&str; 4] =
    ["x-content-type-options", "referrer-policy", "x-frame-options", "content-security-policy"];

#[tokio::test]
async fn what_the_upstream_says_stays() {
    let relay = Relay::start("", &route("security_headers = true"), |_| with_its_own()).await;
    let answer = ask(&relay, "GET", "/", &[]).await;
    assert_eq!(
        FIELDS.map(|name| answer.header(name)),
        [
            Some("nosniff"),
            Some("strict-origin-when-cross-origin"),
            Some("DENY"),
            Some("frame-ancestors 'self'"),
        ]
    );
}

#[tokio::test]
async fn it_is_replaced_if_that_is_asked_for() {
    let keys = "security_headers = { replace = true, referrer = false, content = \"default-src 'self'\", \
                permissions = \"camera=()\" }";
    let relay = Relay::start("", &route(keys), |_| with_its_own()).await;
    let answer = ask(&relay, "GET", "/", &[]).await;
    assert_eq!(
        FIELDS.map(|name| answer.header(name)),
        [Some("nosniff"), None, Some("SAMEORIGIN"), Some("default-src 'self'"),]
    );
    assert_eq!(answer.header("permissions-policy"), Some("camera=()"));
}

/// Also where the gateway itself answers.
#[tokio::test]
async fn errors_have_them_too() {
    let keys = "security_headers = { frames = \"deny\" }\nadmin_tokens = [\"0123456789abcdef\"]";
    let relay = Relay::start("", &route(keys), |_| with_its_own()).await;
    let answer = ask(&relay, "GET", "/", &[]).await;
    assert_eq!((answer.status(), answer.header("x-frame-options")), (401, Some("DENY")));
}
