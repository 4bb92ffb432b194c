//! How values look in a line.

use std::net::IpAddr;
use std::time::Duration;

/// An address, displayed as [`IpAddr`] does it, but faster for IPv4: the standard library pads each part.
pub(super) struct Address(pub(super) IpAddr);

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let IpAddr::V4(ip) = self.0 else { return self.0.fmt(f) };
        let [first, rest @ ..] = ip.octets();
        f.write_str(itoa::Buffer::new().format(first))?;
        rest.into_iter().try_for_each(|octet| {
            f.write_str(".")?;
            f.write_str(itoa::Buffer::new().format(octet))
        })
    }
}

/// What a client has sent, safe in a log line: escaped to visible ASCII and blanks, and cut to 1 KiB.
pub(super) struct Escaped<'a>(pub(super) &'a [u8]);

impl Escaped<'_> {
    /// How many bytes are shown.
    pub(super) const MOST: usize = 1024;
}

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (shown, rest) = self.0.split_at(Self::MOST.min(self.0.len()));
        write!(f, "{}{}", shown.escape_ascii(), if rest.is_empty() { "" } else { "..." })
    }
}

/// Whole microseconds.
pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn addresses_and_paths_are_written_as_ever() {
        for ip in
            [Ipv4Addr::UNSPECIFIED, Ipv4Addr::LOCALHOST, Ipv4Addr::BROADCAST, Ipv4Addr::new(10, 99, 100, 9)]
        {
            for ip in [ip.into(), IpAddr::from(ip.to_ipv6_mapped())] {
                assert_eq!(Address(ip).to_string(), ip.to_string());
            }
        }
        let long = "x".repeat(1025);
        for (path, written) in [
            ("/a b", "/a b".to_owned()),
            ("/\"\\'\u{e9}\n", "/\\\"\\\\\\'\\xc3\\xa9\\n".to_owned()),
            (&long[1..], long[1..].to_owned()),
            (&long, long[1..].to_owned() + "..."),
        ] {
            assert_eq!(Escaped(path.as_bytes()).to_string(), written);
        }
    }
}
