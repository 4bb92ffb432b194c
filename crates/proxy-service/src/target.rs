//! `Target`: the upstream that requests go to.

mod invalid;
mod socket;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use http::HeaderValue;
use http::uri::{Authority, PathAndQuery, Scheme, Uri};

use crate::headers::host;
use crate::path;
use invalid::Found;
pub use invalid::InvalidTarget;
use socket::OverSocket;

/// One upstream: scheme, host, port and base path. It is parsed once, so no request pays for that.
///
/// It is cheap to clone, since all its parts are reference-counted.
///
/// ```
/// use proxy_service::Target;
///
/// let target: Target = "http://127.0.0.1:9001/v1".parse()?;
/// assert_eq!(target.to_string(), "http://127.0.0.1:9001/v1");
///
/// let error = "127.0.0.1:9001".parse::<Target>().unwrap_err();
/// assert_eq!(error.to_string(), "expected http://HOST[:PORT][/BASE], found no scheme in \"127.0.0.1:9001\"");
/// # Ok::<(), proxy_service::InvalidTarget>(())
/// ```
///
/// On Unix an upstream may listen on a socket in the file system. It is spelled as in nginx:
/// `http://unix:/SOCKET[:/BASE]`. Only this crate's own client can reach it, because the URI of a request has no
/// place for a socket.
///
/// ```
/// # #[cfg(unix)] {
/// let target: proxy_service::Target = "http://unix:/run/app.sock:/v1".parse()?;
/// assert_eq!((target.authority().as_str(), target.base_path()), ("localhost", "/v1"));
/// # }
/// # Ok::<(), proxy_service::InvalidTarget>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Target {
    scheme: Scheme,
    authority: Authority,
    socket: Option<Arc<Path>>,
    address: Option<SocketAddr>,
    base: Option<PathAndQuery>,
    host: HeaderValue,
}

impl Target {
    /// `http` or `https`.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// The host, and the port if one was given. `localhost` for a Unix socket, as in nginx.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The port that was given, or else the scheme's: 80 or 443.
    pub fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(self.port_by_default())
    }

    /// The port of its scheme.
    pub(crate) fn port_by_default(&self) -> u16 {
        if self.scheme == Scheme::HTTPS { 443 } else { 80 }
    }

    /// The same upstream at this address alone: its host isn't looked up. `Host`, SNI and the check of its certificate
    /// stay as they are. Targets that differ in the address are different, and have connections of their own.
    ///
    /// It has no effect on a Unix socket.
    ///
    /// ```
    /// use proxy_service::Target;
    ///
    /// let target: Target = "http://api.internal:8080".parse()?;
    /// let one_of_them = target.at(([10, 0, 0, 7], 8080).into());
    /// assert_eq!(one_of_them.authority().as_str(), "api.internal:8080");
    /// assert_eq!(one_of_them.to_string(), "http://api.internal:8080 (10.0.0.7)");
    /// # Ok::<(), proxy_service::InvalidTarget>(())
    /// ```
    #[must_use]
    pub fn at(self, address: SocketAddr) -> Self {
        Self { address: Some(address), ..self }
    }

    /// The address that was set by [`at`](Self::at).
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The file of the Unix socket that the upstream listens on. None if it is reached over the network.
    pub fn unix_socket(&self) -> Option<&Path> {
        self.socket.as_deref()
    }

    /// The path that is put before each request's own. It is empty, or begins with `/` and has no slash at its end.
    pub fn base_path(&self) -> &str {
        self.base.as_ref().map_or("", PathAndQuery::path)
    }

    /// The same upstream without its base path.
    #[must_use]
    pub fn without_base_path(&self) -> Self {
        Self { base: None, ..self.clone() }
    }

    /// The `Host` value that this upstream expects (RFC 9110 §7.2).
    pub(crate) fn host(&self) -> &HeaderValue {
        &self.host
    }

    fn over_network(text: &str) -> Result<Self, Found> {
        if !authority_as_written(text).is_ascii() {
            return Err(Found::International);
        }
        let uri: Uri = text.parse().map_err(|_| Found::NotAUri)?;
        let parts = uri.into_parts();
        let authority = parts.authority.ok_or(Found::NoScheme)?;
        let scheme = parts.scheme.ok_or(Found::NoScheme)?;
        if scheme == Scheme::HTTPS && !cfg!(feature = "tls") {
            return Err(Found::TlsIsOff);
        }
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err(Found::OtherScheme);
        }
        if authority.as_str().contains('@') {
            return Err(Found::Userinfo);
        }
        if !host::is_valid(authority.as_str().as_bytes()) || authority.port_u16() == Some(0) {
            return Err(Found::Authority);
        }
        let path = parts.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
        if path.query().is_some() || text.contains('#') {
            return Err(Found::Query);
        }
        let base = base(path.path())?;
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| Found::Authority)?;
        Ok(Self { scheme, authority, socket: None, address: None, base, host })
    }

    fn over_socket(spelled: OverSocket<'_>) -> Result<Self, Found> {
        Ok(Self {
            scheme: Scheme::HTTP,
            authority: Authority::from_static("localhost"),
            socket: Some(spelled.socket()?),
            address: None,
            base: base(spelled.base()?)?,
            host: HeaderValue::from_static("localhost"),
        })
    }
}

/// The part between the scheme and the path. It is empty if there is no scheme.
fn authority_as_written(text: &str) -> &str {
    let behind_scheme = text.split_once("://").map_or("", |(_, rest)| rest);
    behind_scheme.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Removes the slashes at the end, so that joining it with a request's path makes no double slash.
fn base(path: &str) -> Result<Option<PathAndQuery>, Found> {
    path::check(path).map_err(|_| Found::Path)?;
    match path.trim_end_matches('/') {
        "" => Ok(None),
        base => base.parse().map(Some).map_err(|_| Found::Path),
    }
}

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        let target = match OverSocket::spelled(text) {
            Some(spelled) => Self::over_socket(spelled),
            None => Self::over_network(text),
        };
        target.map_err(|found| InvalidTarget::new(text, found))
    }
}

impl TryFrom<&str> for Target {
    type Error = InvalidTarget;

    fn try_from(text: &str) -> Result<Self, InvalidTarget> {
        text.parse()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, base) = (&self.scheme, self.base_path());
        if let Some(socket) = self.unix_socket() {
            let seam = if base.is_empty() { "" } else { ":" };
            return write!(f, "{scheme}://unix:{}{seam}{base}", socket.display());
        }
        write!(f, "{scheme}://{}{base}", self.authority)?;
        match self.address {
            None => Ok(()),
            Some(address) if address.port() == self.port() => write!(f, " ({})", address.ip()),
            Some(address) => write!(f, " ({address})"),
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}
