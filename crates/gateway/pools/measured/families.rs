//! The families of pools and endpoints.

use crate::observe::metrics::Family;

const POOL: &[&str] = &["pool"];
const ENDPOINT: &[&str] = &["pool", "endpoint"];

pub(super) static ENDPOINTS: Family = Family::gauge("gateway_pool_endpoints", POOL, "Endpoints of the pool.");
pub(super) static USABLE: Family = Family::gauge(
    "gateway_pool_usable_endpoints",
    POOL,
    "Endpoints that take requests: they have a weight, and aren't ejected, down, draining or paused.",
);
pub(super) static RETRIES: Family =
    Family::counter("gateway_pool_retries", POOL, "Requests that were sent again after they had failed.");
pub(super) static FAILOVERS: Family = Family::counter(
    "gateway_pool_failovers",
    POOL,
    "Requests that were not sent, and went on to another endpoint.",
);
pub(super) static HEDGES: Family = Family::counter(
    "gateway_pool_hedges",
    POOL,
    "Requests that went to a second endpoint while the first one didn't answer.",
);
pub(super) static HEDGES_WON: Family = Family::counter(
    "gateway_pool_hedges_won",
    POOL,
    "Of these, those that the second endpoint answered first.",
);
pub(super) static BUDGET: Family = Family::gauge(
    "gateway_pool_retry_budget_left",
    POOL,
    "Retries that the budget allows at present. Missing where nothing is retried.",
);
pub(super) static STATE: Family = Family::gauge(
    "gateway_endpoint_state",
    &["pool", "endpoint", "state"],
    "1 for the state that the endpoint is in, 0 for all others.",
);
pub(super) static WEIGHT: Family =
    Family::gauge("gateway_endpoint_weight", ENDPOINT, "Its weight in the pool.");
pub(super) static IN_FLIGHT: Family = Family::gauge(
    "gateway_endpoint_requests_in_flight",
    ENDPOINT,
    "Requests that were sent to it and have not ended, with those that became tunnels.",
);
pub(super) static WAITING: Family = Family::gauge(
    "gateway_endpoint_requests_waiting",
    ENDPOINT,
    "Requests that wait for a connection to it, because there are as many as there may be.",
);
pub(super) static REQUESTS: Family =
    Family::counter("gateway_endpoint_requests", ENDPOINT, "How often it was picked for a request.");
pub(super) static FAILURES: Family =
    Family::counter("gateway_endpoint_failures", ENDPOINT, "Requests that count as failed for its health.");
pub(super) static ERRORS: Family = Family::counter(
    "gateway_endpoint_errors",
    &["pool", "endpoint", "error"],
    "Requests to it that ended with an error, by its name in RFC 9209.",
);
pub(super) static EJECTIONS: Family =
    Family::counter("gateway_endpoint_ejections", ENDPOINT, "How often it was ejected.");
pub(super) static OPEN: Family = Family::gauge(
    "gateway_endpoint_connections_open",
    ENDPOINT,
    "Connections to it that are open, or being opened.",
);
pub(super) static IDLE: Family =
    Family::gauge("gateway_endpoint_connections_idle", ENDPOINT, "Open connections that have no request.");
pub(super) static CREATED: Family = Family::counter(
    "gateway_endpoint_connections_created",
    ENDPOINT,
    "Connections that were opened, with attempts that failed.",
);
pub(super) static REUSED: Family = Family::counter(
    "gateway_endpoint_connections_reused",
    ENDPOINT,
    "How often a connection was used for a further request.",
);
pub(super) static HANDSHAKES: Family =
    Family::counter("gateway_endpoint_tls_handshakes", ENDPOINT, "TLS handshakes with it that succeeded.");
