//! The compiled matcher finds the route that a slow model finds, with the same captures, and sees the same ways around gates.
#![no_main]

use arbitrary::Arbitrary;
use http::Request;
use libfuzzer_sys::fuzz_target;

use self::model::{CONDITIONS, Kind, Model, Route};

/// What the model names by its own crate.
mod config {
    pub(crate) use gateway::config::{Matching, PathPattern, ValueTest};
}

mod route {
    pub(crate) use gateway::route::{Matcher, Rule};
}

#[path = "../../crates/gateway/route/matching/tests/model.rs"]
mod model;

const SEGMENTS: [&str; 10] = ["a", "b", "ab", "A", "b.b", "{x}", "a{x}", "{x}b", "a{x}b", "ab{x}"];
const HOSTS: [&str; 5] = ["a.x", "b.x", "*.x", "*.a.x", "*.b.a.x"];
const PIECES: [&str; 20] = [
    "/", "a", "b", "ab", "A", "aab", "x", ".", "%61", "%62", "%2f", "%2F", "%2561", "%252f", "%09", "%5c", ";", ";a", "//", "%",
];

#[derive(Arbitrary, Debug)]
struct Input {
    routes: Vec<Drawn>,
    pieces: Vec<u8>,
    host: [u8; 4],
    conditions: u8,
}

#[derive(Arbitrary, Debug)]
struct Drawn {
    kind: u8,
    segments: Vec<u8>,
    hosts: u8,
    priority: u8,
    conditions: u8,
    is_gated: bool,
}

impl Drawn {
    fn route(self) -> Route {
        let kind = [Kind::Exact, Kind::Prefix, Kind::Rest][usize::from(self.kind % 3)];
        let hosts = HOSTS.iter().enumerate().filter(|(bit, _)| self.hosts & (1 << bit) != 0);
        Route {
            kind,
            segments: self.segments.iter().take(6).map(|number| of(&SEGMENTS, *number)).collect(),
            hosts: hosts.map(|(_, host)| *host).collect(),
            priority: i32::from(self.priority % 3) - 1,
            conditions: usize::from(self.conditions % 3),
            is_gated: self.is_gated,
        }
    }
}

fn of(texts: &[&'static str], number: u8) -> &'static str {
    texts[usize::from(number) % texts.len()]
}

fuzz_target!(|input: Input| {
    let path: String = input.pieces.iter().map(|piece| of(&PIECES, *piece)).collect();
    let labels: Vec<&str> = input.host.iter().map(|number| of(&["a", "B", "x", "c"], *number)).collect();
    let host = labels.join(".");
    let request = Request::get(format!("/{path}")).header("host", host);
    let names = CONDITIONS.iter().take(usize::from(input.conditions % 3));
    let Ok(request) = names.fold(request, |request, name| request.header(*name, "")).body(()) else { return };

    let model = Model::of(input.routes.into_iter().take(24).map(Drawn::route).collect());
    let matcher = model.matcher();
    let matched = matcher.find(&request).map(|matched| (*matched.value, matched.captures));
    let expected = model.find(&request);
    assert_eq!(matched.map(|(index, _)| index), expected.as_ref().map(|found| found.index));
    let path = request.uri().path();
    let captured = matched.iter().flat_map(|(_, captures)| (0..).map_while(|index| captures.of(path, index)));
    assert_eq!(captured.collect::<Vec<_>>(), expected.map(|found| found.captures).unwrap_or_default());
    assert_eq!(matcher.has_way_around(&request), model.has_way_around(&request));
});
