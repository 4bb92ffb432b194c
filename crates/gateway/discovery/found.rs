//! An endpoint that was found.

use proxy_service::Target;

/// An endpoint that was found, with its share and its tier.
///
/// ```
/// use gateway::discovery::Found;
///
/// let target: proxy_service::Target = "http://api.internal:8080".parse()?;
/// let found = Found::new(target.at(([10, 0, 0, 7], 8080).into())).weight(2).priority(1);
/// assert_eq!(found.target().to_string(), "http://api.internal:8080 (10.0.0.7)");
/// # Ok::<(), proxy_service::InvalidTarget>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    target: Target,
    weight: u16,
    priority: u8,
}

impl Found {
    /// An endpoint of weight 1 and priority 0.
    #[must_use]
    pub fn new(target: Target) -> Self {
        Self { target, weight: 1, priority: 0 }
    }

    /// Its share of the requests relative to the others'. With weight 0 it gets none.
    #[must_use]
    pub fn weight(self, weight: u16) -> Self {
        Self { weight, ..self }
    }

    /// Its tier: the lower number comes first.
    #[must_use]
    pub fn priority(self, priority: u8) -> Self {
        Self { priority, ..self }
    }

    /// Where it is.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    pub(crate) fn share(&self) -> u16 {
        self.weight
    }

    pub(crate) fn tier(&self) -> u8 {
        self.priority
    }
}

impl From<Target> for Found {
    fn from(target: Target) -> Self {
        Self::new(target)
    }
}
