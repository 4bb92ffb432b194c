//! What is expected, with the sentence that it follows from: of behaviour.md §8, or of the decisions in the README of
//! `proxy-service`, which the sentence names.

use super::cell::Outcome;
use super::stage::Stage;
use crate::support::ask::{Content, Shape};

/// Keys of the pool.
pub(crate) const RULES: [&str; 4] = [
    "failover = 0",
    "failover = 1",
    "failover = 0\nretries = { attempts = 1, per_try_timeout = \"200ms\" }",
    "failover = 1\nretries = { attempts = 1, per_try_timeout = \"200ms\" }",
];

/// The same for several shapes: an outcome for each of the [`RULES`].
pub(crate) struct Row {
    pub(crate) stage: Stage,
    pub(crate) shapes: &'static [Shape],
    pub(crate) outcomes: [Outcome; RULES.len()],
}

const fn bare(method: &'static str) -> Shape {
    Shape { method, content: Content::None }
}

const fn full(method: &'static str) -> Shape {
    Shape { method, content: Content::Length }
}

/// RFC 9110, 9.2.1.
const SAFE: &[Shape] = &[bare("GET"), bare("HEAD"), bare("OPTIONS")];
/// RFC 9110, 9.2.2.
const IDEMPOTENT: &[Shape] = &[bare("PUT"), bare("DELETE")];
const IDEMPOTENT_WITH_BODY: &[Shape] = &[full("PUT"), full("DELETE")];
const NEITHER: &[Shape] = &[bare("POST"), full("POST"), full("PATCH")];

const fn row(stage: Stage, shapes: &'static [Shape], outcomes: [Outcome; RULES.len()]) -> Row {
    Row { stage, shapes, outcomes }
}

const fn sent(times: usize, status: u16) -> Outcome {
    Outcome::sent(times, status)
}

/// Once, whatever the rule.
const fn once(status: u16) -> [Outcome; RULES.len()] {
    [sent(1, status); RULES.len()]
}

pub(crate) const TABLE: &[Row] = &[
    // "Not one byte sent […]: any method may go to another endpoint, at once, with its body untouched." That is failover;
    // retries are for what has no body to lose and does no harm twice.
    row(Stage::Refused, SAFE, [sent(0, 502), sent(1, 200), sent(1, 200), sent(1, 200)]),
    row(Stage::Refused, IDEMPOTENT, [sent(0, 502), sent(1, 200), sent(1, 200), sent(1, 200)]),
    row(Stage::Refused, IDEMPOTENT_WITH_BODY, [sent(0, 502), sent(1, 200), sent(0, 502), sent(1, 200)]),
    row(Stage::Refused, NEITHER, [sent(0, 502), sent(1, 200), sent(0, 502), sent(1, 200)]),
    // README: "a safe one whose connection was fresh from the start may [go elsewhere] too, as nginx does by default. PUT
    // and DELETE on a fresh connection, and POST ever, may not." Retries are asked for: then PUT and DELETE may.
    row(Stage::ResetFresh, SAFE, [sent(1, 502), sent(2, 200), sent(2, 200), sent(2, 200)]),
    row(Stage::ResetFresh, IDEMPOTENT, [sent(1, 502), sent(1, 502), sent(2, 200), sent(2, 200)]),
    row(Stage::ResetFresh, IDEMPOTENT_WITH_BODY, once(502)),
    row(Stage::ResetFresh, NEITHER, once(502)),
    // "A reused connection that dies before any response byte: idempotent methods with no body or an untouched one go once
    // more on a fresh connection […]. Everything else: 502, once sent, never twice." README: "after that retry an
    // idempotent request may go elsewhere".
    row(Stage::ResetReused, SAFE, [sent(2, 502), sent(3, 200), sent(3, 200), sent(3, 200)]),
    row(Stage::ResetReused, IDEMPOTENT, [sent(2, 502), sent(3, 200), sent(3, 200), sent(3, 200)]),
    row(Stage::ResetReused, IDEMPOTENT_WITH_BODY, once(502)),
    row(Stage::ResetReused, NEITHER, once(502)),
    // "Never after a response head", but where `retries` names the status, and the request may be repeated.
    row(Stage::Unavailable, SAFE, [sent(1, 503), sent(1, 503), sent(2, 200), sent(2, 200)]),
    row(Stage::Unavailable, IDEMPOTENT, [sent(1, 503), sent(1, 503), sent(2, 200), sent(2, 200)]),
    row(Stage::Unavailable, IDEMPOTENT_WITH_BODY, once(503)),
    row(Stage::Unavailable, NEITHER, once(503)),
    // Issue 3, 5: "idempotent requests whose body was not touched may be retried by rule (status list, connection errors,
    // per-try timeout)".
    row(Stage::NoAnswer, SAFE, [sent(1, 504), sent(1, 504), sent(2, 200), sent(2, 200)]),
    row(Stage::NoAnswer, IDEMPOTENT, [sent(1, 504), sent(1, 504), sent(2, 200), sent(2, 200)]),
    row(Stage::NoAnswer, IDEMPOTENT_WITH_BODY, once(504)),
    row(Stage::NoAnswer, NEITHER, once(504)),
    // "Never after a response head." A HEAD has everything then.
    row(Stage::BodyReset, &[bare("HEAD")], once(200)),
    row(Stage::BodyReset, &[bare("GET"), bare("OPTIONS")], [Outcome::CUT; RULES.len()]),
    row(Stage::BodyReset, IDEMPOTENT, [Outcome::CUT; RULES.len()]),
    row(Stage::BodyReset, IDEMPOTENT_WITH_BODY, [Outcome::CUT; RULES.len()]),
    row(Stage::BodyReset, NEITHER, [Outcome::CUT; RULES.len()]),
];
