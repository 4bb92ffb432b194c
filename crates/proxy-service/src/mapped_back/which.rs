//! Which references are mapped back.

/// Which references in answers are mapped back to what the client asked for. An upstream that doesn't know how it is
/// reached from outside redirects to itself, which the client can't reach.
///
/// - The scheme and authority of the target become those that the client asked for. So does the host of
///   [`HostPolicy::Name`](crate::HostPolicy::Name).
/// - A path at or below the target's base path, and what [`RouteOptions::put_before`](crate::RouteOptions::put_before)
///   says, gets instead of those the prefix that the router took off.
///
/// Everything else stays as it is, to the byte: query, fragment, other attributes of a cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MapBack {
    /// In `Location`, `Content-Location` and `Refresh`.
    pub redirects: References,
    /// In `Set-Cookie`: `Domain` and `Path`. A cookie whose name begins with `__Host-` stays as it is.
    pub cookies: References,
}

impl MapBack {
    /// Nothing is mapped.
    pub const NOTHING: Self = Self { redirects: References::Kept, cookies: References::Kept };
}

/// Which references are mapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum References {
    /// None.
    Kept,
    /// Those that name the target: by its authority, or by a path at or below its base path. A path alone names nothing
    /// if there is neither a base path nor anything else put before a path: it may be meant as one of the outside.
    #[default]
    Target,
    /// Each path too, because the upstream knows no others than its own.
    Paths,
}
