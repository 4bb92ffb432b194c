//! What the gateway answers itself, and what it changes of answers: fixed ones, redirects, files; pages and problem
//! details for errors; compression, CORS, security headers.

mod changed;
#[cfg(feature = "compression")]
mod compression;
mod cors;
mod digests;
mod errors;
mod escape;
mod files;
mod location;
mod mounted;
mod plain;
mod redirect;
mod respond;
mod security;

#[cfg(feature = "compression")]
pub use self::compression::{Compressed, CompressionLayer};
pub(crate) use self::cors::is_preflight;
pub use self::cors::{CorsLayer, WithCors};
pub(crate) use self::errors::Meant;
pub use self::errors::{ErrorsLayer, WithErrors};
pub use self::files::FilesService;
pub(in crate::route) use self::location::location;
pub(in crate::route) use self::mounted::{compressed, with_cors, with_errors, with_security_headers};
pub use self::redirect::RedirectService;
pub use self::respond::RespondService;
pub use self::security::{SecurityHeadersLayer, WithSecurityHeaders};
