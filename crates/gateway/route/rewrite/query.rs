//! Changes of a query. What isn't changed keeps its bytes.

use bytes::BytesMut;

use crate::config::{QueryRewrite, RouteTemplate};
use crate::route::query::{Pair, pairs};
use crate::route::template::{Facts, Place, encode_name, write};

/// Appends the changed query. Nothing is appended if no parameter is left.
pub(super) fn append(query: &str, rewrite: &QueryRewrite, facts: &Facts<'_>, out: &mut BytesMut) {
    let mut begins = true;
    for pair in pairs(query).filter(|pair| !goes(*pair, rewrite)) {
        if !std::mem::take(&mut begins) {
            out.extend_from_slice(b"&");
        }
        out.extend_from_slice(pair.whole.as_bytes());
    }
    for (name, template) in rewrite.set.iter().chain(&rewrite.add) {
        let before = out.len();
        if !begins {
            out.extend_from_slice(b"&");
        }
        if append_parameter(name, template, facts, out) {
            begins = false;
        } else {
            out.truncate(before);
        }
    }
}

fn goes(pair: Pair<'_>, rewrite: &QueryRewrite) -> bool {
    rewrite.remove.iter().any(|name| pair.is(name)) || rewrite.set.iter().any(|(name, _)| pair.is(name))
}

/// Returns whether it has a value.
fn append_parameter(name: &str, template: &RouteTemplate, facts: &Facts<'_>, out: &mut BytesMut) -> bool {
    encode_name(name, out);
    out.extend_from_slice(b"=");
    let named = out.len();
    write(template, facts, Place::Query, out);
    out.len() > named
}
