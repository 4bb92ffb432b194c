//! To find the route of a request takes no allocation, however many routes there are.

use allocation_counter::measure;
use gateway::config::{Matching, PathPattern};
use gateway::route::{Matcher, Rule};
use http::Request;

#[test]
fn a_match_allocates_nothing() {
    let routes = (0..1000).flat_map(|number| {
        let pattern = PathPattern::pattern(&format!("/users/{{id}}/x-{number}/{{*rest}}")).unwrap();
        let mut on_host = Matching::path(PathPattern::root());
        on_host.hosts.push(format!("*.h{number}.example").parse().unwrap());
        on_host.query.push(("page".into(), gateway::config::ValueTest::Exact("7".into())));
        [Matching::path(pattern), on_host]
    });
    let matcher = Matcher::new(routes.enumerate().map(|(index, route)| Rule::new(route, index)).collect());
    for (target, host, expected) in [
        ("/users/7/x-500/y/z", "api.example", Some(1000)),
        ("/other?sort=asc&page=7", "www.H501.example:8080", Some(1003)),
        ("/other?page=8", "www.h501.example", None),
    ] {
        let request = Request::get(target).header("host", host).body(()).unwrap();
        let mut found = None;
        let taken = measure(|| found = matcher.find(&request).map(|matched| *matched.value));
        assert_eq!((found, taken.count_total), (expected, 0), "{target}");
    }
}
