use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::CertifiedKey;

use super::*;
use crate::config::provider::PROVIDER;
use crate::config::{ClientAuth, ClientAuthNeed, ListenTls, ServerCertificate, TlsVersion, UnknownNames};

fn certified(name: &str) -> Arc<CertifiedKey> {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().self_signed(&key).unwrap();
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    Arc::new(CertifiedKey::from_der(vec![certificate.der().clone()], key, &PROVIDER).unwrap())
}

fn listen(port: u16, tls: Option<ListenTls>) -> Listen {
    Listen { tls, ..Listen::from(Address::Every(port)) }
}

fn tls(name: &str) -> ListenTls {
    ListenTls {
        certificates: vec![ServerCertificate { certified: certified(name), files: None }],
        unknown_names: UnknownNames::Refuse,
        min_version: TlsVersion::V1_2,
        client_auth: None,
        hsts: None,
        #[cfg(feature = "acme")]
        acme: None,
    }
}

fn asking(need: ClientAuthNeed) -> ListenTls {
    let authority = certified("authority.example").cert[0].clone();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.clone()).unwrap();
    let client_auth = ClientAuth { authorities: vec![authority], roots: Arc::new(roots), need };
    ListenTls { client_auth: Some(client_auth), ..tls("a.example") }
}

fn apply(terminators: &Terminators, listeners: &[Listen]) {
    terminators.commit(terminators.prepare(listeners));
}

#[test]
fn another_configuration_replaces_all() {
    let terminators = Terminators::of(&[listen(1, Some(tls("a.example"))), listen(2, None)]);
    let knows = |port, name| terminators.at(&Address::Every(port)).map(|terminator| terminator.knows(name));
    assert_eq!(knows(1, "a.example"), Some(true));
    assert_eq!(knows(2, "a.example"), None);
    apply(&terminators, &[listen(2, Some(tls("b.example"))), listen(3, Some(tls("c.example")))]);
    assert_eq!((knows(2, "b.example"), knows(2, "a.example")), (Some(true), Some(false)));
    assert_eq!(knows(3, "c.example"), Some(true));
}

/// Clients that were waiting to be accepted still speak TLS.
#[test]
fn one_of_a_listener_that_is_gone_stays_for_those_who_are_connecting() {
    let terminators =
        Terminators::of(&[listen(1, Some(tls("a.example"))), listen(2, Some(tls("b.example")))]);
    let is_there = |port| terminators.at(&Address::Every(port)).is_some();
    apply(&terminators, &[listen(2, None)]);
    assert!(is_there(1), "it is gone");
    assert!(!is_there(2), "it stays, without TLS");
    apply(&terminators, &[listen(2, None), listen(3, None)]);
    assert!(!is_there(1), "it has been gone since the configuration before");
}

#[test]
fn what_is_only_prepared_changes_nothing() {
    let terminators = Terminators::of(&[listen(1, Some(tls("a.example")))]);
    let prepared = terminators.prepare(&[listen(1, Some(tls("b.example")))]);
    let terminator = || terminators.at(&Address::Every(1)).unwrap();
    assert!(terminator().knows("a.example") && !terminator().knows("b.example"));
    terminators.commit(prepared);
    assert!(!terminator().knows("a.example") && terminator().knows("b.example"));
}

#[test]
fn what_was_issued_stays() {
    let terminators = Terminators::of(&[listen(1, Some(tls("a.example")))]);
    let terminator = || terminators.at(&Address::Every(1)).unwrap();
    terminator().issued().add(&["issued.example".to_owned()], certified("issued.example"));
    terminator().issued().challenge("new.example", certified("new.example"));
    apply(&terminators, &[listen(1, Some(tls("b.example")))]);
    assert!(terminator().knows("issued.example"));
    // A challenge is no certificate for anybody but the authority.
    assert!(!terminator().knows("new.example"));
    terminator().issued().withdraw("new.example");
}

/// A session doesn't show its certificate again. So it must not outlive the rules by which it began.
#[test]
fn sessions_end_with_the_rules_for_clients() {
    let (optional, required) = (asking(ClientAuthNeed::Optional), asking(ClientAuthNeed::Required));
    for (before, after, are_kept) in [
        (tls("a.example"), tls("b.example"), true),
        (optional.clone(), optional.clone(), true),
        (tls("a.example"), required.clone(), false),
        (
            optional.clone(),
            ListenTls { client_auth: required.client_auth.clone(), ..optional.clone() },
            false,
        ),
        (required.clone(), asking(ClientAuthNeed::Required), false),
        (required, tls("a.example"), false),
    ] {
        let terminators = Terminators::of(&[listen(1, Some(before))]);
        let ticket = terminators.at(&Address::Every(1)).unwrap().tickets().encrypt(b"a session").unwrap();
        apply(&terminators, &[listen(1, Some(after))]);
        let resumed = terminators.at(&Address::Every(1)).unwrap().tickets().decrypt(&ticket);
        assert_eq!(resumed.is_some(), are_kept);
    }
}
