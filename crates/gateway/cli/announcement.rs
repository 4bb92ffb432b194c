//! What is printed at the start.

use super::opening::Opened;
use crate::config::{Address, Config};
use crate::serve::Listeners;

pub(super) fn announcement(opened: &Opened, config: &Config, is_demo: bool) -> String {
    let mut text = String::new();
    for (listen, address) in opened.listeners.places() {
        let scheme = if listen.is_secured() { "https" } else { "http" };
        text += &format!("gateway on {}\n", url(scheme, address));
    }
    for route in &config.routes {
        let Some(pool) = config.pool_of(route) else { continue };
        let targets: Vec<String> =
            pool.upstreams.iter().map(|upstream| upstream.location.to_string()).collect();
        text += &format!("  {:<10} -> {}: {}\n", route.prefix, pool.name, targets.join(", "));
    }
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

fn url(scheme: &str, address: &Address) -> String {
    match address {
        Address::Unix(_) => address.to_string(),
        _ => format!("{scheme}://{address}"),
    }
}
