//! `compression`: which answers are compressed, and how.

use toml::de::DeValue;

use crate::config::model::{Compression, MediaRange};
use crate::config::report::{Problem, Report};
use crate::config::route::answered::coding;
use crate::config::section::Section;
use crate::config::values::{self, Value, quoted};

const COMPRESSION: &str =
    "true, or a table such as { algorithms = [\"zstd\", \"gzip\"], min_size = \"1KiB\" }";
const ALGORITHMS: &str = "an array with some of \"gzip\", \"br\" and \"zstd\"";
const TYPES: &str = "an array of media types, such as [\"text/*\", \"application/json\", \"*+json\"]";
const TYPE: &str = "a media type such as \"application/json\", \"text/*\" or \"*+json\"";

/// The largest `min_size`. What is larger is worth it in any case.
const LARGEST: u64 = 1 << 30;

/// Reads `compression`: `true`, or a table.
pub(super) fn compression(route: &mut Section<'_>, report: &mut Report) -> Option<Compression> {
    let value = route.take("compression")?;
    if values::is_false(&value) {
        return None;
    }
    let path = route.path_to("compression");
    if cfg!(not(feature = "compression")) {
        let problem = Problem::new(value.span(), "this program is built without compression");
        report.error(problem.expecting("one with the feature compression, or no such key").about(&path));
        return None;
    }
    if let DeValue::Boolean(true) = value.get_ref() {
        return Some(Compression::default());
    }
    let mut section = report.keep(Section::open(path, value, COMPRESSION))?;
    let usual = Compression::default();
    let read = Compression {
        algorithms: list(&mut section, "algorithms", report, (ALGORITHMS, coding))
            .unwrap_or(usual.algorithms),
        types: list(&mut section, "types", report, (TYPES, media_range)).unwrap_or(usual.types),
        min_size: section.read("min_size", report, values::size(0..=LARGEST)).unwrap_or(usual.min_size),
        level: section.read("level", report, values::count(1..=9)),
    };
    section.finish(report);
    Some(read)
}

/// Reads an item of a list.
type Read<T> = fn(&Value<'_>) -> Result<T, Problem>;

/// Reads a list that isn't empty.
fn list<T>(
    section: &mut Section<'_>,
    key: &'static str,
    report: &mut Report,
    (expected, read): (&str, Read<T>),
) -> Option<Vec<T>> {
    let path = section.path_to(key);
    let items = section.list(key, report, expected)?;
    if items.get_ref().is_empty() {
        report.error(
            Problem::new(items.span(), "nothing would be compressed").expecting(expected).about(&path),
        );
    }
    let read = |value: &Value<'_>| report.keep(read(value).map_err(|problem| problem.about(&path)));
    Some(items.get_ref().iter().filter_map(read).collect())
}

fn media_range(value: &Value<'_>) -> Result<MediaRange, Problem> {
    let text = values::text(value, TYPE)?;
    let refuse = || Problem::new(value.span(), format!("found {}", quoted(text))).expecting(TYPE);
    MediaRange::parse(text).ok_or_else(refuse)
}
