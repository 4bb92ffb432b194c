//! `[log]`: what is logged, in which form, and where it goes.

use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;

pub use condition::{Comparison, Condition, TextMatch};
pub use field::{LogField, NumberField, StageField, TextField};
pub use template::{Part, Template};

mod condition;
mod field;
mod template;

/// The log: its form, where it goes, and its lines for requests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    /// The form of lines. Default: [`LogFormat::Text`].
    pub format: LogFormat,
    /// Where they go. Default: [`Destination::Stderr`].
    pub to: Destination,
    /// The lines for requests. `None` if there are none.
    pub access: Option<AccessLog>,
}

/// The format of log lines. Default: [`LogFormat::Text`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text for people.
    #[default]
    Text,
    /// One JSON object for each line.
    Json,
}

/// Where lines go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Destination {
    /// Standard error. systemd's journal takes it from there.
    #[default]
    Stderr,
    /// Standard output.
    Stdout,
    /// A file, to the end of which lines are appended. It is made if it isn't there.
    File(PathBuf),
    /// The system's log daemon, at its usual socket or at this one. Each line is a message of its own (RFC 3164).
    Syslog(Option<PathBuf>),
}

/// The lines for requests that have ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccessLog {
    /// The form of a line. `None`: that of the log.
    pub format: Option<AccessFormat>,
    /// Where they go. `None`: where the log goes.
    pub to: Option<Destination>,
    /// Which fields a line has. `None`: [`Detail::Usual`] in text, [`Detail::Full`] in JSON.
    pub fields: Option<Detail>,
    /// Whether a line has the `User-Agent` of the request. Default: no. A template says so itself.
    pub user_agent: bool,
    /// Whether a line has the `Referer` of the request, without its query. Default: no. A template says so itself.
    pub referrer: bool,
    /// Only requests of which this is true are logged. Default: all.
    pub only: Option<Condition>,
    /// The share of them that is logged, 0 to 1, by chance. Default: all.
    pub sample: Share,
    /// Requests of which this is true are logged, whatever `only` and `sample` say. Default: none.
    pub always: Option<Condition>,
}

/// The form of the line of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessFormat {
    /// Text for people.
    Text,
    /// A JSON object.
    Json,
    /// A text of one's own.
    Template(Template),
}

/// Which fields the line of a request has, in text and JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What most need.
    Usual,
    /// Everything that is known, but for what is off by default.
    Full,
}

/// A share of all, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share(pub f64);

impl Default for Share {
    fn default() -> Self {
        Self(1.0)
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stderr => f.write_str("standard error"),
            Self::Stdout => f.write_str("standard output"),
            Self::File(path) => path.display().fmt(f),
            Self::Syslog(None) => f.write_str("syslog"),
            Self::Syslog(Some(path)) => write!(f, "syslog at {}", path.display()),
        }
    }
}
