//! `protocol`, `header_case` and `send_proxy`: the versions of HTTP that the upstreams are spoken to in, how names are
//! written, and with what a connection begins.

use proxy_service::{HeaderCase, Protocols, ProxyHeader};

use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};

/// How a pool's upstreams are spoken to.
pub(super) struct Protocol {
    pub(super) versions: Protocols,
    pub(super) header_case: HeaderCase,
    pub(super) send_proxy: Option<ProxyHeader>,
}

pub(super) fn protocol(pool: &mut Section<'_>, report: &mut Report) -> Protocol {
    let versions = pool.read("protocol", report, versions).unwrap_or(Protocols::Auto);
    let header_case = pool.read("header_case", report, |value| header_case(value, versions));
    let send_proxy = pool.read("send_proxy", report, |value| send_proxy(value, versions));
    Protocol { versions, header_case: header_case.unwrap_or_default(), send_proxy: send_proxy.flatten() }
}

fn versions(value: &Value<'_>) -> Result<Protocols, Problem> {
    let versions = [("auto", Protocols::Auto), ("http1", Protocols::Http1), ("http2", Protocols::Http2)];
    values::choice("\"auto\", \"http1\" or \"http2\"", versions)(value)
}

fn send_proxy(value: &Value<'_>, versions: Protocols) -> Result<Option<ProxyHeader>, Problem> {
    let forms = [("off", None), ("v1", Some(ProxyHeader::V1)), ("v2", Some(ProxyHeader::V2))];
    match values::choice("\"v1\", \"v2\" or \"off\"", forms)(value)? {
        Some(_) if versions == Protocols::Http2 => {
            let problem = Problem::new(value.span(), "an HTTP/2 connection is for more than one client");
            Err(problem.expecting("\"off\", or a protocol other than \"http2\""))
        }
        form => Ok(form),
    }
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
