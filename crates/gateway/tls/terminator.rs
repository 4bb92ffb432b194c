//! `Terminator`: how a listener speaks TLS.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use axum::http::HeaderValue;
use rustls::crypto::aws_lc_rs::Ticketer;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ClientHello, NoServerSessionStorage, ProducesTickets, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SignatureAlgorithm, SupportedProtocolVersion};

use super::certificates::Certificates;
use super::configured::Configured;
use super::facts::Facts;
use super::hsts;
use super::issued::{Challenges, Issued};
#[cfg(feature = "acme")]
use crate::config::Acme;
use crate::config::provider::PROVIDER;
use crate::config::{ClientAuth, ClientAuthNeed, ListenTls, TlsVersion, UnknownNames};
use crate::serve::{Answer, Signature, Terms};

/// The protocol of TLS-ALPN-01 (RFC 8737 §6.2).
const ACME: &[u8] = b"acme-tls/1";

/// How a listener speaks TLS. A reload makes another one, which [succeeds](Self::succeeded_by) it.
#[derive(Debug)]
pub(crate) struct Terminator {
    configured: Configured,
    certificates: Certificates,
    unknown_names: UnknownNames,
    client_auth: Option<ClientAuth>,
    tickets: Arc<dyn ProducesTickets>,
    https: Arc<ServerConfig>,
    challenge: Arc<ServerConfig>,
    hsts: Option<HeaderValue>,
    #[cfg(feature = "acme")]
    acme: Option<Arc<Acme>>,
}

impl Terminator {
    pub(crate) fn new(tls: &ListenTls) -> Self {
        Self::with(tls, Issued::default(), tickets())
    }

    /// The terminator of the same listener in a later configuration. Certificates that were issued since the start stay.
    /// Clients can resume their sessions, unless the certificates that they need have changed: a session doesn't show
    /// its certificate again.
    pub(crate) fn succeeded_by(&self, tls: &ListenTls) -> Self {
        let has_same_clients = self.client_auth == tls.client_auth;
        let tickets = if has_same_clients { Arc::clone(&self.tickets) } else { tickets() };
        Self::with(tls, self.certificates.issued().clone(), tickets)
    }

    fn with(tls: &ListenTls, issued: Issued, tickets: Arc<dyn ProducesTickets>) -> Self {
        let configured = Configured::new(&tls.certificates);
        let certificates = Certificates::new(&configured.named(), issued);
        Self {
            configured,
            unknown_names: tls.unknown_names,
            client_auth: tls.client_auth.clone(),
            https: Arc::new(https(tls, &certificates, &tickets)),
            challenge: Arc::new(challenge(&certificates)),
            hsts: tls.hsts.as_ref().map(hsts::value),
            #[cfg(feature = "acme")]
            acme: tls.acme.clone(),
            tickets,
            certificates,
        }
    }

    /// The files of the certificates.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.configured.paths()
    }

    /// Reads the files of the certificates again. The next handshakes see what is new. One whose files can't be used
    /// stays as it is, and the log says why.
    pub(crate) fn reread(&self) {
        self.configured.reread(&self.certificates);
    }

    /// The `Strict-Transport-Security` of every response.
    pub(crate) fn hsts(&self) -> Option<&HeaderValue> {
        self.hsts.as_ref()
    }

    /// What stands in its certificates.
    pub(crate) fn facts(&self) -> Vec<Facts> {
        self.certificates.issued().facts().into_iter().chain(self.configured.facts()).collect()
    }

    /// Writes to the log which certificates have expired, or soon will.
    pub(crate) fn tell_expiry(&self, now: SystemTime) {
        self.configured.tell_expiry(now);
    }

    /// The certificates that came after the configuration.
    #[cfg(any(test, feature = "acme"))]
    pub(crate) fn issued(&self) -> &Issued {
        self.certificates.issued()
    }

    /// How a certificate is ordered.
    #[cfg(feature = "acme")]
    pub(super) fn acme(&self) -> Option<&Arc<Acme>> {
        self.acme.as_ref()
    }
}

#[cfg(test)]
impl Terminator {
    pub(super) fn knows(&self, name: &str) -> bool {
        self.certificates.know(name)
    }

    pub(super) fn tickets(&self) -> &dyn ProducesTickets {
        &*self.tickets
    }
}

impl Terms for Terminator {
    fn for_client(&self, hello: &ClientHello<'_>) -> Option<Answer> {
        if hello.alpn().is_some_and(|mut protocols| protocols.any(|protocol| protocol == ACME)) {
            return Some(Answer { config: Arc::clone(&self.challenge), signature: Signature::Slow });
        }
        let is_refused = self.unknown_names == UnknownNames::Refuse
            && !hello.server_name().is_some_and(|name| self.certificates.know(name));
        if is_refused {
            return None;
        }
        let signature = match self.certificates.pick(hello).map(|certified| certified.key.algorithm()) {
            Some(SignatureAlgorithm::RSA) => Signature::Slow,
            _ => Signature::Quick,
        };
        Some(Answer { config: Arc::clone(&self.https), signature })
    }
}

/// Makes session tickets (RFC 5077) with a key that changes every 6 hours; the last two are accepted.
fn tickets() -> Arc<dyn ProducesTickets> {
    Ticketer::new().expect("the system has random bytes, without which no handshake could succeed either")
}

fn https(tls: &ListenTls, certificates: &Certificates, tickets: &Arc<dyn ProducesTickets>) -> ServerConfig {
    let versions: &[&SupportedProtocolVersion] = match tls.min_version {
        TlsVersion::V1_2 => &[&TLS13, &TLS12],
        TlsVersion::V1_3 => &[&TLS13],
    };
    let builder = ServerConfig::builder_with_provider(Arc::clone(&PROVIDER))
        .with_protocol_versions(versions)
        .expect("aws-lc-rs supports TLS 1.2 and 1.3");
    let builder = match &tls.client_auth {
        Some(auth) => builder.with_client_cert_verifier(verifier(auth)),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_cert_resolver(Arc::new(certificates.clone()));
    config.alpn_protocols = ["h2", "http/1.1", "http/1.0"].map(Into::into).into();
    config.ticketer = Arc::clone(tickets);
    // Sessions are in the clients' tickets, so there is no table that the workers would have to share.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config
}

fn verifier(auth: &ClientAuth) -> Arc<dyn ClientCertVerifier> {
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::clone(&auth.roots), Arc::clone(&PROVIDER));
    let builder = match auth.need {
        ClientAuthNeed::Required => builder,
        ClientAuthNeed::Optional => builder.allow_unauthenticated(),
    };
    builder.build().expect("there are authorities, and no list of revocations that could be malformed")
}

/// For the authority that checks whether a name is ours. It speaks nothing but this protocol.
fn challenge(certificates: &Certificates) -> ServerConfig {
    let mut config = ServerConfig::builder_with_provider(Arc::clone(&PROVIDER))
        .with_safe_default_protocol_versions()
        .expect("aws-lc-rs supports the default protocol versions")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Challenges(certificates.issued().clone())));
    config.alpn_protocols = vec![ACME.to_vec()];
    config
}
