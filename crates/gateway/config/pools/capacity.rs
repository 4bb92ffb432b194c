//! `max_in_flight` and `queue`: the limit for requests in flight.

use crate::config::model::{Capacity, Queue};
use crate::config::report::Report;
use crate::config::section::Section;
use crate::config::values;

const QUEUE: &str = "a table such as { size = 100, timeout = \"1s\" }";

pub(super) fn capacity(pool: &mut Section<'_>, report: &mut Report) -> Option<Capacity> {
    let is_limited = pool.has("max_in_flight");
    let max_in_flight = pool.read("max_in_flight", report, values::count(1..=1_000_000));
    let queue = match pool.section("queue", report, QUEUE) {
        Some(section) => {
            if !is_limited {
                let problem = section.problem("nothing waits in a pool without max_in_flight");
                report.error(problem.expecting("max_in_flight beside it, or no queue"));
            }
            queue(section, report)
        }
        None => Queue::default(),
    };
    Some(Capacity { max_in_flight: max_in_flight?, queue })
}

pub(super) fn queue(mut section: Section<'_>, report: &mut Report) -> Queue {
    let default = Queue::default();
    let size = section.read("size", report, values::count(0..=100_000));
    let timeout = section.read("timeout", report, values::duration);
    section.finish(report);
    Queue { size: size.unwrap_or(default.size), timeout: timeout.unwrap_or(default.timeout) }
}
