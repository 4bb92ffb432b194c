use std::path::Path;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tempfile::TempDir;

use super::*;
use crate::config::CertificateFiles;
use crate::tls::issued::Issued;

/// Writes a certificate for `name` and its key to `cert.pem` and `key.pem`.
fn write(directory: &Path, name: &str) -> String {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.not_after = date_time_ymd(2031, 1, 15);
    std::fs::write(directory.join("cert.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
    key.serialize_pem()
}

fn begun(directory: &TempDir) -> (Configured, Certificates) {
    let key = write(directory.path(), "a.example");
    std::fs::write(directory.path().join("key.pem"), key).unwrap();
    let file = |name: &str| directory.path().join(name);
    let files = CertificateFiles { cert: file("cert.pem"), key: file("key.pem"), ocsp: None };
    let certified = Arc::new(files.read().unwrap());
    let configured = Configured::new(&[ServerCertificate { certified, files: Some(files) }]);
    let certificates = Certificates::new(&configured.named(), Issued::default());
    (configured, certificates)
}

fn known(certificates: &Certificates) -> Vec<&'static str> {
    ["a.example", "b.example"].into_iter().filter(|name| certificates.know(name)).collect()
}

#[test]
fn a_pair_is_replaced_when_both_files_are_new() {
    let directory = tempfile::tempdir().unwrap();
    let (configured, certificates) = begun(&directory);
    let certified = || Arc::clone(&configured.0.load()[0].certified);
    let before = certified();
    configured.reread(&certificates);
    assert!(Arc::ptr_eq(&before, &certified()), "nothing has changed");

    let key = write(directory.path(), "b.example");
    configured.reread(&certificates);
    assert_eq!(known(&certificates), ["a.example"], "the key is still the old one");

    std::fs::write(directory.path().join("key.pem"), key).unwrap();
    configured.reread(&certificates);
    assert_eq!(known(&certificates), ["b.example"]);
}

#[test]
fn a_pair_that_cannot_be_used_keeps_the_old_one() {
    let directory = tempfile::tempdir().unwrap();
    let (configured, certificates) = begun(&directory);
    for broken in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        std::fs::write(directory.path().join("cert.pem"), broken).unwrap();
        configured.reread(&certificates);
        assert_eq!(known(&certificates), ["a.example"]);
    }
    std::fs::remove_file(directory.path().join("cert.pem")).unwrap();
    configured.reread(&certificates);
    assert_eq!(known(&certificates), ["a.example"]);
}

#[test]
fn the_end_is_told_from_fourteen_days_on() {
    let directory = tempfile::tempdir().unwrap();
    let (configured, _) = begun(&directory);
    let end = facts(&configured.0.load()[0].certified).unwrap().not_after;
    let day = Duration::from_secs(DAY);
    for (now, expected) in [
        (end - 15 * day, None),
        (end - 14 * day, Some(Ending::Soon { days: 14 })),
        (end - day / 2, Some(Ending::Soon { days: 0 })),
        (end + day / 2, Some(Ending::Past)),
    ] {
        assert_eq!(ending(end, now), expected);
    }
}
