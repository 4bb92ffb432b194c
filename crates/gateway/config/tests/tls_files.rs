//! PEM files: which ones are accepted, and the errors for the others.

use std::path::Path;

use rcgen::{CertificateParams, CertifiedKey, KeyPair, generate_simple_self_signed};
use tempfile::TempDir;

use super::*;

/// A directory with a certificate, its key and the key of another certificate.
fn files() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["app.example".to_owned()]).unwrap();
    write(directory.path(), "ca.pem", &cert.pem());
    write(directory.path(), "key.pem", &signing_key.serialize_pem());
    write(directory.path(), "other-key.pem", &KeyPair::generate().unwrap().serialize_pem());
    directory
}

fn write(directory: &Path, name: &str, text: &str) {
    std::fs::write(directory.join(name), text).unwrap();
}

/// Parses a file in that directory, with `lines` in the `tls` section of its pool.
fn parse_in(directory: &Path, lines: &str) -> Result<Config, ConfigErrors> {
    let text =
        MINIMAL.replace("http:", "https:").replace("[routes", &format!("[pools.api.tls]\n{lines}\n[routes"));
    Config::parse(directory.join("gateway.toml").to_str().unwrap(), text, variable)
}

#[test]
fn every_key_of_tls_has_its_effect() {
    let directory = files();
    let keys = "ca_file = \"ca.pem\"\nclient_cert = \"ca.pem\"\nclient_key = \"key.pem\"\nserver_name = \"app.example\"";
    let config = parse_in(directory.path(), keys).unwrap();
    let tls = config.pools[0].tls.as_ref().unwrap();
    assert!(tls.client().client_auth_cert_resolver.has_certs());
    assert_eq!(tls.server_name.as_ref().unwrap().to_str(), "app.example");
    assert_eq!(format!("{tls:?}"), "Tls { server_name: Some(DnsName(\"app.example\")), .. }");
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
}

#[test]
fn an_empty_table_has_the_defaults() {
    let config = parse_in(files().path(), "").unwrap();
    let tls = config.pools[0].tls.as_ref().unwrap();
    assert!(!tls.client().client_auth_cert_resolver.has_certs() && tls.server_name.is_none());
}

#[test]
fn a_pool_without_https_is_a_warning() {
    let config = parse(MINIMAL.replace("[routes", "[pools.api.tls]\n[routes")).unwrap();
    let [warning] = config.warnings.as_slice() else { panic!("{:?}", config.warnings) };
    assert_eq!(warning.message, "pools.api.tls: no upstream of this pool is https");
}

#[test]
fn one_certificate_can_be_trusted_or_none_be_asked_for() {
    let directory = files();
    for (keys, is_verified) in
        [("certificate = \"ca.pem\"", true), ("verify = true", true), ("verify = false", false)]
    {
        let config = parse_in(directory.path(), keys).unwrap();
        assert_eq!(config.pools[0].tls.as_ref().unwrap().is_verified, is_verified, "{keys}");
        assert_eq!(config.warnings.len(), usize::from(!is_verified), "{:?}", config.warnings);
    }
    let warned = parse_in(directory.path(), "verify = false").unwrap().warnings.remove(0).to_string();
    assert!(
        warned.contains("gateway.toml:4:10: warning: pools.api.tls.verify: whoever answers is taken for the"),
        "{warned}"
    );
}

#[test]
fn trust_is_said_once() {
    let directory = files();
    let (ca, own) = ("ca_file = \"ca.pem\"", "certificate = \"ca.pem\"");
    for (keys, place, message) in [
        ([ca, own], "5:15", "certificate: beside it, ca_file would never be asked"),
        ([ca, "verify = false"], "5:10", "verify: nothing would be verified"),
        ([own, "verify = false"], "5:10", "verify: nothing would be verified"),
    ] {
        let errors = parse_in(directory.path(), &keys.join("\n")).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors}");
        let errors = errors.to_string();
        assert!(errors.contains(&format!("gateway.toml:{place}: pools.api.tls.{message}")), "{errors}");
    }
}

#[test]
fn a_certificate_to_trust_is_one_that_can_be_used() {
    let directory = files();
    let one = std::fs::read_to_string(directory.path().join("ca.pem")).unwrap();
    write(directory.path(), "two.pem", &(one.clone() + &one));
    write(directory.path(), "broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    for (file, why) in [
        ("two.pem", "there are 2 certificates in it, expected the server's own certificate alone"),
        ("broken.pem", "the certificate in it can't be used: "),
        ("missing.pem", "can't be read: "),
    ] {
        let errors =
            parse_in(directory.path(), &format!("certificate = \"{file}\"")).unwrap_err().to_string();
        assert!(errors.contains("gateway.toml:4:15: pools.api.tls.certificate: "), "{errors}");
        assert!(errors.contains(why), "{why}: {errors}");
    }
}

#[test]
fn what_is_wrong_in_a_file_is_said() {
    let directory = files();
    let of =
        |label: &str, inside: &str| format!("-----BEGIN {label}-----\n{inside}\n-----END {label}-----\n");
    for (content, why) in [
        (String::new(), "has no such section"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n".to_owned(), "has a section without its END line"),
        ("-----BEGIN CERTIFICATE\nAAAA\n".to_owned(), "has a BEGIN line that isn't well-formed"),
        (of("CERTIFICATE", "!s3cr3t!"), "has a section that isn't base64"),
        (of("CERTIFICATE", "AAAA"), "certificate 1 in it can't be trusted"),
        ("x".repeat((1 << 20) + 1), "can't be read: it is larger than 1 MiB"),
    ] {
        write(directory.path(), "broken.pem", &content);
        let errors = parse_in(directory.path(), "ca_file = \"broken.pem\"").unwrap_err().to_string();
        assert!(errors.contains("gateway.toml:4:11: pools.api.tls.ca_file: "), "{errors}");
        assert!(errors.contains(why) && !errors.contains("s3cr3t"), "{why}: {errors}");
    }
}

#[test]
fn a_key_has_to_be_the_certificates() {
    let directory = files();
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    write(directory.path(), "encrypted.pem", encrypted);
    write(directory.path(), "garbage.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    for (key, why) in [
        ("other-key.pem", "this is not the key of client_cert, expected the key of the first certificate"),
        (
            "encrypted.pem",
            "the file \"encrypted.pem\" has no such section, expected a PEM file with a BEGIN PRIVATE",
        ),
        ("garbage.pem", "this key can't be used: "),
        ("ca.pem", "the file \"ca.pem\" has no such section"),
    ] {
        let keys = format!("client_cert = \"ca.pem\"\nclient_key = \"{key}\"");
        let errors = parse_in(directory.path(), &keys).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors}");
        let errors = errors.to_string();
        assert!(errors.contains("gateway.toml:5:14: pools.api.tls.client_key: "), "{errors}");
        assert!(errors.contains(why), "{why}: {errors}");
    }
}

#[test]
fn a_key_in_place_of_its_path_is_not_shown() {
    let key = KeyPair::generate().unwrap().serialize_pem();
    let errors =
        parse_in(files().path(), &format!("client_cert = \"ca.pem\"\nclient_key = {key:?}")).unwrap_err();
    let [error] = errors.iter().collect::<Vec<_>>()[..] else { panic!("{errors}") };
    assert_eq!(error.message, "pools.api.tls.client_key: this is the PEM itself");
    assert_eq!(error.expected.as_deref(), Some("the path of a PEM file"));
    assert!(errors.to_string().ends_with("\n5 | client_key = …\n  |              ^"), "{errors}");
}

/// Each on its own, as authorities are that were gathered in one file.
#[test]
fn all_certificates_of_a_file_are_trusted() {
    let directory = files();
    let another = CertificateParams::default().self_signed(&KeyPair::generate().unwrap()).unwrap().pem();
    let both = std::fs::read_to_string(directory.path().join("ca.pem")).unwrap() + "# a comment\n" + &another;
    write(directory.path(), "both.pem", &both);
    assert!(parse_in(directory.path(), "ca_file = \"both.pem\"").is_ok());
    write(directory.path(), "both.pem", &both.replacen("MII", "AAA", 2));
    assert!(parse_in(directory.path(), "ca_file = \"both.pem\"").is_err());
}
