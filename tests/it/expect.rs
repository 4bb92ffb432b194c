//! `Expect: 100-continue` (RFC 9110, 10.1.1): the client's body waits for the upstream's answer, not for the gateway's.

mod http2;
mod refused;
mod upstream;

/// A request that waits for a 100 before it sends its `length` bytes.
fn expecting(path: &str, length: usize) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n")
}
