//! What is printed at the start.

use std::thread;

use super::failure::{Failure, refused};
use super::opening::Opened;
use super::output::say;
use crate::config::{Address, Config};
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
    for route in &config.routes {
        let Some(pool) = config.pool_of(route) else { continue };
        let targets: Vec<String> =
            pool.upstreams.iter().map(|upstream| upstream.location.to_string()).collect();
        text += &format!("  {:<10} -> {}: {}\n", route.name, pool.name, targets.join(", "));
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
