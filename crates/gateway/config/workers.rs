//! `workers`: how many threads serve connections.

use std::num::NonZeroUsize;

use super::report::Problem;
use super::values::{self, Value};

const WORKERS: &str = "\"auto\" or a number from 1 to 1024";

pub(super) fn workers(value: &Value<'_>) -> Result<NonZeroUsize, Problem> {
    if value.get_ref().is_str() {
        return values::choice(WORKERS, [("auto", processors())])(value);
    }
    let number: usize = values::count(1..=1024)(value).map_err(|problem| problem.expecting(WORKERS))?;
    Ok(NonZeroUsize::new(number).expect("1 and more are not zero"))
}

/// How many processors this process may use.
pub(super) fn processors() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
