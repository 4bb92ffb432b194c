//! What a route changes of header fields.

use http::HeaderName;
use proxy_service::MapBack;

use super::template::RouteTemplate;

/// What a route changes of header fields, both ways. Default: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    /// Of requests.
    pub request: FieldChanges,
    /// Of the trailers that a request has.
    pub request_trailers: FieldChanges,
    /// Of answers, those that the gateway gives itself among them.
    pub response: FieldChanges,
    /// Of which answers.
    pub when: When,
    /// Of the trailers that an answer has.
    pub response_trailers: FieldChanges,
    /// Which references in answers are mapped back to what the client asked for.
    pub map_back: MapBack,
}

/// Changes of fields. First those go that aren't in `only`, then those in `remove`; then `set` and `add` come, in
/// their order. Values are those of the message as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldChanges {
    /// The fields that may stay. Those that the gateway owns always do. Default: `None`, all.
    pub only: Option<Vec<HeaderName>>,
    /// Fields that go.
    pub remove: Vec<HeaderName>,
    /// Fields that get this value, in place of any that they have. With an empty value, the field isn't there.
    pub set: Vec<(HeaderName, RouteTemplate)>,
    /// Fields that get one more line. One with an empty value isn't added.
    pub add: Vec<(HeaderName, RouteTemplate)>,
}

/// Of which answers headers are changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// Of all.
    #[default]
    Always,
    /// Of those with a status below 400.
    Success,
    /// Of those with a status from 400 on.
    Error,
}

impl FieldChanges {
    /// Whether nothing is changed.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}
