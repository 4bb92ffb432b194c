//! What it costs to find the route of a request, against the number of routes.
//!
//! `cargo bench -p routes`
#![allow(missing_docs, reason = "criterion's macros")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use gateway::config::{Matching, PathPattern};
use gateway::route::{Matcher, Rule};
use http::Request;

const ROUTES: [usize; 3] = [10, 1_000, 10_000];

/// Routes that are all alike but for a number, and a request for one in their midst.
struct Case {
    name: &'static str,
    route: fn(usize) -> Matching,
    request: fn(usize) -> Request<()>,
}

const CASES: [Case; 6] = [
    Case {
        name: "prefix",
        route: |number| Matching::below(&format!("/service-{number}")).expect("it is plain"),
        request: |number| get(&format!("/service-{number}/users/17"), "api.example"),
    },
    Case {
        name: "nested prefix",
        route: |number| Matching::below(&format!("/api/v1/service-{number}/items")).expect("it is plain"),
        request: |number| get(&format!("/api/v1/service-{number}/items/17"), "api.example"),
    },
    Case {
        name: "pattern",
        route: |number| pattern(&format!("/api/{{user}}/service-{number}/{{item}}")),
        request: |number| get(&format!("/api/17/service-{number}/42"), "api.example"),
    },
    Case {
        name: "host",
        route: |number| on(&format!("tenant-{number}.example.com")),
        request: |number| get("/users/17", &format!("tenant-{number}.example.com")),
    },
    Case {
        name: "wildcard host",
        route: |number| on(&format!("*.tenant-{number}.example.com")),
        request: |number| get("/users/17", &format!("www.tenant-{number}.example.com")),
    },
    Case {
        name: "no route",
        route: |number| Matching::below(&format!("/service-{number}")).expect("it is plain"),
        request: |number| get(&format!("/other-{number}/users/17"), "api.example"),
    },
];

fn pattern(text: &str) -> Matching {
    Matching::path(PathPattern::pattern(text).expect("it is a pattern"))
}

fn on(host: &str) -> Matching {
    let mut matching = Matching::path(PathPattern::root());
    matching.hosts.push(host.parse().expect("it is a host"));
    matching
}

fn get(target: &str, host: &str) -> Request<()> {
    Request::get(target).header("host", host).body(()).expect("it is a request")
}

fn find(criterion: &mut Criterion) {
    for Case { name, route, request } in CASES {
        let mut group = criterion.benchmark_group(name);
        for routes in ROUTES {
            let matcher = Matcher::new((0..routes).map(|number| Rule::new(route(number), number)).collect());
            let request = request(routes / 2);
            group.bench_function(BenchmarkId::from_parameter(routes), |bencher| {
                bencher.iter(|| black_box(matcher.find(black_box(&request))).is_some());
            });
        }
        group.finish();
    }
}

criterion_group!(benches, find);
criterion_main!(benches);
