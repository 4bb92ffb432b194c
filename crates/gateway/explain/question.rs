//! What is asked: a request that nobody has sent.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

/// A request whose way through the gateway is to be explained.
#[derive(Clone, Debug)]
pub struct Question {
    method: String,
    /// Whether the URL says `https`. `None` if it has no scheme.
    is_secured: Option<bool>,
    authority: Option<String>,
    target: String,
    fields: Vec<String>,
    body: Option<Vec<u8>>,
    client: IpAddr,
}

impl Question {
    /// A request with this method for this URL, or for this path at any listener. It has no fields but `Host`, and comes
    /// from 127.0.0.1.
    ///
    /// # Errors
    /// [`InvalidQuestion`] if it isn't one request for one URL. Everything that a client might send is taken, also what
    /// the gateway refuses.
    pub fn new(method: &str, url: &str) -> Result<Self, InvalidQuestion> {
        if method.is_empty() || method.contains(|letter: char| letter.is_whitespace()) {
            return Err(InvalidQuestion::Method(method.to_owned()));
        }
        let Url { is_secured, authority, target } = Url::read(url)?;
        let client = Ipv4Addr::LOCALHOST.into();
        Ok(Self {
            method: method.to_owned(),
            is_secured,
            authority,
            target,
            fields: Vec::new(),
            body: None,
            client,
        })
    }

    /// Adds a field line, such as `x-user: 7`. A `Host` takes the place of the URL's.
    ///
    /// # Errors
    /// [`InvalidQuestion`] if it isn't one line with a name.
    pub fn field(mut self, line: &str) -> Result<Self, InvalidQuestion> {
        let is_named = line.split_once(':').is_some_and(|(name, _)| !name.is_empty());
        if !is_named || line.contains(['\r', '\n']) {
            return Err(InvalidQuestion::Field(line.to_owned()));
        }
        self.fields.push(line.to_owned());
        Ok(self)
    }

    /// The request's body. Its length is sent as `Content-Length`, unless a field says how it is framed.
    #[must_use]
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: Some(body.into()), ..self }
    }

    /// The address that it comes from.
    #[must_use]
    pub fn from(self, client: IpAddr) -> Self {
        Self { client, ..self }
    }

    /// The request as a client would send it over HTTP/1.1, to a listener at `address` if the URL has no host.
    #[must_use]
    pub fn wire(&self, address: &str) -> Vec<u8> {
        let mut lines = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        if !self.has("host") {
            lines += &format!("host: {}\r\n", self.authority.as_deref().unwrap_or(address));
        }
        for line in &self.fields {
            lines += &format!("{line}\r\n");
        }
        if let Some(body) = &self.body
            && !self.has("content-length")
            && !self.has("transfer-encoding")
        {
            lines += &format!("content-length: {}\r\n", body.len());
        }
        lines += "\r\n";
        let mut bytes = lines.into_bytes();
        bytes.extend_from_slice(self.body.as_deref().unwrap_or_default());
        bytes
    }

    pub(super) fn is_secured(&self) -> Option<bool> {
        self.is_secured
    }

    /// The port that the URL names, or that its scheme has.
    pub(super) fn port(&self) -> Option<u16> {
        let named = self.authority.as_deref().and_then(|authority| authority.parse().ok());
        let named = named.and_then(|authority: http::uri::Authority| authority.port_u16());
        named.or(self.is_secured.map(|is_secured| if is_secured { 443 } else { 80 }))
    }

    pub(super) fn client(&self) -> IpAddr {
        self.client
    }

    pub(super) fn method(&self) -> &str {
        &self.method
    }

    pub(super) fn target(&self) -> &str {
        &self.target
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|line| {
            line.split_once(':').is_some_and(|(of_line, _)| of_line.trim().eq_ignore_ascii_case(name))
        })
    }
}

struct Url {
    is_secured: Option<bool>,
    authority: Option<String>,
    target: String,
}

impl Url {
    /// Takes a URL apart. Its path stays as it is written, since a client may send any bytes.
    fn read(url: &str) -> Result<Self, InvalidQuestion> {
        let invalid = || InvalidQuestion::Url(url.to_owned());
        if url.contains(['\r', '\n']) {
            return Err(invalid());
        }
        if url.starts_with('/') || url == "*" {
            return Ok(Self { is_secured: None, authority: None, target: url.to_owned() });
        }
        let (scheme, rest) = url.split_once("://").ok_or_else(invalid)?;
        let is_secured = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(invalid()),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        if authority.is_empty() || authority.contains('@') {
            return Err(invalid());
        }
        let target = target.split_once('#').map_or(target, |(target, _)| target);
        let slash = if target.starts_with('/') { "" } else { "/" };
        Ok(Self {
            is_secured: Some(is_secured),
            authority: Some(authority.to_owned()),
            target: format!("{slash}{target}"),
        })
    }
}

/// Why a question can't be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidQuestion {
    /// This is no method.
    Method(String),
    /// This is no URL.
    Url(String),
    /// This is no field line.
    Field(String),
    /// This is no address.
    Client(String),
}

impl fmt::Display for InvalidQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method(found) => write!(f, "expected a method such as GET, found {found:?}"),
            Self::Url(found) => {
                write!(f, "expected http://HOST/PATH, https://HOST/PATH or /PATH, found {found:?}")
            }
            Self::Client(found) => write!(f, "expected the client's IP address, found {found:?}"),
            Self::Field(found) => write!(f, "expected a header such as \"x-user: 7\", found {found:?}"),
        }
    }
}

impl Error for InvalidQuestion {}
