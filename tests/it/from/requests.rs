//! `requests.txt`: what is asked, and what has to come of it.

/// A line of the file.
pub(super) struct Request {
    /// The line itself, for messages.
    pub(super) text: String,
    pub(super) method: String,
    pub(super) target: String,
    /// Besides `Host`, unless one of them is it.
    pub(super) fields: Vec<(String, String)>,
    pub(super) expected: Expected,
    /// Where the gateway does something else, which is then not compared any further.
    pub(super) ours: Option<Expected>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) status: u16,
    /// Which upstream was asked, and for what.
    pub(super) upstream: Option<(String, String)>,
    /// Fields that the upstream has to get, and those that the client has to, whose names begin with `< `.
    pub(super) fields: Vec<(String, String)>,
}

/// # Panics
/// If a line isn't of the form that `examples/from/README.md` has.
pub(super) fn read(text: &str) -> Vec<Request> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| request(line).unwrap_or_else(|| panic!("what is this? {line}"))).collect()
}

fn request(line: &str) -> Option<Request> {
    let (asked, outcome) = line.split_once(" -> ")?;
    let (first, fields) = with_fields(asked)?;
    let (method, target) = first.split_once(' ')?;
    let (expected, ours) = match outcome.split_once("; ours: ") {
        Some((expected, ours)) => (expected, Some(self::expected(ours, target)?)),
        None => (outcome, None),
    };
    Some(Request {
        text: line.to_owned(),
        method: method.to_owned(),
        target: target.to_owned(),
        fields,
        expected: self::expected(expected, target)?,
        ours,
    })
}

fn expected(text: &str, asked: &str) -> Option<Expected> {
    let (first, fields) = with_fields(text)?;
    let mut words = first.split(' ');
    let status = words.next()?.parse().ok()?;
    let upstream = words.next().map(|name| (name.to_owned(), words.next().unwrap_or(asked).to_owned()));
    Some(Expected { status, upstream, fields })
}

/// `FIRST | NAME: VALUE | ...`
fn with_fields(text: &str) -> Option<(&str, Vec<(String, String)>)> {
    let mut parts = text.split(" | ").map(str::trim);
    let first = parts.next()?;
    let field = |part: &str| part.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
    Some((first, parts.map(field).collect::<Option<_>>()?))
}

#[test]
fn a_line_is_read() {
    let [plain, full] = &read(
        "# A comment\n\nGET /  -> 200\nPOST /a | A: b | C: d: e -> 201 one /b?c | F: g; ours: 400\n",
    )[..] else {
        panic!("two lines")
    };
    let answered = |status| Expected { status, upstream: None, fields: Vec::new() };
    assert_eq!((plain.target.as_str(), &plain.expected, &plain.ours), ("/", &answered(200), &None));
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(full.fields, [field("A", "b"), field("C", "d: e")]);
    let upstream = Some(("one".to_owned(), "/b?c".to_owned()));
    assert_eq!(full.expected, Expected { status: 201, upstream, fields: vec![field("F", "g")] });
    assert_eq!(full.ours, Some(answered(400)));
}
