//! What nginx writes in templates, where it would be sent as it stands: `$host`, `$1`.

use super::fault::Fault;

/// What nginx calls a value of a request, and what it is in a template here.
const VARIABLES: &[(&str, &str)] = &[
    ("request_uri", "{uri}"),
    ("uri document_uri", "{path}"),
    ("args query_string", "{query}"),
    ("host server_name", "{host}"),
    ("http_host", "{host_port}"),
    ("scheme", "{scheme}"),
    ("remote_addr binary_remote_addr", "{client_ip}"),
    ("request_method", "{method}"),
    ("request_id", "{request_id}"),
    ("ssl_client_s_dn", "{tls.subject}"),
    ("ssl_protocol", "{tls.version}"),
    ("status", "{status}"),
    ("upstream_addr", "{upstream}"),
];

/// Those that have the name of something in them.
const FAMILIES: [(&str, &str); 3] = [("http_", "header"), ("cookie_", "cookie"), ("arg_", "query")];

/// A variable of nginx in a template, which would be sent as it stands here.
pub(super) fn variable(text: &str) -> Option<Fault> {
    let fault = |at: usize| {
        let name = word(text.get(at + 1..)?);
        let ours = value(name)?;
        let what = format!("${name} is plain text here");
        Some(Fault::new(at..at + 1 + name.len(), what, ours))
    };
    text.match_indices('$').find_map(|(at, _)| fault(at))
}

/// A group of a regular expression by its number, which would be sent as it stands here.
pub(super) fn group(text: &str) -> Option<Fault> {
    let is_number = |at: &usize| {
        text.get(at + 1..).map(word).is_some_and(|word| matches!(word.as_bytes(), [b'1'..=b'9']))
    };
    let at = text.match_indices('$').map(|(at, _)| at).find(is_number)?;
    let expected = "a name: (?<NAME>...) in regex is {path.NAME}";
    Some(Fault::new(at..at + 2, "this is plain text here", expected))
}

fn word(text: &str) -> &str {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next().unwrap_or_default()
}

fn value(name: &str) -> Option<String> {
    let row = VARIABLES.iter().find(|(names, _)| names.split(' ').any(|known| known == name));
    let of_family = || {
        FAMILIES.iter().find_map(|(prefix, family)| {
            let rest = name.strip_prefix(prefix).filter(|rest| !rest.is_empty())?;
            let rest = if *family == "header" { rest.replace('_', "-") } else { rest.to_owned() };
            Some(format!("{{{family}.{rest}}}"))
        })
    };
    row.map(|(_, ours)| (*ours).to_owned()).or_else(of_family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_nginx_are_found_where_they_stand() {
        for (text, found, expected) in [
            ("https://$host$request_uri", "$host", "{host}"),
            ("/x?a=$args", "$args", "{query}"),
            ("é$http_x_user_id", "$http_x_user_id", "{header.x-user-id}"),
            ("$cookie_a_b", "$cookie_a_b", "{cookie.a_b}"),
            ("$$arg_q", "$arg_q", "{query.q}"),
        ] {
            let fault = variable(text).unwrap();
            assert_eq!((text.get(fault.at), fault.expected.as_str()), (Some(found), expected), "{text}");
        }
        for text in ["", "$", "$5", "$hosts", "US$ 5", "$http_", "{host}"] {
            assert_eq!(variable(text), None, "{text}");
        }
        for (text, at) in [("/a/$1", Some(3..5)), ("$1x", None), ("$10", None), ("$0", None), ("$", None)] {
            assert_eq!(group(text).map(|fault| fault.at), at, "{text}");
        }
    }
}
