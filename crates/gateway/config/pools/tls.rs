//! `tls`: whom the gateway trusts as an upstream, and as whom it comes.

use std::sync::Arc;

use http::uri::Scheme;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore};

use crate::config::context::Context;
use crate::config::model::{Tls, Upstream};
use crate::config::pem;
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};

const TLS: &str = "a table such as { ca_file = \"ca.pem\" }";
const NAME: &str = "a host's name or address, such as \"app.example\"";
const BOTH: &str = "client_cert and client_key, or neither";

pub(super) fn tls(
    pool: &mut Section<'_>,
    upstreams: &[Upstream],
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Tls> {
    let mut section = pool.section("tls", report, TLS)?;
    if !upstreams.is_empty() && upstreams.iter().all(|upstream| upstream.target.scheme() != &Scheme::HTTPS) {
        let problem = section.problem("no upstream of this pool is https");
        report.warning(problem.expecting("upstreams = [\"https://HOST[:PORT]\"]"));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let roots = section.read("ca_file", report, |value| roots(value, context));
    let identity = identity(&mut section, &provider, context, report);
    let server_name = section.read("server_name", report, server_name);
    section.finish(report);
    let client = client(provider, roots.unwrap_or_else(mozilla), identity);
    Some(Tls { client: Arc::new(client), server_name })
}

fn client(
    provider: Arc<CryptoProvider>,
    roots: RootCertStore,
    identity: Option<CertifiedKey>,
) -> ClientConfig {
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("aws-lc-rs supports the default protocol versions")
        .with_root_certificates(roots);
    match identity {
        Some(identity) => builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity))),
        None => builder.with_no_client_auth(),
    }
}

fn mozilla() -> RootCertStore {
    RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
}

fn roots(value: &Value<'_>, context: &Context<'_>) -> Result<RootCertStore, Problem> {
    let mut roots = RootCertStore::empty();
    for (index, certificate) in pem::certificates(value, context)?.into_iter().enumerate() {
        roots.add(certificate).map_err(|error| {
            let message = format!("certificate {} in it can't be trusted: {error}", index + 1);
            Problem::new(value.span(), message).expecting(pem::CERTIFICATES)
        })?;
    }
    Ok(roots)
}

/// What the gateway shows to upstreams that ask for a certificate.
fn identity(
    tls: &mut Section<'_>,
    provider: &CryptoProvider,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<CertifiedKey> {
    if tls.has("client_cert") != tls.has("client_key") {
        report.error(tls.problem("has a client_cert or a client_key alone").expecting(BOTH));
    }
    let chain = tls.read("client_cert", report, |value| pem::certificates(value, context));
    let key = tls.read("client_key", report, |value| {
        let key = pem::private_key(value, context)?;
        let certify =
            |chain| CertifiedKey::from_der(chain, key, provider).map_err(|error| unusable(&error, value));
        chain.map(certify).transpose()
    });
    key.flatten()
}

fn unusable(error: &rustls::Error, key: &Value<'_>) -> Problem {
    let message = match error {
        rustls::Error::InconsistentKeys(_) => "this is not the key of client_cert".to_owned(),
        rustls::Error::InvalidCertificate(_) => format!("the first certificate of client_cert: {error}"),
        _ => format!("this key can't be used: {error}"),
    };
    Problem::new(key.span(), message).expecting("the key of the first certificate in client_cert")
}

fn server_name(value: &Value<'_>) -> Result<ServerName<'static>, Problem> {
    let text = values::text(value, NAME)?;
    ServerName::try_from(text.to_owned()).map_err(|_| {
        Problem::new(value.span(), format!("{} is no host's name", values::quoted(text))).expecting(NAME)
    })
}
