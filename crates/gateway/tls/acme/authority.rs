//! What the authority is asked: an account, an order, a certificate (RFC 8555 §7).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use instant_acme::{
    Account, AccountCredentials, AuthorizationHandle, AuthorizationStatus, ChallengeHandle, ChallengeType,
    Error, Identifier, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};
use proxy_service::{Client, ClientBuilder};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use rustls::{ClientConfig, RootCertStore};

use super::proofs::{Proof, Proofs};
use super::renewal::Fault;
use super::requests::Requests;
use crate::config::provider::PROVIDER;
use crate::config::{Acme, Challenge};

/// How long the authority may take to check the names, and again to issue the certificate.
const PATIENCE: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(90));

/// The limit for connecting to the authority.
const CONNECT: Duration = Duration::from_secs(10);

/// A certificate that was issued: its key, and the chain, both in PEM.
pub(super) struct Issue {
    pub(super) key: String,
    pub(super) chain: String,
}

/// Why there is no certificate.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) fault: Fault,
    pub(super) why: String,
}

/// An account with an authority.
pub(super) struct Authority {
    account: Account,
}

impl Authority {
    /// Takes the account up again.
    pub(super) async fn with(acme: &Acme, credentials: AccountCredentials) -> Result<Self, Failure> {
        let builder = Account::builder_with_http(Box::new(Requests(client(acme))));
        Ok(Self { account: builder.from_credentials(credentials).await? })
    }

    /// Opens an account.
    pub(super) async fn open(acme: &Acme) -> Result<(Self, AccountCredentials), Failure> {
        let contact: Vec<&str> = acme.contact.iter().map(String::as_str).collect();
        let account =
            NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let builder = Account::builder_with_http(Box::new(Requests(client(acme))));
        let (account, credentials) = builder.create(&account, acme.directory.clone(), None).await?;
        Ok((Self { account }, credentials))
    }

    /// Orders a certificate for the domains.
    pub(super) async fn order(&self, acme: &Acme, proofs: &Proofs) -> Result<Issue, Failure> {
        let names: Vec<Identifier> = acme.domains.iter().cloned().map(Identifier::Dns).collect();
        let mut order = self.account.new_order(&NewOrder::new(&names)).await?;
        // The proofs are withdrawn when this is dropped, whatever becomes of the order.
        let shown = prove(&mut order, acme.challenge, proofs).await?;
        let status = order.poll_ready(&PATIENCE).await;
        if !matches!(status, Ok(OrderStatus::Ready)) {
            let why = refusals(&mut order).await;
            return Err(status.map_or_else(Failure::from, |_| Failure::refused(why.clone())).because(&why));
        }
        drop(shown);
        let key = KeyPair::generate()?;
        order.finalize_csr(&request(acme, &key)?).await?;
        let chain = order.poll_certificate(&PATIENCE).await?;
        Ok(Issue { key: key.serialize_pem(), chain })
    }
}

/// Shows a proof for each name that isn't verified yet, and asks the authority to look at it.
async fn prove(order: &mut Order, challenge: Challenge, proofs: &Proofs) -> Result<Vec<Proof>, Failure> {
    let mut shown = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let mut asked = asked(&mut authorization, challenge)?;
        shown.push(proofs.show(challenge, &asked).await?);
        asked.set_ready().await?;
    }
    Ok(shown)
}

fn asked<'a>(
    authorization: &'a mut AuthorizationHandle<'a>,
    challenge: Challenge,
) -> Result<ChallengeHandle<'a>, Failure> {
    let kind = match challenge {
        Challenge::TlsAlpn01 => ChallengeType::TlsAlpn01,
        Challenge::Http01 => ChallengeType::Http01,
    };
    let name = authorization.identifier().to_string();
    authorization
        .challenge(kind)
        .ok_or_else(|| Failure::refused(format!("the authority offers no {challenge} for {name}")))
}

/// The request for the certificate (PKCS #10). Its names stand in the extension alone, as authorities want it.
fn request(acme: &Acme, key: &KeyPair) -> Result<Vec<u8>, rcgen::Error> {
    let mut params = CertificateParams::new(acme.domains.clone())?;
    params.distinguished_name = DistinguishedName::new();
    Ok(params.serialize_request(key)?.der().to_vec())
}

/// Which names the authority refused, and why.
async fn refusals(order: &mut Order) -> String {
    let mut told = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let Ok(state) = authorization.refresh().await else { continue };
        for problem in state.challenges.iter().filter_map(|challenge| challenge.error.as_ref()) {
            told.push(format!("{}: {problem}", state.identifier()));
        }
    }
    if told.is_empty() { "the authority says no reason".to_owned() } else { told.join("; ") }
}

/// A client that trusts whom the configuration says.
fn client(acme: &Acme) -> Client<Body> {
    let client = ClientBuilder::new().connect_timeout(CONNECT);
    if acme.trusted.is_empty() {
        return client.build();
    }
    let mut roots = RootCertStore::empty();
    // The configuration was refused if one of them can't be added.
    roots.add_parsable_certificates(acme.trusted.iter().cloned());
    let tls = ClientConfig::builder_with_provider(Arc::clone(&PROVIDER))
        .with_safe_default_protocol_versions()
        .expect("aws-lc-rs supports the default protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.tls(Arc::new(tls)).build()
}

impl Failure {
    pub(super) fn refused(why: impl Into<String>) -> Self {
        Self { fault: Fault::Refused, why: why.into() }
    }

    pub(super) fn of_storage(error: &std::io::Error) -> Self {
        Self { fault: Fault::Storage, why: format!("the storage can't be used: {error}") }
    }

    /// Adds what the authority said about the names.
    fn because(self, reasons: &str) -> Self {
        if self.why == reasons { self } else { Self { why: format!("{}: {reasons}", self.why), ..self } }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let fault = match &error {
            Error::Api(problem) => match (problem.r#type.as_deref(), problem.status) {
                (Some("urn:ietf:params:acme:error:rateLimited"), _) | (_, Some(429)) => Fault::RateLimited,
                (_, Some(500..)) => Fault::Unreachable,
                _ => Fault::Refused,
            },
            Error::Timeout(_) | Error::Crypto | Error::KeyRejected | Error::Unsupported(_) => Fault::Refused,
            _ => Fault::Unreachable,
        };
        Self { fault, why: chained(&error) }
    }
}

impl From<rcgen::Error> for Failure {
    fn from(error: rcgen::Error) -> Self {
        Self::refused(format!("no request for a certificate can be made: {error}"))
    }
}

/// An error with its causes.
fn chained(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| {
        let cause = cause.to_string();
        if text.contains(&cause) { text } else { format!("{text}: {cause}") }
    })
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}
