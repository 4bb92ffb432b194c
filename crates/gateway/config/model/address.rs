//! `Address`: where a listener listens.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// Where a listener listens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Address {
    /// An IP address and a port, as `127.0.0.1:8080` and `[::1]:8080`. With port 0 the system picks a free one. On
    /// `[::]` it also accepts IPv4, if the system is set up so.
    Ip(SocketAddr),
    /// Every address of this machine, IPv6 and IPv4, as `:8080`. Where there is no IPv6, every IPv4 address.
    Every(u16),
    /// Every address that a name has when the socket is opened, as `localhost:8080`.
    Name {
        /// The name.
        host: String,
        /// The port.
        port: u16,
    },
    /// A Unix socket, as `unix:/run/gateway.sock`: an absolute path.
    Unix(PathBuf),
}

/// Why a text is no [`Address`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidAddress(&'static str);

/// The longest path that a Unix socket can have on Linux, where it is 108 bytes with its end.
const LONGEST_PATH: usize = 107;

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        if let Some(path) = text.strip_prefix("unix:") {
            return unix(path);
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::Ip(address));
        }
        let (host, port) = text.rsplit_once(':').ok_or(InvalidAddress("has no port"))?;
        let is_number = port.bytes().all(|b| b.is_ascii_digit());
        let port = port.parse().ok().filter(|_| is_number).ok_or(InvalidAddress("has no valid port"))?;
        match host {
            "" => Ok(Self::Every(port)),
            name if is_name(name) => Ok(Self::Name { host: name.to_owned(), port }),
            _ => Err(InvalidAddress("has no valid host")),
        }
    }
}

fn unix(path: &str) -> Result<Address, InvalidAddress> {
    if !path.starts_with('/') || path.ends_with('/') {
        Err(InvalidAddress("has no absolute path"))
    } else if path.len() > LONGEST_PATH || path.contains('\0') {
        Err(InvalidAddress("has a path that no socket can have"))
    } else {
        Ok(Address::Unix(path.into()))
    }
}

/// Whether it is a name of DNS (RFC 1123 §2.1). What ends in a number would be an IPv4 address, and a wrong one.
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let bare = text.strip_suffix('.').unwrap_or(text);
    let ends_in_a_number =
        bare.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    text.len() <= 253 && bare.split('.').all(is_label) && !ends_in_a_number
}

impl Address {
    /// Whether only programs of this machine can reach it.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Ip(address) => address.ip().to_canonical().is_loopback(),
            Self::Every(_) => false,
            Self::Name { host, .. } => host.eq_ignore_ascii_case("localhost"),
            Self::Unix(_) => true,
        }
    }

    /// Whether a socket on one of them keeps another from listening on the other. What a name stands for isn't known
    /// here: two names are compared as text.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let unspecified = |port| SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port);
        match (self, other) {
            (Self::Ip(one), Self::Ip(two)) => overlap(*one, *two),
            (Self::Every(port), Self::Ip(ip)) | (Self::Ip(ip), Self::Every(port)) => {
                overlap(unspecified(*port), *ip)
            }
            (Self::Every(port), Self::Name { port: other, .. })
            | (Self::Name { port, .. }, Self::Every(other)) => port == other && *port != 0,
            (Self::Every(one), Self::Every(two)) => one == two && *one != 0,
            (Self::Name { host, port }, Self::Name { host: other, port: other_port }) => {
                host.eq_ignore_ascii_case(other) && port == other_port && *port != 0
            }
            (Self::Unix(one), Self::Unix(two)) => one == two,
            _ => false,
        }
    }
}

fn overlap(one: SocketAddr, two: SocketAddr) -> bool {
    let takes_both = |ip: IpAddr| ip == IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    let (a, b) = (one.ip(), two.ip());
    let is_one_within = a == b
        || takes_both(a)
        || takes_both(b)
        || a.is_ipv4() == b.is_ipv4() && (a.is_unspecified() || b.is_unspecified());
    one.port() == two.port() && one.port() != 0 && is_one_within
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self::Ip(address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::Every(port) => write!(f, ":{port}"),
            Self::Name { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl fmt::Display for InvalidAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidAddress {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_read_and_written_alike() {
        for text in [
            "127.0.0.1:0",
            "[::1]:8080",
            ":8080",
            "localhost:8080",
            "api_1.example.:80",
            "unix:/run/gateway.sock",
        ] {
            let address: Address = text.parse().unwrap_or_else(|error| panic!("{text} {error}"));
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn what_is_none_says_why() {
        for (text, why) in [
            ("", "has no port"),
            ("8080", "has no port"),
            ("127.0.0.1", "has no port"),
            ("localhost:", "has no valid port"),
            ("localhost:+80", "has no valid port"),
            ("localhost:65536", "has no valid port"),
            ("127.0.0:80", "has no valid host"),
            ("::1:80", "has no valid host"),
            ("-a:80", "has no valid host"),
            ("a..b:80", "has no valid host"),
            ("http://a:80", "has no valid host"),
            ("unix:gateway.sock", "has no absolute path"),
            ("unix:/run/", "has no absolute path"),
            (&format!("unix:/{}", "a".repeat(107)), "has a path that no socket can have"),
        ] {
            assert_eq!(text.parse::<Address>(), Err(InvalidAddress(why)), "{text}");
        }
    }

    #[test]
    fn only_this_machine_reaches_what_is_local() {
        let is_local = |text: &str| text.parse::<Address>().unwrap().is_local();
        for text in
            ["127.0.0.1:1", "127.8.8.8:1", "[::1]:1", "[::ffff:127.0.0.1]:1", "Localhost:1", "unix:/a"]
        {
            assert!(is_local(text), "{text}");
        }
        for text in ["0.0.0.0:1", "[::]:1", ":1", "10.0.0.1:1", "localhost.example:1"] {
            assert!(!is_local(text), "{text}");
        }
    }

    #[test]
    fn addresses_that_exclude_each_other_overlap() {
        let overlap = |one: &str, two: &str| {
            let [one, two] = [one, two].map(|text| text.parse::<Address>().unwrap());
            assert_eq!(one.overlaps(&two), two.overlaps(&one));
            one.overlaps(&two)
        };
        for (one, two) in [
            ("127.0.0.1:80", "127.0.0.1:80"),
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "127.0.0.1:80"),
            (":80", "127.0.0.1:80"),
            (":80", "localhost:80"),
            (":80", ":80"),
            ("localhost:80", "LOCALHOST:80"),
            ("unix:/a", "unix:/a"),
        ] {
            assert!(overlap(one, two), "{one} {two}");
        }
        for (one, two) in [
            ("127.0.0.1:80", "127.0.0.1:81"),
            ("127.0.0.1:0", "127.0.0.1:0"),
            (":0", ":0"),
            ("0.0.0.0:80", "[::1]:80"),
            ("127.0.0.1:80", "127.0.0.2:80"),
            ("localhost:80", "a:80"),
            ("unix:/a", "unix:/b"),
            ("unix:/a", ":80"),
        ] {
            assert!(!overlap(one, two), "{one} {two}");
        }
    }
}
