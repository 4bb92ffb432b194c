//! What is expected of each method at each stage under each rule. docs/behaviour.md states the rules; the comments name
//! the one that applies.

use super::cell::Outcome;
use super::stage::Stage;
use crate::support::ask::{Content, Shape};

/// The rules, as keys of the pool.
pub(crate) const RULES: [&str; 4] = [
    "failover = 0",
    "failover = 1",
    "failover = 0\nretries = { attempts = 1, per_try_timeout = \"200ms\" }",
    "failover = 1\nretries = { attempts = 1, per_try_timeout = \"200ms\" }",
];

/// An outcome for each of the [`RULES`], the same for several shapes.
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

/// Safe methods: RFC 9110, 9.2.1.
const SAFE: &[Shape] = &[bare("GET"), bare("HEAD"), bare("OPTIONS")];
/// Methods that are idempotent and not safe: RFC 9110, 9.2.2.
const IDEMPOTENT: &[Shape] = &[bare("PUT"), bare("DELETE")];
const IDEMPOTENT_WITH_BODY: &[Shape] = &[full("PUT"), full("DELETE")];
const NEITHER: &[Shape] = &[bare("POST"), full("POST"), full("PATCH")];

const fn row(stage: Stage, shapes: &'static [Shape], outcomes: [Outcome; RULES.len()]) -> Row {
    Row { stage, shapes, outcomes }
}

const fn sent(times: usize, status: u16) -> Outcome {
    Outcome::sent(times, status)
}

/// Sent once, whatever the rule.
const fn once(status: u16) -> [Outcome; RULES.len()] {
    [sent(1, status); RULES.len()]
}

pub(crate) const TABLE: &[Row] = &[
    // Nothing was sent: failover takes a request with any method to another endpoint, with its body. Retries are for
    // idempotent requests without a body.
    row(Stage::Refused, SAFE, [sent(0, 502), sent(1, 200), sent(1, 200), sent(1, 200)]),
    row(Stage::Refused, IDEMPOTENT, [sent(0, 502), sent(1, 200), sent(1, 200), sent(1, 200)]),
    row(Stage::Refused, IDEMPOTENT_WITH_BODY, [sent(0, 502), sent(1, 200), sent(0, 502), sent(1, 200)]),
    row(Stage::Refused, NEITHER, [sent(0, 502), sent(1, 200), sent(0, 502), sent(1, 200)]),
    // The connection was new. By failover a safe request may go elsewhere, as with nginx. PUT and DELETE may only if
    // retries are configured, POST never.
    row(Stage::ResetFresh, SAFE, [sent(1, 502), sent(2, 200), sent(2, 200), sent(2, 200)]),
    row(Stage::ResetFresh, IDEMPOTENT, [sent(1, 502), sent(1, 502), sent(2, 200), sent(2, 200)]),
    row(Stage::ResetFresh, IDEMPOTENT_WITH_BODY, once(502)),
    row(Stage::ResetFresh, NEITHER, once(502)),
    // A connection that was used before died before any byte of an answer: an idempotent request without a body is sent
    // once more, on a new connection, and may go elsewhere after that. Every other request is sent once and answered
    // with 502.
    row(Stage::ResetReused, SAFE, [sent(2, 502), sent(3, 200), sent(3, 200), sent(3, 200)]),
    row(Stage::ResetReused, IDEMPOTENT, [sent(2, 502), sent(3, 200), sent(3, 200), sent(3, 200)]),
    row(Stage::ResetReused, IDEMPOTENT_WITH_BODY, once(502)),
    row(Stage::ResetReused, NEITHER, once(502)),
    // A request is not sent again after the head of a response, unless `retries` names the status and the request may
    // be repeated.
    row(Stage::Unavailable, SAFE, [sent(1, 503), sent(1, 503), sent(2, 200), sent(2, 200)]),
    row(Stage::Unavailable, IDEMPOTENT, [sent(1, 503), sent(1, 503), sent(2, 200), sent(2, 200)]),
    row(Stage::Unavailable, IDEMPOTENT_WITH_BODY, once(503)),
    row(Stage::Unavailable, NEITHER, once(503)),
    // Retries cover the timeout of a try, for idempotent requests without a body.
    row(Stage::NoAnswer, SAFE, [sent(1, 504), sent(1, 504), sent(2, 200), sent(2, 200)]),
    row(Stage::NoAnswer, IDEMPOTENT, [sent(1, 504), sent(1, 504), sent(2, 200), sent(2, 200)]),
    row(Stage::NoAnswer, IDEMPOTENT_WITH_BODY, once(504)),
    row(Stage::NoAnswer, NEITHER, once(504)),
    // A request is never sent again after the head of a response. The answer to a HEAD is complete then.
    row(Stage::BodyReset, &[bare("HEAD")], once(200)),
    row(Stage::BodyReset, &[bare("GET"), bare("OPTIONS")], [Outcome::CUT; RULES.len()]),
    row(Stage::BodyReset, IDEMPOTENT, [Outcome::CUT; RULES.len()]),
    row(Stage::BodyReset, IDEMPOTENT_WITH_BODY, [Outcome::CUT; RULES.len()]),
    row(Stage::BodyReset, NEITHER, [Outcome::CUT; RULES.len()]),
];
