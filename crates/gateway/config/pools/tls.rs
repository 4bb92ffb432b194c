//! `tls`: which upstreams the gateway trusts, and which certificate it shows them.

use std::sync::{Arc, LazyLock};

use http::uri::Scheme;
use rustls::client::danger::ServerCertVerifier;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore};

use self::sessions::Sessions;
use self::verifiers::{Anyone, Pinned, Signed};
use crate::config::Digest;
use crate::config::authorities::authorities;
use crate::config::context::Context;
use crate::config::key_pair::Keys;
use crate::config::model::{Tls, Upstream};
use crate::config::pem;
use crate::config::provider::PROVIDER;
use crate::config::report::{Problem, Report};
use crate::config::section::Section;
use crate::config::values::{self, Value};

mod sessions;
mod verifiers;

const TLS: &str = "a table such as { ca_file = \"ca.pem\" }";
const NAME: &str = "a host's name or address, such as \"app.example\"";

/// The certificate that the gateway shows to upstreams that ask for one.
const IDENTITY: Keys = Keys { cert: "client_cert", key: "client_key" };

/// All pools share the list of authorities, so that it takes its memory only once.
static MOZILLA: LazyLock<Arc<WebPkiServerVerifier>> =
    LazyLock::new(|| by_rules(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }));

pub(in crate::config) fn tls(
    pool: &mut Section<'_>,
    upstreams: &[Upstream],
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Tls> {
    let mut section = pool.section("tls", report, TLS)?;
    let is_plain = |upstream: &Upstream| upstream.location.scheme() == Some(&Scheme::HTTP);
    if !upstreams.is_empty() && upstreams.iter().all(is_plain) {
        let problem = section.problem("no upstream of this pool is https");
        report.warning(problem.expecting("upstreams = [\"https://HOST[:PORT]\"]"));
    }
    let trust = trust(&mut section, context, report);
    let identity = IDENTITY.read(&mut section, context, report).map(|pair| pair.certified);
    let server_name = section.read("server_name", report, server_name);
    section.finish(report);
    let is_verified = !matches!(trust, Trust::Anyone);
    let fingerprint = fingerprint(&trust, identity.as_ref());
    let mut tls = Tls::new(Arc::new(client(trust, identity))).made_from(fingerprint);
    (tls.server_name, tls.is_verified) = (server_name, is_verified);
    Some(tls)
}

/// Trusts Mozilla's authorities, and shows no certificate.
pub(in crate::config) fn by_default() -> Tls {
    let fingerprint = fingerprint(&Trust::Mozilla, None);
    Tls::new(Arc::new(client(Trust::Mozilla, None))).made_from(fingerprint)
}

/// Tells two settings apart. A key belongs to its certificate, so it need not be looked at.
fn fingerprint(trust: &Trust, identity: Option<&CertifiedKey>) -> Digest {
    let (kind, trusted): (&[u8], &[CertificateDer<'_>]) = match trust {
        Trust::Mozilla => (b"mozilla", &[]),
        Trust::Signed(authorities, _) => (b"signed", authorities),
        Trust::Pinned(certificate) => (b"pinned", std::slice::from_ref(certificate)),
        Trust::Anyone => (b"anyone", &[]),
    };
    let shown = identity.map(|identity| identity.cert.as_slice()).unwrap_or_default();
    let pieces = [kind].into_iter().chain(trusted.iter().map(|certificate| &**certificate));
    Digest::of_pieces(
        pieces.chain([b"shown".as_slice()]).chain(shown.iter().map(|certificate| &**certificate)),
    )
}

/// Which upstreams the gateway trusts.
enum Trust {
    /// Those whose certificate is signed by an authority in Mozilla's list.
    Mozilla,
    /// Those whose certificate is signed by one of these authorities.
    Signed(Vec<CertificateDer<'static>>, RootCertStore),
    /// Those that show exactly this certificate.
    Pinned(CertificateDer<'static>),
    /// All.
    Anyone,
}

fn trust(tls: &mut Section<'_>, context: &Context<'_>, report: &mut Report) -> Trust {
    let (has_authorities, is_pinned) = (tls.has("ca_file"), tls.has("certificate"));
    let authorities = tls.read("ca_file", report, |value| authorities(value, context));
    let pinned = tls.read("certificate", report, |value| match has_authorities {
        true => Err(Problem::new(value.span(), "beside it, ca_file would never be asked")
            .expecting("certificate or ca_file alone")),
        false => certificate(value, context),
    });
    let unverified = tls.read("verify", report, |value| match values::boolean(value)? {
        false if has_authorities || is_pinned => {
            Err(Problem::new(value.span(), "nothing would be verified, whatever else is said of trust")
                .expecting("verify = true, or neither ca_file nor certificate"))
        }
        is_verified => Ok((!is_verified).then(|| value.span())),
    });
    if let Some(span) = unverified.flatten() {
        let problem = Problem::new(span, "whoever answers is taken for the upstream");
        let expected = "certificate = \"server.pem\" to trust one server, or ca_file";
        report.warning(problem.expecting(expected).about(&tls.path_to("verify")));
        return Trust::Anyone;
    }
    match (pinned, authorities) {
        (Some(certificate), _) => Trust::Pinned(certificate),
        (None, Some((certificates, roots))) => Trust::Signed(certificates, roots),
        (None, None) => Trust::Mozilla,
    }
}

fn client(trust: Trust, identity: Option<CertifiedKey>) -> ClientConfig {
    let provider = || Arc::clone(&PROVIDER);
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Mozilla => Arc::<WebPkiServerVerifier>::clone(&MOZILLA),
        Trust::Signed(certificates, roots) => Arc::new(Signed::new(by_rules(roots), certificates)),
        Trust::Pinned(certificate) => Arc::new(Pinned::new(certificate, provider())),
        Trust::Anyone => Arc::new(Anyone::new(provider())),
    };
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("aws-lc-rs supports the default protocol versions")
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut client = match identity {
        Some(identity) => builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity))),
        None => builder.with_no_client_auth(),
    };
    client.resumption = Resumption::store(Arc::new(Sessions::default()));
    client
}

fn by_rules(roots: RootCertStore) -> Arc<WebPkiServerVerifier> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&PROVIDER))
        .build()
        .expect("there are roots, and no list of revocations that could be malformed")
}

/// Reads the server's own certificate. rustls must be able to check the signature of a handshake with it.
fn certificate(value: &Value<'_>, context: &Context<'_>) -> Result<CertificateDer<'static>, Problem> {
    let refuse =
        |why: String| Problem::new(value.span(), why).expecting("the server's own certificate alone");
    let mut certificates = pem::certificates(value, context)?;
    match (certificates.pop(), certificates.len()) {
        (Some(certificate), 0) => match ParsedCertificate::try_from(&certificate) {
            Ok(_) => Ok(certificate),
            Err(error) => Err(refuse(format!("the certificate in it can't be used: {error}"))),
        },
        (_, others) => Err(refuse(format!("there are {} certificates in it", others + 1))),
    }
}

fn server_name(value: &Value<'_>) -> Result<ServerName<'static>, Problem> {
    let text = values::text(value, NAME)?;
    ServerName::try_from(text.to_owned()).map_err(|_| {
        let expected = values::in_ascii(text, NAME);
        Problem::new(value.span(), format!("{} is no host's name", values::quoted(text))).expecting(expected)
    })
}
