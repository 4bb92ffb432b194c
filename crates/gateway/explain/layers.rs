//! The layers that a request goes through, in their order. They are those of `edge.rs`, `routes.rs` and `pools.rs`.

use axum::http::HeaderMap;
use proxy_service::{HostPolicy, Protocols};

use super::entry;
use super::explanation::{Layer, Outcome};
use super::limits;
use super::rewriting;
use super::stopped::Place;
use crate::config::{Balancing, Config, HashKey, Listen, Pool, Route};
use crate::request_id::X_REQUEST_ID;

/// What the layers are made for.
pub(super) struct Way<'a> {
    pub(super) config: &'a Config,
    pub(super) listen: &'a Listen,
    pub(super) headers: &'a HeaderMap,
    pub(super) route: Option<&'a Route>,
    /// Where the request is answered. `None` if it is sent on.
    pub(super) stopped: Option<Place>,
}

impl Way<'_> {
    pub(super) fn layers(&self) -> Vec<Layer> {
        let mut layers = Layers { all: Vec::new(), stopped: self.stopped };
        self.edge(&mut layers);
        if let Some(route) = self.route {
            if let Some(does) = entry::addresses(&route.entry) {
                layers.add(Place::Addresses, does);
            }
            limits::by_sender(route).for_each(|does| layers.add(Place::Rate, does));
            self.gate(route, &mut layers);
            if let Some(does) = entry::credentials(&route.entry) {
                layers.add(Place::Entry, does);
            }
            limits::by_user(route).for_each(|does| layers.add(Place::RateOfUser, does));
            limits::waits(route).for_each(|does| layers.add(Place::Wait, does));
            if let Some(answer) = route.action.own_answer() {
                layers.add(Place::Answer, answer);
            }
            if let Some(does) = rewriting::rest(route) {
                layers.add(Place::Rewrite, does);
            }
            if let Some(pool) = self.config.pool_of(route) {
                Self::pool(pool, &mut layers);
                Self::proxy(route, pool, &mut layers);
            }
        }
        layers.all
    }

    fn edge(&self, layers: &mut Layers) {
        let limits = &self.config.limits;
        layers.add(
            Place::Listener,
            format!(
                "reads the head: at most {} fields in {} bytes",
                limits.header_fields, limits.header_section
            ),
        );
        let id = match self.headers.get(&X_REQUEST_ID) {
            Some(id) => format!("keeps {id:?} if it is safe in a log, or makes a new one"),
            None => "gives it a new one".to_owned(),
        };
        layers.add(Place::RequestId, id);
        let gated = self.config.routes.iter().filter(|route| route.is_gated());
        let gated: Vec<&str> = gated.map(|route| route.name.as_str()).collect();
        let gated = match gated.is_empty() {
            true => String::new(),
            false => format!(", and ways around the gate of {}", gated.join(", ")),
        };
        layers.add(Place::Admission, format!("checks method, target, Host and framing{gated}"));
        if self.listen.redirect.is_some() {
            layers.add(Place::Redirect, "this listener redirects to https".to_owned());
        }
        let routing = match self.route {
            Some(route) => format!("route {} takes it, and {}", route.name, rewriting::path(route)),
            None if self.stopped.is_some_and(|stopped| stopped < Place::Routing) => {
                "its route isn't looked for".to_owned()
            }
            None => "no route takes it".to_owned(),
        };
        layers.add(Place::Routing, routing);
        let of_route = |route| self.config.request_timeout_of(route);
        if let Some(limit) = self.route.map_or(self.config.timeouts.request, of_route) {
            layers.add(Place::Timeout, format!("answers 503 after {}", humantime::format_duration(limit)));
        }
    }

    fn gate(&self, route: &Route, layers: &mut Layers) {
        let does = match &route.entry.admin_tokens {
            Some(_) => "asks for an admin token".to_owned(),
            None => "open: X-Admin-Token and X-Gateway-Pick are removed".to_owned(),
        };
        layers.add(Place::Gate, does);
    }

    fn pool(pool: &Pool, layers: &mut Layers) {
        if let Some(affinity) = &pool.affinity {
            layers.add(
                Place::Affinity,
                format!("reads the cookie {}, and sets it in the answer", affinity.cookie),
            );
        }
        let mut does = format!("pool {}: {}", pool.name, policy(&pool.balancing));
        if pool.failover > 0 {
            does += &format!("; {} more if nothing was sent", pool.failover);
        }
        if let Some(retries) = &pool.retries {
            does += &format!("; up to {} retries of what may be repeated", retries.attempts);
        }
        if let Some(capacity) = &pool.capacity {
            does += &format!("; at most {} in flight at each", capacity.max_in_flight);
        }
        layers.add(Place::Balancer, does);
    }

    fn proxy(route: &Route, pool: &Pool, layers: &mut Layers) {
        let host = match route.rewrite.host {
            HostPolicy::Preserve => "the client's Host".to_owned(),
            HostPolicy::Name(ref name) => format!("Host: {}", name.as_str()),
            _ => "the upstream's Host".to_owned(),
        };
        let mut does = format!("sends {host}, Via and X-Forwarded-*, and no hop-by-hop fields");
        if let Some(max) = route.limits.max_body {
            does += &format!("; at most {max} bytes of body");
        }
        layers.add(Place::Proxy, does);
        let protocol = match pool.protocols {
            Protocols::Http1 => "HTTP/1.1",
            Protocols::Auto => "HTTP/1.1, or over TLS HTTP/2 if the upstream chooses it",
            Protocols::Http2 => "HTTP/2",
        };
        let header = if pool.send_proxy.is_some() { ", behind a PROXY header" } else { "" };
        layers.add(Place::Connection, format!("{protocol}{header}"));
    }
}

/// How a policy picks, in a few words.
pub(super) fn policy(balancing: &Balancing) -> String {
    match balancing {
        Balancing::RoundRobin => "upstreams take turns, by their weights".to_owned(),
        Balancing::LeastLoaded => "of two at random, the one with fewer requests in flight".to_owned(),
        Balancing::PeakEwma => "of two at random, the one that is faster and less loaded".to_owned(),
        Balancing::Random => "at random, by their weights".to_owned(),
        Balancing::Hash(HashKey::Header(name)) => format!("by the hash of the header {name}"),
        Balancing::Hash(HashKey::Cookie(name)) => format!("by the hash of the cookie {name}"),
        Balancing::Hash(HashKey::Peer) => "by the hash of the client's address".to_owned(),
    }
}

struct Layers {
    all: Vec<Layer>,
    stopped: Option<Place>,
}

impl Layers {
    fn add(&mut self, place: Place, does: String) {
        let outcome = match self.stopped {
            Some(stopped) if place == stopped => Outcome::Answered,
            Some(stopped) if place > stopped => Outcome::NotReached,
            _ => Outcome::Passed,
        };
        self.all.push(Layer { name: place.name(), does, outcome });
    }
}
