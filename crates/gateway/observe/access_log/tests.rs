use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderValue, Method, StatusCode, Version};
use proptest::prelude::*;
use proxy_service::ErrorKind;

use super::condition::holds;
use super::fields::Fields;
use super::own::Form;
use super::wants::Wants;
use super::{event, template};
use crate::config::{self, Config};
use crate::observe::log::{Json, Text};
use crate::observe::request::{Asked, Ended, Finished, Stages};
use crate::route::entered::Entered;

/// What varies from request to request.
#[derive(Clone, Debug)]
struct Story {
    asked: Arc<Asked>,
    user: Option<Entered>,
    status: StatusCode,
    kind: Option<ErrorKind>,
    bytes: (u64, u64),
    stages: Stages,
}

impl Story {
    fn finished(&self) -> Finished<'_> {
        Finished {
            asked: &self.asked,
            route: None,
            user: self.user.as_ref(),
            status: self.status,
            reason: None,
            kind: self.kind,
            upstream: None,
            tries: 1,
            bytes_in: self.bytes.0,
            bytes_out: self.bytes.1,
            stages: self.stages,
            ended: Ended::Complete,
        }
    }
}

prop_compose! {
    fn header()(bytes in proptest::option::of("[ -~é\t]{0,30}")) -> Option<HeaderValue> {
        bytes.map(|bytes| HeaderValue::from_bytes(bytes.as_bytes()).unwrap())
    }
}

prop_compose! {
    fn story()(
        id in proptest::option::of("[!-~]{1,20}"), host in header(), user_agent in header(), referrer in header(),
        path in "/[!-~&&[^#<>\"?`{}\\\\^|]]{0,20}", status in 100..600_u16, times in any::<[u32; 3]>(),
        user in proptest::option::of(".{0,20}"), bytes in any::<(u64, u64)>(), is_gone in any::<bool>(), is_plain in any::<bool>(),
    ) -> Story {
        let [first, body, connect] = times.map(|time| Duration::from_micros(time.into()));
        Story {
            asked: Arc::new(Asked {
                id: id.map(|id| id.parse().unwrap()),
                method: Some(Method::GET),
                uri: path.parse().ok(),
                version: Version::HTTP_11,
                tls: (!is_plain).then_some("TLSv1.3"),
                client: Some(Ipv4Addr::LOCALHOST.into()),
                fault: None,
                trace: None,
                host,
                user_agent,
                referrer,
            }),
            user: user.map(|user| Entered::new(format!("jwt:{user}"))),
            status: StatusCode::from_u16(status).unwrap(),
            kind: is_gone.then_some(ErrorKind::ClientGone),
            bytes,
            stages: Stages {
                connect: is_plain.then_some(connect),
                send: None,
                first_byte: Some(first),
                body: Some(body),
                total: first + body,
            },
        }
    }
}

fn parsed(log: &str) -> config::Log {
    let text = format!("{log}\n[pools.a]\nupstreams = [\"http://a\"]\n[routes.\"/\"]\npool = \"a\"\n");
    Config::parse("test.toml", text, |_| None).unwrap_or_else(|errors| panic!("{errors}")).log
}

/// The lines that tracing-subscriber writes meanwhile, in one of our two formats.
fn traced<F: crate::observe::log::Form + Send + Sync + 'static>(form: F, write: impl FnOnce()) -> String {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let writer = {
        let seen = Arc::clone(&seen);
        move || Seen(Arc::clone(&seen))
    };
    let usual = tracing_subscriber::fmt::format::Format::default();
    let format = crate::observe::log::Fast { form, usual };
    let subscriber = tracing_subscriber::fmt().with_writer(writer).with_ansi(false).event_format(format);
    tracing::subscriber::with_default(subscriber.finish(), write);
    let seen = seen.lock().unwrap();
    String::from_utf8(seen.clone()).unwrap()
}

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

/// The line without its time.
fn timeless(line: &str) -> String {
    let begins = line.find("20").unwrap();
    let (before, rest) = line.split_at(begins);
    format!("{before}{}", &rest["2026-11-29T09:14:29.123456Z".len()..])
}

fn own(form: &Form, finished: &Finished<'_>) -> String {
    let mut line = String::new();
    form.write(finished, UNIX_EPOCH + Duration::from_secs(1_800_000_000), &mut line);
    line + "\n"
}

proptest! {
    /// A line that doesn't go through tracing is the same as one that does.
    #[test]
    fn an_own_line_is_the_usual_one(story in story(), full in any::<bool>(), user_agent in any::<bool>(), referrer in any::<bool>()) {
        let (fields, finished) = (Fields { full, user_agent, referrer }, story.finished());
        let text = traced(Text, || event::write(&finished, &fields));
        prop_assert_eq!(timeless(&own(&Form::Text(fields), &finished)), timeless(&text));
        let json = traced(Json, || event::write(&finished, &fields));
        prop_assert_eq!(timeless(&own(&Form::Json(fields), &finished)), timeless(&json));
        serde_json::from_str::<serde_json::Value>(&json).unwrap();
    }

    /// Whatever a client sends, a line is one line of visible ASCII.
    #[test]
    fn a_line_stays_a_line(story in story()) {
        let log = parsed("[log.access]\nformat = \"{time_clf}|{id}|{path}|{user}|{host}|{user_agent}|{referrer}|{method}|{status}\"");
        let Some(config::AccessFormat::Template(template)) = log.access.unwrap().format else { panic!() };
        let mut line = String::new();
        template::write(&template, &story.finished(), UNIX_EPOCH, &mut line);
        prop_assert!(line.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{:?}", line);
        prop_assert!(line.ends_with(&format!("|GET|{}", story.status.as_u16())), "{}", line);
    }

    /// A condition and its opposite divide all requests.
    #[test]
    fn a_condition_is_true_or_its_opposite_is(story in story(), index in 0..CONDITIONS.len()) {
        let (condition, is_true) = CONDITIONS[index];
        let finished = story.finished();
        let of = |text: &str| {
            let log = parsed(&format!("[log.access]\nonly = \"{text}\""));
            holds(&log.access.unwrap().only.unwrap(), &finished)
        };
        prop_assert_eq!(of(condition), is_true(&story), "{}", condition);
        prop_assert_eq!(of(&format!("not ({condition})")), !is_true(&story), "{}", condition);
        let [either, both] = ["or", "and"].map(|joined| of(&format!("{condition} {joined} not ({condition})")));
        prop_assert!(either && !both, "{}", condition);
    }
}

type IsTrue = fn(&Story) -> bool;

const CONDITIONS: [(&str, IsTrue); 15] = [
    ("status >= 500", |story| story.status.as_u16() >= 500),
    ("status = 204", |story| story.status.as_u16() == 204),
    ("status != 204", |story| story.status.as_u16() != 204),
    ("bytes < 1000", |story| story.bytes.1 < 1000),
    ("bytes_in <= 7", |story| story.bytes.0 <= 7),
    ("duration > 1s", |story| story.stages.total > Duration::from_secs(1)),
    ("connect > 1s", |story| story.stages.connect.is_some_and(|connect| connect > Duration::from_secs(1))),
    ("connect <= 1s", |story| story.stages.connect.is_some_and(|connect| connect <= Duration::from_secs(1))),
    ("send", |_| false),
    ("user", |story| story.user.is_some()),
    ("tls", |story| story.asked.tls.is_some()),
    ("error", |story| story.kind.is_some()),
    ("error = client_gone", |story| story.kind.is_some()),
    ("error != client_gone", |story| story.kind.is_none()),
    ("method = GET and client begins 127. and protocol = HTTP/1.1", |_| true),
];

#[test]
fn what_is_wanted_is_kept_and_nothing_else() {
    let none = Wants::default();
    for (log, wants) in [
        ("", none),
        ("[log]\nformat = \"json\"", Wants { host: true, ..none }),
        ("[log]\naccess = false", none),
        ("[log.access]\nfields = \"full\"", Wants { host: true, ..none }),
        ("[log.access]\nuser_agent = true", Wants { user_agent: true, ..none }),
        ("[log.access]\nreferrer = true\nformat = \"{status}\"", none),
        ("[log.access]\nformat = \"{user_agent} {host}\"", Wants { host: true, user_agent: true, ..none }),
        ("[log.access]\nonly = \"not (status = 1 or host = a)\"", Wants { host: true, ..none }),
        ("[log.access]\nalways = \"status = 1 and referrer\"", Wants { referrer: true, ..none }),
    ] {
        assert_eq!(super::AccessLog::of(&parsed(log), None).wants(), wants, "{log}");
    }
}
