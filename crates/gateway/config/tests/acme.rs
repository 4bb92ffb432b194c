//! `acme` of a listener.

use super::*;

fn with(acme: &str, others: &str) -> Result<Config, ConfigErrors> {
    parse(format!(
        "listen = [{{ address = \"127.0.0.1:8443\", tls = {{ acme = {acme} }} }}{others}]\n{MINIMAL}"
    ))
}

fn read(acme: &str) -> Acme {
    let config = with(acme, ", \"127.0.0.1:8080\"").unwrap();
    Acme::clone(config.listen[0].tls.as_ref().unwrap().acme.as_ref().unwrap())
}

#[test]
fn its_defaults_are_those_of_lets_encrypt() {
    let acme = read("{ domains = [\"Site.Example\", \"www.site.example\"] }");
    assert_eq!(acme.domains, ["site.example", "www.site.example"]);
    assert_eq!(acme.directory, "https://acme-v02.api.letsencrypt.org/directory");
    assert_eq!(acme.storage, std::path::Path::new("acme"));
    assert_eq!((acme.contact.len(), acme.trusted.len(), acme.challenge), (0, 0, Challenge::TlsAlpn01));
}

#[test]
fn every_key_has_its_effect() {
    let acme = read(
        "{ domains = [\"a.example\"], contact = [\"ops@a.example\", \"mailto:b@a.example\"], \
         directory = \"https://ca.example/dir\", storage = \"/var/lib/acme\", challenge = \"http-01\" }",
    );
    assert_eq!(acme.contact, ["mailto:ops@a.example", "mailto:b@a.example"]);
    assert_eq!(acme.directory, "https://ca.example/dir");
    assert_eq!(acme.storage, std::path::Path::new("/var/lib/acme"));
    assert_eq!(acme.challenge, Challenge::Http01);
}

#[test]
fn what_cannot_be_ordered_is_refused() {
    let cases = [
        ("{ }", "has no domains"),
        ("{ domains = [] }", "has 0 domains"),
        ("{ domains = [\"*.a.example\"] }", "is a wildcard"),
        ("{ domains = [\"10.0.0.1\"] }", "is an address"),
        ("{ domains = [\"localhost\"] }", "is no name"),
        ("{ domains = [\"a.example:443\"] }", "is no name"),
        ("{ domains = [\"../a.example\"] }", "is no name"),
        ("{ domains = [\"a.example\", \"A.example\"] }", "stands here twice"),
        ("{ domains = [\"a.example\"], contact = \"nobody\" }", "is no e-mail address"),
        ("{ domains = [\"a.example\"], directory = \"http://ca.example/dir\" }", "is no such URL"),
        ("{ domains = [\"a.example\"], challenge = \"dns-01\" }", "dns-01"),
        ("{ domains = [\"a.example\"], directory_ca_file = \"/nowhere.pem\" }", "nowhere.pem"),
    ];
    for (acme, message) in cases {
        let errors = with(acme, ", \"127.0.0.1:8080\"").unwrap_err().to_string();
        assert!(errors.starts_with("gateway.toml:1:") && errors.contains(message), "{acme}: {errors}");
    }
}

#[test]
fn http_01_needs_a_listener_without_tls() {
    let acme = "{ domains = [\"a.example\"], challenge = \"http-01\" }";
    let errors = with(acme, "").unwrap_err().to_string();
    assert!(errors.contains("needs a listener without TLS"), "{errors}");
    assert!(with(acme, ", \"127.0.0.1:8080\"").is_ok());
}
