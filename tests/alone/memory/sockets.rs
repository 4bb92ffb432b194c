//! How many bytes the kernel holds for a connection, so that they aren't counted as the gateway's.

use std::net::SocketAddr;

/// The bytes that the peer has not acknowledged yet and those that are not read yet, summed over both ends of every
/// connection from or to `addr`.
///
/// # Panics
/// If the system has no `/proc/net/tcp`, or `addr` is not IPv4.
pub(crate) fn in_kernel(addr: SocketAddr) -> u64 {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table.lines().skip(1).filter_map(|line| queued(line, addr.port())).sum()
}

/// `None` for sockets that are not connected, or not to or from that port.
fn queued(line: &str, port: u16) -> Option<u64> {
    const ESTABLISHED: &str = "01";
    let fields: Vec<&str> = line.split_whitespace().collect();
    let has_port = |field: &str| {
        field.rsplit(':').next().and_then(|hex| u16::from_str_radix(hex, 16).ok()) == Some(port)
    };
    if fields[3] != ESTABLISHED || !(has_port(fields[1]) || has_port(fields[2])) {
        return None;
    }
    let (sending, receiving) = fields[4].split_once(':').unwrap();
    let bytes = |hex| u64::from_str_radix(hex, 16).unwrap();
    Some(bytes(sending) + bytes(receiving))
}
