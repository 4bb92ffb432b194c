//! The matcher finds what slow models find.

use http::Request;
use proptest::prelude::*;

use super::model::{self, Kind, Model};

fn segment() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b", "ab", "A", "{x}", "a{x}", "{x}b", "a{x}b"])
}

fn rule() -> impl Strategy<Value = model::Route> {
    let kind = prop::sample::select(vec![Kind::Exact, Kind::Prefix, Kind::Rest]);
    let hosts = prop::sample::subsequence(vec!["a.x", "b.x", "*.x", "*.a.x"], 0..3);
    let segments = prop::collection::vec(segment(), 0..4);
    (kind, segments, hosts, 0..2_i32, 0..3_usize, any::<bool>()).prop_map(
        |(kind, segments, hosts, priority, conditions, is_gated)| model::Route {
            kind,
            segments,
            hosts,
            priority,
            conditions,
            is_gated,
        },
    )
}

fn path() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "/", "/", "/", "a", "b", "ab", "A", "aab", "%61", "%2f", "%2561", "%09", ";", "//", "x",
    ]);
    prop::collection::vec(piece, 0..9).prop_map(|pieces| format!("/{}", pieces.concat()))
}

fn request() -> impl Strategy<Value = Request<()>> {
    let host = prop::sample::select(vec!["a.x", "b.x", "c.x", "c.a.x", "x", "B.X:80", "d.C.a.X."]);
    (path(), host, 0..3_usize).prop_map(|(path, host, conditions)| {
        let request = Request::get(path).header("host", host);
        let names = model::CONDITIONS.iter().take(conditions);
        names.fold(request, |request, name| request.header(*name, "")).body(()).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn as_a_slow_model(routes in prop::collection::vec(rule(), 0..8), request in request()) {
        let model = Model::of(routes);
        let matched = model.matcher().find(&request).map(|matched| (*matched.value, matched.captures));
        let expected = model.find(&request);
        prop_assert_eq!(matched.map(|(index, _)| index), expected.as_ref().map(|found| found.index));
        let path = request.uri().path();
        let captured = matched.iter().flat_map(|(_, captures)| (0..).map_while(|index| captures.of(path, index)));
        prop_assert_eq!(captured.collect::<Vec<_>>(), expected.map(|found| found.captures).unwrap_or_default());
    }

    #[test]
    fn ways_around_are_those_of_a_slow_model(routes in prop::collection::vec(rule(), 0..8), request in request()) {
        let model = Model::of(routes);
        prop_assert_eq!(model.matcher().has_way_around(&request), model.has_way_around(&request));
    }
}
