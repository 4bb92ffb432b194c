//! Reads the beginning of a body into memory.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use http_body::Body as _;
use proxy_service::{ErrorKind, ProxyError};

use super::memory::{Memory, Reserved};

/// The room that a body gets at first if its length isn't known.
const FIRST: usize = 4096;

/// What is read of a body, and up to where.
#[derive(Debug)]
pub(super) enum Read {
    /// All of it.
    Whole { content: Bytes, trailers: Option<HeaderMap> },
    /// It is longer than it may be, or there was no memory left. What was read comes first, and then the rest.
    Begun { content: Bytes, rest: Body },
}

/// What has been read so far.
struct Content {
    bytes: Vec<u8>,
    reserved: Reserved,
}

/// It owns its part of the memory, until the last reference is gone.
impl AsRef<[u8]> for Content {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Content {
    fn into_bytes(self) -> Bytes {
        if self.bytes.is_empty() { Bytes::new() } else { Bytes::from_owner(self) }
    }

    /// Makes room for so many bytes more, of at most so many in all. Returns false if there isn't any.
    fn make_room(&mut self, more: usize, most: usize) -> bool {
        let needed = self.bytes.len() + more;
        if needed <= self.bytes.capacity() {
            return true;
        }
        let ample = (self.bytes.capacity() * 2).max(FIRST).min(most).max(needed);
        let room = if self.reserved.grow_to(ample) { ample } else { needed };
        if !self.reserved.grow_to(room) {
            return false;
        }
        self.bytes.reserve_exact(room - self.bytes.len());
        true
    }
}

/// Reads a body until its end, or until more than `most` bytes are there. Between two pieces, it waits no longer than
/// `patience`.
///
/// # Errors
/// The client broke off, or was silent for too long.
pub(super) async fn read(
    mut body: Body,
    most: usize,
    memory: &Memory,
    patience: Duration,
) -> Result<Read, ProxyError> {
    let mut content = Content { bytes: Vec::new(), reserved: memory.begin() };
    let length = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    if let Some(length) = length.filter(|length| *length <= most) {
        // A length that is known needs no room to grow. If there is none, not a byte is read.
        if !content.make_room(length, length) {
            return Ok(Read::Begun { content: Bytes::new(), rest: body });
        }
    }
    loop {
        if body.is_end_stream() {
            return Ok(Read::Whole { content: content.into_bytes(), trailers: None });
        }
        let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx));
        let frame = tokio::time::timeout(patience, frame).await.map_err(too_slow)?;
        let Some(frame) = frame else {
            return Ok(Read::Whole { content: content.into_bytes(), trailers: None });
        };
        let data = match frame.map_err(broken)?.into_data() {
            Ok(data) => data,
            Err(other) => {
                let trailers = other.into_trailers().ok();
                return Ok(Read::Whole { content: content.into_bytes(), trailers });
            }
        };
        let fits = content.bytes.len() + data.len() <= most && content.make_room(data.len(), most);
        if !fits {
            let rest = super::replay::after(data, body);
            return Ok(Read::Begun { content: content.into_bytes(), rest });
        }
        content.bytes.extend_from_slice(&data);
    }
}

fn too_slow(elapsed: tokio::time::error::Elapsed) -> ProxyError {
    ProxyError::refused(ErrorKind::RequestTimeout, elapsed)
}

fn broken(error: axum::Error) -> ProxyError {
    ProxyError::refused(ErrorKind::BadRequest, error)
}
