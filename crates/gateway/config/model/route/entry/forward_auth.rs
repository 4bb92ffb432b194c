//! `forward_auth`: a service that is asked about each request.

use std::time::Duration;

use http::HeaderName;

use super::service_url::ServiceUrl;
use crate::config::model::RouteRedirect;
#[cfg(feature = "tls")]
use crate::config::model::Tls;

/// A service that is asked whether a request may enter: Traefik's ForwardAuth, nginx's `auth_request`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardAuth {
    /// The service.
    pub service: ServiceUrl,
    /// The fields of its answer that the upstream gets. What clients send in them is removed. Default: none.
    pub copy: Vec<HeaderName>,
    /// The fields of its consent that the client gets with the answer: `Set-Cookie` besides the upstream's, any other in
    /// place of the upstream's. Default: none.
    pub copy_back: Vec<HeaderName>,
    /// Where a GET or HEAD is sent that it answers with 401, if a person waits for the page. Default: `None`; then the 401
    /// is the client's.
    pub login: Option<RouteRedirect>,
    /// The fields of the request that it gets. Default: `None`, all that are not about the body or the connection.
    pub request_headers: Option<Vec<HeaderName>>,
    /// How long it may take for an answer. Default: 5 s.
    pub timeout: Duration,
    /// TLS settings for it. Default: `None`; then Mozilla's authorities are trusted.
    #[cfg(feature = "tls")]
    pub tls: Option<Tls>,
}

impl From<ServiceUrl> for ForwardAuth {
    fn from(service: ServiceUrl) -> Self {
        Self {
            service,
            copy: Vec::new(),
            copy_back: Vec::new(),
            login: None,
            request_headers: None,
            timeout: Duration::from_secs(5),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}
