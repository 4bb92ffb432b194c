//! Writing field lines.

use http::header::{HeaderMap, HeaderName, HeaderValue};

/// The case in which field names are written. Case has no meaning (RFC 9110 §5.1), but some embedded peers compare
/// names byte by byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HeaderCase {
    /// `content-length`: as http stores names, so this costs nothing. The default.
    #[default]
    Lower,
    /// `Content-Length`: the first letter and each letter after a hyphen are capitals.
    Title,
}

/// Writes all fields.
pub(crate) fn put_fields(fields: &HeaderMap, case: HeaderCase, out: &mut Vec<u8>) {
    for (name, value) in fields {
        put_field(name, value, case, out);
    }
}

pub(super) fn put_field(name: &HeaderName, value: &HeaderValue, case: HeaderCase, out: &mut Vec<u8>) {
    let (name, value) = (name.as_str().as_bytes(), value.as_bytes());
    out.reserve(name.len() + value.len() + 4);
    put_name(name, case, out);
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// Writes a name, a colon and a space.
fn put_name(name: &[u8], case: HeaderCase, out: &mut Vec<u8>) {
    match case {
        HeaderCase::Lower => out.extend_from_slice(name),
        HeaderCase::Title => {
            let mut is_first = true;
            out.extend(name.iter().map(|byte| {
                let spelled = if is_first { byte.to_ascii_uppercase() } else { *byte };
                is_first = *byte == b'-';
                spelled
            }));
        }
    }
    out.extend_from_slice(b": ");
}

/// Writes a field that the codec adds. `name` is in lower case.
pub(super) fn put(name: &'static str, value: &[u8], case: HeaderCase, out: &mut Vec<u8>) {
    put_name(name.as_bytes(), case, out);
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

pub(super) fn put_length(length: u64, case: HeaderCase, out: &mut Vec<u8>) {
    put("content-length", itoa::Buffer::new().format(length).as_bytes(), case, out);
}

pub(super) fn put_chunked(case: HeaderCase, out: &mut Vec<u8>) {
    put("transfer-encoding", b"chunked", case, out);
}
