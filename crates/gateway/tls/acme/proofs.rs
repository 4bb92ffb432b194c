//! Proofs that a name is ours: a certificate (TLS-ALPN-01, RFC 8737) or a page (HTTP-01, RFC 8555 §8.3).

use std::sync::Arc;

use instant_acme::{ChallengeHandle, KeyAuthorization};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::CertifiedKey;

use super::failure::Failure;
use super::tokens::Tokens;
use crate::config::Challenge;
use crate::config::provider::PROVIDER;
use crate::tls::Issued;

/// Where proofs are shown.
#[derive(Clone, Debug)]
pub(super) struct Proofs {
    pub(super) issued: Issued,
    pub(super) tokens: Tokens,
}

/// A proof that is shown. It is withdrawn when this is dropped.
pub(super) enum Proof {
    Certificate { issued: Issued, name: String },
    Page { tokens: Tokens, token: String },
}

impl Proofs {
    /// Shows what the authority is going to look for.
    pub(super) async fn show(
        &self,
        challenge: Challenge,
        asked: &ChallengeHandle<'_>,
    ) -> Result<Proof, Failure> {
        let authorization = asked.key_authorization();
        match challenge {
            Challenge::TlsAlpn01 => {
                let name = asked.identifier().to_string();
                self.issued.challenge(&name, Arc::new(certificate(&name, &authorization)?));
                Ok(Proof::Certificate { issued: self.issued.clone(), name })
            }
            Challenge::Http01 => {
                let token = asked.token.clone();
                let shown = self.tokens.show(&token, authorization.as_str()).await;
                shown.map_err(|error| Failure::of_storage(&error))?;
                Ok(Proof::Page { tokens: self.tokens.clone(), token })
            }
        }
    }
}

impl Drop for Proof {
    fn drop(&mut self) {
        match self {
            Self::Certificate { issued, name } => issued.withdraw(name),
            Self::Page { tokens, token } => tokens.withdraw(token),
        }
    }
}

/// The certificate that proves it: self-signed, with a digest of the key authorization (RFC 8737 §3).
fn certificate(name: &str, authorization: &KeyAuthorization) -> Result<CertifiedKey, Failure> {
    let mut params = CertificateParams::new([name.to_owned()])?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(authorization.digest().as_ref())];
    let key = KeyPair::generate()?;
    let chain = vec![params.self_signed(&key)?.der().clone()];
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    // Not `from_der`: it refuses the extension that makes the certificate a proof, since it is critical.
    let key = PROVIDER.key_provider.load_private_key(key);
    let key = key.map_err(|error| Failure::refused(format!("no proof can be made: {error}")))?;
    Ok(CertifiedKey::new(chain, key))
}
