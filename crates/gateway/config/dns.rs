//! `[dns]`: who is asked for the addresses of upstreams.

use std::net::{IpAddr, SocketAddr};

use super::model::Dns;
use super::report::{Problem, Report};
use super::section::Section;
use super::values::{self, Value};

const DNS: &str = "a table: [dns]";
const SERVERS: &str = "an array of name servers, such as [\"10.0.0.2\", \"127.0.0.1:5353\"]";
const SERVER: &str = "the address of a name server: IP, or IP:PORT";
const PORT: u16 = 53;
const MOST: usize = 8;

pub(super) fn dns(root: &mut Section<'_>, report: &mut Report) -> Dns {
    let Some(mut section) = root.section("dns", report, DNS) else { return Dns::default() };
    let servers = section.list("servers", report, SERVERS);
    let path = section.path_to("servers");
    section.finish(report);
    let Some(servers) = servers else { return Dns::default() };
    let number = servers.get_ref().len();
    if number == 0 || number > MOST {
        let problem = Problem::new(servers.span(), format!("there are {number} name servers"));
        report.error(problem.expecting(format!("1 to {MOST}")).about(&path));
    }
    let servers = servers.into_inner();
    let servers = servers.iter().filter_map(|value| report.keep(server(value).map_err(|it| it.about(&path))));
    Dns { servers: servers.collect() }
}

fn server(value: &Value<'_>) -> Result<SocketAddr, Problem> {
    let text = values::text(value, SERVER)?;
    let address = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, PORT)).or_else(|_| text.parse());
    match address {
        Ok(address) if address.port() != 0 => Ok(address),
        _ => Err(Problem::new(value.span(), format!("{} is no name server", values::quoted(text)))
            .expecting(SERVER)),
    }
}
