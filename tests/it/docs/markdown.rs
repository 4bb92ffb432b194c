//! As much of Markdown (CommonMark, and GitHub's anchors) as these documents are made of.

/// A part of a document, and the line that it begins in, from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) line: usize,
    pub(super) kind: Kind,
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// What stands between backticks.
    Code,
    /// A line of a fenced block.
    Fenced,
    /// Anything else, with code left out.
    Prose,
    Heading,
    /// Where something else begins: an empty line, a row of a table, an item of a list.
    Gap,
}

/// A document in pieces, in their order.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut block = Block::default();
    let mut fence: Option<&str> = None;
    for (line, text) in (1..).zip(text.lines()) {
        let trimmed = text.trim_start();
        let piece = |kind| Piece { line, kind, text: text.to_owned() };
        match (fence, fence_of(trimmed)) {
            (Some(open), Some(close)) if close.starts_with(open) && trimmed == close => fence = None,
            (Some(_), _) => pieces.push(piece(Kind::Fenced)),
            (None, Some(open)) => {
                block.end(&mut pieces);
                fence = Some(open);
            }
            (None, None) if trimmed.is_empty() => {
                block.end(&mut pieces);
                pieces.push(piece(Kind::Gap));
            }
            (None, None) if is_heading(text) => {
                block.end(&mut pieces);
                pieces.push(piece(Kind::Heading));
                block.add(line, text);
                block.end(&mut pieces);
            }
            (None, None) => {
                if begins_something(trimmed) {
                    block.end(&mut pieces);
                    pieces.push(piece(Kind::Gap));
                }
                block.add(line, text);
            }
        }
    }
    block.end(&mut pieces);
    pieces
}

/// The backticks or tildes that a line begins with, if they are a fence.
fn fence_of(line: &str) -> Option<&str> {
    let mark = line.chars().next().filter(|mark| "`~".contains(*mark))?;
    let length = line.chars().take_while(|c| *c == mark).count();
    let (fence, info) = line.split_at(length);
    (length >= 3 && !info.contains('`')).then_some(fence)
}

fn is_heading(line: &str) -> bool {
    let level = line.chars().take_while(|c| *c == '#').count();
    (1..=6).contains(&level) && line[level..].starts_with(' ')
}

/// A row of a table or an item of a list: a code span ends with it.
fn begins_something(line: &str) -> bool {
    let after_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    ["|", "- ", "* ", "> "].iter().any(|mark| line.starts_with(mark))
        || after_number.len() < line.len() && after_number.starts_with(". ")
}

/// Lines that belong together, so that a code span may go over the end of one.
#[derive(Default)]
struct Block {
    line: usize,
    text: String,
}

impl Block {
    fn add(&mut self, line: usize, text: &str) {
        if self.text.is_empty() {
            self.line = line;
        } else {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    fn end(&mut self, pieces: &mut Vec<Piece>) {
        let (text, mut line) = (std::mem::take(&mut self.text), self.line);
        let mut rest = text.as_str();
        let mut push = |kind, text: &str| {
            pieces.push(Piece { line, kind, text: text.to_owned() });
            line += text.matches('\n').count();
        };
        while let Some((prose, code, after)) = next_span(rest) {
            push(Kind::Prose, prose);
            push(Kind::Code, code);
            rest = after;
        }
        push(Kind::Prose, rest);
    }
}

/// What stands before the next code span, the span, and what stands behind it.
fn next_span(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let begin = from + text[from..].find('`')?;
        let ticks = run(&text[begin..]);
        let inside = begin + ticks;
        let mut at = inside;
        while let Some(found) = text[at..].find('`') {
            let end = at + found;
            let closing = run(&text[end..]);
            if closing == ticks {
                return Some((&text[..begin], &text[inside..end], &text[end + ticks..]));
            }
            at = end + closing;
        }
        from = inside;
    }
}

fn run(text: &str) -> usize {
    text.chars().take_while(|c| *c == '`').count()
}

/// The anchors of a document's headings, as GitHub makes them, and those that it sets itself.
pub(super) fn anchors(text: &str) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    for piece in pieces(text) {
        if piece.kind == Kind::Heading {
            let slug = slug(piece.text.trim_start_matches('#').trim());
            let again = anchors.iter().filter(|other| **other == slug).count();
            anchors.push(if again == 0 { slug } else { format!("{slug}-{again}") });
        }
        for attribute in ["id=\"", "name=\""] {
            anchors.extend(attribute_values(&piece, attribute).map(str::to_owned));
        }
    }
    anchors
}

fn slug(heading: &str) -> String {
    let kept = without_destinations(heading).to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// `[text](destination)` as `text`.
fn without_destinations(heading: &str) -> String {
    let mut parts = heading.split("](");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once(')').map_or("", |(_, rest)| rest))
}

/// The values of an HTML attribute, such as `src="`.
pub(super) fn attribute_values<'a>(piece: &'a Piece, attribute: &str) -> impl Iterator<Item = &'a str> {
    let text = if piece.kind == Kind::Prose { piece.text.as_str() } else { "" };
    text.split(attribute).skip(1).filter_map(|rest| rest.split_once('"')).map(|(value, _)| value)
}
