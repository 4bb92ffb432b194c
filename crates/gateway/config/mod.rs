//! The gateway's configuration: one TOML file, read once, checked completely.
//!
//! A file is either a [`Config`] in which every value has its final type, or [`ConfigErrors`]: **every** error
//! in it, each with file, line, column and what was expected.
//!
//! # Decisions (2026-11-22)
//!
//! * **No serde model.** serde stops at its first unknown key or wrong type, and forgets where it was inside an
//!   untagged choice. The file's model is toml's own tree of spanned values; a `Section` takes the keys out of
//!   one table by name, so what is left over is unknown, and every problem is noted instead of returned.
//! * **Where the text isn't TOML,** only that is reported (all of it): what the parser made of the rest can't be
//!   trusted. A key defined twice is no such case: its first value is checked on.
//! * **Errors fail closed.** A token that is missing, empty, unreadable or expands to nothing refuses the whole
//!   file; a [`Config`] never has a gate that was asked for and isn't there.
//! * **No error echoes a secret.** A snippet shows keys and the value at fault; every other value on its line is
//!   masked, so is the value at fault inside `admin_tokens` or a `secret`, and where the text isn't TOML, nothing
//!   is shown of lines that may belong to one.
//! * **`${NAME}`** stands for an environment variable when it is the whole value of a token, a secret or `listen`, and
//!   anywhere in an upstream's URL; nowhere else.
//! * **Routes may nest** (`/api` and `/api/v2`): the longest prefix wins, segment by segment, as axum's router
//!   does it. `/` is the fallback for all else and replaces the index page. A route below a gated one must
//!   be gated itself, and two routes may not differ in letter case only: both would be ways around a gate.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

pub use document::MAX_FILE_SIZE;
pub use error::{ConfigErrors, Diagnostic, Position, Severity};
#[cfg(feature = "tls")]
pub use model::Tls;
pub use model::{
    Affinity, Balancing, Capacity, Connections, FailureRate, HashKey, HealthCheck, Outliers, Queue, Retries,
    SameSite,
};
pub use model::{Config, Limits, Pages, Pool, PoolTimeouts, Route, Timeouts, Upstream};
pub use secret::{AdminTokenSpec, Secret, SecretText};

use context::Context;

mod check;
mod context;
mod document;
mod error;
mod model;
mod pages;
#[cfg(feature = "tls")]
mod pem;
mod pools;
mod prefix;
mod report;
mod routes;
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
mod values;
mod workers;

const DEFAULT: &str = include_str!("default.toml");

impl Config {
    /// What the gateway runs without a file: the demo backends on ports 9001 and 9002 behind `/api`, `/static`
    /// and `/admin` (token `letmein`).
    ///
    /// # Panics
    ///
    /// Never: the embedded file is a constant, uses no environment, and a test loads it.
    pub fn default_demo() -> Self {
        Self::parse("default.toml", DEFAULT, |_| None).expect("the embedded default is checked by a test")
    }

    /// Reads and checks the file at `path`, with this process's environment.
    ///
    /// # Errors
    ///
    /// Every error of the file, or the one that kept it from being read.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ConfigErrors> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let bytes = read_capped(path).map_err(|error| ConfigErrors::unreadable(&name, &error))?;
        let context = Context { variable: &|name| std::env::var(name).ok(), directory: parent_of(path) };
        document::parse(&name, &bytes, &context)
    }

    /// Checks `text` as if it were the file `name`; `variable` answers for the environment.
    ///
    /// Secret files are looked up relative to the directory of `name`.
    ///
    /// # Errors
    ///
    /// Every error of the text.
    pub fn parse(
        name: &str,
        text: impl AsRef<[u8]>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigErrors> {
        let context = Context { variable: &variable, directory: parent_of(Path::new(name)) };
        document::parse(name, text.as_ref(), &context)
    }
}

fn parent_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// One byte more than allowed is read, so that the check for the size can see that there is more.
fn read_capped(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_SIZE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
