//! `tls` of a listener: its keys, and the errors for its files.

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

use super::*;

/// A directory with two certificates, `a` and `b`, and their keys.
fn files() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new([format!("{name}.example")]).unwrap().self_signed(&key).unwrap();
        write(&directory, &format!("{name}.pem"), certificate.pem());
        write(&directory, &format!("{name}.key"), key.serialize_pem());
    }
    // SEQUENCE { ENUMERATED 0 } and SEQUENCE { ENUMERATED 6 }: `successful` and `unauthorized`.
    write(&directory, "a.ocsp", [0x30, 3, 10, 1, 0]);
    write(&directory, "refused.ocsp", [0x30, 3, 10, 1, 6]);
    directory
}

fn write(directory: &TempDir, name: &str, content: impl AsRef<[u8]>) {
    std::fs::write(directory.path().join(name), content).unwrap();
}

/// Parses a file in that directory whose only listener has `tls`.
fn parse_in(directory: &TempDir, tls: &str) -> Result<Config, ConfigErrors> {
    let tls = tls.replace('\n', "");
    let text = format!("listen = [{{ address = \":443\", tls = {{ {tls} }} }}]\n{MINIMAL}");
    Config::parse(directory.path().join("gateway.toml").to_str().unwrap(), text, variable)
}

fn tls(directory: &TempDir, tls: &str) -> ListenTls {
    let config = parse_in(directory, tls).unwrap();
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    config.listen[0].tls.clone().unwrap()
}

const PAIR: &str = "cert = \"a.pem\", key = \"a.key\"";

#[test]
fn one_certificate_is_enough() {
    let directory = files();
    let found = tls(&directory, PAIR);
    let path = |name: &str| directory.path().join(name);
    let files = CertificateFiles { cert: path("a.pem"), key: path("a.key"), ocsp: None };
    assert_eq!(found.certificates[0].files, Some(files.clone()));
    assert_eq!(found.certificates[0].certified.cert, files.read().unwrap().cert);
    assert_eq!(files.paths().collect::<Vec<_>>(), [path("a.pem"), path("a.key")]);
    let others =
        (found.certificates.len(), found.unknown_names, found.min_version, found.client_auth, found.hsts);
    assert_eq!(others, (1, UnknownNames::Default, TlsVersion::V1_2, None, None));
}

#[test]
fn every_key_has_its_effect() {
    let directory = files();
    let found = tls(
        &directory,
        r#"certificates = [{ cert = "a.pem", key = "a.key", ocsp = "a.ocsp" }, { cert = "b.pem", key = "b.key" }],
           unknown_names = "refuse", min_version = "1.3", client_ca_file = "b.pem", client_auth = "optional",
           hsts = { max_age = "730d", include_subdomains = true, preload = true }"#,
    );
    assert_eq!(found.certificates.len(), 2);
    assert_eq!(found.certificates[0].certified.ocsp.as_deref(), Some(&[0x30, 3, 10, 1, 0][..]));
    assert_eq!((found.unknown_names, found.min_version), (UnknownNames::Refuse, TlsVersion::V1_3));
    let auth = found.client_auth.unwrap();
    assert_eq!((auth.need, auth.authorities.len(), auth.roots.len()), (ClientAuthNeed::Optional, 1, 1));
    let max_age = std::time::Duration::from_secs(730 * 24 * 60 * 60);
    assert_eq!(found.hsts, Some(Hsts { max_age, include_subdomains: true, preload: true }));
}

/// Whoever names an authority wants to see certificates.
#[test]
fn with_an_authority_a_certificate_is_required() {
    let found = tls(&files(), &format!("{PAIR}, client_ca_file = \"b.pem\""));
    assert_eq!(found.client_auth.unwrap().need, ClientAuthNeed::Required);
}

#[test]
fn hsts_may_be_a_duration() {
    let found = tls(&files(), &format!("{PAIR}, hsts = \"365d\"")).hsts.unwrap();
    assert_eq!(
        (found.max_age.as_secs(), found.include_subdomains, found.preload),
        (31_536_000, false, false)
    );
    let config =
        parse_in(&files(), &format!("{PAIR}, hsts = {{ max_age = \"1d\", preload = true }}")).unwrap();
    let [warning] = &config.warnings[..] else { panic!("{:?}", config.warnings) };
    assert_eq!(warning.message, "listen[0].tls.hsts: the browsers' lists don't take this host");
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let directory = files();
    write(&directory, "empty.pem", "");
    for (tls, errors) in [
        ("", &["listen[0].tls: has no certificate"][..]),
        ("certificates = []", &["listen[0].tls.certificates: is empty"]),
        ("certificates = [{}]", &["listen[0].tls.certificates[0]: has no cert and has no key"]),
        ("cert = \"a.pem\"", &["listen[0].tls: has a cert or a key alone"]),
        ("cert = \"a.pem\", key = \"b.key\"", &["listen[0].tls.key: this is not the key of cert"]),
        ("cert = \"missing\", key = \"a.key\"", &["tls.cert: the file \"missing\" can't be read"]),
        ("cert = \"empty.pem\", key = \"a.key\"", &["tls.cert: the file \"empty.pem\" has no such section"]),
        (
            "cert = \"a.pem\", key = \"a.key\", certificates = [{ cert = \"b.pem\", key = \"b.key\" }]",
            &["listen[0].tls: has a certificate of its own beside certificates"],
        ),
        (
            "certificates = [{ cert = \"a.pem\", key = \"a.key\" }, { cert = \"a.pem\", key = \"b.key\", x = 1 }]",
            &[
                "tls.certificates[1].key: this is not the key of cert",
                "unknown key \"x\" in listen[0].tls.certificates[1]",
            ],
        ),
        (
            "cert = \"a.pem\", key = \"a.key\", ocsp = \"refused.ocsp\"",
            &["tls.ocsp: the file \"refused.ocsp\" is an answer without a response, of status 6"],
        ),
        ("cert = \"a.pem\", key = \"a.key\", ocsp = \"a.pem\"", &["\"a.pem\" is no OCSP response"]),
        (
            "cert = \"a.pem\", key = \"a.key\", client_auth = \"optional\"",
            &["tls.client_auth: there is no authority whose certificates would be accepted"],
        ),
        (
            "cert = \"a.pem\", key = \"a.key\", client_ca_file = \"empty.pem\", client_auth = \"never\"",
            &["tls.client_ca_file: the file \"empty.pem\"", "tls.client_auth: found \"never\""],
        ),
        ("cert = \"a.pem\", key = \"a.key\", min_version = \"1.1\"", &["tls.min_version: found \"1.1\""]),
        ("cert = \"a.pem\", key = \"a.key\", unknown_names = true", &["tls.unknown_names: found a boolean"]),
        ("cert = \"a.pem\", key = \"a.key\", hsts = 300", &["tls.hsts: the number 300 has no unit"]),
        ("cert = \"a.pem\", key = \"a.key\", hsts = {}", &["tls.hsts: has no max_age"]),
        ("cert = \"a.pem\", key = \"a.key\", alpn = []", &["unknown key \"alpn\" in listen[0].tls"]),
    ] {
        let found = parse_in(&directory, tls).unwrap_err();
        assert_eq!(found.len(), errors.len(), "{tls}: {found}");
        for (error, expected) in found.iter().zip(errors) {
            assert!(error.message.contains(expected), "{tls}: {error}");
            assert_eq!(error.position.unwrap().line, 1, "{tls}: {error}");
        }
    }
}

#[test]
fn two_readings_can_be_compared() {
    let directory = files();
    let of = |keys: &str| tls(&directory, keys);
    assert_eq!(of(PAIR), of(PAIR));
    for other in [
        "cert = \"b.pem\", key = \"b.key\"",
        "cert = \"a.pem\", key = \"a.key\", ocsp = \"a.ocsp\"",
        "cert = \"a.pem\", key = \"a.key\", client_ca_file = \"b.pem\"",
        "cert = \"a.pem\", key = \"a.key\", hsts = \"1d\"",
    ] {
        assert_ne!(of(PAIR), of(other), "{other}");
    }
    let before = of(PAIR);
    std::fs::copy(directory.path().join("b.pem"), directory.path().join("a.pem")).unwrap();
    std::fs::copy(directory.path().join("b.key"), directory.path().join("a.key")).unwrap();
    assert_ne!(before, of(PAIR), "the files are the same, and what is in them is not");
}

/// A renewal writes one file after the other.
#[test]
fn what_is_read_again_says_what_is_wrong_with_it() {
    let directory = files();
    let files = tls(&directory, PAIR).certificates.remove(0).files.unwrap();
    let replace =
        |from: &str, to: &str| std::fs::copy(directory.path().join(from), directory.path().join(to));
    replace("b.pem", "a.pem").unwrap();
    let error = files.read().unwrap_err().to_string();
    assert!(error.contains("a.key\" is not the key of") && error.contains("a.pem\""), "{error}");
    std::fs::remove_file(directory.path().join("a.key")).unwrap();
    let error = files.read().unwrap_err().to_string();
    assert!(error.contains("a.key\" can't be read: "), "{error}");
    replace("b.key", "a.key").unwrap();
    files.read().unwrap();
}
