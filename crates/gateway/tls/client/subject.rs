//! A distinguished name as text (RFC 4514), which can't be taken for another one.

use std::fmt::Write as _;

use x509_parser::objects::{oid_registry, oid2abbrev};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

/// The name as text. The most specific part comes first, as in `CN=alice,OU=staff,O=Example`.
pub(super) fn text(name: &X509Name<'_>) -> String {
    let parts: Vec<_> = name.iter_rdn().collect();
    let parts = parts.into_iter().rev();
    let texts = parts.map(|part| part.iter().map(attribute).collect::<Vec<_>>().join("+"));
    texts.collect::<Vec<_>>().join(",")
}

/// `CN=alice`. A type without a short name is written as its number, and a value that is no text in hexadecimal.
fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let oid = attribute.attr_type();
    let name = oid2abbrev(oid, oid_registry()).map_or_else(|_| oid.to_id_string(), str::to_owned);
    let value = match attribute.as_str() {
        Ok(text) => escaped(text),
        Err(_) => format!("#{}", hexadecimal(attribute.as_slice())),
    };
    format!("{name}={value}")
}

/// Escapes what would end the value, and all that is not visible ASCII (RFC 4514 §2.4).
fn escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (at, char) in value.chars().enumerate() {
        let is_outer_space = char == ' ' && (at == 0 || at == last);
        match char {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=' => escaped.extend(['\\', char]),
            '#' if at == 0 => escaped.push_str("\\#"),
            _ if is_outer_space => escaped.push_str("\\ "),
            ' '..='~' => escaped.push(char),
            _ => {
                for byte in char.encode_utf8(&mut [0; 4]).bytes() {
                    write!(escaped, "\\{byte:02X}").expect("a String takes what is written to it");
                }
            }
        }
    }
    escaped
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
