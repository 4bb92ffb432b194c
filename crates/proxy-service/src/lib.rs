#![doc = include_str!("../README.md")]
//!
//! ## Where to find what
//!
//! | for | look at |
//! |---|---|
//! | the service, and the layer with its options | [`ProxyService`], [`ProxyLayer`], [`Timeouts`], [`Upgrades`] |
//! | the upstream | [`Target`], [`HostPolicy`], [`HostName`] |
//! | connections to it | [`client()`], [`ClientBuilder`], [`Client`], [`Protocols`], [`HeaderCase`], [`ConnectionCounts`], [`ByteStream`] |
//! | who the client is | [`Peer`], [`PeerLayer`], [`TrustedPeers`], [`ForwardedHeaders`], [`ClientCertificate`], [`ProxyHeader`] |
//! | errors, and answers to them | [`CatchErrorLayer`], [`ProxyError`], [`ErrorKind`], [`Side`], [`Stage`], [`Failures`] |
//! | a request that may go elsewhere | [`Failed`] |
//! | how a router treats its routes | [`RouteOptions`], [`check`], [`path`] |
//! | what answers refer to | [`MapBack`], [`References`] |
//! | who answered, and when | [`Upstream`], [`Stages`] |
//! | tunnels, and their end at a shutdown | [`Tunnels`], [`Tunnel`] |
//! | interim answers | [`Informational`], [`InformationalSender`] |
//! | connections that are bound to a client's | [`ClientConnection`], [`has_connection_bound_credentials`] |

mod body;
mod catch_error;
mod classify;
mod client;
mod dial;
mod error;
mod extended_connect;
mod failed;
mod failures;
mod future;
mod headers;
mod idle;
mod inbound;
mod informational;
mod layer;
mod mapped_back;
mod no_peer;
mod outgoing;
pub mod path;
mod peer;
mod peer_layer;
mod prefix;
mod received;
mod request_body;
mod rewrite;
mod route;
mod service;
mod settings;
mod stages;
mod target;
mod telemetry;
mod timeouts;
mod tunnel;
mod upgrade;
mod upload;
mod upstream;

pub use body::ProxyBody;
pub use catch_error::{CatchError, CatchErrorBody, CatchErrorFuture, CatchErrorLayer};
pub use client::{
    ByteStream, Client, ClientBody, ClientBuilder, ClientConnection, ClientError, ClientFuture,
    ConnectionCounts, Ends, FreshConnection, Protocols, ProxyHeader, client,
};
pub use error::{BoxError, ErrorKind, ProxyError, Side, Stage};
pub use failed::Failed;
pub use failures::{Failures, LastFailure};
pub use future::ProxyFuture;
pub use headers::connection_bound::has_connection_bound_credentials;
pub use headers::forwarded::{ForwardedHeaders, TrustedPeers};
pub use headers::host::{HostName, HostPolicy, InvalidHostName};
pub use headers::spelling::reads_alike;
pub use http1::HeaderCase;
pub use inbound::check;
pub use informational::{Informational, InformationalError, InformationalSender};
pub use layer::ProxyLayer;
pub use mapped_back::{MapBack, References};
pub use peer::{ClientCertificate, Peer};
pub use peer_layer::{PeerLayer, WithPeer};
pub use request_body::{RequestBody, RequestBodyError, RequestData};
pub use route::RouteOptions;
pub use service::ProxyService;
pub use stages::Stages;
pub use target::{InvalidTarget, Target};
pub use timeouts::Timeouts;
pub use tunnel::{Tunnel, Tunnels};
pub use upgrade::Upgrades;
pub use upstream::Upstream;
