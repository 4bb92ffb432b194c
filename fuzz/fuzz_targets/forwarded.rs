//! The client's address is that of the peer, or one in the header after which there are only trusted proxies.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};

use arbitrary::{Arbitrary, Unstructured};
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use proxy_service::TrustedPeers;

#[derive(Arbitrary, Debug)]
struct Input {
    trust: Trust,
    peer: Hop,
    lines: Vec<Line>,
}

#[derive(Arbitrary, Debug, Clone, Copy)]
enum Trust {
    Nobody,
    Private,
    Everybody,
}

#[derive(Debug)]
struct Line(HeaderValue);

/// An address. Half of them are trusted proxies.
#[derive(Debug)]
struct Hop(IpAddr);

impl<'a> Arbitrary<'a> for Hop {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self(match u.arbitrary::<u8>()? % 4 {
            0 => Ipv4Addr::new(10, 0, 0, u.arbitrary()?).into(),
            1 => Ipv4Addr::new(10, 0, 0, u.arbitrary()?).to_ipv6_mapped().into(),
            _ => u.arbitrary()?,
        }))
    }
}

impl<'a> Arbitrary<'a> for Line {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut text = Vec::new();
        for _ in 0..u.int_in_range(0..=4)? {
            let Hop(ip) = u.arbitrary()?;
            let hop = match u.arbitrary::<u8>()? % 6 {
                0 => format!("{ip}"),
                1 => format!("[{ip}]"),
                2 => format!("\"[{ip}]:{}\"", u.arbitrary::<u16>()?),
                3 => format!(" {ip}:{}\t", u.arbitrary::<u16>()?),
                4 => "unknown".to_owned(),
                _ => String::new(),
            };
            text.extend(hop.as_bytes());
            let between: &[u8] = u.arbitrary()?;
            text.extend(if between.is_empty() { b"," } else { between });
        }
        Ok(Self(HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static(", 10.0.0.1"))))
    }
}

impl Trust {
    fn trusts(self, ip: IpAddr) -> bool {
        match (self, ip) {
            (Self::Nobody, _) => false,
            (Self::Private, IpAddr::V4(ip)) => ip.octets()[0] == 10,
            (Self::Private, IpAddr::V6(_)) => false,
            (Self::Everybody, _) => true,
        }
    }
}

fuzz_target!(|input: Input| {
    let Input { trust, peer: Hop(peer), lines } = input;
    let mut headers = HeaderMap::new();
    for Line(line) in &lines {
        headers.append("x-forwarded-for", line.clone());
    }
    let client = TrustedPeers::new(move |ip| trust.trusts(ip)).client_ip(peer, &headers);
    let peer = peer.to_canonical();
    if client == peer {
        return;
    }
    assert!(trust.trusts(peer), "a stranger was believed");
    let hops: Vec<&[u8]> =
        lines.iter().flat_map(|Line(line)| line.as_bytes().split(|byte| *byte == b',')).collect();
    let is_vouched_for = |(at, hop): (usize, &&[u8])| {
        names(hop, |ip| ip == client)
            && hops[at + 1..].iter().all(|later| names(later, |ip| trust.trusts(ip)))
    };
    assert!(hops.iter().enumerate().any(is_vouched_for), "{client} is nobody's word: {hops:?}");
    let may_stop_here = !trust.trusts(client)
        || hops.iter().enumerate().any(|(at, hop)| {
            names(hop, |ip| ip == client) && (at == 0 || !names(hops[at - 1], |_| true))
                || names(hop, |ip| ip == client) && may_be_unreadable(hops[at.saturating_sub(1)])
        });
    assert!(may_stop_here, "{client} is a trusted proxy, and there is more to read");
});

/// Whether an address anywhere in the text fulfils `wanted`.
fn names(text: &[u8], wanted: impl Fn(IpAddr) -> bool) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let starts = (0..text.len()).filter(|at| text.is_char_boundary(*at));
    starts
        .flat_map(|from| (from + 2..=text.len()).filter_map(move |to| text.get(from..to)))
        .filter_map(|part| part.parse::<IpAddr>().ok())
        .any(|ip| wanted(ip.to_canonical()))
}

/// Whether an element isn't just an address. Reading the header may end at such an element.
fn may_be_unreadable(hop: &[u8]) -> bool {
    let text = std::str::from_utf8(hop).map(str::trim).unwrap_or_default();
    text.parse::<IpAddr>().is_err()
}
