//! The headers that say how a request is to be read.

use http::{HeaderMap, HeaderValue};

use crate::headers::single::Repeated;

/// Found in one walk over all headers: that costs less than a look-up for each, which hashes its name.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    pub(super) host: Line<'a>,
    pub(super) content_length: Line<'a>,
    pub(super) transfer_encoding: Line<'a>,
    pub(super) expect: Line<'a>,
    pub(super) has_te: bool,
    pub(super) has_connection: bool,
    pub(super) has_via: bool,
    /// `Authorization` or `Proxy-Authorization`.
    pub(super) has_credentials: bool,
}

/// The only line of a header, if there is one.
type Line<'a> = Result<Option<&'a HeaderValue>, Repeated>;

impl<'a> Fields<'a> {
    pub(super) fn of(headers: &'a HeaderMap) -> Self {
        let mut fields = Self {
            host: Ok(None),
            content_length: Ok(None),
            transfer_encoding: Ok(None),
            expect: Ok(None),
            has_te: false,
            has_connection: false,
            has_via: false,
            has_credentials: false,
        };
        for (name, value) in headers {
            match name.as_str() {
                "host" => add(&mut fields.host, value),
                "content-length" => add(&mut fields.content_length, value),
                "transfer-encoding" => add(&mut fields.transfer_encoding, value),
                "expect" => add(&mut fields.expect, value),
                "te" => fields.has_te = true,
                "connection" => fields.has_connection = true,
                "via" => fields.has_via = true,
                "authorization" | "proxy-authorization" => fields.has_credentials = true,
                _ => {}
            }
        }
        fields
    }
}

fn add<'a>(line: &mut Line<'a>, value: &'a HeaderValue) {
    *line = match line {
        Ok(None) => Ok(Some(value)),
        Ok(Some(_)) | Err(Repeated) => Err(Repeated),
    };
}
