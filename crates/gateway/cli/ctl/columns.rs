//! A table for people: aligned columns, and nothing else.

use std::fmt::Write as _;

/// A table, row by row.
pub(super) struct Columns<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Columns<N> {
    pub(super) fn new(heads: [&str; N]) -> Self {
        Self { rows: vec![heads.map(str::to_owned)] }
    }

    pub(super) fn add(&mut self, row: [String; N]) {
        self.rows.push(row.map(|cell| printable(&cell)));
    }

    /// Its text. Cells stand below each other; numbers end below each other.
    pub(super) fn text(&self) -> String {
        let widths: Vec<usize> =
            (0..N).map(|column| self.cells(column).map(width).max().unwrap_or(0)).collect();
        let right: Vec<bool> = (0..N).map(|column| self.is_numeric(column)).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for ((cell, widest), is_right) in row.iter().zip(&widths).zip(&right) {
                let room = " ".repeat(widest.saturating_sub(width(cell)));
                let (before, after) = if *is_right { (room.as_str(), "") } else { ("", room.as_str()) };
                let gap = if line.is_empty() { "" } else { "  " };
                let _never_fails = write!(line, "{gap}{before}{cell}{after}");
            }
            text += line.trim_end();
            text.push('\n');
        }
        text
    }

    fn cells(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().filter_map(move |row| row.get(column).map(String::as_str))
    }

    fn is_numeric(&self, column: usize) -> bool {
        let is_number = |cell: &str| cell.trim_end_matches(['%', 'm', 's']).parse::<f64>().is_ok();
        let mut below = self.cells(column).skip(1).peekable();
        below.peek().is_some() && below.all(|cell| cell == NOTHING || is_number(cell))
    }
}

fn width(cell: &str) -> usize {
    cell.chars().count()
}

/// What stands where there is nothing.
pub(super) const NOTHING: &str = "-";

/// A terminal must not obey what an upstream or a client has said.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

/// A number with one digit behind the point.
pub(super) fn tenths(number: Option<f64>) -> String {
    number.map_or_else(|| NOTHING.to_owned(), |number| format!("{number:.1}"))
}

pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| NOTHING.to_owned(), |share| format!("{:.0}%", share * 100.0))
}

/// Seconds as `1d 2h 3m 4s`, of which the two largest are shown.
pub(super) fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    let parts = [(whole / 86_400, 'd'), (whole / 3600 % 24, 'h'), (whole / 60 % 60, 'm'), (whole % 60, 's')];
    let shown = parts.iter().skip_while(|(number, unit)| *number == 0 && *unit != 's').take(2);
    shown.map(|(number, unit)| format!("{number}{unit}")).collect::<Vec<_>>().join(" ")
}
