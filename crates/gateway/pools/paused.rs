//! A pause outlasts a reload that makes an upstream anew.

use std::collections::HashSet;

use balance::{Endpoints, Health};

use super::Endpoint;

/// Pauses the endpoints whose targets are paused in `before`.
pub(super) fn pause_as_in(before: &Endpoints<Endpoint>, now: &Endpoints<Endpoint>) {
    let before = before.snapshot();
    let paused: HashSet<_> = before
        .iter()
        .filter(|endpoint| endpoint.health() == Health::Paused)
        .map(|endpoint| endpoint.service().target())
        .collect();
    if paused.is_empty() {
        return;
    }
    for endpoint in now.snapshot().iter().filter(|endpoint| paused.contains(endpoint.service().target())) {
        now.pause(endpoint);
    }
}
