//! The listeners' meters: finds them, and writes what they have counted.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Weak};

use arc_swap::ArcSwap;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use super::family::{Family, Of};
use super::listener::{ListenerCounts, ListenerMeter};

static ACCEPTED: Family = Family::counter(
    "gateway_connections_accepted",
    &["listener"],
    "Connections of clients that were accepted.",
);
static OPEN: Family = Family::gauge(
    "gateway_connections_open",
    &["listener"],
    "Connections of clients that are open, with those that became tunnels.",
);
static FAILED_ACCEPTS: Family = Family::counter(
    "gateway_accept_errors",
    &["listener"],
    "How often the system couldn't accept a connection, mostly because too many files are open.",
);
static REFUSED: Family = Family::counter(
    "gateway_connections_refused",
    &["listener", "reason"],
    "Connections that were closed before their first request.",
);
static HANDSHAKES: Family =
    Family::counter("gateway_tls_handshakes", &["listener"], "TLS handshakes with clients that succeeded.");
static FAILED_HANDSHAKES: Family = Family::counter(
    "gateway_tls_handshake_failures",
    &["listener", "reason"],
    "TLS handshakes with clients that failed.",
);
static SPOKEN: Family = Family::counter(
    "gateway_http_connections",
    &["listener", "protocol"],
    "Connections that speak HTTP, by version.",
);
static STREAMS: Family =
    Family::counter("gateway_http2_streams", &["listener"], "HTTP/2 streams that clients have opened.");
static RESETS: Family = Family::counter(
    "gateway_http2_resets",
    &["listener", "by"],
    "HTTP/2 streams that were reset before their answers were sent.",
);

/// The meters of all listeners, of each worker.
#[derive(Debug, Default)]
pub(crate) struct Listeners(ArcSwap<Vec<Door>>);

#[derive(Clone, Debug)]
struct Door {
    address: Arc<str>,
    /// A listener that is gone takes its meter with it, when its last connection has ended.
    meter: Weak<ListenerMeter>,
}

impl Listeners {
    /// A new meter for a worker's socket of the listener at this address.
    pub(crate) fn meter(&self, address: &str) -> Arc<ListenerMeter> {
        let meter = Arc::<ListenerMeter>::default();
        let door = Door { address: address.into(), meter: Arc::downgrade(&meter) };
        self.0.rcu(|doors| {
            let open = doors.iter().filter(|door| door.meter.strong_count() > 0);
            open.cloned().chain([door.clone()]).collect::<Vec<_>>()
        });
        meter
    }

    /// What was counted at each address.
    pub(crate) fn counts(&self) -> BTreeMap<Arc<str>, ListenerCounts> {
        let mut counts: BTreeMap<_, ListenerCounts> = BTreeMap::new();
        for door in self.0.load().iter() {
            if let Some(meter) = door.meter.upgrade() {
                meter.add_to(counts.entry(Arc::clone(&door.address)).or_default());
            }
        }
        counts
    }
}

impl Collector for Listeners {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let all = self.counts();
        let mut values = OPEN.begin(&mut encoder)?;
        all.iter().try_for_each(|(address, counts)| values.gauge(&[address], counts.open))?;
        let counters: [Of<ListenerCounts>; 4] = [
            (&ACCEPTED, |counts| counts.accepted),
            (&FAILED_ACCEPTS, |counts| counts.failed_accepts),
            (&HANDSHAKES, |counts| counts.handshakes),
            (&STREAMS, |counts| counts.streams),
        ];
        for (family, count) in counters {
            let mut values = family.begin(&mut encoder)?;
            all.iter().try_for_each(|(address, counts)| values.counter(&[address], count(counts)))?;
        }
        let by_name: [Of<ListenerCounts, Vec<(&'static str, u64)>>; 4] = [
            (&REFUSED, |counts| counts.refused.clone()),
            (&FAILED_HANDSHAKES, |counts| counts.failed_handshakes.clone()),
            (&SPOKEN, |counts| vec![("http1", counts.http1), ("http2", counts.http2)]),
            (&RESETS, |counts| vec![("client", counts.reset_by_client), ("gateway", counts.reset_here)]),
        ];
        for (family, named) in by_name {
            let mut values = family.begin(&mut encoder)?;
            for (address, counts) in &all {
                named(counts)
                    .into_iter()
                    .try_for_each(|(name, count)| values.counter(&[address, name], count))?;
            }
        }
        Ok(())
    }
}

#[cfg(all(test, feature = "tls"))]
mod tests {
    use super::*;

    #[test]
    fn the_workers_of_a_listener_are_added_up() {
        let listeners = Listeners::default();
        let (one, two) = (listeners.meter("a:1"), listeners.meter("a:1"));
        let other = listeners.meter("b:2");
        let open = one.accepted();
        drop(two.accepted());
        two.refused("timeout");
        one.refused("timeout");
        one.handshake().succeeded();
        one.handshake().failed("alert");
        drop(other.handshake());
        let counts = listeners.counts();
        let expected = ListenerCounts {
            accepted: 2,
            open: 1,
            refused: vec![("timeout", 2)],
            handshakes: 1,
            failed_handshakes: vec![("alert", 1)],
            ..ListenerCounts::default()
        };
        assert_eq!(counts["a:1"], expected);
        assert_eq!(counts["b:2"].failed_handshakes, [("unfinished", 1)]);
        drop((one, two, other));
        assert_eq!(listeners.counts().keys().map(|address| &**address).collect::<Vec<_>>(), ["a:1"]);
        drop(open);
        assert!(listeners.counts().is_empty());
    }
}
