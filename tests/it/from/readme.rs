//! The differences that a README names: the rows of the table under this heading.

/// In which direction a field goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum To {
    Upstream,
    Client,
}

/// A field that the two don't send alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Difference {
    pub(super) to: To,
    pub(super) field: String,
}

const HEADING: &str = "## Differences";

/// # Panics
/// If there is no such heading, or a row that doesn't begin with fields and a direction.
pub(super) fn differences(readme: &str) -> Vec<Difference> {
    let (_, section) = readme.split_once(HEADING).expect("a heading for the differences");
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|row| of(row).unwrap_or_else(|| panic!("what differs here? {row}"))).collect()
}

/// `` | `a`, `b` | upstream | why | ``
fn of(row: &str) -> Option<Vec<Difference>> {
    let mut cells = row.split('|').map(str::trim).skip(1);
    let fields = cells.next()?;
    let to = match cells.next()? {
        "upstream" => To::Upstream,
        "client" => To::Client,
        _ => return None,
    };
    let names = fields.split(", ").map(|field| Some(field.strip_prefix('`')?.strip_suffix('`')?.to_owned()));
    names.map(|field| field.map(|field| Difference { to, field })).collect()
}

#[test]
fn the_rows_are_read() {
    let readme = "# A\n\n## Differences\n\n| field | to | why |\n|---|---|---|\n| `a`, `b-c` | client | x |\n\
                  | `d` | upstream | y |\n\n## B\n| `e` | client | z |\n";
    let named = [(To::Client, "a"), (To::Client, "b-c"), (To::Upstream, "d")];
    let named = named.map(|(to, field)| Difference { to, field: field.to_owned() });
    assert_eq!(differences(readme), named);
}
