//! The gateway's configuration: one TOML file, which is read as a whole and checked completely.
//!
//! [`Config::load`] returns either a [`Config`], in which every value has its final type, or [`ConfigErrors`]:
//! **every** error in the file, each with file, line, column and what was expected.
//!
//! * **Reading.** The file is parsed into toml's tree of values, each with its place in the text. A `Section` takes the
//!   keys out of one table by name. A key that is left over in the end is unknown. Errors are collected in a `Report`,
//!   so that one wrong key doesn't hide the others.
//! * **Text that isn't TOML.** Only the errors of the TOML parser are reported, all of them. A key that is defined
//!   twice is reported as well, and the rest of the file is still checked, with the first value of that key.
//! * **Tokens.** A token that is missing, empty or unreadable refuses the whole file. A route that asks for a gate
//!   never comes without one.
//! * **Secrets.** No error shows a secret. The line that an error quotes shows keys and the value that is wrong; other
//!   values on it are masked. Values inside `admin_tokens` or a `secret` are always masked. Where the text isn't TOML,
//!   a line that may hold a secret isn't quoted at all.
//! * **Variables.** `${NAME}` stands for an environment variable if it is the whole value of a token, a secret or
//!   an address of `listen`. In an upstream's URL it may stand anywhere. Elsewhere it has no meaning.
//! * **Routes.** Which of several is asked first is said by [`Matcher`](crate::route::Matcher). Two that can't be told
//!   apart are an error, and so is an open one that takes requests from a gated one: otherwise a request could get around
//!   the gate.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

#[cfg(feature = "tls")]
pub use certificate_files::{CertificateError, CertificateFiles};
pub use document::MAX_FILE_SIZE;
pub use error::{ConfigErrors, Diagnostic, Position, Severity};
pub use model::{
    AccessFormat, AccessLog, Comparison, Condition, Destination, Detail, Log, LogField, LogFormat,
    NumberField, Part, Share, StageField, Template, TextField, TextMatch,
};
#[cfg(feature = "acme")]
pub use model::{Acme, Challenge};
pub use model::{
    Action, AllowedOrigin, Answers, Coding, Compression, Content, Cors, ErrorPage, ErrorStatuses, Errors,
    Files, Listed, MediaRange, Respond, RouteRedirect, SecurityHeaders, Symlinks,
};
pub use model::{Address, Admin, InvalidAddress, Listen, ReadyPools, Redirect};
pub use model::{
    Affinity, Balancing, Capacity, Connections, FailureRate, HashKey, HealthCheck, Hedge, HedgeAfter,
    Outliers, Queue, Retries, SameSite, Secure,
};
pub use model::{BasicAuth, ForwardAuth, InvalidServiceUrl, InvalidUsers, ServiceUrl, Users};
#[cfg(feature = "tls")]
pub use model::{
    ClientAuth, ClientAuthNeed, Hsts, ListenTls, ServerCertificate, Tls, TlsVersion, UnknownNames,
};
pub use model::{
    ClientScheme, HostPattern, InvalidHost, InvalidPath, InvalidPattern, PathPattern, Pattern, ValueTest,
};
pub use model::{Concurrency, OnFailure, RateKey, RateLimit, Redis, RouteTimeouts};
pub use model::{Config, Dns, Limits, Location, Pages, Pool, PoolTimeouts, Timeouts, Traces, Upstream};
pub use model::{Entry, Headers, Matching, Rewrite, Route, RouteLimits, Satisfy};
pub use model::{
    FieldChanges, PathRewrite, QueryRewrite, RoutePart, RouteTemplate, RouteValue, Strip, TemplateError, When,
};
#[cfg(feature = "jwt")]
pub use model::{InvalidKeys, Jwt, JwtAlgorithm, JwtKeys, KeySet, RequiredClaim};
pub(crate) use model::{LONGEST_HOST, MOST_CAPTURES, PathEnd, PathSegment};
pub use model::{Mirror, OtherPools, PoolShare, Split, SplitBy};
pub(crate) use model::{is_claim, is_owned};
pub use origin::{Digest, Origin};
pub(crate) use pools::cookie::is_name as is_cookie_name;
pub use secret::{AdminTokenSpec, Secret, SecretText};

use context::Context;

mod admin;
#[cfg(feature = "tls")]
mod authorities;
mod braces;
#[cfg(feature = "tls")]
mod certificate_files;
mod check;
mod context;
mod dns;
mod document;
mod error;
mod fault;
mod files;
mod foreign;
#[cfg(feature = "tls")]
mod key_pair;
mod listen;
mod log;
mod masked;
mod model;
#[cfg(feature = "tls")]
mod ocsp;
mod origin;
mod pages;
#[cfg(feature = "tls")]
mod pem;
mod pools;
mod prefix;
#[cfg(feature = "tls")]
pub(crate) mod provider;
mod redis;
mod report;
mod route;
mod schema;
mod secret;
mod secret_source;
mod section;
mod source;
mod suggest;
mod syntax;
#[cfg(test)]
mod tests;
mod timeouts;
mod tokens;
mod traces;
mod values;
mod variables;
mod workers;

const DEFAULT: &str = include_str!("default.toml");

impl Config {
    /// The configuration that is used without a file: the demo backends on ports 9001 and 9002 behind `/api`, `/static`
    /// and `/admin` (token `letmein`).
    ///
    /// # Panics
    ///
    /// Never: the embedded file is a constant, it uses no environment variables, and a test loads it.
    pub fn default_demo() -> Self {
        Self::parse("default.toml", DEFAULT, |_| None).expect("the embedded default is checked by a test")
    }

    /// The JSON Schema (draft 2020-12) of the configuration file. It has every key, and says less than
    /// [`parse`](Self::parse) checks.
    pub fn schema() -> &'static str {
        schema::SCHEMA
    }

    /// Reads and checks the file at `path`, with the environment variables of this process.
    ///
    /// # Errors
    ///
    /// Every error in the file, or the one error that says why it can't be read.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ConfigErrors> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let bytes = read_capped(path).map_err(|error| ConfigErrors::unreadable(&name, &error))?;
        let variable = |name: &str| std::env::var(name).ok();
        let context = Context::new(&variable, parent_of(path));
        document::parse(&name, &bytes, &context)
    }

    /// Checks `text` as if it were the contents of the file `name`. `variable` returns the value of an environment
    /// variable, or `None` if it isn't set.
    ///
    /// Relative paths of secret files start from the directory of `name`.
    ///
    /// # Errors
    ///
    /// Every error in the text.
    pub fn parse(
        name: &str,
        text: impl AsRef<[u8]>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigErrors> {
        let context = Context::new(&variable, parent_of(Path::new(name)));
        document::parse(name, text.as_ref(), &context)
    }
}

fn parent_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Reads the file, but at most one byte more than is allowed: that is enough to see that it is too large.
fn read_capped(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_SIZE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
