//! The layers that a request goes through, in their order. They are those of `edge.rs`, `route/mount.rs` and `pools.rs`.

use axum::http::HeaderMap;

use super::answers;
use super::entry;
use super::explanation::{Layer, Outcome};
use super::limits;
use super::pools;
use super::rewriting;
use super::stopped::Place;
use crate::config::{Config, Listen, Pool, Route};
use crate::request_id::X_REQUEST_ID;

/// What the layers are made for.
pub(super) struct Way<'a> {
    pub(super) config: &'a Config,
    pub(super) listen: &'a Listen,
    pub(super) headers: &'a HeaderMap,
    pub(super) route: Option<&'a Route>,
    /// The pool that gets it, or would.
    pub(super) pool: Option<&'a Pool>,
    /// Where the request is answered. `None` if it is sent on.
    pub(super) stopped: Option<Place>,
}

impl Way<'_> {
    pub(super) fn layers(&self) -> Vec<Layer> {
        let mut layers = Layers { all: Vec::new(), stopped: self.stopped };
        self.edge(&mut layers);
        layers.add_all(self.route.into_iter().flat_map(|route| answers::layers(&route.answers)));
        let of_route = |route| self.config.request_timeout_of(route);
        if let Some(limit) = self.route.map_or(self.config.timeouts.request, of_route) {
            layers.add(Place::Timeout, format!("answers 503 after {}", humantime::format_duration(limit)));
        }
        if let Some(route) = self.route {
            self.route(route, &mut layers);
        }
        layers.all
    }

    fn route(&self, route: &Route, layers: &mut Layers) {
        if let Some(does) = entry::addresses(&route.entry) {
            layers.add(Place::Addresses, does);
        }
        limits::by_sender(route).for_each(|does| layers.add(Place::Rate, does));
        self.gate(route, layers);
        if let Some(does) = entry::credentials(&route.entry) {
            layers.add(Place::Entry, does);
        }
        limits::by_user(route).for_each(|does| layers.add(Place::RateOfUser, does));
        limits::waits(route).for_each(|does| layers.add(Place::Wait, does));
        if let Some(does) = rewriting::rest(route) {
            layers.add(Place::Rewrite, does);
        }
        if let Some(answer) = route.action.own_answer() {
            layers.add(Place::Answer, answer);
        }
        layers.add_all(pools::choice(route, self.config));
        if let Some(pool) = self.pool {
            layers.add_all(pools::balancing(pool));
            layers.add_all(pools::sending(route, pool));
        }
    }

    /// What can't be told of it.
    pub(super) fn unknown(&self) -> Vec<String> {
        let is_behind = self.stopped.is_none_or(|stopped| stopped > Place::Entry);
        let route = self.route.filter(|_| is_behind);
        route.map(|route| entry::unknown(&route.entry).collect()).unwrap_or_default()
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
        if let Some(errors) = &self.config.errors {
            layers.add(Place::CommonErrors, answers::common(errors));
        }
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
    }

    fn gate(&self, route: &Route, layers: &mut Layers) {
        let does = match &route.entry.admin_tokens {
            Some(_) => "asks for an admin token".to_owned(),
            None => "open: X-Admin-Token and X-Gateway-Pick are removed".to_owned(),
        };
        layers.add(Place::Gate, does);
    }
}

struct Layers {
    all: Vec<Layer>,
    stopped: Option<Place>,
}

impl Layers {
    fn add_all(&mut self, all: impl IntoIterator<Item = (Place, String)>) {
        all.into_iter().for_each(|(place, does)| self.add(place, does));
    }

    fn add(&mut self, place: Place, does: String) {
        let outcome = match self.stopped {
            Some(stopped) if place == stopped => Outcome::Answered,
            Some(stopped) if place > stopped => Outcome::NotReached,
            _ => Outcome::Passed,
        };
        self.all.push(Layer { name: place.name(), does, outcome });
    }
}
