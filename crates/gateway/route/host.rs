//! A host, as `Host` names it.

/// A host without its port.
pub(super) fn without_port(host: &[u8]) -> &[u8] {
    let end = match host.first() {
        Some(b'[') => host.iter().position(|byte| *byte == b']').map(|bracket| bracket + 1),
        _ => host.iter().position(|byte| *byte == b':'),
    };
    end.and_then(|end| host.get(..end)).unwrap_or(host)
}
