use base64::Engine as _;
use proptest::prelude::*;
use rcgen::string::Ia5String;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};

use super::*;

fn told_of(name: &[(DnType, &str)], uris: &[&str]) -> (CertificateDer<'static>, ClientCertificate) {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in name {
        params.distinguished_name.push(kind.clone(), *value);
    }
    params.subject_alt_names =
        uris.iter().map(|uri| SanType::URI(Ia5String::try_from(*uri).unwrap())).collect();
    let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone();
    let told = told(&certificate).unwrap();
    (certificate, told)
}

/// What stands behind the digest.
fn said(told: &ClientCertificate) -> &str {
    told.x_forwarded_client_cert.to_str().unwrap().split_once(';').unwrap().1
}

#[test]
fn the_certificate_itself_and_its_digest() {
    let (der, told) = told_of(&[(DnType::CommonName, "alice")], &[]);
    let encoded = told.client_cert.to_str().unwrap().strip_prefix(':').unwrap().strip_suffix(':').unwrap();
    assert_eq!(STANDARD.decode(encoded).unwrap(), der.as_ref());
    let forwarded = told.x_forwarded_client_cert.to_str().unwrap();
    let digest: String = Sha256::digest(&der).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(forwarded, format!("Hash={digest};Subject=\"CN=alice\""));
    assert_eq!(told.subject, "CN=alice");
}

#[test]
fn what_stands_in_it() {
    use DnType::{CommonName, CountryName, OrganizationName};
    let custom = DnType::CustomDnType(vec![1, 2, 3, 4]);
    for (name, uris, expected) in [
        (&[][..], &[][..], r#"Subject="""#),
        (
            &[(CountryName, "AT"), (OrganizationName, "Example"), (CommonName, "alice")],
            &["spiffe://example/alice", "urn:x"],
            r#"Subject="CN=alice,O=Example,C=AT";URI="spiffe://example/alice";URI="urn:x""#,
        ),
        (&[(CommonName, "a, O=Admins")], &[], r#"Subject="CN=a\\, O\\=Admins""#),
        (&[(CommonName, "a\";Hash=1")], &[], r#"Subject="CN=a\\\"\\;Hash\\=1""#),
        (&[(CommonName, " #a ")], &[], r#"Subject="CN=\\ #a\\ ""#),
        (&[(CommonName, "#a")], &[], r#"Subject="CN=\\#a""#),
        (&[(CommonName, "Zoë\r\nX: y")], &[], r#"Subject="CN=Zo\\C3\\AB\\0D\\0AX: y""#),
        (&[(custom, "x")], &[], r#"Subject="1.2.3.4=x""#),
    ] {
        assert_eq!(said(&told_of(name, uris).1), expected);
    }
}

#[test]
fn what_is_no_certificate_is_not_told() {
    assert!(super::told(&CertificateDer::from(vec![0x30, 0])).is_none());
}

proptest! {
    /// Whatever a name is, one can read it back: it ends nothing early.
    #[test]
    fn no_name_ends_its_element(name in "\\PC{1,20}") {
        let (_, told) = told_of(&[(DnType::CommonName, &name)], &[]);
        let inside = said(&told).strip_prefix("Subject=\"").unwrap().strip_suffix('"').unwrap();
        let (mut unquoted, mut chars) = (String::new(), inside.chars());
        while let Some(char) = chars.next() {
            prop_assert_ne!(char, '"');
            unquoted.push(if char == '\\' { chars.next().unwrap() } else { char });
        }
        let (mut bytes, mut rest) = (Vec::new(), unquoted.strip_prefix("CN=").unwrap().bytes());
        while let Some(byte) = rest.next() {
            if byte != b'\\' {
                prop_assert!(!b",+;<>=".contains(&byte));
                bytes.push(byte);
                continue;
            }
            let next = rest.next().unwrap();
            if next.is_ascii_hexdigit() {
                let pair = [next, rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap());
            } else {
                bytes.push(next);
            }
        }
        prop_assert_eq!(String::from_utf8(bytes).unwrap(), name);
    }
}
