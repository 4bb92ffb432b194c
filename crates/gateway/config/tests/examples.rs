//! The two examples that have every key.

use super::*;

const EXAMPLE: &str = include_str!("../../../../examples/gateway.toml");
const ROUTES_EXAMPLE: &str = include_str!("../../../../examples/routes.toml");

#[test]
fn the_example_is_the_defaults() {
    let example = parse(EXAMPLE).unwrap();
    let minimal = parse(MINIMAL).unwrap();
    assert_eq!(example.listen, minimal.listen);
    assert_eq!(example.workers, minimal.workers);
    assert_eq!(example.trusted_proxies, minimal.trusted_proxies);
    assert_eq!((&example.timeouts, &example.limits), (&minimal.timeouts, &minimal.limits));
    let route = example.routes.iter().find(|route| route.name == "/api").unwrap();
    let plain = &minimal.routes[0];
    assert_eq!(
        (&route.rewrite.host, &route.upgrade, route.limits.max_body),
        (&plain.rewrite.host, &plain.upgrade, plain.limits.max_body)
    );
    let of_the_pool = |config: &Config, route| {
        let pool =
            Pool { name: String::new(), upstreams: Vec::new(), ..config.pool_of(route).unwrap().clone() };
        format!("{pool:#?}")
    };
    assert_eq!(of_the_pool(&example, route), of_the_pool(&minimal, plain));
}

/// In the example, `#key = value` is a setting that is commented out, and `# text` is prose.
#[test]
fn what_the_example_leaves_out_can_be_turned_on() {
    let is_setting = |line: &str| line.starts_with('#') && !line.starts_with("# ") && line.len() > 1;
    let uncommented: Vec<_> = EXAMPLE
        .lines()
        .map(|line| if is_setting(line) { line.trim_start_matches('#') } else { line })
        .collect();
    let config = parse(uncommented.join("\n")).unwrap();
    assert!(config.routes.iter().any(|route| route.limits.max_body.is_some()));
    let pool = config.pools.iter().find(|pool| pool.name == "api").unwrap();
    assert!(pool.health.is_some() && pool.retries.is_some() && pool.capacity.is_some());
    let connections = &pool.connections;
    assert!(connections.max.is_some() && connections.max_age.is_some() && connections.max_uses.is_some());
    assert!(connections.ping.is_some());
    assert!(pool.outliers.as_ref().is_some_and(|outliers| outliers.failure_rate.is_some()));
    assert!(pool.affinity.as_ref().is_some_and(|affinity| affinity.secret.is_some()));
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
}

#[test]
fn the_example_of_routes_is_accepted() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/routes.toml");
    let config = Config::load(path).unwrap_or_else(|errors| panic!("{errors}"));
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
}

/// The error about an unknown key lists all known keys. The examples have each of them.
#[test]
fn the_examples_have_every_key() {
    let mistaken = "x = 1\n[timeouts]\nx = 1\n[limits]\nx = 1\n[pools.api]\nx = 1\nupstreams = [{ x = 1 }]\n\
                    balance.x = 1\nhealth.x = 1\noutliers = { x = 1, failure_rate.x = 1 }\nretries.x = 1\nhedge.x = 1\n\
                    queue.x = 1\naffinity = { x = 1, secret.x = 1 }\n\
                    connections = { x = 1, queue.x = 1 }\ntimeouts.x = 1\ntls.x = 1\n\
                    [routes.\"/api\"]\nx = 1\nadmin_tokens = [{ x = 1 }]\nquery_rewrite.x = 1\n\
                    request_headers.x = 1\nresponse_headers.x = 1\n[[route]]\nx = 1\n";
    let errors = parse(mistaken).unwrap_err();
    let expected = errors.iter().filter(|error| error.message.starts_with("unknown key"));
    let lists: Vec<_> =
        expected.filter_map(|error| error.expected.as_ref()?.strip_prefix("one of ")).collect();
    assert_eq!(lists.len(), 24);
    for key in lists.iter().flat_map(|list| list.split(", ")) {
        let as_key = format!("{key} =");
        let as_table = format!("{key}]\n");
        let as_tables = format!("[{key}.");
        let as_array = format!("[[{key}]]");
        let forms = [as_key, as_table, as_tables, as_array];
        let is_there = forms.iter().any(|form| EXAMPLE.contains(form) || ROUTES_EXAMPLE.contains(form));
        assert!(is_there, "{key} is not in the examples");
    }
}
