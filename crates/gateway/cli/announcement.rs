//! What is printed at the start.

use crate::config::{Address, Config};
use crate::serve::Listeners;

pub(super) fn announcement(listeners: &Listeners, config: &Config, is_demo: bool) -> String {
    let mut text = String::new();
    for (listen, address) in listeners.places() {
        let scheme = match address {
            Address::Unix(_) => "",
            _ if listen.is_secured() => "https://",
            _ => "http://",
        };
        text += &format!("gateway on {scheme}{address}\n");
    }
    for route in &config.routes {
        let Some(pool) = config.pool_of(route) else { continue };
        let targets: Vec<String> =
            pool.upstreams.iter().map(|upstream| upstream.location.to_string()).collect();
        text += &format!("  {:<10} -> {}: {}\n", route.prefix, pool.name, targets.join(", "));
    }
    if let Some(addr) = listeners.addresses().next().filter(|_| is_demo) {
        text += &format!(
            "
Try:
  curl -si {addr}/api/users                      # twice: one upstream, then the other
  curl -si {addr}/static/x.png                   # always 9001
  curl -si {addr}/admin/dashboard                # 401
  curl -si {addr}/admin/dashboard -H 'X-Admin-Token: letmein'
  curl -s  {addr}/                               # what there is, and how it is
"
        );
    }
    text
}
