//! The state of this moment as HTML without a script: routes, pools, endpoints with their state and why.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;
use serde_json::Value;

/// The rows of a table. More would make a page that nobody reads; the API has them all.
const ROWS: usize = 200;

/// A column: its name, and where its value is in a row (RFC 6901).
type Column = (&'static str, &'static str);

const ENDPOINTS: [Column; 8] = [
    ("Endpoint", "/url"),
    ("State", "/state"),
    ("Why", "/why"),
    ("Since", "/since"),
    ("Requests", "/requests"),
    ("Failures", "/failures"),
    ("In flight", "/in_flight"),
    ("Last error", "/last_error/error"),
];

const ROUTES: [Column; 7] = [
    ("Route", "/name"),
    ("Takes", "/match"),
    ("To", "/to"),
    ("Requests", "/requests"),
    ("Errors", "/errors"),
    ("p50, ms", "/p50_ms"),
    ("p99, ms", "/p99_ms"),
];

/// What the views say, each as the API has it.
pub(super) fn summary(status: &impl Serialize, pools: &impl Serialize, routes: &impl Serialize) -> String {
    let (status, pools, routes) = (value(status), value(pools), value(routes));
    let mut page = format!(
        "<p>{}. Version {}, generation {} since {}.</p>\n",
        readiness(&status),
        at(&status, "/version"),
        at(&status, "/generation/number"),
        at(&status, "/generation/since"),
    );
    for pool in list(&pools, "/pools") {
        page +=
            &format!("<h2>Pool {}</h2>\n{}", at(pool, "/name"), table(&ENDPOINTS, list(pool, "/endpoints")));
    }
    page + "<h2>Routes</h2>\n" + &table(&ROUTES, list(&routes, "/routes"))
}

fn value(view: &impl Serialize) -> Value {
    serde_json::to_value(view).unwrap_or_default()
}

fn readiness(status: &Value) -> String {
    let reasons: Vec<String> =
        list(status, "/not_ready").iter().map(|reason| Shown(Some(reason)).to_string()).collect();
    if reasons.is_empty() { "Ready".to_owned() } else { format!("Not ready: {}", reasons.join(", ")) }
}

fn table(columns: &[Column], rows: &[Value]) -> String {
    let head: String = columns.iter().map(|(name, _)| format!("<th scope=\"col\">{name}</th>")).collect();
    let body: String = rows.iter().take(ROWS).map(|row| line(columns, row)).collect();
    let left_out = rows.len().saturating_sub(ROWS);
    let rest = if left_out > 0 { format!("<p>And {left_out} more.</p>\n") } else { String::new() };
    format!("<table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table>\n{rest}")
}

fn line(columns: &[Column], row: &Value) -> String {
    let cells: String = columns.iter().map(|(_, place)| format!("<td>{}</td>", at(row, place))).collect();
    format!("<tr>{cells}</tr>\n")
}

fn list<'a>(value: &'a Value, place: &str) -> &'a [Value] {
    value.pointer(place).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn at<'a>(value: &'a Value, place: &str) -> Shown<'a> {
    Shown(value.pointer(place))
}

/// A value as text in HTML: nothing in it is taken for markup.
struct Shown<'a>(Option<&'a Value>);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            None | Some(Value::Null) => f.write_str("–"),
            Some(Value::String(text)) => text.chars().try_for_each(|character| match character {
                '&' => f.write_str("&amp;"),
                '<' => f.write_str("&lt;"),
                '>' => f.write_str("&gt;"),
                '"' => f.write_str("&quot;"),
                '\'' => f.write_str("&#39;"),
                other => write!(f, "{other}"),
            }),
            Some(Value::Number(number)) => write!(f, "{number}"),
            Some(Value::Bool(truth)) => write!(f, "{truth}"),
            Some(Value::Array(_) | Value::Object(_)) => f.write_str("..."),
        }
    }
}
