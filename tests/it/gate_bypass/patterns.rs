//! Gates of every kind, against every path of the alphabet and every known way in which upstreams read it.

use gateway::config::{Matching, PathPattern, Pattern};
use gateway::route::{Matcher, Rule};
use http::Request;

use super::exhaustive::{ALPHABET, WITH_CONTROL, paths};
use super::models::Model;

/// A gate, and whether it takes what an upstream has found.
struct Gate {
    matching: Matching,
    takes: fn(&[&str]) -> bool,
}

fn gates() -> Vec<Gate> {
    let pattern = |text: &str| Matching::path(PathPattern::pattern(text).unwrap());
    let regex = Pattern::new("^/[^/]+/admin$").unwrap();
    vec![
        Gate { matching: Matching::below("/admin").unwrap(), takes: |found| found.first() == Some(&"admin") },
        Gate {
            matching: Matching::below("/api/admin").unwrap(),
            takes: |found| found.starts_with(&["api", "admin"]),
        },
        Gate { matching: pattern("/admin"), takes: |found| found == ["admin"] },
        Gate { matching: pattern("/{team}/admin"), takes: |found| found.len() == 2 && found[1] == "admin" },
        Gate { matching: pattern("/ad{x}n/{*rest}"), takes: |found| found.len() > 1 && found[0] == "admin" },
        Gate {
            matching: Matching::path(PathPattern::root()).regex(regex).unwrap(),
            takes: |found| found.len() == 2 && found[1] == "admin",
        },
    ]
}

/// A request reaches what an upstream would find behind the gate only by the gate, or it is refused.
#[test]
fn no_path_leads_around_a_gate_of_any_kind() {
    for Gate { matching, takes } in gates() {
        let name = matching.path_in_file().to_owned();
        let open = Matching::path(PathPattern::root());
        let rules = vec![Rule::new(matching, "gate").gated(), Rule::new(open, "open")];
        let matcher = Matcher::new(rules);
        let mut refused = 0;
        for path in paths(ALPHABET, 4).chain(paths(WITH_CONTROL, 3)) {
            let Ok(request) = Request::get(&path).header("host", "a").body(()) else { continue };
            if proxy_service::check(&request).is_err() {
                continue;
            }
            let is_gated = matcher.find(&request).is_some_and(|matched| *matched.value == "gate");
            let finders = || Model::ALL.into_iter().find(|model| takes(&refs(&model.resolve(&path))));
            if matcher.has_way_around(&request) {
                refused += 1;
            } else if !is_gated {
                assert!(finders().is_none(), "{name}: {path}, and {:?} finds the gate", finders());
            }
        }
        assert!(refused > 10, "{name}: {refused} refused");
    }
}

fn refs(found: &[String]) -> Vec<&str> {
    found.iter().map(String::as_str).filter(|segment| !segment.is_empty()).collect()
}
