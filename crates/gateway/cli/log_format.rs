//! The format of log lines.

use clap::ValueEnum;

/// The format of log lines. Default: [`LogFormat::Text`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text for people.
    #[default]
    Text,
    /// One JSON object for each line.
    Json,
}
