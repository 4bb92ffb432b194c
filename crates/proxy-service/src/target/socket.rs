//! An upstream on a Unix socket, spelled as in nginx: `http://unix:/SOCKET[:/BASE]`.

use std::path::Path;
use std::sync::Arc;

use super::invalid::{Found, FoundSocket};

/// A text that is spelled so, valid or not.
#[derive(Clone, Copy)]
pub(super) struct OverSocket<'a> {
    scheme: &'a str,
    socket: &'a str,
    base: Option<&'a str>,
}

impl<'a> OverSocket<'a> {
    /// None if it is spelled as a host: in `http://unix` and `http://unix:80` the host is called `unix`.
    pub(super) fn spelled(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://unix:")?;
        let is_http = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
        if !is_http || !rest.starts_with('/') {
            return None;
        }
        Some(match rest.split_once(':') {
            Some((socket, base)) => Self { scheme, socket, base: Some(base) },
            None => Self { scheme, socket: rest, base: None },
        })
    }

    pub(super) fn socket(self) -> Result<Arc<Path>, Found> {
        self.check().map_err(Found::Socket)?;
        Ok(Path::new(self.socket).into())
    }

    /// The base path. It is empty if there is none.
    pub(super) fn base(self) -> Result<&'a str, Found> {
        match self.base {
            None => Ok(""),
            Some(base) if base.contains(['?', '#']) => Err(Found::Socket(FoundSocket::Query)),
            Some(base) if base.starts_with('/') => Ok(base),
            Some(_) => Err(Found::Socket(FoundSocket::AfterSocket)),
        }
    }

    fn check(self) -> Result<(), FoundSocket> {
        if self.scheme.eq_ignore_ascii_case("https") {
            return Err(FoundSocket::Tls);
        }
        if self.socket.ends_with('/') {
            return Err(FoundSocket::NoFile);
        }
        if self.socket.contains(char::is_control) {
            return Err(FoundSocket::Control);
        }
        if self.socket.contains(['?', '#']) {
            return Err(FoundSocket::Query);
        }
        check_address(self.socket)
    }
}

/// The kernel's limit: 107 bytes on Linux, 103 on macOS.
#[cfg(unix)]
fn check_address(socket: &str) -> Result<(), FoundSocket> {
    match std::os::unix::net::SocketAddr::from_pathname(socket) {
        Ok(_) => Ok(()),
        Err(_) => Err(FoundSocket::Unfit),
    }
}

#[cfg(not(unix))]
fn check_address(_: &str) -> Result<(), FoundSocket> {
    Err(FoundSocket::Unfit)
}
