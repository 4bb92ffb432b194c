//! What a token has to say, and what of it the service behind is told.

use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::config::RequiredClaim;
use crate::route::entered::Entered;
use crate::route::entry::guard::Granted;

type Claims = Map<String, Value>;

/// What a token has to say besides.
#[derive(Debug)]
pub(super) struct Required(Vec<RequiredClaim>);

/// The fields in which the service behind is told claims.
#[derive(Debug)]
pub(super) struct Told(Vec<(HeaderName, String)>);

impl Required {
    pub(super) fn of(claims: &[RequiredClaim]) -> Self {
        Self(claims.to_vec())
    }

    pub(super) fn are_in(&self, claims: &Claims) -> bool {
        self.0.iter().all(|required| {
            let found = find(claims, &required.claim);
            found.is_some_and(|found| required.any_of.iter().any(|wanted| is_or_has(found, wanted)))
        })
    }
}

impl Told {
    pub(super) fn of(headers: &[(HeaderName, String)]) -> Self {
        Self(headers.to_vec())
    }

    /// What the service is told. A claim that isn't there, or can't stand in a header, is left out.
    pub(super) fn grant(&self, claims: &Claims) -> Granted {
        let granted = match claims.get("sub").and_then(Value::as_str) {
            Some(subject) => Granted::default().to(Entered::new(format!("jwt:{subject}"))),
            None => Granted::default(),
        };
        self.0.iter().fold(granted, |granted, (name, claim)| match find(claims, claim).and_then(as_value) {
            Some(value) => granted.field(name.clone(), value),
            None => granted,
        })
    }
}

/// The claim of this name, or where its dots lead to: `realm_access.roles`.
fn find<'a>(claims: &'a Claims, name: &str) -> Option<&'a Value> {
    if let Some(claim) = claims.get(name) {
        return Some(claim);
    }
    let (outer, rest) = name.split_once('.')?;
    rest.split('.').try_fold(claims.get(outer)?, |value, key| value.as_object()?.get(key))
}

/// Whether a claim is this, or has it: as an item of a list, or as a word of a text.
fn is_or_has(claim: &Value, wanted: &Value) -> bool {
    match (claim, wanted) {
        (Value::Array(items), _) => items.contains(wanted),
        (Value::String(text), Value::String(word)) => {
            text == word || text.split(' ').any(|other| other == word)
        }
        _ => claim == wanted,
    }
}

/// A claim as the value of a header field: a list with commas. `None` if whoever reads the field would read something else
/// in it: spaces at the ends of a value are no part of it (RFC 9110 §5.5), and a comma begins another item.
fn as_value(claim: &Value) -> Option<HeaderValue> {
    let item = |item: &Value| scalar(item).filter(|text| !text.contains(','));
    let text = match claim {
        Value::Array(items) => items.iter().map(item).collect::<Option<Vec<_>>>()?.join(","),
        other => scalar(other)?,
    };
    HeaderValue::try_from(text.into_bytes()).ok()
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| text.trim() == text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Claims {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_claim_is_or_has_one_of_what_is_wanted() {
        let claims = claims(json!({
            "scope": "read write", "groups": ["ops", "dev"], "level": 3, "admin": true, "none": null,
            "realm_access": { "roles": ["editor"] }, "https://id.example/tier": "gold", "a": {"b": {"c": 1}},
        }));
        for (claim, any_of, fulfilled) in [
            ("scope", json!(["read"]), true),
            ("scope", json!(["read write"]), true),
            ("scope", json!(["rea"]), false),
            ("scope", json!(["admin", "write"]), true),
            ("groups", json!(["dev"]), true),
            ("groups", json!(["de"]), false),
            ("level", json!([3]), true),
            ("level", json!(["3"]), false),
            ("admin", json!([true]), true),
            ("admin", json!(["true"]), false),
            ("none", json!(["null"]), false),
            ("missing", json!(["x"]), false),
            ("realm_access.roles", json!(["editor"]), true),
            ("https://id.example/tier", json!(["gold"]), true),
            ("a.b.c", json!([1]), true),
            ("a.b", json!([1]), false),
            ("scope.x", json!(["read"]), false),
        ] {
            let any_of = any_of.as_array().unwrap().clone();
            let required = Required::of(&[RequiredClaim { claim: claim.to_owned(), any_of: any_of.clone() }]);
            assert_eq!(required.are_in(&claims), fulfilled, "{claim} {any_of:?}");
        }
        assert!(Required::of(&[]).are_in(&claims));
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_left_out() {
        for (claim, value) in [
            (json!("ann"), Some("ann")),
            (json!(["a", 1, true]), Some("a,1,true")),
            (json!(1.5), Some("1.5")),
            (json!("a\r\nx-admin: 1"), None),
            (json!("root "), None),
            (json!("\troot"), None),
            (json!("Doe, Ann"), Some("Doe, Ann")),
            (json!(["users", " root"]), None),
            (json!(["users,root"]), None),
            (json!(["a", {}]), None),
            (json!({}), None),
            (json!(null), None),
        ] {
            assert_eq!(as_value(&claim), value.map(HeaderValue::from_static), "{claim}");
        }
        assert_eq!(as_value(&json!("\u{e9}")).unwrap().as_bytes(), "\u{e9}".as_bytes());
    }
}
