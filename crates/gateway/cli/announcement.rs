//! What is printed at the start.

use std::collections::BTreeMap;
use std::thread;

use super::failure::{Failure, refused};
use super::opening::Opened;
use super::output::say;
use crate::config::{Address, Config, Pool, Route};
use crate::serve::Listeners;

/// As [`say`], but on a thread of its own: a full pipe that nobody reads must not keep the gateway from serving.
pub(super) fn announce(text: String) -> Result<(), Failure> {
    thread::Builder::new().name("announce".into()).spawn(move || say(&text)).map_err(refused)?;
    Ok(())
}

pub(super) fn announcement(opened: &Opened, config: &Config, is_demo: bool) -> String {
    let mut text = String::new();
    for (listen, address) in opened.listeners.places() {
        let scheme = if listen.is_secured() { "https" } else { "http" };
        text += &format!("gateway on {}\n", url(scheme, address));
    }
    text.extend(config.routes.iter().map(|route| line_of(route, config)));
    for address in opened.operators.iter().flat_map(Listeners::addresses) {
        text += &match address {
            Address::Unix(_) => format!("operator's API on {address}\n"),
            _ => format!("operator's page on {}/\n", url("http", address)),
        };
    }
    if let Some(addr) = opened.listeners.addresses().next().filter(|_| is_demo) {
        text += &format!(
            "
Try:
  curl -si {addr}/api/users                      # twice: one upstream, then the other
  curl -si {addr}/static/x.png                   # always 9001
  curl -si {addr}/admin/dashboard                # 401
  curl -si {addr}/admin/dashboard -H 'X-Admin-Token: letmein'
"
        );
    }
    text
}

/// Where a route leads, and the upstreams of its pools: of one pool on the same line, of several on one for each.
fn line_of(route: &Route, config: &Config) -> String {
    let targets = |pool: &Pool| {
        let targets: Vec<String> =
            pool.upstreams.iter().map(|upstream| upstream.location.to_string()).collect();
        format!("{}: {}\n", pool.name, targets.join(", "))
    };
    let pools: BTreeMap<&str, &Pool> =
        config.pools_of(route).map(|pool| (pool.name.as_str(), pool)).collect();
    let destination = config.destination(route);
    match pools.get(destination.as_str()) {
        Some(only) => format!("  {:<10} -> {}", route.name, targets(only)),
        None => {
            let below = pools.into_values().map(|pool| format!("      {}", targets(pool)));
            format!("  {:<10} -> {destination}\n{}", route.name, below.collect::<String>())
        }
    }
}

fn url(scheme: &str, address: &Address) -> String {
    match address {
        Address::Unix(_) => address.to_string(),
        _ => format!("{scheme}://{address}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_route_has_its_line() {
        let pools = ["a", "b", "c"]
            .map(|name| format!("[pools.{name}]\nupstreams = [\"http://{name}:1\", \"http://{name}:2\"]\n"));
        for (keys, expected) in [
            ("pool = \"a\"", "  /          -> a: http://a:1, http://a:2\n"),
            (
                "split = { a = 95, b = 5 }\nfallback = \"b\"\nmirror.pool = \"c\"",
                "  /          -> a 95, b 5, else b; 100 % copied to c\n      a: http://a:1, http://a:2\n      \
                 b: http://b:1, http://b:2\n      c: http://c:1, http://c:2\n",
            ),
            ("split = { a = 1 }", "  /          -> a 1\n      a: http://a:1, http://a:2\n"),
            ("redirect = \"https://{host}{uri}\"", "  /          -> redirect 308\n"),
            ("respond = 404", "  /          -> answer 404\n"),
            ("files = \".\"", "  /          -> files below .\n"),
        ] {
            let text = format!("{}[routes.\"/\"]\n{keys}\n", pools.concat());
            let config =
                Config::parse("test.toml", text, |_| None).unwrap_or_else(|errors| panic!("{errors}"));
            assert_eq!(line_of(&config.routes[0], &config), expected, "{keys}");
        }
    }
}
