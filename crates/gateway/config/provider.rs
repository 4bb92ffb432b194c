//! The cryptography that all TLS of the process shares, so that it takes its memory only once.

use std::sync::{Arc, LazyLock};

use rustls::crypto::CryptoProvider;

/// aws-lc-rs with rustls's default suites.
pub(crate) static PROVIDER: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
