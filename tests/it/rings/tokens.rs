//! Rust source as tokens, without comments and literals, and without what only tests see.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) line: usize,
}

impl Token<'_> {
    pub(super) fn is_name(&self) -> bool {
        self.text.starts_with(|first: char| first.is_alphabetic() || first == '_')
    }
}

/// The tokens of the code that is compiled without `cfg(test)`.
pub(super) fn outside_tests(source: &str) -> Vec<Token<'_>> {
    let all = tokens(source);
    let mut kept = Vec::with_capacity(all.len());
    let mut at = 0;
    while at < all.len() {
        if is_test_attribute(&all, at) {
            at = end_of_item(&all, at);
        } else {
            kept.push(all[at]);
            at += 1;
        }
    }
    kept
}

/// Names, numbers, `::` and single signs.
fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(first) = source[at..].chars().next() {
        let rest = &source[at..];
        let length = if let Some(length) = ignored(rest) {
            length
        } else if first.is_alphanumeric() || first == '_' {
            name_length(rest)
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        if ignored(rest).is_none() {
            found.push(Token { text: &rest[..length], line });
        }
        line += rest[..length].matches('\n').count();
        at += length;
    }
    found
}

/// How long the white space, comment, lifetime or literal is that the source begins with.
fn ignored(rest: &str) -> Option<usize> {
    let first = rest.chars().next()?;
    if first.is_whitespace() {
        return Some(first.len_utf8());
    }
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment(rest));
    }
    if first == '\'' {
        return Some(character_or_lifetime(rest));
    }
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        let after = rest.strip_prefix(prefix);
        after.is_some_and(|after| after.trim_start_matches('#').starts_with('"') || after.starts_with('\''))
    })?;
    let literal = &rest[prefix.len()..];
    if literal.starts_with('\'') {
        return (prefix == "b").then(|| prefix.len() + character_or_lifetime(literal));
    }
    let hashes = literal.len() - literal.trim_start_matches('#').len();
    match (prefix.ends_with('r'), hashes) {
        (true, _) => {
            let end = format!("\"{}", "#".repeat(hashes));
            let body = hashes + 1;
            Some(prefix.len() + body + literal[body..].find(&end)? + end.len())
        }
        (false, 0) => Some(prefix.len() + quoted(literal, '"')),
        (false, _) => None,
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
        } else {
            at += rest[at..].chars().next().unwrap().len_utf8();
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn character_or_lifetime(rest: &str) -> usize {
    let mut after = rest[1..].chars();
    let first = after.next().unwrap();
    if first == '\\' || after.next() == Some('\'') { quoted(rest, '\'') } else { 1 + name_length(&rest[1..]) }
}

/// A quoted literal's length, with both of its quotes.
fn quoted(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, each) in rest.char_indices().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if each == '\\' {
            is_escaped = true;
        } else if each == quote {
            return at + 1;
        }
    }
    rest.len()
}

fn name_length(rest: &str) -> usize {
    let raw = if rest.starts_with("r#") { 2 } else { 0 };
    let name = &rest[raw..];
    raw + name.find(|each: char| !each.is_alphanumeric() && each != '_').unwrap_or(name.len())
}

/// Whether an outer attribute stands here that is `cfg` and never true without `test`.
fn is_test_attribute(tokens: &[Token<'_>], at: usize) -> bool {
    let texts: Vec<&str> = tokens[at..].iter().take(4).map(|token| token.text).collect();
    texts == ["#", "[", "cfg", "("] && holds(&tokens[at + 2..end_of_group(tokens, at + 1) - 1]) == Some(false)
}

/// Whether a `cfg` predicate holds outside tests; `None` if that depends on other flags.
fn holds(predicate: &[Token<'_>]) -> Option<bool> {
    let operator = predicate.first()?.text;
    if predicate.len() == 1 {
        return (operator == "test").then_some(false);
    }
    let inner = predicate.get(2..predicate.len() - 1)?;
    let mut parts = Vec::new();
    let mut from = 0;
    while from < inner.len() {
        let mut to = from;
        while to < inner.len() && inner[to].text != "," {
            to = if inner[to].text == "(" { end_of_group(inner, to) } else { to + 1 };
        }
        parts.push(holds(&inner[from..to]));
        from = to + 1;
    }
    match operator {
        "cfg" => parts.first().copied()?,
        "not" => parts.first().copied()?.map(|holds| !holds),
        "all" if parts.contains(&Some(false)) => Some(false),
        "any" if parts.iter().all(|part| *part == Some(false)) => Some(false),
        _ => None,
    }
}

/// Just past the item, statement or field that has the attribute which stands here.
fn end_of_item(tokens: &[Token<'_>], mut at: usize) -> usize {
    while tokens.get(at).is_some_and(|token| token.text == "#") {
        at = end_of_group(tokens, at + 1);
    }
    let ends_with_block = |at: usize| tokens[at].text == "{";
    let mut is_use = false;
    let mut is_item = false;
    while let Some(token) = tokens.get(at) {
        is_use |= token.text == "use";
        is_item |= ["fn", "mod", "use", "struct", "enum", "impl", "trait", "type", "const", "static", "let"]
            .contains(&token.text);
        match token.text {
            ";" => return at + 1,
            "," if !is_item => return at + 1,
            ")" | "]" | "}" => return at,
            "{" | "(" | "[" => {
                let end = end_of_group(tokens, at);
                if ends_with_block(at) && !is_use {
                    return end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    at
}

/// Just past the bracket that closes the one which stands here.
pub(super) fn end_of_group(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}
