//! `protocol` and `header_case`: the versions of HTTP that the upstreams are spoken to in, and how names are written.

use proxy_service::{HeaderCase, Protocols};

use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};

/// How a pool's upstreams are spoken to.
pub(super) struct Protocol {
    pub(super) versions: Protocols,
    pub(super) header_case: HeaderCase,
}

pub(super) fn protocol(pool: &mut Section<'_>, report: &mut Report) -> Protocol {
    let versions = pool.read("protocol", report, versions).unwrap_or(Protocols::Auto);
    let header_case = pool.read("header_case", report, |value| header_case(value, versions));
    Protocol { versions, header_case: header_case.unwrap_or_default() }
}

fn versions(value: &Value<'_>) -> Result<Protocols, Problem> {
    let versions = [("auto", Protocols::Auto), ("http1", Protocols::Http1), ("http2", Protocols::Http2)];
    values::choice("\"auto\", \"http1\" or \"http2\"", versions)(value)
}

fn header_case(value: &Value<'_>, versions: Protocols) -> Result<HeaderCase, Problem> {
    match values::header_case(value)? {
        HeaderCase::Title if versions == Protocols::Http2 => {
            let problem = Problem::new(value.span(), "in HTTP/2 all names are in lower case");
            Err(problem.expecting("\"lower\", or a protocol other than \"http2\""))
        }
        case => Ok(case),
    }
}
