use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use tracing::subscriber::with_default;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::{Format, JsonFields};

use super::*;

/// The fields of a line.
#[derive(Clone, Debug)]
struct Fields {
    id: Option<String>,
    path: String,
    bytes: u64,
    status: u16,
    error: Option<&'static str>,
}

impl Fields {
    fn log(&self) {
        tracing::info!(
            name: EVENT,
            target: "access",
            id = self.id,
            path = %self.path,
            status = self.status,
            bytes = self.bytes,
            upstream = self.id.as_ref().map(display),
            error = self.error,
        );
    }
}

fn fields() -> impl Strategy<Value = Fields> {
    let text = || prop_oneof![".*", "[ -~]*", "[\"\\\\/\u{0}-\u{20}\u{7f}-\u{a0}\u{2028}é]*"];
    let error = prop_oneof![Just(None), Just(Some("dns_error"))];
    (proptest::option::of(text()), text(), any::<u64>(), any::<u16>(), error)
        .prop_map(|(id, path, bytes, status, error)| Fields { id, path, bytes, status, error })
}

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Seen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Seen {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[derive(Clone, Copy, Debug)]
enum As {
    Text,
    Json,
}

/// The logged text, with the fast format or tracing-subscriber's own. The time is replaced by `TIME`.
fn logged(form: As, is_fast: bool, log: impl FnOnce()) -> String {
    let seen = Seen::default();
    let all = tracing_subscriber::fmt().with_writer(seen.clone()).with_ansi(false);
    let (text, json) = (Format::default(), Format::default().json().flatten_event(true));
    match (form, is_fast) {
        (As::Text, true) => {
            with_default(all.event_format(Fast { form: Text, usual: text }).finish(), log);
        }
        (As::Text, false) => with_default(all.event_format(text).finish(), log),
        (As::Json, true) => {
            let fast = Fast { form: Json, usual: json };
            with_default(all.fmt_fields(JsonFields::new()).event_format(fast).finish(), log);
        }
        (As::Json, false) => {
            with_default(all.fmt_fields(JsonFields::new()).event_format(json).finish(), log);
        }
    }
    let seen = String::from_utf8(seen.0.lock().unwrap().clone()).unwrap();
    let begins = seen.find("20").unwrap();
    let (before, rest) = seen.split_at(begins);
    let (time, after) = rest.split_at("2026-11-29T09:14:29.123456Z".len());
    assert!(humantime::parse_rfc3339(time).is_ok(), "{seen}");
    format!("{before}TIME{after}")
}

proptest! {
    #[test]
    fn the_fast_form_is_the_usual_one(fields in fields()) {
        for form in [As::Text, As::Json] {
            let [fast, usual] = [true, false].map(|is_fast| logged(form, is_fast, || fields.log()));
            prop_assert_eq!(fast, usual);
        }
    }
}

#[test]
fn what_they_look_like() {
    let fields = Fields { id: Some("a\"b".into()), path: "/x".into(), bytes: 7, status: 200, error: None };
    assert_eq!(
        logged(As::Text, true, || fields.log()),
        "TIME  INFO access: id=\"a\\\"b\" path=/x status=200 bytes=7 upstream=a\"b\n"
    );
    assert_eq!(
        logged(As::Json, true, || fields.log()),
        concat!(
            r#"{"timestamp":"TIME","level":"INFO","id":"a\"b","path":"/x","status":200,"bytes":7,"#,
            r#""upstream":"a\"b","target":"access"}"#,
            "\n"
        )
    );
}

/// Events in a span, and events other than access log lines, are formatted by tracing-subscriber.
#[test]
fn all_else_is_as_usual() {
    let fields = Fields { id: None, path: "/x".into(), bytes: 7, status: 200, error: None };
    let in_a_span = || tracing::info_span!("around", answer = 42).in_scope(|| fields.log());
    let another = || tracing::warn!(target: "access", "said \"so\" {}", 1);
    for form in [As::Text, As::Json] {
        let spanned = logged(form, true, in_a_span);
        assert!(spanned.contains("around") && spanned.contains("42"), "{spanned}");
        assert_eq!(spanned, logged(form, false, in_a_span));
        assert_eq!(logged(form, true, another), logged(form, false, another));
    }
}
