//! What the proxy reads of a route's options.

use http::{HeaderName, HeaderValue};

use super::{Remainder, RouteOptions};
use crate::headers::forwarded::ForwardedHeaders;
use crate::headers::host::HostPolicy;
use crate::inbound::Checked;
use crate::mapped_back::MapBack;
use crate::timeouts::Timeouts;
use crate::tunnel::Tunnels;
use crate::upgrade::Upgrades;

impl RouteOptions {
    pub(crate) fn checked_before(&self) -> Checked {
        self.checked
    }

    pub(crate) fn taken_off(&self) -> Option<&HeaderValue> {
        self.prefix.as_ref()
    }

    pub(crate) fn path_put_before(&self) -> &str {
        self.put_before.as_ref().map_or("", |path| path.path().trim_end_matches('/'))
    }

    pub(crate) fn map_back_or(&self, otherwise: MapBack) -> MapBack {
        self.map_back.unwrap_or(otherwise)
    }

    pub(crate) fn forwarded_headers_or(&self, otherwise: ForwardedHeaders) -> ForwardedHeaders {
        self.forwarded_headers.unwrap_or(otherwise)
    }

    pub(crate) fn claims_itself(&self, name: &HeaderName) -> bool {
        self.own_claims.contains(name)
    }

    pub(crate) fn remainder(&self) -> Remainder {
        self.remainder
    }

    pub(crate) fn group(&self) -> Option<&Tunnels> {
        self.tunnels.as_ref()
    }

    pub(crate) fn longest_body(&self) -> u64 {
        self.max_body.unwrap_or(u64::MAX)
    }

    pub(crate) fn timeouts_over(&self, layer: Timeouts) -> Timeouts {
        Timeouts {
            response_head: self.waits.response_head.unwrap_or(layer.response_head),
            body_idle: self.waits.body_idle.unwrap_or(layer.body_idle),
            tunnel_idle: self.waits.tunnel_idle.unwrap_or(layer.tunnel_idle),
        }
    }

    pub(crate) fn host_or<'a>(&'a self, otherwise: &'a HostPolicy) -> &'a HostPolicy {
        self.host.as_ref().unwrap_or(otherwise)
    }

    pub(crate) fn upgrades_or<'a>(&'a self, otherwise: &'a Upgrades) -> &'a Upgrades {
        self.upgrades.as_ref().unwrap_or(otherwise)
    }
}
