//! Probes as upstreams see them: what they ask for, which headers they have, what else counts as a probe, and when they
//! end.

mod all_down;
mod asked;
mod ending;
mod judged;

use crate::support::gateway::TestGateway;
use crate::support::operator::line_on;

/// So long that there is no second probe: the one that comes is the first, and it came at once.
const NEVER_AGAIN: &str = "interval = \"1h\"";

/// A gateway whose pool has these targets; `health` holds the keys of its probes.
fn gateway(targets: &[String], health: &str) -> TestGateway {
    let targets: Vec<String> = targets.iter().map(|target| format!("\"{target}\"")).collect();
    TestGateway::start(&format!(
        "[pools.api]\nupstreams = [{}]\noutliers = false\nslow_start = false\nhealth = {{ {health} }}\n\
         [routes.\"/api\"]\npool = \"api\"\n\
         [routes.\"/admin\"]\npool = \"api\"\nadmin_tokens = [\"letmein\"]\n",
        targets.join(", ")
    ))
}

/// What is shown of an upstream.
async fn state(gateway: &TestGateway, url: &str) -> String {
    line_on(&gateway.handle, url).await
}
