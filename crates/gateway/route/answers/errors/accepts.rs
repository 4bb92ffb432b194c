//! Whether a client rather reads JSON than a page.

use axum::http::HeaderValue;

/// How much something is liked, in thousandths (RFC 9110 §12.4.2).
type Quality = u16;

/// What a client says of the media types that an error may have. `None` where it says nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Liking {
    json: Option<Quality>,
    html: Option<Quality>,
    text: Option<Quality>,
    anything: Option<Quality>,
}

/// Whether a client names JSON in the lines of its `Accept`, and likes it at least as much as text, and more than HTML or as much as an HTML that it
/// doesn't name.
pub(super) fn prefers_json<'a>(lines: impl IntoIterator<Item = &'a HeaderValue>) -> bool {
    let mut liking = Liking::default();
    for line in lines.into_iter().filter_map(|line| line.to_str().ok()) {
        line.split(',').for_each(|range| liking.hear(range));
    }
    let Some(json) = liking.json.filter(|json| *json > 0) else { return false };
    let or_anything = |named: Option<Quality>| named.or(liking.anything).unwrap_or(0);
    let is_before_html = match liking.html {
        Some(html) => json > html,
        None => json >= or_anything(None),
    };
    is_before_html && json >= or_anything(liking.text)
}

impl Liking {
    /// Hears one media range, such as `text/html;q=0.8` (RFC 9110 §12.5.1). One with a wrong quality isn't heard.
    fn hear(&mut self, range: &str) {
        let mut parameters = range.split(';').map(str::trim);
        let essence = parameters.next().unwrap_or_default();
        let weight = parameters.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.eq_ignore_ascii_case("q").then_some(value)
        });
        let Some(quality) = weight.map_or(Some(1000), quality) else { return };
        let is = |name: &str| essence.eq_ignore_ascii_case(name);
        let heard = if is("application/json") || is("application/problem+json") {
            &mut self.json
        } else if is("text/html") || is("application/xhtml+xml") {
            &mut self.html
        } else if is("text/plain") || is("text/*") {
            &mut self.text
        } else if is("*/*") {
            &mut self.anything
        } else {
            return;
        };
        *heard = Some(heard.unwrap_or(0).max(quality));
    }
}

/// Reads `0.8` as 800. `None` if it isn't from 0 to 1.
fn quality(text: &str) -> Option<Quality> {
    let quality: f32 = text.parse().ok().filter(|quality| (0.0..=1.0).contains(quality))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 1000")]
    Some((quality * 1000.0).round() as Quality)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_rather_reads_json() {
        for (accept, expected) in [
            ("application/json", true),
            ("application/problem+json", true),
            ("Application/JSON;charset=utf-8", true),
            ("application/json, text/plain, */*", true),
            ("application/json, */*;q=0.5", true),
            ("*/*, application/json", true),
            ("text/html;q=0.5, application/json", true),
            ("text/html, application/json", false),
            ("text/html, application/json;q=0.9", false),
            ("application/json;q=0.5, */*", false),
            ("text/plain, application/json;q=0.9", false),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false),
            ("*/*", false),
            ("application/*", false),
            ("application/json;q=0", false),
            ("application/json;q=0.000", false),
            ("application/json;q=2", false),
            ("application/json;q=", false),
            ("application/json;v=1;Q=0.1, text/plain;q=0.2", false),
            ("application/jsonp", false),
            ("", false),
            (",;=,", false),
        ] {
            assert_eq!(prefers_json(&[HeaderValue::from_static(accept)]), expected, "{accept}");
        }
        assert!(!prefers_json(&[]));
    }

    #[test]
    fn several_lines_are_one_list() {
        let lines = ["text/html;q=0.3", "application/json;q=0.4"].map(HeaderValue::from_static);
        assert!(prefers_json(&lines));
    }
}
