//! Verifiers of certificates: for one given certificate, for anyone, and for the authorities in `ca_file`.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};

type Signature = Result<HandshakeSignatureValid, rustls::Error>;

/// Trusts one certificate, which is compared byte by byte; the upstream must also have its key. The name and the dates
/// in it aren't checked, since no other certificate is accepted anyway.
#[derive(Debug)]
pub(super) struct Pinned {
    certificate: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl Pinned {
    pub(super) fn new(certificate: CertificateDer<'static>, provider: Arc<CryptoProvider>) -> Self {
        Self { certificate, provider }
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *shown == self.certificate { Ok(ServerCertVerified::assertion()) } else { Err(because(ANOTHER)) }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Signature {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, shown, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Signature {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, shown, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Trusts every certificate, and doesn't check signatures.
#[derive(Debug)]
pub(super) struct Anyone {
    provider: Arc<CryptoProvider>,
}

impl Anyone {
    pub(super) fn new(provider: Arc<CryptoProvider>) -> Self {
        Self { provider }
    }
}

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _shown: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    /// Checks nothing. A valid signature would prove nothing, since an attacker can sign with a certificate of their
    /// own.
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Signature {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Signature {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Trusts certificates that an authority in `ca_file` has signed, by rustls's own rules. If an upstream shows a
/// certificate that itself is in that file, the error says that it belongs in `certificate`.
#[derive(Debug)]
pub(super) struct Signed {
    by_rules: Arc<WebPkiServerVerifier>,
    authorities: Vec<CertificateDer<'static>>,
}

impl Signed {
    pub(super) fn new(
        by_rules: Arc<WebPkiServerVerifier>,
        authorities: Vec<CertificateDer<'static>>,
    ) -> Self {
        Self { by_rules, authorities }
    }
}

impl ServerCertVerifier for Signed {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict = self.by_rules.verify_server_cert(shown, intermediates, name, ocsp, now);
        verdict.map_err(|error| match error {
            rustls::Error::InvalidCertificate(CertificateError::Other(_))
                if self.authorities.contains(shown) =>
            {
                because(ITS_OWN)
            }
            error => error,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Signature {
        self.by_rules.verify_tls12_signature(message, shown, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Signature {
        self.by_rules.verify_tls13_signature(message, shown, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.by_rules.supported_verify_schemes()
    }
}

const ANOTHER: Unfit = Unfit("the upstream shows another certificate than the one in `certificate`");
const ITS_OWN: Unfit = Unfit(
    "the upstream shows a certificate out of ca_file, which is an authority's and not a server's: \
     to trust it, name its file in `certificate` instead",
);

/// Why a certificate isn't accepted, for the log.
#[derive(Clone, Copy, Debug)]
struct Unfit(&'static str);

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Unfit {}

fn because(why: Unfit) -> rustls::Error {
    CertificateError::Other(OtherError(Arc::new(why))).into()
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
    use rustls::RootCertStore;

    use super::*;

    /// As `openssl req -x509` makes them: an authority, and the server's own at once.
    #[test]
    fn a_server_that_shows_an_authority_is_told_from_other_strangers() {
        let mut params = CertificateParams::new(["app.example".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let of_itself = |params: &CertificateParams| {
            params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
        };
        let (own, another) = (of_itself(&params), of_itself(&params));
        let mut roots = RootCertStore::empty();
        roots.add(own.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let by_rules =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        let verifier = Signed::new(by_rules, vec![own.clone()]);
        let verdict = |shown| {
            let name = ServerName::try_from("app.example").unwrap();
            verifier.verify_server_cert(shown, &[], &name, &[], UnixTime::now()).unwrap_err().to_string()
        };
        assert!(verdict(&own).contains("name its file in `certificate` instead"), "{}", verdict(&own));
        assert!(!verdict(&another).contains("ca_file"), "{}", verdict(&another));
    }
}
