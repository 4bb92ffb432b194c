//! Other spellings of a field's name.

use http::header::HeaderName;

/// Whether two names may be one to a backend that passes fields on as variables: CGI, WSGI and PHP write `_` for `-`, and
/// some servers write it for each other mark too. To them, `X_User`, `X.User` and `X!User` are all `X-User`.
///
/// ```
/// use http::HeaderName;
/// use proxy_service::reads_alike;
///
/// let user = HeaderName::from_static("x-user");
/// assert!(reads_alike(&HeaderName::from_static("x_user"), &user));
/// assert!(!reads_alike(&HeaderName::from_static("xuser"), &user));
/// ```
#[must_use]
pub fn reads_alike(one: &HeaderName, other: &HeaderName) -> bool {
    let (one, other) = (one.as_str(), other.as_str());
    one.len() == other.len() && one.bytes().map(folded).eq(other.bytes().map(folded))
}

/// A byte of a name, with one mark for all.
pub(super) fn folded(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() { byte } else { b'-' }
}
