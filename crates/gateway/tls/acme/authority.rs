//! What the authority is asked: an account, an order, a certificate (RFC 8555 §7).

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use instant_acme::{
    Account, AccountCredentials, AuthorizationHandle, AuthorizationStatus, ChallengeHandle, ChallengeType,
    Identifier, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};
use proxy_service::{Client, ClientBuilder};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use rustls::{ClientConfig, RootCertStore};

use super::failure::Failure;
use super::proofs::{Proof, Proofs};
use super::requests::Requests;
use super::stored::Issue;
use crate::config::provider::PROVIDER;
use crate::config::{Acme, Challenge};

/// How long the authority may take to check the names, and again to issue the certificate.
const PATIENCE: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(90));

/// The limit for connecting to the authority.
const CONNECT: Duration = Duration::from_secs(10);

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
        match order.poll_ready(&PATIENCE).await {
            Ok(OrderStatus::Ready) => {}
            Ok(_) => return Err(Failure::refused(refusals(&mut order).await)),
            Err(error) => return Err(Failure::from(error).because(&refusals(&mut order).await)),
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
