//! The fields of a request that has ended, by the names that templates and conditions have for them.

/// A field of a request that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogField {
    /// When it ended: RFC 3339 in UTC, to the microsecond.
    Time,
    /// The same as logs in the Common Log Format have it, to the second: `29/Nov/2026:09:14:29 +0000`.
    CommonTime,
    /// A text.
    Text(TextField),
    /// A whole number.
    Number(NumberField),
    /// How long a part of it took, in seconds with six decimals.
    Seconds(StageField),
    /// The same in whole microseconds, as in text and JSON.
    Micros(StageField),
}

/// A field that is a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextField {
    /// The request's id.
    Id,
    /// The address of the peer, or of the client that a trusted proxy names.
    Client,
    /// Whom `basic_auth` or `jwt` has let in.
    User,
    /// The method.
    Method,
    /// The path, without the query.
    Path,
    /// The host that was asked for.
    Host,
    /// `HTTP/1.0`, `HTTP/1.1` or `HTTP/2.0`.
    Protocol,
    /// The version of TLS, such as `TLSv1.3`.
    Tls,
    /// `User-Agent`.
    UserAgent,
    /// `Referer`, without its query.
    Referrer,
    /// The prefix of the route.
    Route,
    /// The upstream.
    Upstream,
    /// What went wrong.
    Error,
    /// Why the request ended.
    Ended,
}

/// A field that is a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberField {
    /// The status of the answer; 499 if the client left.
    Status,
    /// Bytes of the answer's body.
    Bytes,
    /// Bytes of the request's body.
    BytesIn,
    /// How often the request was handed to an upstream.
    Tries,
}

/// A part of a request that takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageField {
    /// From its arrival to the end of the answer.
    Duration,
    /// From its arrival to the head of the answer.
    Head,
    /// Until there was a connection to the upstream.
    Connect,
    /// Then, until all of the request was sent.
    Send,
    /// From the head of the answer to its end.
    Body,
}

/// All fields by name.
const NAMES: [(&str, LogField); 30] = [
    ("time", LogField::Time),
    ("time_clf", LogField::CommonTime),
    ("id", LogField::Text(TextField::Id)),
    ("client", LogField::Text(TextField::Client)),
    ("user", LogField::Text(TextField::User)),
    ("method", LogField::Text(TextField::Method)),
    ("path", LogField::Text(TextField::Path)),
    ("host", LogField::Text(TextField::Host)),
    ("protocol", LogField::Text(TextField::Protocol)),
    ("tls", LogField::Text(TextField::Tls)),
    ("user_agent", LogField::Text(TextField::UserAgent)),
    ("referrer", LogField::Text(TextField::Referrer)),
    ("status", LogField::Number(NumberField::Status)),
    ("bytes", LogField::Number(NumberField::Bytes)),
    ("bytes_in", LogField::Number(NumberField::BytesIn)),
    ("duration", LogField::Seconds(StageField::Duration)),
    ("head", LogField::Seconds(StageField::Head)),
    ("connect", LogField::Seconds(StageField::Connect)),
    ("send", LogField::Seconds(StageField::Send)),
    ("body", LogField::Seconds(StageField::Body)),
    ("duration_us", LogField::Micros(StageField::Duration)),
    ("head_us", LogField::Micros(StageField::Head)),
    ("connect_us", LogField::Micros(StageField::Connect)),
    ("send_us", LogField::Micros(StageField::Send)),
    ("body_us", LogField::Micros(StageField::Body)),
    ("route", LogField::Text(TextField::Route)),
    ("upstream", LogField::Text(TextField::Upstream)),
    ("tries", LogField::Number(NumberField::Tries)),
    ("error", LogField::Text(TextField::Error)),
    ("ended", LogField::Text(TextField::Ended)),
];

impl LogField {
    /// The field of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, field)| field)
    }

    /// The names of all fields.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().map(|(name, _)| name)
    }
}
