//! Puts what a route changes of answers around it. What it doesn't ask for isn't there.

#[cfg(feature = "compression")]
use super::CompressionLayer;
use super::{CorsLayer, ErrorsLayer, SecurityHeadersLayer};
use crate::config::Answers;
use crate::route::Chain;

pub(in crate::route) fn with_errors(chain: Chain, answers: &Answers) -> Chain {
    match &answers.errors {
        Some(errors) => chain.layer(ErrorsLayer::new(errors.clone())),
        None => chain,
    }
}

pub(in crate::route) fn with_cors(chain: Chain, answers: &Answers) -> Chain {
    match &answers.cors {
        Some(cors) => chain.layer(CorsLayer::new(cors)),
        None => chain,
    }
}

#[cfg(feature = "compression")]
pub(in crate::route) fn compressed(chain: Chain, answers: &Answers) -> Chain {
    match &answers.compression {
        Some(compression) => chain.layer(CompressionLayer::new(compression.clone())),
        None => chain,
    }
}

/// Without the feature `compression`, no configuration asks for it.
#[cfg(not(feature = "compression"))]
pub(in crate::route) fn compressed(chain: Chain, _: &Answers) -> Chain {
    chain
}

pub(in crate::route) fn with_security_headers(chain: Chain, answers: &Answers) -> Chain {
    match &answers.security_headers {
        Some(headers) => chain.layer(SecurityHeadersLayer::new(headers.clone())),
        None => chain,
    }
}
