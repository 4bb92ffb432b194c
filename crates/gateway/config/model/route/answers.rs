//! What a route changes of answers.

use http::{HeaderName, HeaderValue, StatusCode};

use super::answered::Content;
use super::coding::Coding;
use super::cors::Cors;

/// What a route changes of answers, or answers itself. Default: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// What clients read where something failed. Default: `None`, what [`Config::errors`](crate::config::Config::errors)
    /// says.
    pub errors: Option<Errors>,
    /// Which answers are compressed. Default: `None`, none.
    pub compression: Option<Compression>,
    /// Which pages of other origins may read answers. Default: `None`; then it is for the upstream to say.
    pub cors: Option<Cors>,
    /// Fields that have browsers be careful. Default: `None`, none.
    pub security_headers: Option<SecurityHeaders>,
}

/// `errors`: what clients read where something failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errors {
    /// The pages, each for one status or a class of them. That of a status goes before that of its class.
    pub pages: Vec<ErrorPage>,
    /// Whether clients that rather read JSON get problem details (RFC 9457). Default: `true`.
    pub problem: bool,
    /// Whether answers of upstreams are replaced as well, where there is a page for their status. Default: `false`.
    pub intercept: bool,
}

impl Default for Errors {
    fn default() -> Self {
        Self { pages: Vec::new(), problem: true, intercept: false }
    }
}

impl Errors {
    /// One line of text for all.
    pub fn none() -> Self {
        Self { pages: Vec::new(), problem: false, intercept: false }
    }

    /// The page for answers of this status.
    pub fn page(&self, status: StatusCode) -> Option<&Content> {
        let page = |is_meant: &dyn Fn(ErrorStatuses) -> bool| {
            self.pages.iter().find(|page| is_meant(page.of)).map(|page| &page.content)
        };
        page(&|of| of == ErrorStatuses::One(status))
            .or_else(|| page(&|of| of == ErrorStatuses::Class(status.as_u16() / 100)))
    }
}

/// A page for answers of some statuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorPage {
    /// The statuses.
    pub of: ErrorStatuses,
    /// The page.
    pub content: Content,
}

/// The statuses that a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorStatuses {
    /// One status; 400 to 599.
    One(StatusCode),
    /// All that begin with this digit, 4 or 5.
    Class(u16),
}

/// `compression`: which answers are compressed, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compression {
    /// The codings that may be used. Among those that a client takes equally well, Zstandard goes before Brotli, and
    /// Brotli before gzip. Default: all.
    pub algorithms: Vec<Coding>,
    /// The media types that are worth it. Default: texts, JSON, XML, scripts, fonts and images that are text.
    pub types: Vec<MediaRange>,
    /// The size in bytes below which an answer stays as it is, if its size is known. Default: 1 KiB.
    pub min_size: u64,
    /// How hard it is tried; 1 to 9. Default: `None`, each algorithm's own level for answers on the way (gzip 6, Brotli
    /// 4, Zstandard 3).
    pub level: Option<u8>,
}

impl Default for Compression {
    fn default() -> Self {
        Self {
            algorithms: vec![Coding::Zstd, Coding::Brotli, Coding::Gzip],
            types: MediaRange::WORTHWHILE.map(MediaRange::from_static).into(),
            min_size: 1024,
            level: None,
        }
    }
}

/// Some media types: one, such as `application/json`; all of a kind, such as `text/*`; or all in a syntax, such as
/// `*+json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaRange {
    /// In lower case. The star stands for anything.
    text: std::borrow::Cow<'static, str>,
}

impl MediaRange {
    const WORTHWHILE: [&str; 12] = [
        "text/*",
        "application/json",
        "*+json",
        "application/xml",
        "*+xml",
        "application/javascript",
        "application/x-javascript",
        "application/wasm",
        "application/x-ndjson",
        "application/vnd.ms-fontobject",
        "font/ttf",
        "font/otf",
    ];

    const fn from_static(text: &'static str) -> Self {
        Self { text: std::borrow::Cow::Borrowed(text) }
    }

    /// Reads it. `None` if it is none of the three forms.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
        };
        let is_range = match (text.strip_prefix("*+"), text.split_once('/')) {
            (Some(syntax), _) => is_word(syntax),
            (None, Some((kind, subtype))) => is_word(kind) && (subtype == "*" || is_word(subtype)),
            (None, None) => false,
        };
        is_range.then(|| Self { text: text.into() })
    }

    /// Whether a media type without parameters is one of these.
    pub fn has(&self, essence: &[u8]) -> bool {
        let text = self.text.as_bytes();
        if let Some(syntax) = text.strip_prefix(b"*") {
            let rest = essence.len().checked_sub(syntax.len());
            return rest
                .and_then(|rest| essence.get(rest..))
                .is_some_and(|end| end.eq_ignore_ascii_case(syntax));
        }
        match text.strip_suffix(b"*") {
            Some(kind) => essence.get(..kind.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(kind)),
            None => essence.eq_ignore_ascii_case(text),
        }
    }
}

/// `security_headers`: fields that have browsers be careful.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityHeaders {
    /// The fields.
    pub fields: Vec<(HeaderName, HeaderValue)>,
    /// Whether they replace those of the same name in answers of upstreams. Default: `false`, they are only added where
    /// there is none.
    pub replace: bool,
}
