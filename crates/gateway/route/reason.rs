//! Why a layer of a route has refused a request.

/// Why a layer of a route has answered a request itself: an extension of its answer, for the log and the metrics. It is a
/// short name in `snake_case`.
///
/// ```
/// use gateway::route::Reason;
/// use http::Response;
///
/// let mut answer = Response::new(());
/// answer.extensions_mut().insert(Reason("rate_limited"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason(pub &'static str);
