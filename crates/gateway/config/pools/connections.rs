//! `connections`: how many connections there are to each upstream, and how long they are kept.

use std::num::NonZeroU32;

use super::capacity::queue;
use crate::config::model::{Connections, Queue};
use crate::config::report::Report;
use crate::config::section::Section;
use crate::config::values;

const CONNECTIONS: &str = "a table such as { max = 100, idle_timeout = \"30s\" }";
const QUEUE: &str = "a table such as { size = 100, timeout = \"1s\" }";

pub(super) fn connections(pool: &mut Section<'_>, report: &mut Report) -> Connections {
    let default = Connections::default();
    let Some(mut section) = pool.section("connections", report, CONNECTIONS) else { return default };
    let is_limited = section.has("max");
    let max = section.read("max", report, values::count(1..=1_000_000));
    let queue = match section.section("queue", report, QUEUE) {
        Some(section) => {
            if !is_limited {
                let problem = section.problem("nothing waits for connections without a max");
                report.error(problem.expecting("max beside it, or no queue"));
            }
            queue(section, report)
        }
        None => Queue::default(),
    };
    let max_idle = section.read("max_idle", report, values::count(0..=10_000));
    let idle_timeout = section.read("idle_timeout", report, values::duration);
    let max_age = section.read("max_age", report, values::duration_or_off).flatten();
    let max_uses = section.read("max_uses", report, values::count(1..=1_000_000_000));
    let ping = section.read("ping", report, values::duration_or_off).flatten();
    section.finish(report);
    Connections {
        max: max.and_then(NonZeroU32::new),
        queue,
        max_idle: max_idle.unwrap_or(default.max_idle),
        idle_timeout: idle_timeout.unwrap_or(default.idle_timeout),
        max_age,
        max_uses: max_uses.and_then(NonZeroU32::new),
        ping,
    }
}
