use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, SignatureAlgorithm};
use rustls::pki_types::PrivateKeyDer;

use super::*;
use crate::config::provider::PROVIDER;

fn certified(names: &[&str], algorithm: &'static SignatureAlgorithm) -> Named {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let key = KeyPair::generate_for(algorithm).unwrap();
    let certificate = CertificateParams::new(names.clone()).unwrap().self_signed(&key).unwrap();
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let certified = CertifiedKey::from_der(vec![certificate.der().clone()], key, &PROVIDER).unwrap();
    Named { names, certified: Arc::new(certified) }
}

fn ecdsa(names: &[&str]) -> Named {
    certified(names, &PKCS_ECDSA_P256_SHA256)
}

const ANY: [SignatureScheme; 2] = [SignatureScheme::ECDSA_NISTP256_SHA256, SignatureScheme::ED25519];

#[test]
fn a_name_gets_its_certificate() {
    let all = [ecdsa(&["a.example"]), ecdsa(&["b.example", "*.b.example"]), ecdsa(&["x.b.example"])];
    let table = Table::of(&all);
    for (name, expected) in [
        ("a.example", Some(0)),
        ("b.example", Some(1)),
        ("www.b.example", Some(1)),
        ("x.b.example", Some(2)),
        ("y.x.b.example", None),
        (".b.example", Some(1)),
        ("www.a.example", None),
        ("example", None),
        ("", None),
    ] {
        let found = table.named(name).map(|candidates| candidates.checkable_by(&ANY));
        let at = found.map(|found| all.iter().position(|one| Arc::ptr_eq(&one.certified, &found)).unwrap());
        assert_eq!(at, expected, "{name:?}");
    }
    assert!(Arc::ptr_eq(&table.defaults().unwrap().checkable_by(&ANY), &all[0].certified));
    assert!(Table::default().defaults().is_none());
}

#[test]
fn a_client_gets_a_certificate_that_it_can_check() {
    let names = ["a.example"];
    let all = [certified(&names, &PKCS_ED25519), ecdsa(&names), ecdsa(&["b.example"])];
    let table = Table::of(&all);
    for candidates in [table.named("a.example").unwrap(), table.defaults().unwrap()] {
        for (scheme, expected) in [
            (SignatureScheme::ED25519, 0),
            (SignatureScheme::ECDSA_NISTP256_SHA256, 1),
            // None of them: the handshake fails with the first.
            (SignatureScheme::RSA_PSS_SHA256, 0),
        ] {
            let found = candidates.checkable_by(&[scheme]);
            assert!(Arc::ptr_eq(&found, &all[expected].certified), "{scheme:?}");
        }
    }
}
