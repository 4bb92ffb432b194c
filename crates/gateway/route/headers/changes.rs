//! Changes of fields, with everything in its final form that is the same for each message.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use proxy_service::reads_alike;

use crate::config::{FieldChanges, RouteTemplate, is_owned};

/// Changes of fields.
#[derive(Clone, Debug)]
pub(super) struct Changes {
    spellings: Spellings,
    only: Option<Box<[HeaderName]>>,
    remove: Box<[HeaderName]>,
    set: Box<[(HeaderName, Value)]>,
    add: Box<[(HeaderName, Value)]>,
}

/// In which spellings a field goes that is removed, or gets another value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spellings {
    /// In its own.
    Own,
    /// In all that an upstream may take for its own.
    Alike,
}

/// The value of a field.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// The same for each message.
    Constant(HeaderValue),
    Varying(RouteTemplate),
}

impl Changes {
    /// Changes of what an upstream gets to read.
    pub(super) fn of_requests(changes: &FieldChanges) -> Self {
        Self { spellings: Spellings::Alike, ..Self::of(changes) }
    }

    pub(super) fn of(changes: &FieldChanges) -> Self {
        let FieldChanges { only, remove, set, add } = changes;
        let values = |fields: &[(HeaderName, RouteTemplate)]| {
            fields.iter().map(|(name, template)| (name.clone(), Value::of(template))).collect()
        };
        Self {
            spellings: Spellings::Own,
            only: only.as_ref().map(|only| only.iter().cloned().collect()),
            remove: remove.iter().cloned().collect(),
            set: values(set),
            add: values(add),
        }
    }

    /// The templates of all values that vary, in their order.
    pub(super) fn varying(&self) -> impl Iterator<Item = &RouteTemplate> {
        self.set.iter().chain(&self.add).filter_map(|(_, value)| match value {
            Value::Constant(_) => None,
            Value::Varying(template) => Some(template),
        })
    }

    /// The names that get values.
    pub(super) fn given(&self) -> impl Iterator<Item = &HeaderName> + Clone {
        self.set.iter().chain(&self.add).map(|(name, _)| name)
    }

    /// Whether the field is removed, or gets another value.
    fn replaces(&self, mut is_it: impl FnMut(&HeaderName) -> bool) -> bool {
        self.remove.iter().any(&mut is_it) || self.set.iter().any(|(name, _)| is_it(name))
    }

    /// Makes the changes. `varying` are the values of the templates that [`varying`](Self::varying) gives.
    pub(super) fn apply(&self, headers: &mut HeaderMap, varying: impl IntoIterator<Item = HeaderValue>) {
        if self.spellings == Spellings::Alike {
            remove_where(headers, |name| self.replaces(|own| name != own && reads_alike(name, own)));
        }
        if let Some(only) = &self.only {
            remove_where(headers, |name| !only.contains(name) && !is_owned(name));
        }
        for name in &self.remove {
            headers.remove(name);
        }
        let mut varying = varying.into_iter();
        let mut value = |value: &Value| {
            let value = match value {
                Value::Constant(value) => Some(value.clone()),
                Value::Varying(_) => varying.next(),
            };
            value.filter(|value| !value.is_empty())
        };
        for (name, given) in &self.set {
            match value(given) {
                Some(value) => drop(headers.insert(name, value)),
                None => drop(headers.remove(name)),
            }
        }
        for (name, given) in &self.add {
            if let Some(value) = value(given) {
                headers.append(name, value);
            }
        }
    }
}

impl Value {
    fn of(template: &RouteTemplate) -> Self {
        let constant = template.constant().and_then(|text| HeaderValue::from_bytes(text.as_bytes()).ok());
        constant.map_or_else(|| Self::Varying(template.clone()), Self::Constant)
    }
}

/// Removes each field whose name `is_unwanted`.
pub(crate) fn remove_where(headers: &mut HeaderMap, is_unwanted: impl Fn(&HeaderName) -> bool) {
    while let Some(name) = headers.keys().find(|name| is_unwanted(name)).cloned() {
        headers.remove(name);
    }
}
