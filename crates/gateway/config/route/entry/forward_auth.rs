//! `forward_auth`: a service that is asked about each request.

use http::StatusCode;

use super::identity;
use super::service_url::service_url;
use crate::config::context::Context;
use crate::config::model::{ForwardAuth, RouteRedirect};
#[cfg(feature = "tls")]
use crate::config::pools::tls;
use crate::config::report::Report;
use crate::config::route::answered::redirect_to;
use crate::config::section::Section;
use crate::config::values;

const FORWARD_AUTH: &str = "a table such as { url = \"http://127.0.0.1:4180/check\" }";
const URL: &str = "the URL of a service, such as \"http://127.0.0.1:4180/check\"";

pub(super) fn forward_auth(
    route: &mut Section<'_>,
    #[cfg_attr(not(feature = "tls"), expect(unused_variables, reason = "only TLS needs files"))]
    context: &Context<'_>,
    report: &mut Report,
) -> Option<ForwardAuth> {
    let mut section = route.section("forward_auth", report, FORWARD_AUTH)?;
    if !section.has("url") {
        report.error(section.problem("has no url").expecting(URL));
    }
    let service = section.read("url", report, service_url(URL));
    let copy = identity::field_names("copy", &mut section, report);
    let copy_back = identity::field_names("copy_back", &mut section, report);
    let login = section.read("login", report, |value| redirect_to(value, &[]));
    let request_headers = identity::field_names("request_headers", &mut section, report);
    let timeout = section.read("timeout", report, values::duration);
    #[cfg(feature = "tls")]
    let tls = tls::tls(&mut section, &[], context, report);
    section.finish(report);
    let default = ForwardAuth::from(service?);
    Some(ForwardAuth {
        copy: copy.unwrap_or_default(),
        copy_back: copy_back.unwrap_or_default(),
        login: login.map(|login| RouteRedirect { status: StatusCode::FOUND, ..login }),
        request_headers,
        timeout: timeout.unwrap_or(default.timeout),
        #[cfg(feature = "tls")]
        tls,
        ..default
    })
}
